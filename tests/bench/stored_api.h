// Store, event feed and API as `app` puts them together, with nothing that executes: for measurements in one process.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "base/clock.h"
#include "store/database.h"
#include "store/event_feed.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::bench {

struct StoredApi {
  // `database` must outlive it. `web_dir`: the built dashboard; empty: none.
  StoredApi(store::Database& database, api::CatalogCalls catalog, api::RunCalls runs, std::string web_dir)
      : reader(database),
        repository(database, feed),
        journal(database, feed),
        context{.reader = reader,
                .feed = feed,
                .clock = clock,
                .catalog = std::move(catalog),
                .runs = std::move(runs),
                .health = [] { return std::vector<api::HealthCheck>(); },
                .build = {},
                .web_dir = std::move(web_dir)},
        api(context) {}

  RealClock clock;
  store::EventFeed feed;
  store::Reader reader;
  store::RunRepository repository;
  store::Journal journal;
  api::ApiContext context;
  api::Api api;
};

}  // namespace dyno::bench

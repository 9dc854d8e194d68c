// Everything of the daemon between a request or a due time and the executor: API, submission, queue, scheduler and store are the
// real ones, composed as `app` composes them; instead of the executor a stage on which the test lets runs end. A restart is a new
// object over the same database. For tests; call from one thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "api/api.h"
#include "app/schedules.h"
#include "app/submission.h"
#include "fakes/fake_clock.h"
#include "run/run_service.h"
#include "store/database.h"
#include "store/event_feed.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"
#include "store/schedule_repository.h"

namespace dyno::seams {

// Where runs are executed: each begins, waits to be let go, and ends as the journal of an executor would tell it.
class Stage {
 public:
  // What a run that was let go has measured, told before it ends. Set it before there is a daemon.
  std::function<void(store::Journal&, Clock&, const std::string& run_id)> measure;

  void let_go(int runs = 1);               // so many may end
  void await_begun(int runs);              // since the stage was made; fails the test where it waits too long
  void await_succeeded(int runs);          // the same, and the store has their last state
  std::vector<std::string> begun() const;  // ids, in order; twice where a run began twice

  model::RunState execute(store::Journal& journal, Clock& clock, const std::string& run_id, const std::stop_token& stop,
                          const std::function<bool()>& interrupting);

 private:
  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> begun_;
  int succeeded_ = 0;
  int permits_ = 0;
};

class SmallDaemon {
 public:
  // All must outlive it. Boots: settles what the last one left, queues what waited, starts the schedules.
  SmallDaemon(store::Database& database, fakes::FakeClock& clock, Stage& stage, api::CatalogView catalog);
  ~SmallDaemon();
  SmallDaemon(const SmallDaemon&) = delete;
  SmallDaemon& operator=(const SmallDaemon&) = delete;

  // POST /api/v1/runs.
  api::Response post_run(const std::string& body, const std::string& idempotency_key = {});
  api::Response get(const std::string& target);  // path and query
  api::Response ask(const std::string& method, const std::string& target, api::Headers headers = {},
                    const std::string& body = {});
  api::Response handle(const api::Request& request) { return api_.handle(request); }
  void drain() { service_->drain(); }
  std::size_t waiting() const;  // runs in the queue, without the one that is executed
  std::map<std::string, std::string> schedule_problems() const { return schedules_->problems(); }
  const store::Reader& reader() const { return reader_; }

 private:
  api::ApiContext context();
  run::RunServiceCalls calls();

  fakes::FakeClock& clock_;
  Stage& stage_;
  const std::shared_ptr<const api::CatalogView> catalog_;
  store::EventFeed feed_;
  store::Journal journal_;
  store::RunRepository repository_;
  store::ScheduleRepository definitions_;
  store::Reader reader_;
  std::unique_ptr<run::RunService> service_;
  std::optional<app::Submission> submission_;
  api::ApiContext context_;
  api::Api api_;
  std::optional<app::Schedules> schedules_;
};

// Stacks "alpha" and "beta" and the profile "quick", which asks them for json.
api::CatalogView small_catalog(std::vector<model::Schedule> schedules = {});

}  // namespace dyno::seams

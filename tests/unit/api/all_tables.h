// Every list of the API with its table, empty, by its path. For tests.
#pragma once

#include <map>
#include <string>

#include "api/tables.h"

namespace dyno::api {

inline std::map<std::string, Table> all_tables() {
  return {
      {"/api/v1/metrics", tables::metrics()},
      {"/api/v1/stacks", tables::stacks({})},
      {"/api/v1/profiles", tables::profiles({})},
      {"/api/v1/schedules", tables::schedules({})},
      {"/api/v1/schedules/{name}/next", tables::due_times({})},
      {"/api/v1/schedules/{name}/history", tables::fires({})},
      {"/api/v1/runs", tables::runs({})},
      {"/api/v1/queue", tables::queue({})},
      {"/api/v1/runs/{id}/environment", tables::facts({})},
      {"/api/v1/runs/{id}/builds", tables::builds({})},
      {"/api/v1/runs/{id}/phases", tables::phases({})},
      {"/api/v1/runs/{id}/summaries", tables::summaries("", {}, {})},
      {"/api/v1/runs/{id}/gaps", tables::gaps({})},
      {"/api/v1/runs/{id}/objectives", tables::objectives({})},
      {"/api/v1/compare", tables::comparison({})},
      {"/api/v1/leaderboard", tables::leaderboard({})},
      {"/api/v1/series", tables::series({})},
      {"/api/v1/series/{id}/points", tables::points({})},
      {"/api/v1/baselines", tables::baselines({})},
      {"/api/v1/runs/{id}/readings", tables::readings({})},
      {"/api/v1/runs/{id}/trials", tables::trials({}, {})},
      {"/api/v1/trials/{id}/measurements", tables::measurements({}, {}, {})},
      {"/api/v1/trials/{id}/samples", tables::samples({}, {})},
      {"/api/v1/trials/{id}/seconds", tables::seconds({}, {}, {})},
      {"/api/v1/trials/{id}/histogram", tables::percentiles({})},
      {"/api/v1/events", tables::events({})},
  };
}

}  // namespace dyno::api

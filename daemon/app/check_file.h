// What `dynod --check` and `dynod --schema` show: the same parser and the same tables that the daemon itself uses. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/problem.h"

namespace dyno::app {

// Every problem of a file, but for what lies in other files that it names; its kind is what its `schema:` line says.
std::vector<model::Problem> check_file(std::string_view text, const std::string& file);

// JSON Schema of "stack", "profile", "schedule", "service" or "workload" files; not_found for any other kind.
Result<std::string> schema_text(std::string_view kind);

}  // namespace dyno::app

// The JSON Schema (2020-12) of our YAML files, for editors and for whoever writes such files by program. Made from the
// tables that the parser checks by. What needs more than one key to be seen is not in it. Pure, thread-safe.
#pragma once

#include <string>

namespace dyno::stackfile {

std::string stack_json_schema();
std::string profile_json_schema();
std::string schedule_json_schema();
std::string service_json_schema();

}  // namespace dyno::stackfile

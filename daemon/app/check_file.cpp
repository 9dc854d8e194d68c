#include "app/check_file.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "stackfile/files.h"

namespace dyno::app {

std::vector<model::Problem> check_file(std::string_view text, const std::string& file) {
  const std::string_view first = trim(text.substr(0, text.find('\n')));
  if (first.find("profile/") != std::string_view::npos) return stackfile::parse_profile(text, file).problems;
  if (first.find("schedule/") != std::string_view::npos) return stackfile::parse_schedule(text, file).problems;
  if (first.find("service/") != std::string_view::npos) return stackfile::parse_service(text, file).problems;
  if (first.find("workload/") != std::string_view::npos) return stackfile::parse_workloads(text, file).problems;
  return stackfile::parse_stack(text, file).problems;
}

Result<std::string> schema_text(std::string_view kind) {
  static constexpr std::array<std::string_view, 5> kKinds{"stack", "profile", "schedule", "service", "workload"};
  if (kind == kKinds[0]) return stackfile::stack_json_schema();
  if (kind == kKinds[1]) return stackfile::profile_json_schema();
  if (kind == kKinds[2]) return stackfile::schedule_json_schema();
  if (kind == kKinds[3]) return stackfile::service_json_schema();
  if (kind == kKinds[4]) return stackfile::workload_json_schema();
  return fail(ErrorCode::not_found, fmt::format("there is no schema for {}{}", kind, did_you_mean(kind, kKinds)));
}

}  // namespace dyno::app

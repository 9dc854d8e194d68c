#include "contract/workloads/registry.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace dyno::contract {
namespace {

const auto& all() {
  static const std::array kAll{
      plaintext_workload(),   json_workload(),     items_workload(),   users_workload(),    db_workload(),
      queries_workload(),     fortunes_workload(), updates_workload(), validate_workload(), cpu_workload(),
      cpu_offload_workload(), sse_workload(),      ws_workload(),      upload_workload(),   predict_workload(),
  };
  return kAll;
}

}  // namespace

std::span<const Workload> workloads() { return all(); }

std::span<const std::string_view> workload_names() {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const Workload& workload : all()) names.push_back(workload.name);
    return names;
  }();
  return kNames;
}

const Workload* find_workload(std::string_view name) {
  const auto found =
      std::find_if(all().begin(), all().end(), [name](const Workload& workload) { return workload.name == name; });
  return found == all().end() ? nullptr : &*found;
}

const Workload& workload_named(std::string_view name) {
  const Workload* const found = find_workload(name);
  CHECK(found != nullptr, "a workload is looked up before it is asked for");
  return *found;
}

}  // namespace dyno::contract

#include "contract/workload.h"

namespace dyno::contract {

Setting setting_of(const Workload& workload, const Params& given, std::int64_t users) {
  Setting setting{given, users};
  for (const Param& param : workload.params) {
    if (!param.fallback) continue;
    bool replaced = false;
    for (const Param& other : workload.params)
      replaced = replaced || (other.instead_of == param.name && given.contains(other.name));
    if (!replaced) setting.params.try_emplace(param.name, *param.fallback);
  }
  return setting;
}

std::vector<ports::RequestTemplate> load_requests(const Workload& workload, const Setting& setting,
                                                  const RightBodies& right_bodies) {
  return workload.requests(setting, right_bodies);
}

LoadStream load_stream(const Workload& workload, const Setting& setting) {
  return workload.stream ? workload.stream(setting) : LoadStream{};
}

std::optional<QueryPromise> promised_queries(const Workload& workload, const Setting& setting) {
  if (!workload.database) return std::nullopt;
  return workload.database->promise(setting);
}

}  // namespace dyno::contract

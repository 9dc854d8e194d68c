// The params that a phase of a profile may give a workload: the numbers of its requests that are not fixed by the contract.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/workload.h"

namespace dyno::model {

struct WorkloadParam {
  std::string_view name;
  std::int64_t least = 0;
  std::int64_t most = 0;
};

// Empty: the workload has none. Thread-safe.
std::span<const WorkloadParam> params_of(Workload workload);

}  // namespace dyno::model

#include "model/workload_params.h"

#include <array>

namespace dyno::model {
namespace {

constexpr std::int64_t kMib = 1024 * 1024;

constexpr std::array kItems{WorkloadParam{"count", 1, 50}};
constexpr std::array kRows{WorkloadParam{"n", 1, 500}};
constexpr std::array kFortunes{WorkloadParam{"set", 200, 200}};
constexpr std::array kWork{WorkloadParam{"hash", 1, 10'000'000}, WorkloadParam{"sieve", 1, 10'000'000}};
// What a published message says of itself takes 28 bytes (runners/load/sse/stamp.h).
constexpr std::array kFanOut{WorkloadParam{"subscribers", 1, 20'000}, WorkloadParam{"bytes", 28, 1024}};
constexpr std::array kEcho{WorkloadParam{"bytes", 1, 64 * 1024}};
constexpr std::array kUpload{WorkloadParam{"bytes", 1, 64 * kMib}};

}  // namespace

std::span<const WorkloadParam> params_of(Workload workload) {
  switch (workload) {
    case Workload::items: return kItems;
    case Workload::queries:
    case Workload::updates: return kRows;
    case Workload::fortunes: return kFortunes;
    case Workload::cpu:
    case Workload::cpu_offload: return kWork;
    case Workload::sse: return kFanOut;
    case Workload::ws: return kEcho;
    case Workload::upload: return kUpload;
    case Workload::plaintext:
    case Workload::json:
    case Workload::users:
    case Workload::db:
    case Workload::validate:
    case Workload::predict: break;
  }
  return {};
}

}  // namespace dyno::model

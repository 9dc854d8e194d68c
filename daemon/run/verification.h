// Carries the contract's checks to a running stack and rules on its answers, before any load. Stops at the first failure.
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "contract/verification.h"
#include "model/stack.h"
#include "run/rig.h"
#include "run/trial_end.h"

namespace dyno::run {

// CPU time so far: of the whole machine with what its hypervisor took, and the part that the run itself used.
struct CpuUse {
  MonotonicTime at;
  Nanos all{};
  Nanos own{};
};

// Bodies that were judged right and that load phases will see again, by workload.
using RightBodies = std::map<std::string, contract::RightBodies>;

struct VerificationRequest {
  const model::Stack& stack;  // what it means by the names of its workloads
  ports::LoadTarget target{};
  std::set<std::string> workloads{};
  std::uint64_t seed = 0;
  std::int64_t users = contract::kUserRows;  // rows of that table in the run's database
  bool full = true;                          // once for each image; otherwise the short form
  std::function<std::optional<CpuUse>()> cpu_use = [] { return std::optional<CpuUse>(); };

  contract::Examination examination() const;
};

// Makes the exchanges of one check and rules on them; the outcomes when they are right. wrong_body, loader_failed, cancelled;
// machine_busy where an answer was missing, late or a 5xx, which a lack of CPU brings about as well, and others had the CPUs.
TrialResult<std::vector<ports::ExchangeOutcome>> pass_check(const Rig& rig, const VerificationRequest& request,
                                                            const contract::Check& check, const std::stop_token& stop);

// wrong_body or machine_busy with the check, what it expected and what it got; loader_failed when the exchanges could not be made.
TrialResult<RightBodies> verify_stack(const Rig& rig, const VerificationRequest& request, std::stop_token stop);

}  // namespace dyno::run

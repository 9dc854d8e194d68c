// Carries the contract's checks to a running stack and rules on its answers, before any load. Stops at the first failure.
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "contract/check.h"
#include "model/workload.h"
#include "run/rig.h"
#include "run/trial_end.h"

namespace dyno::run {

// Bodies that were judged right and that load phases will see again, by workload.
using RightBodies = std::map<model::Workload, std::vector<std::string>>;

struct VerificationRequest {
  ports::LoadTarget target;
  std::set<model::Workload> workloads;
  std::uint64_t seed = 0;
  bool full = true;  // once for each image; otherwise the short form
};

// Makes the exchanges of one check and rules on them; the outcomes when they are right. wrong_body, loader_failed, cancelled.
TrialResult<std::vector<ports::ExchangeOutcome>> pass_check(const Rig& rig, const ports::LoadTarget& target,
                                                            const contract::Check& check, const std::stop_token& stop);

// wrong_body with the check, what it expected and what it got; loader_failed when the exchanges could not be made.
TrialResult<RightBodies> verify_stack(const Rig& rig, const VerificationRequest& request, std::stop_token stop);

}  // namespace dyno::run

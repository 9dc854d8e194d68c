// Carries the contract's checks to a running stack and rules on its answers, before any load. Stops at the first failure.
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "contract/verification.h"
#include "run/rig.h"
#include "run/trial_end.h"

namespace dyno::run {

// Bodies that were judged right and that load phases will see again, by workload.
using RightBodies = std::map<std::string, contract::RightBodies>;

struct VerificationRequest {
  ports::LoadTarget target;
  std::set<std::string> workloads;
  std::uint64_t seed = 0;
  std::int64_t users = contract::kUserRows;  // rows of that table in the run's database
  bool full = true;                          // once for each image; otherwise the short form

  contract::Examination examination() const;
};

// Makes the exchanges of one check and rules on them; the outcomes when they are right. wrong_body, loader_failed, cancelled.
TrialResult<std::vector<ports::ExchangeOutcome>> pass_check(const Rig& rig, const ports::LoadTarget& target,
                                                            const contract::Check& check, const std::stop_token& stop);

// wrong_body with the check, what it expected and what it got; loader_failed when the exchanges could not be made.
TrialResult<RightBodies> verify_stack(const Rig& rig, const VerificationRequest& request, std::stop_token stop);

}  // namespace dyno::run

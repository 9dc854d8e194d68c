#include "run/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "contract/workloads/registry.h"

namespace dyno::run {
namespace {

using model::TrialFailure;

// Makes the check's exchanges, one call of the driver for each stretch without a wait.
TrialResult<std::vector<ports::ExchangeOutcome>> exchange(const Rig& rig, const ports::LoadTarget& target,
                                                          const contract::Check& check, const std::stop_token& stop) {
  std::vector<ports::ExchangeOutcome> outcomes;
  std::size_t done = 0;
  while (done < check.steps.size()) {
    if (check.steps[done].wait_before.count() > 0 &&
        wait_for(rig.host.clock(), check.steps[done].wait_before, stop) == WaitOutcome::stopped) {
      return end_trial(TrialFailure::cancelled, "cancelled");
    }
    std::vector<ports::Exchange> stretch{check.steps[done++].exchange};
    while (done < check.steps.size() && check.steps[done].wait_before.count() == 0)
      stretch.push_back(check.steps[done++].exchange);
    auto made = rig.host.load().exchange(target, stretch, stop);
    if (!made) return end_by_loader(with_context(made.error(), check.name));
    std::move(made->begin(), made->end(), std::back_inserter(outcomes));
  }
  return outcomes;
}

}  // namespace

TrialResult<std::vector<ports::ExchangeOutcome>> pass_check(const Rig& rig, const ports::LoadTarget& target,
                                                            const contract::Check& check, const std::stop_token& stop) {
  auto outcomes = exchange(rig, target, check, stop);
  if (!outcomes) return outcomes;
  const contract::Judgement judgement = contract::judge(check, *outcomes);
  if (judgement.failure)
    return end_trial(TrialFailure::wrong_body, visible(contract::describe(*judgement.failure), 600));
  return outcomes;
}

contract::Examination VerificationRequest::examination() const {
  return {fmt::format("{}:{}", target.address, target.port), seed, users};
}

TrialResult<RightBodies> verify_stack(const Rig& rig, const VerificationRequest& request, std::stop_token stop) {
  const auto depth = request.full ? contract::Depth::full : contract::Depth::quick;
  const contract::Examination examination = request.examination();
  for (const auto& check : contract::general_checks(examination, depth)) {
    auto passed = pass_check(rig, request.target, check, stop);
    if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
  }
  RightBodies bodies;
  for (const std::string& workload : request.workloads) {
    for (const auto& check : contract::verification_plan(contract::workload_named(workload), examination, depth)) {
      auto passed = pass_check(rig, request.target, check, stop);
      if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
      if (!check.shows_load_body) continue;
      auto right = contract::bodies_of(*passed);
      std::move(right.begin(), right.end(), std::back_inserter(bodies[workload]));
    }
  }
  return bodies;
}

}  // namespace dyno::run

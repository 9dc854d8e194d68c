#include "run/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "contract/stack_workloads.h"

namespace dyno::run {
namespace {

using model::TrialFailure;

// Makes the check's exchanges, one call of the driver for each stretch without a wait and without a step that follows from others.
TrialResult<std::vector<ports::ExchangeOutcome>> exchange(const Rig& rig, const ports::LoadTarget& target,
                                                          const contract::Check& check, const std::stop_token& stop) {
  std::vector<ports::ExchangeOutcome> outcomes;
  std::size_t done = 0;
  while (done < check.steps.size()) {
    if (check.steps[done].wait_before.count() > 0 &&
        wait_for(rig.host.clock(), check.steps[done].wait_before, stop) == WaitOutcome::stopped) {
      return end_trial(TrialFailure::cancelled, "cancelled");
    }
    const contract::Step& first = check.steps[done++];
    const auto begin = first.follows ? first.follows(outcomes) : std::optional(first.exchange);
    if (!begin) return outcomes;
    std::vector<ports::Exchange> stretch{*begin};
    while (done < check.steps.size() && check.steps[done].wait_before.count() == 0 && !check.steps[done].follows)
      stretch.push_back(check.steps[done++].exchange);
    auto made = rig.host.load().exchange(target, stretch, stop);
    if (!made) return end_by_loader(with_context(made.error(), check.name));
    std::move(made->begin(), made->end(), std::back_inserter(outcomes));
  }
  return outcomes;
}

// Answers that the best of servers gives when it has no CPU, or what it asks has none. What a good answer says, a busy machine
// does not change, and it makes no bytes that are not HTTP.
bool may_lack_cpu(const std::vector<ports::ExchangeOutcome>& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(), [](const ports::ExchangeOutcome& outcome) {
    const auto& answers = outcome.answers;
    const bool is_broken = outcome.error.starts_with("bad_framing");
    return (!outcome.error.empty() && !is_broken) ||
           std::any_of(answers.begin(), answers.end(),
                       [](const ports::Answer& answer) { return answer.status >= 500; });
  });
}

// Half of the one CPU that a small stack has; and three ticks of the host's counters, less says nothing.
constexpr double kBusyCores = 0.5;
constexpr Nanos kCounterResolution = std::chrono::milliseconds(30);

// CPUs that others had from one reading to the other; nothing where those were too few to explain an answer.
std::optional<double> others_had(const std::optional<CpuUse>& from, const std::optional<CpuUse>& to) {
  if (!from || !to || to->at <= from->at) return std::nullopt;
  const Nanos others = (to->all - from->all) - (to->own - from->own);
  const double cores = static_cast<double>(others.count()) / static_cast<double>((to->at - from->at).count());
  if (others < kCounterResolution || cores < kBusyCores) return std::nullopt;
  return cores;
}

}  // namespace

TrialResult<std::vector<ports::ExchangeOutcome>> pass_check(const Rig& rig, const VerificationRequest& request,
                                                            const contract::Check& check, const std::stop_token& stop) {
  const auto before = request.cpu_use();
  auto outcomes = exchange(rig, request.target, check, stop);
  if (!outcomes) return outcomes;
  const contract::Judgement judgement = contract::judge(check, *outcomes);
  if (!judgement.failure) return outcomes;
  std::string words = visible(contract::describe(*judgement.failure), 600);
  const auto cores = may_lack_cpu(*outcomes) ? others_had(before, request.cpu_use()) : std::nullopt;
  if (!cores) return end_trial(TrialFailure::wrong_body, std::move(words));
  return end_trial(
      TrialFailure::machine_busy,
      fmt::format("{}; other processes used {:.2f} CPUs during that time, so this says nothing about the stack", words,
                  *cores));
}

contract::Examination VerificationRequest::examination() const {
  return {fmt::format("{}:{}", target.address, target.port), seed, users};
}

TrialResult<RightBodies> verify_stack(const Rig& rig, const VerificationRequest& request, std::stop_token stop) {
  const auto depth = request.full ? contract::Depth::full : contract::Depth::quick;
  const contract::Examination examination = request.examination();
  // A stack with workloads of its own promised no more than those say.
  const bool has_contract = request.stack.contract == model::ContractKind::stackdyno;
  for (const auto& check :
       has_contract ? contract::general_checks(examination, depth) : std::vector<contract::Check>()) {
    auto passed = pass_check(rig, request, check, stop);
    if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
  }
  RightBodies bodies;
  for (const std::string& workload : request.workloads) {
    const contract::Workload asked = contract::workload_of(request.stack, workload);
    for (const auto& check : contract::verification_plan(asked, examination, depth)) {
      auto passed = pass_check(rig, request, check, stop);
      if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
      if (!check.shows_load_body) continue;
      auto right = contract::bodies_of(*passed);
      std::move(right.begin(), right.end(), std::back_inserter(bodies[workload]));
    }
  }
  return bodies;
}

}  // namespace dyno::run

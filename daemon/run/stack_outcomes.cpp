#include "run/stack_outcomes.h"

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::run {

void StackOutcomes::count(const std::string& stack, model::TrialKind kind, const TrialOutcome& outcome) {
  // A stack that starts but cannot be measured has no result: extra starts do not count.
  if (outcome.state == model::TrialState::succeeded && kind == model::TrialKind::load) {
    measured_.insert(stack);
    failed_in_a_row_[stack] = 0;
  }
  if (outcome.state == model::TrialState::failed) {
    failures_[stack] = fmt::format("{}: {}", to_string(outcome.failure), outcome.reason);
    if (outcome.failure == model::TrialFailure::not_evicted) not_evicted_.insert(stack);
    if (model::blame_of(outcome.failure) == model::Blame::stack) ++failed_in_a_row_[stack];
  }
}

bool StackOutcomes::is_left_out(const std::string& stack, model::StartKind start) const {
  if (start == model::StartKind::cache_cold && not_evicted_.contains(stack)) return true;
  if (given_up_.contains(stack)) return true;
  const auto found = failed_in_a_row_.find(stack);
  return found != failed_in_a_row_.end() && found->second >= 2;
}

std::string StackOutcomes::failures() const {
  std::string text;
  for (const auto& [stack, reason] : failures_) {
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", stack, visible(reason, 300));
  }
  return text;
}

}  // namespace dyno::run

// What the trials of a run, of now or of before it was cut off, say about its stacks: which were measured, why one failed last, and
// which are given up. Pure; one thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "model/plan.h"
#include "model/run_state.h"

namespace dyno::run {

struct TrialOutcome {
  model::TrialState state = model::TrialState::running;
  model::TrialFailure failure = model::TrialFailure::none;
  const std::string& reason;
};

class StackOutcomes {
 public:
  // It is not measured, or no more, for this reason.
  void give_up(const std::string& stack, const std::string& why) {
    failures_[stack] = why;
    given_up_.insert(stack);
  }
  void count(const std::string& stack, model::TrialKind kind, const TrialOutcome& outcome);

  // A stack that failed by its own fault twice in a row will fail again: its remaining trials would only cost time.
  bool is_left_out(const std::string& stack, model::StartKind start) const;
  std::size_t measured() const { return measured_.size(); }  // stacks with a good trial
  std::string failures() const;                              // each stack with its last one; empty: none

 private:
  std::map<std::string, std::string> failures_;  // stack → its last failure
  std::map<std::string, int> failed_in_a_row_;
  std::set<std::string> given_up_;
  std::set<std::string> measured_;
  std::set<std::string> not_evicted_;  // stacks without further cache-cold starts
};

}  // namespace dyno::run

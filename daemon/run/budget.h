// Keeps a run within its schedule's budget: before each block it says whether the block would end in time. What it expects of a block
// is what the blocks so far have taken, at most; before the first one, what the plan expects. Pure; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace dyno::run {

class BlockBudget {
 public:
  // `begin`: of the run. `expected`: of each block, by the plan. Without a budget every block may begin.
  BlockBudget(std::optional<Nanos> budget, MonotonicTime begin, std::vector<Nanos> expected)
      : budget_(budget), begin_(begin), expected_(std::move(expected)) {}

  // Called before the first trial of each block, in their order. Why it may not begin; empty: it may.
  std::string begin_block(std::size_t block, MonotonicTime now);
  // Called before each trial: the block has taken so much longer than expected that the run ends. Empty: it goes on.
  std::string why_over(MonotonicTime now) const;

 private:
  Nanos expected_of(std::size_t block) const;

  // Set once in the constructor.
  const std::optional<Nanos> budget_;
  const MonotonicTime begin_;
  const std::vector<Nanos> expected_;

  std::optional<std::size_t> current_;
  MonotonicTime current_begin_{};
  double pace_ = 0;  // the slowest block beside its plan; 0: none has ended
};

}  // namespace dyno::run

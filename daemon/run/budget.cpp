#include "run/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"

namespace dyno::run {

Nanos BlockBudget::expected_of(std::size_t block) const {
  const double planned = static_cast<double>(expected_[block].count());
  return Nanos(static_cast<std::int64_t>(pace_ > 0 ? planned * pace_ : planned));
}

std::string BlockBudget::begin_block(std::size_t block, MonotonicTime now) {
  if (current_ && expected_[*current_] > Nanos::zero()) {
    const double taken = static_cast<double>((now - current_begin_).count());
    pace_ = std::max(pace_, taken / static_cast<double>(expected_[*current_].count()));
  }
  current_ = block;
  current_begin_ = now;
  if (!budget_) return {};
  const Nanos left = *budget_ - (now - begin_);
  if (expected_of(block) <= left) return {};
  return fmt::format("block {} of {} was not begun: it takes about {}, and {} of the budget of {} is left", block + 1,
                     expected_.size(), format_span(expected_of(block)), format_span(std::max(left, Nanos::zero())),
                     format_span(*budget_));
}

// A block that takes longer than any before may end after the budget, but by no more than one block.
std::string BlockBudget::why_over(MonotonicTime now) const {
  if (!budget_ || !current_ || now - begin_ <= *budget_ + expected_of(*current_)) return {};
  return fmt::format("block {} of {} was cut short: the budget of {} ran out {} ago", *current_ + 1, expected_.size(),
                     format_span(*budget_), format_span(now - begin_ - *budget_));
}

}  // namespace dyno::run

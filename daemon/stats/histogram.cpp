#include "stats/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"

namespace dyno::stats {

Histogram::Histogram() : counts_(kCounts) {}

std::int64_t Histogram::lowest_of(std::size_t index) {
  const unsigned shift = shift_of(index);
  const std::size_t sub = shift == 0 ? index : index % kHalfCount + kHalfCount;
  return static_cast<std::int64_t>(sub) << shift;
}

std::int64_t Histogram::highest_of(std::size_t index) {
  return lowest_of(index) + (std::int64_t{1} << shift_of(index)) - 1;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (other.counts_[i] != 0) counts_[i] += other.counts_[i];  // writing takes memory even when it changes nothing
  }
  total_ += other.total_;
}

void Histogram::clear() {
  for (std::uint64_t& count : counts_) {
    if (count != 0) count = 0;
  }
  total_ = 0;
}

std::int64_t Histogram::min_ns() const {
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (counts_[i] != 0) return lowest_of(i);
  }
  return 0;
}

std::int64_t Histogram::max_ns() const {
  for (std::size_t i = kCounts; i-- > 0;) {
    if (counts_[i] != 0) return highest_of(i);
  }
  return 0;
}

double Histogram::mean_ns() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (counts_[i] == 0) continue;
    const double middle = (static_cast<double>(lowest_of(i)) + static_cast<double>(highest_of(i))) / 2;
    sum += middle * static_cast<double>(counts_[i]);
  }
  return sum / static_cast<double>(total_);
}

double Histogram::deviation_ns() const {
  if (total_ == 0) return 0;
  const double mean = mean_ns();
  double sum = 0;
  for (std::size_t i = 0; i < kCounts; ++i) {
    const double middle = (static_cast<double>(lowest_of(i)) + static_cast<double>(highest_of(i))) / 2;
    if (counts_[i] != 0) sum += (middle - mean) * (middle - mean) * static_cast<double>(counts_[i]);
  }
  return std::sqrt(sum / static_cast<double>(total_));
}

std::int64_t Histogram::percentile_ns(double percent) const {
  CHECK(percent > 0 && percent <= 100, "a percentile lies in (0, 100]");
  if (total_ == 0) return 0;
  // 99.9 / 100 * 1000 is 999.0000000000001 in binary: take off a relative error before rounding up.
  const double exact = percent / 100 * static_cast<double>(total_);
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(exact * (1 - 1e-14))), 1, total_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kCounts; ++i) {
    seen += counts_[i];
    if (seen >= rank) return highest_of(i);
  }
  return max_ns();
}

std::uint64_t Histogram::count_above(std::int64_t value_ns) const {
  std::uint64_t above = 0;
  for (std::size_t i = index_of(value_ns) + 1; i < kCounts; ++i) above += counts_[i];
  return above;
}

std::string Histogram::hgrm() const {
  std::string text =
      fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  const double total = static_cast<double>(total_);
  std::uint64_t seen = 0;
  double next = 0;  // the share at which the next line is due: five lines for each halving of the distance to 100 %
  for (std::size_t i = 0; i < kCounts && total_ != 0; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double share = static_cast<double>(seen) / total;
    if (share < next && seen != total_) continue;
    const double value_ms = static_cast<double>(highest_of(i)) / 1e6;
    if (seen == total_) {
      text += fmt::format("{:12.6f} {:14.12f} {:10}\n", value_ms, 1.0, seen);
      break;
    }
    text += fmt::format("{:12.6f} {:14.12f} {:10} {:14.2f}\n", value_ms, share, seen, 1 / (1 - share));
    const double halvings = std::floor(std::log2(1 / (1 - share))) + 1;
    next = share + 1 / (5 * std::exp2(halvings));
  }
  // The footer as the family's other programs write it, whose readers look for these words.
  text += fmt::format("#[Mean    = {:12.6f}, StdDeviation   = {:12.6f}]\n", mean_ns() / 1e6, deviation_ns() / 1e6);
  text += fmt::format("#[Max     = {:12.6f}, Total count    = {:12}]\n", static_cast<double>(max_ns()) / 1e6, total_);
  text += fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n", kBuckets, 2 * kHalfCount);
  return text;
}

}  // namespace dyno::stats

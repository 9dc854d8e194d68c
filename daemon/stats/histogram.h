// Counts durations from 1 ns to 60 s so that every percentile is within 0.1 % (an HDR histogram of 3 significant digits).
// Knows nothing of clocks and takes no lock: one writer at a time. Recording never allocates. Values above 60 s are
// counted as 60 s. The text form is the V2 interchange format of the HdrHistogram family, which other tools read.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dyno::stats {

// Memory that is zero because the kernel says so: of a histogram's 216 KiB only the pages that are used take any.
template <class T>
struct ZeroedMemory {
  using value_type = T;

  T* allocate(std::size_t count) {
    void* const memory = std::calloc(count, sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t /*count*/) { std::free(memory); }
  template <class U>
  void construct(U* /*memory*/) {}  // zero already
  template <class U, class... Arguments>
  void construct(U* memory, Arguments&&... arguments) {
    ::new (static_cast<void*>(memory)) U(std::forward<Arguments>(arguments)...);
  }
  bool operator==(const ZeroedMemory&) const = default;
};

class Histogram {
 public:
  static constexpr std::int64_t kHighestNs = 60'000'000'000;

  Histogram();

  void record(std::int64_t value_ns) { record_many(value_ns, 1); }
  void record_many(std::int64_t value_ns, std::uint64_t count) {  // here, where the loop of a load generator finds it
    counts_[index_of(value_ns)] += count;
    total_ += count;
  }
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return total_; }
  // All of these are 0 for an empty histogram.
  std::int64_t min_ns() const;
  std::int64_t max_ns() const;
  double mean_ns() const;
  double deviation_ns() const;  // of all values, not of a sample
  // The value that `percent` of all values do not exceed, 0 < percent <= 100, as the highest value of its bucket.
  std::int64_t percentile_ns(double percent) const;
  // How many recorded values lie above the bucket of `value_ns`.
  std::uint64_t count_above(std::int64_t value_ns) const;

  // V2 interchange format: zigzag counts, zlib, base64.
  std::string encode() const;
  // Refuses anything but a histogram of this very geometry, whatever its size claims to be.
  static Result<Histogram> decode(std::string_view base64);

  // Percentile distribution as text (.hgrm), values in milliseconds, as plotting tools expect it.
  std::string hgrm() const;

  bool operator==(const Histogram&) const = default;

 private:
  // 2048 sub-buckets keep neighbours within 1/1024 of each other: 3 significant digits. Half of them serve each power of two
  // above the first 2048 ns. 26 powers cover 68.7 s, which is the first that holds 60 s.
  static constexpr unsigned kHalfBits = 10;
  static constexpr std::size_t kHalfCount = std::size_t{1} << kHalfBits;
  static constexpr std::size_t kBuckets = 26;
  static constexpr std::size_t kCounts = (kBuckets + 1) * kHalfCount;

  static std::size_t index_of(std::int64_t value_ns) {
    const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(value_ns, 0, kHighestNs));
    const auto magnitude = static_cast<unsigned>(std::bit_width(value | (2 * kHalfCount - 1)));
    const unsigned bucket = magnitude - (kHalfBits + 1);
    return (static_cast<std::size_t>(bucket) << kHalfBits) + static_cast<std::size_t>(value >> bucket);
  }
  // How many values share the bucket at `index`, as a power of two.
  static unsigned shift_of(std::size_t index) {
    return index < 2 * kHalfCount ? 0 : static_cast<unsigned>(index / kHalfCount - 1);
  }
  static std::int64_t lowest_of(std::size_t index);
  static std::int64_t highest_of(std::size_t index);

  std::vector<std::uint64_t, ZeroedMemory<std::uint64_t>> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace dyno::stats

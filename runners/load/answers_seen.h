// What came, as the report tells it: answers by status, and the first error of each kind as an example. Fixed memory, for the
// measuring loop fills it. Values of one worker; the first example of several workers is kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runners/load/counts.h"

namespace dyno::loadgen {

class StatusCounts {
 public:
  static constexpr int kCodes = 600;

  void count(int status) { ++counts_[status > 0 && status < kCodes ? static_cast<std::size_t>(status) : 0]; }
  // 0: of statuses that are none.
  std::int64_t of(int status) const { return counts_[static_cast<std::size_t>(status)]; }
  std::int64_t of_class(int first_digit) const {
    std::int64_t sum = 0;
    for (int status = 100 * first_digit; status < 100 * first_digit + 100; ++status) sum += of(status);
    return sum;
  }
  StatusCounts& operator+=(const StatusCounts& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
  }

 private:
  std::array<std::int64_t, kCodes> counts_{};
};

struct ErrorExample {
  static constexpr std::size_t kBytes = 256;

  bool is_known = false;
  std::uint32_t request = 0;  // of the spec's
  int status = 0;             // 0: there was no answer
  int error = 0;              // errno of the connection's end; 0: it ended in order, or did not
  std::size_t size = 0;
  std::array<char, kBytes> bytes{};  // the first of the body; of an answer that is no HTTP, of the answer

  void keep_bytes(std::string_view from) {
    size = std::min(from.size(), kBytes);
    std::copy_n(from.data(), size, bytes.data());
  }
  std::string_view text() const { return {bytes.data(), size}; }
};
using ErrorExamples = std::array<ErrorExample, kErrorNames.size()>;

// The first bytes of a body that belongs to a status nobody asked for, kept while it comes: when the answer is whole, the reads it
// came in are gone. Of one answer at a time, the one whose body began last.
class BodyStart {
 public:
  // `before`: how many bytes of this body came before the piece.
  void piece(std::uint32_t owner, std::uint64_t before, std::string_view bytes) {
    if (before == 0) {
      owner_ = owner;
      size_ = 0;
    }
    if (owner_ != owner) return;
    const std::size_t taken = std::min(bytes.size(), bytes_.size() - size_);
    std::copy_n(bytes.data(), taken, bytes_.data() + size_);
    size_ += taken;
  }
  // Empty where another's has taken its place.
  std::string_view of(std::uint32_t owner) const { return {bytes_.data(), owner_ == owner ? size_ : 0}; }

 private:
  std::uint32_t owner_ = 0;
  std::size_t size_ = 0;
  std::array<char, ErrorExample::kBytes> bytes_{};
};

// A head that comes in several reads, for a field that the parser does not keep. Of one answer at a time, the one that began first:
// where every head is cut, one of them is kept whole all the same.
class CutHead {
 public:
  // `begins`: it is the first piece of its answer.
  void piece(std::uint32_t owner, bool begins, std::string_view bytes) {
    if (begins && owner_.value_or(owner) == owner) {
      owner_ = owner;
      bytes_.clear();
    }
    if (owner_ == owner) bytes_ += bytes;
  }
  // The whole of it, with its last piece; nothing where the others were not kept. Valid until the next piece.
  std::optional<std::string_view> whole(std::uint32_t owner, std::string_view last) {
    if (owner_ != owner) return {};
    owner_.reset();
    return bytes_ += last;
  }
  void abandon(std::uint32_t owner) {
    if (owner_ == owner) owner_.reset();
  }

 private:
  std::optional<std::uint32_t> owner_;
  std::string bytes_;  // at most what the parser takes as a head
};

}  // namespace dyno::loadgen

// The requests of a phase as bytes, made once, and what a good answer to each is. Drawing one is a copy of a view, or, where
// the target holds random numbers, a few memcpy into the caller's buffer. Immutable after make(); shared by all workers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runners/load/load_spec.h"
#include "runners/load/random.h"

namespace dyno::loadgen {

struct Expectation {
  int status = 200;  // 0: any 2xx
  bool to_head = false;
  std::vector<std::string> bodies;

  bool accepts_status(int got) const { return status == 0 ? got / 100 == 2 : got == status; }
  bool accepts_length(std::uint64_t length) const;
};

class RequestSet {
 public:
  struct Drawn {
    std::uint32_t index = 0;
    std::string_view bytes;
  };

  // `host` is sent as Host unless a request brings its own.
  static Result<RequestSet> make(const std::vector<RequestSpec>& requests, std::string_view host);

  // One request by weight. Where has_random_parts(), `buffer` holds at least max_bytes() and is what the view may point into.
  // `last`: with Connection: close.
  Drawn draw(Random& random, char* buffer, bool last = false) const;
  bool has_random_parts() const { return has_random_parts_; }
  std::size_t max_bytes() const { return max_bytes_; }
  const Expectation& expectation(std::uint32_t index) const { return entries_[index].expectation; }

 private:
  struct Range {
    std::size_t at = 0;  // the number goes in front of this byte of `bytes`
    std::int64_t low = 0;
    std::uint64_t count = 0;
  };
  struct Entry {
    std::string bytes;       // without the random numbers
    std::string last_bytes;  // the same with Connection: close
    std::vector<Range> ranges;
    double cumulative_weight = 0;
    Expectation expectation;
  };

  static Result<Entry> make_entry(const RequestSpec& request, std::string_view host);
  static Status add_target(std::string_view target, Entry& entry);
  static std::string_view render(std::string_view bytes, const std::vector<Range>& ranges, Random& random,
                                 char* buffer);

  std::vector<Entry> entries_;
  bool has_random_parts_ = false;
  std::size_t max_bytes_ = 0;
};

}  // namespace dyno::loadgen

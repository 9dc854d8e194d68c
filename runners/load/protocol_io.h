// Standard input and output of dyno-load's protocol modes: whole lines, each written by one call so that lines of two threads
// never mix. Reading blocks; a line is at most 64 MiB (it may hold a body).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/line_protocol.h"
#include "base/result.h"

namespace dyno::loadgen {

void put(std::string_view text);

class LineInput {
 public:
  explicit LineInput(int fd) : fd_(fd) {}
  // The next line; an error with code `cancelled` at the end of the input.
  Result<Line> next();
  // Whether the other end has closed it; never blocks. What else may come by then is not looked at.
  bool has_ended() const;

 private:
  int fd_;
  std::string buffer_;
  std::size_t used_ = 0;
};

// The greeting and then every line up to one that says `last`.
Result<std::vector<Line>> read_until(LineInput& input, std::string_view last);

}  // namespace dyno::loadgen

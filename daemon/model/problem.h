// A fault found in a file that somebody wrote: where it is and what would be right. Values only.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace dyno::model {

struct Problem {
  std::string file;
  int line = 0;  // 1 first; 0: the file as a whole
  int column = 0;
  std::string pointer;  // JSON pointer of the key: /build/base/0/arg
  std::string code;  // unknown_key, wrong_type, out_of_range, missing_key, duplicate_key, unknown_reference, syntax …
  std::string message;  // with the nearest right word
};

// More than these are not listed: whoever looks for problems stops, and a last one says that there may be more.
inline constexpr std::size_t kMostProblems = 100;
inline Problem more_problems(std::string file) {
  return {std::move(file),
          0,
          0,
          "",
          "more_problems",
          "the first " + std::to_string(kMostProblems) + " problems are listed; there may be more"};
}

}  // namespace dyno::model

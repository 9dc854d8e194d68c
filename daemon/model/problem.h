// A fault found in a file that somebody wrote: where it is and what would be right. Values only.
#pragma once

#include <string>

namespace dyno::model {

struct Problem {
  std::string file;
  int line = 0;  // 1 first; 0: the file as a whole
  int column = 0;
  std::string pointer;  // JSON pointer of the key: /build/base/0/arg
  std::string code;  // unknown_key, wrong_type, out_of_range, missing_key, duplicate_key, unknown_reference, syntax …
  std::string message;  // with the nearest right word
};

}  // namespace dyno::model

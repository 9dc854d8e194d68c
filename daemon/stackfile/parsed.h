// What a parser of stackfile hands back: the value when the text is right in every part, else every problem found in it.
// Plain values.
#pragma once

#include <optional>
#include <vector>

#include "model/problem.h"

namespace dyno::stackfile {

template <class T>
struct Parsed {
  std::optional<T> value;                // present exactly when there is no problem
  std::vector<model::Problem> problems;  // in the order of the file
};

}  // namespace dyno::stackfile

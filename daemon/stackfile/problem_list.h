// Collects the problems of one file while it is read, and puts them in the order of the file. Used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"
#include "stackfile/node.h"

namespace dyno::stackfile {

// A file that is wrong in more places than this is not a stack file.
inline constexpr std::size_t kMaxProblems = 1000;

class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void add(Mark mark, std::string_view pointer, std::string_view code, std::string message);
  void add_all(std::vector<model::Problem> problems);
  bool empty() const { return problems_.empty(); }
  // True when something is wrong at the pointer or below it: no second complaint is due there.
  bool has_below(std::string_view pointer) const;
  // Sorted by line and column.
  std::vector<model::Problem> take();

 private:
  std::string file_;
  std::vector<model::Problem> problems_;
};

// JSON pointers: "/build" + "base" → "/build/base", with ~ and / escaped.
std::string child(std::string_view pointer, std::string_view key);
std::string child(std::string_view pointer, std::size_t index);
// One step of a pointer as the key it stands for.
std::string unescaped(std::string_view step);

}  // namespace dyno::stackfile

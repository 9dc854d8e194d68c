#include "stackfile/problem_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace dyno::stackfile {

void ProblemList::add(Mark mark, std::string_view pointer, std::string_view code, std::string message) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({file_, mark.line, mark.column, std::string(pointer), std::string(code), std::move(message)});
}

void ProblemList::add_all(std::vector<model::Problem> problems) {
  std::move(problems.begin(), problems.end(), std::back_inserter(problems_));
}

bool ProblemList::has_below(std::string_view pointer) const {
  return std::any_of(problems_.begin(), problems_.end(), [&](const model::Problem& problem) {
    const std::string_view at = problem.pointer;
    return at.starts_with(pointer) && (at.size() == pointer.size() || at[pointer.size()] == '/');
  });
}

std::vector<model::Problem> ProblemList::take() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const model::Problem& a, const model::Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::exchange(problems_, {});
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string path(pointer);
  path += '/';
  for (const char c : key) {
    if (c == '~') path += "~0";
    else if (c == '/') path += "~1";
    else path += c;
  }
  return path;
}

std::string child(std::string_view pointer, std::size_t index) { return fmt::format("{}/{}", pointer, index); }

std::string unescaped(std::string_view step) {
  std::string key;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~' || i + 1 == step.size()) key += step[i];
    else key += step[++i] == '1' ? '/' : '~';
  }
  return key;
}

}  // namespace dyno::stackfile

// What is said when a request cannot be served: the values of an RFC 9457 problem and the one table from error codes to
// HTTP status. Turning it into JSON is wire's. Values and pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"
#include "base/error.h"
#include "model/problem.h"

namespace dyno::api {

// One thing that is wrong; which of the places is given depends on what was read.
struct Fault {
  std::string detail;
  std::string code;
  std::string pointer;    // into a JSON body or a file
  std::string parameter;  // of the query
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const Fault&) const = default;
};

// As for the problems of a file.
inline constexpr std::size_t kMostFaults = model::kMostProblems;
inline bool is_full(const std::vector<Fault>& faults) { return faults.size() > kMostFaults; }
void add_fault(std::vector<Fault>& faults, Fault fault);

struct Problem {
  int status = 500;
  std::string slug;
  std::string detail;
  std::vector<Fault> faults;
};

Problem problem_of(const Error& error);
Problem problem_of(const Refusal& refusal);
// 422 with every problem of a file.
Problem problem_of(std::span<const model::Problem> problems, std::string_view file);
Fault fault_of(const model::Problem& problem);

// Every slug that can stand in a problem's type, and its title.
struct ProblemType {
  std::string_view slug;
  std::string_view title;
  std::string_view text;  // for a person who follows the type
};
std::span<const ProblemType> problem_types();
std::string_view title_of(std::string_view slug);

}  // namespace dyno::api

// Reads tests/data/stackfile/bad_*.txt: changes to a good file, each with every problem that it must produce.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "model/problem.h"

namespace dyno::stackfile {

struct ProblemCase {
  std::string name;
  std::string text;  // the good file with the change made
  std::vector<std::string> problems;
};

std::string data_file(const std::string& name);

// Aborts with a sentence when a file is missing or a change does not fit its good file.
std::vector<ProblemCase> problem_cases(const std::string& good, const std::string& cases);

// "24:3 /run/prot unknown_key unknown key prot; did you mean port?"
std::vector<std::string> as_lines(const std::vector<model::Problem>& problems);

// A case's name as googletest wants it, and as it prints it.
std::string case_name(const testing::TestParamInfo<ProblemCase>& param);
void PrintTo(const ProblemCase& problem_case, std::ostream* out);

}  // namespace dyno::stackfile

#include "problem_cases.h"

#include <fmt/format.h>

#include <cctype>
#include <fstream>
#include <sstream>

#include "base/check.h"

namespace dyno::stackfile {
namespace {

// The change of one case, while its lines are read.
struct Change {
  std::string name;
  std::string before;
  std::string after;
  std::vector<std::string> problems;
};

ProblemCase apply(const Change& change, std::string text) {
  const std::size_t at = ("\n" + text).find("\n" + change.before);
  CHECK(!change.before.empty() && at != std::string::npos, "case does not fit the good file: " + change.name);
  text.replace(at, change.before.size(), change.after);
  return {change.name, std::move(text), change.problems};
}

}  // namespace

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR "/tests/data/stackfile/") + name, std::ios::binary);
  CHECK(file.good(), "cannot open " + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<ProblemCase> problem_cases(const std::string& good, const std::string& cases) {
  const std::string text = data_file(good);
  std::istringstream lines(data_file(cases));
  std::vector<Change> changes;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) changes.push_back({line.substr(1, line.size() - 2), "", "", {}});
    else if (line.starts_with('-')) changes.back().before += line.substr(1) + "\n";
    else if (line.starts_with('+')) changes.back().after += line.substr(1) + "\n";
    else if (line.starts_with("! ")) changes.back().problems.push_back(line.substr(2));
  }
  std::vector<ProblemCase> read;
  for (const Change& change : changes) read.push_back(apply(change, text));
  return read;
}

std::vector<std::string> as_lines(const std::vector<model::Problem>& problems) {
  std::vector<std::string> lines;
  for (const model::Problem& problem : problems) {
    lines.push_back(fmt::format("{}:{} {} {} {}", problem.line, problem.column,
                                problem.pointer.empty() ? "-" : problem.pointer, problem.code, problem.message));
  }
  return lines;
}

void PrintTo(const ProblemCase& problem_case, std::ostream* out) { *out << problem_case.name; }

std::string case_name(const testing::TestParamInfo<ProblemCase>& param) {
  std::string words;
  bool capital = true;
  for (const char c : param.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      capital = true;
    } else {
      words += capital ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      capital = false;
    }
  }
  return words;
}

}  // namespace dyno::stackfile

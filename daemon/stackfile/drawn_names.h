// Names in braces: what the requests of a workload draw or send from answers before, and whether each stands for something. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/csv.h"
#include "model/own_workload.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {

class DrawnNames {
 public:
  explicit DrawnNames(ProblemList& problems) : problems_(problems) {}

  // The workload has a table; nothing: its file cannot be read, which was said, or was not looked at.
  void set_table(std::optional<CsvTable> table);
  // What each step takes has to be known before any of them is checked.
  void note_takes(const model::OwnRequest& request, std::size_t step, const Node& node, const std::string& pointer);
  void check(const model::OwnRequest& request, std::size_t step, const Node& node, const std::string& pointer) const;

 private:
  struct Place {
    Mark mark;
    std::string pointer;
    bool is_strict = true;  // every brace means something drawn
    bool in_path = false;
  };
  std::size_t check_text(const std::string& text, const Place& place, std::size_t step) const;
  bool check_name(const std::string& name, const Place& place, std::size_t step) const;
  void check_values(std::size_t column, const Place& place) const;

  ProblemList& problems_;
  bool has_table_ = false;
  std::optional<CsvTable> table_;
  std::map<std::string, std::size_t> taken_;  // by all steps: name → step
  std::vector<std::string> steps_;            // how they are called
};

}  // namespace dyno::stackfile

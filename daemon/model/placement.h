// Where the parts of a run execute: disjoint CPU sets for app and loader. Values only.
#pragma once

#include <string>
#include <vector>

namespace dyno::model {

struct Placement {
  std::vector<int> app_cpus;
  std::vector<int> load_cpus;  // the daemon keeps to these too
  bool co_located = false;     // loader shares its CPUs with the database or the daemon: said with every figure
};

// "0-2,5": the form of cpuset files.
std::string cpu_list(const std::vector<int>& cpus);

}  // namespace dyno::model

// Where the parts of a run execute: disjoint CPU sets for app and loader. Values only.
#pragma once

#include <string>
#include <vector>

namespace dyno::model {

struct Placement {
  std::vector<int> app_cpus;
  std::vector<int> load_cpus;       // the daemon keeps to these too, and to whatever is left over
  bool co_located = false;          // no core is left over beside those of app and loader: said with every figure
  std::vector<int> service_cpus{};  // those of the loader where none are left
  bool app_shares_core = false;     // with the loader, by hyper-threading
  bool loader_shares_core = false;  // with services that have other CPUs than the loader
  int app_nodes = 1;                // NUMA nodes of the app's CPUs
  std::vector<int> quiet_cpus{};    // of the app's cores: the daemon keeps off them
};

// "0-2,5": the form of cpuset files.
std::string cpu_list(const std::vector<int>& cpus);

}  // namespace dyno::model

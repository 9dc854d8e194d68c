// A machine of tests/data/topologies, unpacked into a folder of its own so that the daemon's own reader reads it. Gone with its
// object.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "host/topology.h"

namespace dyno::tests {

class RecordedMachine {
 public:
  explicit RecordedMachine(const std::string& name) {
    std::string folder = (std::filesystem::temp_directory_path() / "dyno-machine-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    root_ = folder;
    std::ifstream in(std::string(DYNO_SOURCE_DIR) + "/tests/data/topologies/" + name + ".txt");
    EXPECT_TRUE(in) << name;
    for (std::string line; std::getline(in, line);) {
      const std::size_t colon = line.find(':');
      const std::filesystem::path file = root_ + line.substr(0, colon);
      std::filesystem::create_directories(file.parent_path());
      std::ofstream(file) << line.substr(colon + 1) << '\n';
    }
  }
  ~RecordedMachine() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  RecordedMachine(const RecordedMachine&) = delete;
  RecordedMachine& operator=(const RecordedMachine&) = delete;

  const std::string& root() const { return root_; }
  // Of the first `cpus` CPUs, as of a daemon that may use them all.
  model::Topology topology(int cpus) const {
    std::vector<int> allowed;
    for (int cpu = 0; cpu < cpus; ++cpu) allowed.push_back(cpu);
    return host::read_topology(allowed, root_);
  }

 private:
  std::string root_;
};

}  // namespace dyno::tests

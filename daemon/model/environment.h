// Facts about the machine and the engine a run took place on, recorded as they were. Values only.
#pragma once

#include <string>
#include <vector>

namespace dyno::model {

struct Fact {
  std::string name;  // cpu_model, cpus, memory_bytes, kernel, engine_version, storage_driver, cgroup_version …
  std::string value;
  bool in_key = false;  // part of the environment key
};

struct Environment {
  std::vector<Fact> facts;
  std::string key;  // "e1:" + first 16 hex digits of a hash over the facts with in_key
};

}  // namespace dyno::model

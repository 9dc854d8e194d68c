// What a run works with: the machine it measures on, the journal it tells, and whose objects it makes. References; everything
// referred to outlives every run.
#pragma once

#include <map>
#include <string>

#include "ports/host.h"
#include "ports/run_journal.h"

namespace dyno::run {

struct Rig {
  ports::Host& host;
  ports::RunJournal& journal;
  std::string instance;  // label of everything we make in the engine
};

// The labels of everything a run makes; `role` is sandbox, app, service or network.
std::map<std::string, std::string> run_labels(const Rig& rig, const std::string& run_id, const std::string& role);

// "dyno-<instance8>-<run8>-<what>": unique while it lives, and readable in a list of containers.
std::string object_name(const Rig& rig, const std::string& run_id, const std::string& what);

}  // namespace dyno::run

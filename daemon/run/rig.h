// What a run works with: the seams, and the facts of this daemon and machine that the composition knows. Values and references;
// everything referred to outlives every run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/environment.h"
#include "ports/container_engine.h"
#include "ports/load_driver.h"
#include "ports/run_journal.h"
#include "ports/sampler.h"

namespace dyno::run {

struct Rig {
  Clock& clock;
  ports::ContainerEngine& engine;
  ports::LoadDriver& load;
  ports::Sampler& sampler;
  ports::RunJournal& journal;

  std::string instance;                                  // label of everything we make in the engine
  std::string exec_program;                              // dyno-exec on the engine's host
  std::vector<int> cpus;                                 // those we may use
  std::function<std::vector<model::Fact>()> host_facts;  // read anew for each run
  std::function<Nanos()> own_cpu;                        // CPU time of this process so far
  std::function<Result<Nanos>(int cpu)> control{};       // CPU time of fixed work on that CPU now; may be empty
};

// The labels of everything a run makes; `role` is sandbox, app, service or network.
std::map<std::string, std::string> run_labels(const Rig& rig, const std::string& run_id, const std::string& role);

// "dyno-<instance8>-<run8>-<what>": unique while it lives, and readable in a list of containers.
std::string object_name(const Rig& rig, const std::string& run_id, const std::string& what);

}  // namespace dyno::run

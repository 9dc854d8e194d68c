// The environment of a run: facts, the key that makes two runs comparable, and the warnings that follow. Pure.
#pragma once

#include <vector>

#include "model/environment.h"
#include "model/measurement.h"
#include "model/placement.h"
#include "ports/container_engine.h"

namespace dyno::run {

// `host`: facts of the machine, with in_key set for those that survive a reboot and change numbers.
model::Environment describe_environment(const ports::EngineDescription& engine, std::vector<model::Fact> host,
                                        const model::Placement& placement);

// What a reader should know before trusting the run; each a degraded gate by name.
std::vector<model::GateResult> preflight(const model::Environment& environment, const model::Placement& placement);

}  // namespace dyno::run

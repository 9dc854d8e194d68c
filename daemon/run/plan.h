// Makes the plan of a run: blocks × cases in order, from a seed. Pure: the same input gives the same plan.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/service.h"

namespace dyno::run {

// Raised when the same stacks, profile and seed would give another plan.
inline constexpr int kPlanVersion = 1;

// Why the stack is not asked for the workload in that mode; empty: it is asked. Where scaled mode starts other processes than
// single mode does, sse is left out: a message would reach only the subscribers of the process that took it.
std::string why_not_asked(const model::Stack& stack, model::Mode mode, const std::string& workload);

// The stack's phases under the profile: those whose workloads it is asked for, in the profile's order. For a stack of contract own each
// phase of own/* becomes one for each of its workloads, called by the workload: list-orders/c32.
std::vector<model::ProfilePhase> phases_for(const model::Stack& stack, const model::Profile& profile);

// What any stack of the plan may be asked, by the names of the results: the contract's phases, then those of stacks' own.
std::vector<model::ProfilePhase> phases_of(const model::Plan& plan);

// What the phases ask, in their own loops and beside them.
std::set<std::string> workloads_in(const std::vector<model::ProfilePhase>& phases);

// How long the phase is warmed up: in full when its workload is new in the trial, else briefly, to open the connections.
Nanos warm_up_before(const std::vector<model::ProfilePhase>& phases, std::size_t index, const model::WarmUp& warm_up);

// Answers that a p99 needs: ten beyond it, or it is noise.
inline constexpr std::uint64_t kAnswersForP99 = 1000;

// How long the phase is measured at that rate: `measure`, or longer, up to `measure_max`, until its rate has brought the answers of a p99.
Nanos window_of(const model::ProfilePhase& phase, Rate rate);

// Time that each trial is expected to take, in the plan's order, the resets of its services included. A case is looked at once,
// however many trials it has.
std::vector<Nanos> expected_trials(const model::Plan& plan);

// The same of each block, the first one first.
std::vector<Nanos> expected_blocks(const model::Plan& plan);

// Every block runs every case once, shuffled by the seed, each second block in mirrored order so that linear drift cancels;
// after the block's load trials come its share of the extra warm and cache-cold starts, shuffled anew in each round.
model::Plan make_plan(const std::vector<model::Stack>& stacks, const model::Profile& profile,
                      const model::Placement& placement, std::uint64_t seed,
                      const std::vector<model::Service>& services = {});

// What one stack that offers all that the profile asks is expected to take, before anybody has chosen stacks; of own/* one workload.
Nanos expected_per_stack(const model::Profile& profile);

}  // namespace dyno::run

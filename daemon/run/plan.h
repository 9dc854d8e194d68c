// Makes the plan of a run: blocks × cases in order, from a seed. Pure: the same input gives the same plan.
#pragma once

#include <cstdint>
#include <vector>

#include "model/plan.h"

namespace dyno::run {

// The stack's phases under the profile: those whose workload the stack offers, in the profile's order.
std::vector<model::ProfilePhase> phases_for(const model::Stack& stack, const model::Profile& profile);

// How long the phase is warmed up: in full when its workload is new in the trial, else briefly, to open the connections.
Nanos warm_up_before(const std::vector<model::ProfilePhase>& phases, std::size_t index, const model::WarmUp& warm_up);

// Time one trial is expected to take; `full_verification` for the first trial of an image.
Nanos expected_trial(const model::Stack& stack, const model::Profile& profile, model::TrialKind kind,
                     bool full_verification);

// Every block runs every case once, shuffled by the seed, each second block in mirrored order so that linear drift cancels;
// after the block's load trials come its share of the extra warm starts, shuffled anew in each round. Cache-cold starts are
// not planned: nothing here can evict an image from the page cache yet, and a warm start must not carry that name.
model::Plan make_plan(const std::vector<model::Stack>& stacks, const model::Profile& profile,
                      const model::Placement& placement, std::uint64_t seed);

}  // namespace dyno::run

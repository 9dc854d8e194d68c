// A run as the executor would tell it, for the tests of the store.
#pragma once

#include <string>
#include <vector>

#include "model/run_event.h"
#include "store/journal.h"
#include "store/run_repository.h"

namespace dyno::store {

WallTime at_second(int second);  // of 2026-01-01, UTC
model::Stack sample_stack(const std::string& name);
model::Job sample_job(const std::vector<std::string>& stacks = {"node-fastify", "go-nethttp"});
model::RunStack sample_image();
model::PhaseResult sample_phase(const std::string& name, int seconds);
std::vector<model::Sample> sample_timeline(int samples);
model::StartupMarks sample_marks();
// A build that failed 400 lines before its end.
model::Build sample_build();
model::BuildLog sample_build_log();
// Appends and fails the test when that is refused.
void must_append(Journal& journal, const std::string& run_id, int second, const model::RunEvent& event);
// From `acquiring` up to where trials begin: six events.
void tell_beginning(Journal& journal, const std::string& run_id);
// A trial with two phases of a run that has begun: eight events.
void tell_trial_alone(Journal& journal, const std::string& run_id, const std::string& trial_id);
// Both.
void tell_trial(Journal& journal, const std::string& run_id, const std::string& trial_id);

}  // namespace dyno::store

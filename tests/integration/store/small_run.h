// A run as its events tell it, with phases that carry samples and histograms, for tests of the store. Values.
#pragma once

#include <vector>

#include "base/clock.h"
#include "model/job.h"
#include "model/run_event.h"

namespace dyno::store {

model::Job small_job();
// Of `trials` trials with three phases each. `serial` goes on from run to run, so that no two phases are alike.
std::vector<model::RunEvent> events_of_small_run(Clock& clock, int trials, int& serial);

}  // namespace dyno::store

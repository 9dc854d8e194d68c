// Reads facts about this machine from /proc and /sys for the record of a run. What cannot be read is left out, never guessed.
// Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "model/environment.h"

namespace dyno::host {

// `root` stands before /proc and /sys, for tests; empty on a real machine.
std::vector<model::Fact> read_host_facts(const std::string& root = {});

}  // namespace dyno::host

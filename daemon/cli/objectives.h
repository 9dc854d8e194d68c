// What a run says of its objectives, in lines: "broken     p99 of list-orders at 200/s < 20 ms: 24.1 ms (23.0–25.3)". The dashboard uses the
// same words (tests/data/wording.json). Pure functions, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "cli/shown.h"

namespace dyno::cli {

// "24.1 ms (23.0–25.3)", of an undecided one with the reason: "640 ms: too few trials (3 of 6)". Where the profile has several phases that the
// sentence may mean, the one that is judged: "312/s (305–319), in list · 32 connections (list · 64 connections fits, too)".
std::string objective_finding(const ShownObjective& one);

// "Intervals: 95 %.", of a run that its own data may end "Intervals: 99.3 %, so that stopping early errs no more often."
std::string objective_intervals(const std::vector<ShownObjective>& objectives);

// "Objectives: 2 kept, 1 broken, 1 undecided.", with the intervals where they are not of 95 %, and a line for each, broken ones first; none where
// there are no objectives.
std::vector<std::string> objective_lines(const ShownResult& result);

bool has_broken(const std::vector<ShownObjective>& objectives);

}  // namespace dyno::cli

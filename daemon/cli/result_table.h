// The result of a run as tables: one per phase, one of start-up and memory, what failed, and lines about the circumstances. Every
// figure comes with its unit, spread and trial count. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli {

// One table per phase: closed loops (service time) first, then open loops (latency).
std::vector<Table> phase_tables(const ShownResult& result);
// Start-up, memory, image.
Table case_table(const ShownResult& result);
// Stacks that could not be built and trials that failed, one line for each reason, and below it the last output of the
// server; empty: none.
std::vector<std::string> failure_lines(const ShownResult& result);
// Machine, trials, base images, profile, time, warnings, outcome, page.
std::vector<std::string> footer_lines(const ShownResult& result, std::string_view server);
// Every summary with its bare number, for csv.
Table summary_table(const ShownResult& result);

// How the run ended. The reason is left out where the lines about failed stacks give it.
std::string outcome_text(const ShownResult& result);
// Official images, stand-ins, or which are which.
std::string bases_text(const ShownResult& result);

std::string result_text(const ShownResult& result, std::string_view server, Format format);

}  // namespace dyno::cli

// The result of a run as tables: a row for each case and phase, a row for each case, what failed, and the lines that say under
// which circumstances. Every figure stands with its unit, its interval and n. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"
#include "cli/table.h"

namespace dyno::cli {

// One table for closed loops (service time) and one for open loops (latency), each only where there is one.
std::vector<Table> phase_tables(const ShownResult& result);
// Start-up, memory, image.
Table case_table(const ShownResult& result);
// Stacks that could not be built and trials that failed, one a line; empty: none.
std::vector<std::string> failure_lines(const ShownResult& result);
// Machine, n, bases, profile, seed, id.
std::vector<std::string> footer_lines(const ShownResult& result, std::string_view server);
// Every summary with its bare number, for csv.
Table summary_table(const ShownResult& result);

std::string result_text(const ShownResult& result, std::string_view server, Format format);

// "21.8 k/s", three significant digits.
std::string format_rate(double per_s);
// A value of the unit as it stands in the API: 1/s, ns, B, 1.
std::string format_value(double value, std::string_view unit);

}  // namespace dyno::cli

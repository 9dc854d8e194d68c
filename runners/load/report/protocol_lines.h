// A load report as lines of the protocol, in the words of daemon/docs/load-protocol.md. Pure.
#pragma once

#include <string>

#include "runners/load/run_load.h"

namespace dyno::loadgen {

std::string greeting_line();
std::string ready_line(const LoadReport& report);
std::string planned_line(std::int64_t begin_ns, std::int64_t end_ns);
std::string second_line(const SecondReport& second);
std::string report_lines(const LoadReport& report);  // result, errors, unanswered, open loop, histograms, done
std::string error_line(const Error& error);

}  // namespace dyno::loadgen

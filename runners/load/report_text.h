// A load report for a person, and as JSON. Pure.
#pragma once

#include <string>

#include "runners/load/run_load.h"

namespace dyno::loadgen {

std::string report_text(const LoadSpec& spec, const LoadReport& report);
std::string report_json(const LoadSpec& spec, const LoadReport& report);

}  // namespace dyno::loadgen

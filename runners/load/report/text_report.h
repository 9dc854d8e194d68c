// A load report for a person, on a screen or in a file. Pure.
#pragma once

#include <string>

#include "base/screen.h"
#include "runners/load/report/about.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {

std::string report_text(const LoadSpec& spec, const LoadReport& report, const About& about, const Screen& screen);

}  // namespace dyno::loadgen

// A load report as JSON, as daemon/docs/load-report.schema.json describes it. Pure.
#pragma once

#include <string>

#include "runners/load/report/about.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {

std::string report_json(const LoadSpec& spec, const LoadReport& report, const About& about);

}  // namespace dyno::loadgen

// The load generator's side of a seam: a request as its own program reads it. For tests.
#pragma once

#include <string>

#include "base/result.h"
#include "runners/load/load_spec.h"
#include "runners/load/request_set.h"

namespace dyno::seams {

// Through a descriptor, line by line.
Result<loadgen::LoadSpec> read_by_loader(const std::string& request);
Result<loadgen::RequestSet> requests_of(const loadgen::LoadSpec& spec);

}  // namespace dyno::seams

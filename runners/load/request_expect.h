// `expect` and `take` of a request in a file of requests: what a good answer is, and which of its values later steps send. Pure.
#pragma once

#include <functional>
#include <string_view>

#include "runners/load/request_file.h"

namespace dyno::loadgen {

// Told every problem, with the line where it stands.
using TellProblem = std::function<void(int line, std::string_view what)>;

void read_expect(const FileValue& value, RequestSpec& request, const TellProblem& problem);
void read_takes(const FileValue& value, RequestSpec& request, const TellProblem& problem);

}  // namespace dyno::loadgen

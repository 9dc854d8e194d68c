// From an answer of the engine to an error of ours, by one table of HTTP statuses. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "docker/docker_client.h"

namespace dyno::docker {

// The error that an answer outside 2xx stands for, with the engine's own words.
Error answer_error(const HttpResponse& response);

// The body of a 2xx answer; else the error.
Result<std::string> good_body(const CallResult& result);

}  // namespace dyno::docker

// What dyno-load sends for a workload, and which bodies it accepts when it looks at one. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/workload.h"
#include "ports/load_driver.h"

namespace dyno::contract {

// `params` are the phase's. `right_bodies` are what the stack's own answers to this workload looked like when verification
// found them right: JSON may differ from stack to stack in white space and key order, within one stack it does not.
// Empty for a workload that has no load yet.
std::vector<ports::RequestTemplate> load_requests(model::Workload workload,
                                                  const std::map<std::string, std::int64_t>& params,
                                                  const std::vector<std::string>& right_bodies);

// What carries the requests where it is more than HTTP: ws sends its messages through a WebSocket, sse publishes to subscribers.
struct LoadStream {
  ports::LoadProtocol protocol = ports::LoadProtocol::http1;
  ports::RequestTemplate request{};
  int subscribers = 0;
};
LoadStream load_stream(model::Workload workload, const std::map<std::string, std::int64_t>& params);

}  // namespace dyno::contract

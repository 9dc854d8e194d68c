// What a stack that keeps the contract answers to plaintext, json, users, /health and /ready: for FakeLoadDriver::answer_by, so that
// verification passes without a server. Pure, thread-safe.
#pragma once

#include <functional>
#include <string>

#include "base/units.h"
#include "ports/load_driver.h"

namespace dyno::fakes {

// Changes one right answer into another; `target` is the request's path and query.
using Spoil = std::function<void(const std::string& target, ports::Answer&)>;

ports::ExchangeOutcome answer_rightly(const ports::Exchange& exchange, WallTime now, const Spoil& spoil = {});

}  // namespace dyno::fakes

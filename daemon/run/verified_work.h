// What a full verification covered, as a key under which it can be remembered: a stack that differs in any of it has to pass
// again. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "model/stack.h"

namespace dyno::run {

struct VerifiedWork {
  const std::string& image_id;
  const model::Stack& stack;  // its command, user, port and environment
  model::Mode mode = model::Mode::single;
  std::size_t app_cpus = 1;                 // which it is told, and sizes itself by
  std::vector<model::ProfilePhase> phases;  // what it is asked: workloads and params
  std::vector<std::string> services;        // of those it has: image id and hash of the folder
  std::optional<model::DatabaseRequest> database;
};

// SHA-256, with the version of the contract.
std::string verified_key(const VerifiedWork& work);

}  // namespace dyno::run

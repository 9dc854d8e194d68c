// How a command ends: its exit code, and how its steps report failure. Values.
#pragma once

#include <string>

#include "base/result.h"

namespace dyno::cli {

enum class Exit : int {
  ok = 0,
  failure = 1,
  usage = 2,
  not_found = 3,
  run_failed = 4,
  worse = 5,
  broken = 6,  // an objective
  unreachable = 7,
  not_allowed = 8,
  timed_out = 9,
  interrupted = 130,
  terminated = 143,
};

struct Failure {
  Exit exit = Exit::failure;
  std::string message;  // sentences for a person, one per line
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail_with(Exit exit, std::string message) {
  return tl::unexpected<Failure>(Failure{exit, std::move(message)});
}

}  // namespace dyno::cli

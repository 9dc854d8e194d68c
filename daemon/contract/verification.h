// The questions put to a stack before any load: which exchanges to make, and what right answers to them are. The same for
// every stack; nothing is learned from the stack itself. Pure: seed in, checks out. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/workload.h"

namespace dyno::contract {

// Whom to ask, drawn from which seed, about how much data.
struct Examination {
  std::string host;  // what the Host header says: "10.1.2.3:8080"
  std::uint64_t seed = 0;
  std::int64_t users = kUserRows;
};

// What holds for every stack whatever it offers: /health, unknown paths, the Date header.
std::vector<Check> general_checks(const Examination& examination, Depth depth);

// What holds for one workload.
std::vector<Check> verification_plan(const Workload& workload, const Examination& examination, Depth depth);

}  // namespace dyno::contract

// The questions put to a stack before any load: which exchanges to make, and what right answers to them are. The same for
// every stack; nothing is learned from the stack itself. Pure: seed in, checks out. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/check.h"
#include "model/workload.h"

namespace dyno::contract {

enum class Depth {
  full,   // once for each image: everything, about 5 s and 3 s of them waiting for Date to advance
  quick,  // every trial: is the answer right, and is it made for the question
};

// What holds for every stack whatever it offers: /health, unknown paths, the Date header.
std::vector<Check> general_checks(const std::string& host, std::uint64_t seed, Depth depth);

// What holds for one workload. `host` is what the Host header says: "10.1.2.3:8080". Empty for workloads that have no checks
// yet: is_verifiable() tells.
std::vector<Check> verification_plan(model::Workload workload, const std::string& host, std::uint64_t seed,
                                     Depth depth);

bool is_verifiable(model::Workload workload);

}  // namespace dyno::contract

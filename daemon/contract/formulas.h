// What the contract computes: the items, the work of cpu, the rows the database is seeded with. Pure, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dyno::contract {

inline constexpr std::int64_t kWorldRows = 10000;
inline constexpr std::int64_t kUserRows = 10000;  // the least a seed has

std::string items_json(std::int64_t count, std::int64_t m);
// n chained SHA-256 from the four bytes `seed`, as hex; n ≥ 1.
std::string hash_chain(std::int64_t n);
std::int64_t primes_up_to(std::int64_t n);

std::int64_t seeded_number(std::int64_t world_id);
std::string user_json(std::int64_t id);

// The rows of `fortune` and the one made at request time, ordered by message as code points.
using Fortune = std::pair<int, std::string_view>;
const std::array<Fortune, 13>& fortunes();

}  // namespace dyno::contract

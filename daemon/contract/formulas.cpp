#include "contract/formulas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "base/sha256.h"

namespace dyno::contract {
namespace {

std::string bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return bytes;
}

}  // namespace

std::string items_json(std::int64_t count, std::int64_t m) {
  std::vector<std::string> items;
  for (std::int64_t i = 1; i <= count; ++i) {
    const std::int64_t price = 100 + 37 * i % 900;
    const std::int64_t quantity = 1 + i % 10;
    items.push_back(fmt::format(R"({{"id":{},"name":"Item {}","price":{},"quantity":{},"total":{}}})", i, i, price,
                                quantity, price * quantity * m));
  }
  return fmt::format(R"({{"items":[{}],"count":{}}})", fmt::join(items, ","), count);
}

std::string hash_chain(std::int64_t n) {
  std::string hex = sha256_hex("seed");
  for (std::int64_t i = 1; i < n; ++i) hex = sha256_hex(bytes_of(hex));
  return hex;
}

std::int64_t primes_up_to(std::int64_t n) {
  std::vector<bool> composite(static_cast<std::size_t>(n) + 1);
  std::int64_t primes = 0;
  for (std::size_t i = 2; i < composite.size(); ++i) {
    if (composite[i]) continue;
    ++primes;
    for (std::size_t j = i * i; j < composite.size(); j += i) composite[j] = true;
  }
  return primes;
}

std::int64_t seeded_number(std::int64_t world_id) { return 1 + (world_id * 7919 + 104729) % 10000; }

std::string user_json(std::int64_t id) {
  return fmt::format(R"({{"id":{},"name":"User {}","email":"user{}@example.com"}})", id, id, id);
}

const std::array<Fortune, 13>& fortunes() {
  static const std::array<Fortune, 13> kFortunes{{
      {4, "<script>alert(\"It's a trap & you 'fell' for it\");</script>"},
      {2, "A benchmark is a question; most people only quote the answer."},
      {0, "Additional fortune added at request time."},
      {6, "Beware of the percentile that nobody asked about."},
      {8, "Every cache is a promise — keep few."},
      {10, "He who warms up last laughs best."},
      {12, "Idle memory is the rent; peak memory is the party."},
      {1, "Measure twice, publish once."},
      {9, "No result survives contact with a second machine."},
      {3, "Your fastest request was the one you did not send."},
      {11, "Zero errors often means nobody was counting."},
      {5, "the average hides the afternoon that everybody remembers"},
      {7, "ベンチマークは嘘をつかないが、黙っていることがある。"},
  }};
  return kFortunes;
}

}  // namespace dyno::contract

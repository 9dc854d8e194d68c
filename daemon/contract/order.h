// Orders for the workload validate: right ones with their total, and wrong ones with the one thing that is wrong. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contract/draw.h"

namespace dyno::contract {

struct Order {
  std::string json;
  std::int64_t total_cents = 0;
};

struct BadOrder {
  std::string fault;  // "a quantity of 0"
  std::string json;
};

Order random_order(Draw& draw);
// One for every rule of the schema.
std::vector<BadOrder> bad_orders(Draw& draw);

}  // namespace dyno::contract

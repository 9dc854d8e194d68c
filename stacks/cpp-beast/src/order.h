#pragma once

// The order of the workload validate: its schema, checked by hand.

#include <cstdint>
#include <nlohmann/json.hpp>

// How many rules of the schema the value breaks; 0 for an order.
int count_order_problems(const nlohmann::json& order);

// Of a value without problems.
std::int64_t total_cents(const nlohmann::json& order);

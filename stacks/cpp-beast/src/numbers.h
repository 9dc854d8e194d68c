#pragma once

// Numbers as they arrive in paths and queries, and random ones. Any thread.

#include <optional>
#include <string_view>

// A decimal integer without a sign within the range; nothing else.
std::optional<int> parse_within(std::string_view text, int low, int high);

// Digits, a minus before them if need be, as many as you like.
bool is_integer(std::string_view text);

// An integer of any length, forced into the range.
int clamp(std::string_view integer, int low, int high);

// ?n= of queries and updates: not a number is 1, anything else is forced into 1…500.
int row_count(std::string_view text);

// Evenly from low…high.
int draw(int low, int high);

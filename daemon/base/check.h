// CHECK(condition, "why"): a broken invariant is a bug, so it prints and aborts in every build. Input never trips it.
#pragma once

#include <string_view>

namespace dyno {

[[noreturn]] void check_failed(std::string_view condition, std::string_view why, const char* file, int line);

}  // namespace dyno

#define CHECK(condition, why)                                                      \
  do {                                                                             \
    if (!(condition)) ::dyno::check_failed(#condition, (why), __FILE__, __LINE__); \
  } while (false)

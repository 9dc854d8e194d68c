// The keys of a Compose file that have no meaning for a measurement, and why. Pure, thread-safe.
#pragma once

#include <string_view>

namespace dyno::adopt {

// Of a service, and of its build. Empty: none of those that are known here.
std::string_view why_left_out(std::string_view key);
std::string_view why_left_out_of_build(std::string_view key);

}  // namespace dyno::adopt

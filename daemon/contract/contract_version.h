// The version of the contract that stacks are asked under and verified by (stacks/CONTRACT.md): raised with every change that
// could make a stack which passed fail, or change what is measured.
#pragma once

#include <string_view>

namespace dyno::contract {

inline constexpr std::string_view kContractVersion = "2";

}  // namespace dyno::contract

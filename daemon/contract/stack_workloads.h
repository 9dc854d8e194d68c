// What a stack means by the names of its workloads: those of stacks/CONTRACT.md, or those that its own file describes. Whoever asks something of a stack finds it here,
// never in the registry. Pure, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "contract/workload.h"
#include "model/stack.h"

namespace dyno::contract {

// Nothing: it means nothing by that name. Whether the stack offers it is not asked (run/plan). Borrows from the stack.
std::optional<Workload> find_workload(const model::Stack& stack, std::string_view name);
// Of a name that was looked up before: run/resolve refuses the others.
Workload workload_of(const model::Stack& stack, std::string_view name);

}  // namespace dyno::contract

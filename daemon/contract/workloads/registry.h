// The workloads there are. Adding one: a file of its own in this folder that makes it, its line below and in registry.cpp.
// Made once, at first use; thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "contract/workload.h"

namespace dyno::contract {

// In the order of stacks/CONTRACT.md. Nothing may depend on a place in it.
std::span<const Workload> workloads();
// Theirs, in that order.
std::span<const std::string_view> workload_names();

// Null: nobody knows it.
const Workload* find_workload(std::string_view name);
// For names that were looked up before: run/resolve refuses the others.
const Workload& workload_named(std::string_view name);

// Each made in the file of its name; db, queries and updates in world.cpp, cpu_offload in cpu.cpp.
Workload plaintext_workload();
Workload json_workload();
Workload items_workload();
Workload users_workload();
Workload db_workload();
Workload queries_workload();
Workload fortunes_workload();
Workload updates_workload();
Workload validate_workload();
Workload cpu_workload();
Workload cpu_offload_workload();
Workload sse_workload();
Workload ws_workload();
Workload upload_workload();
Workload predict_workload();

}  // namespace dyno::contract

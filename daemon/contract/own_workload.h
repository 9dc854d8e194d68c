// A workload of somebody's own as the contract has workloads: each request asked for once or a few times before the load with all of
// its rules judged, sessions walked step by step with the values they take, and the same requests with their rules for the load
// generator. Pure, thread-safe.
#pragma once

#include "contract/workload.h"
#include "model/own_workload.h"

namespace dyno::contract {

// Borrows from `own`, whose parts were found right by `stackfile`.
Workload own_workload(const model::OwnWorkload& own);

}  // namespace dyno::contract

// What a decision about a run rests on: the nights that are pooled with it, what is still lacking, and when its schedule will have brought that.
// Reads through the context; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/api_context.h"
#include "api/wire.h"
#include "model/run.h"

namespace dyno::api {

// `runs`: pooled, newest first; the first of them is `newest`.
wire::PoolView pool_view(const ApiContext& context, const std::vector<store::PastRun>& runs, const model::Run& newest);

// The same for a run as it is shown by itself; nothing for one without results.
Result<std::optional<wire::PoolView>> pool_of_run(const ApiContext& context, const model::Run& run);

}  // namespace dyno::api

// Where a run stands that goes on until two of its stacks are told apart: after how many blocks, and so how sure its intervals have to be.
// Reads through the context; thread-safe.
#pragma once

#include <optional>

#include "api/api_context.h"
#include "model/run.h"
#include "results/standing.h"

namespace dyno::api {

struct RunLook {
  model::RunComparison wanted;
  results::CasePair pair;  // of a stack without trials so far: empty
  int blocks = 0;          // that both have finished
  int most = 0;
};

// Nothing: the run compares none, or an older stackdyno stored it.
Result<std::optional<RunLook>> look_of_run(const ApiContext& context, const model::Run& run);

}  // namespace dyno::api

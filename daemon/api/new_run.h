// The wish of a client turned into a request that the queue takes: globs become names, a seed is chosen, and whatever does not
// exist is named with the nearest right word. Thread-safe.
#pragma once

#include "api/api_context.h"
#include "api/problem.h"
#include "api/wire.h"
#include "base/result.h"
#include "model/run.h"

namespace dyno::api {

// 422 with every unknown name, so that an accepted run is never followed by "no such stack".
tl::expected<model::RunRequest, Problem> make_request(const wire::NewRun& wish, const CatalogView& catalog,
                                                      WallTime now);

}  // namespace dyno::api

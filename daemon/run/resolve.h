// Turns a request into a job: names and globs into stacks, the profile by its name, and every reason why it cannot be run. Pure.
#pragma once

#include <span>

#include "base/result.h"
#include "model/job.h"

namespace dyno::run {

// Stacks in the order in which the request names them (a glob's in alphabetical order), each once. Fails with not_found for an
// unknown name and invalid_argument for a stack that the profile cannot ask; the message lists all reasons, one a line.
Result<model::Job> resolve(const model::RunRequest& request, std::span<const model::Stack> stacks,
                           std::span<const model::Profile> profiles, std::span<const model::Service> services);

// Whether this program would do with the job what the one that accepted it would have done; conflict: it was accepted under
// another version of the plan or of the contract.
Status check_versions(const model::Job& job);

}  // namespace dyno::run

// A run with everything it needs, resolved when it was accepted: what is measured later is this, whatever the files say by
// then. Values only; made by run/resolve, stored by `store`.
#pragma once

#include <string>
#include <vector>

#include "model/profile.h"
#include "model/run.h"
#include "model/service.h"
#include "model/stack.h"

namespace dyno::model {

struct Job {
  std::string run_id;  // empty until it is stored
  RunRequest request;
  std::vector<Stack> stacks;
  Profile profile;
  std::vector<Service> services;  // those that some stack asked for and some phase needs
  int plan_version =
      0;  // of the rules that turn it into a plan: the same seed gives the same plan under the same version
  std::string contract_version;  // of the requests and checks it was accepted for
};

}  // namespace dyno::model

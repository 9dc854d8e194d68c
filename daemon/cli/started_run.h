// A wish becomes a queued run. One thread at a time.
#pragma once

#include <string>

#include "cli/outcome.h"
#include "cli/session.h"
#include "cli/shown.h"
#include "cli/wire.h"

namespace dyno::cli {

struct StartedRun {
  ShownRun run;
  std::string body;  // as the daemon answered
};

// Asks once more where no answer came: the same key makes one run of it.
Outcome<StartedRun> post_run(Session& session, const wire::Wish& wish);

}  // namespace dyno::cli

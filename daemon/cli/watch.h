// Follows a run to its end, showing progress on stderr, and resumes after a broken connection where it was. One thread.
#pragma once

#include <string>

#include "cli/outcome.h"
#include "cli/session.h"
#include "cli/shown.h"

namespace dyno::cli {

enum class OnInterrupt { cancel_run, leave };

// The run as it ended. With cancel_run the first Ctrl-C cancels it and waits for the clean-up, the second leaves.
Outcome<ShownRun> watch_run(Session& session, const std::string& run_id, OnInterrupt on_interrupt);

// Prints the result of a run in the session's format.
Outcome<ShownRun> print_result(Session& session, const std::string& run_id);

bool has_ended(const std::string& state);
// What a run's end means for the exit code.
Exit exit_of(const std::string& state);

}  // namespace dyno::cli

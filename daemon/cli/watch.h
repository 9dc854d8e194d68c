// Follows a run to its end with progress on stderr. After a broken connection it resumes where it was. One thread.
#pragma once

#include <string>

#include "cli/outcome.h"
#include "cli/session.h"
#include "cli/shown.h"

namespace dyno::cli {

enum class OnInterrupt { cancel_run, leave };

// The run after its end. With cancel_run the first Ctrl-C cancels it and waits for the clean-up, the second returns at once.
Outcome<ShownRun> watch_run(Session& session, const std::string& run_id, OnInterrupt on_interrupt);

// Prints the result of a run in the session's format.
Outcome<ShownRun> print_result(Session& session, const std::string& run_id);

bool has_ended(const std::string& state);
// The exit code for the state that a run ended in.
Exit exit_of(const std::string& state);

}  // namespace dyno::cli

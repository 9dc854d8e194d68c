// Watching a run: Ctrl-C and SIGTERM, the progress on stderr, and following the event stream to the end of the run. After a broken
// connection it resumes where it was. One thread; the texts are pure functions.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/outcome.h"
#include "cli/session.h"
#include "cli/shown.h"

namespace dyno::cli {

// Counts Ctrl-C and SIGTERM instead of ending the program. Process-wide: one object in main.
class Signals {
 public:
  Signals();

  static int interrupts();  // Ctrl-C so far
  static bool terminated();
};

// "block 2 of 5 · net/http (Go) · loading: JSON · 32 connections · 21 800/s · p99 3.10 ms · 31 % · ends 03:14".
// Of a run that may end early: "block 2 of at most 40 · … · ends by 03:14". Of a build: "building node-koa · Step 5/9 : RUN npm ci · 412 lines". `ends`: local time or empty.
std::string progress_text(const ShownProgress& progress, const ShownEvent& event, std::string_view ends,
                          const std::vector<ShownRunStack>& stacks);

// The line that a finished trial leaves: "block 1 of 2 · net/http (Go) · JSON · 32 connections: 66 200/s · …", or why it failed.
// `phases`: its events of that kind.
std::string trial_text(const ShownProgress& progress, const ShownEvent& done, const std::vector<ShownEvent>& phases,
                       const std::vector<ShownRunStack>& stacks);

// Local hour and minute of an instant as the API writes it; empty for none.
std::string local_time(std::string_view instant);

// On a terminal one line that is redrawn, and one that stays for every finished trial; elsewhere one dated line per step.
class ProgressLine {
 public:
  // `quiet`: nothing is written. `run`: as it was before.
  ProgressLine(std::FILE* out, bool quiet, ShownRun run);
  // Leaves the terminal on a fresh line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const ShownEvent& event);
  // A separate line.
  void note(std::string_view text);

 private:
  void write_line(std::string_view text);
  void leave_trial(const ShownEvent& done);

  std::FILE* out_;
  bool quiet_;
  bool terminal_;
  const ShownRun run_;
  bool drawn_ = false;
  ShownProgress progress_;
  std::vector<ShownEvent> phases_{};  // of the trial under way
};

enum class OnInterrupt { cancel_run, leave };

// The run after its end. With cancel_run the first Ctrl-C cancels it and waits for the clean-up, the second returns at once.
Outcome<ShownRun> watch_run(Session& session, const std::string& run_id, OnInterrupt on_interrupt);

// Prints the result of a run in the session's format, and hands it back.
Outcome<ShownResult> print_result(Session& session, const std::string& run_id);

bool has_ended(const std::string& state);
// The exit code for the state that a run ended in. `keep_going`: stacks without results are put up with where others have some.
Exit exit_of(const std::string& state, bool keep_going = false);

}  // namespace dyno::cli

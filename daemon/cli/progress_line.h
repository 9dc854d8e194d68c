// What is shown while a run is in progress: on a terminal one line that is redrawn, elsewhere one dated line per step.
// The texts are pure functions; the writer belongs to one thread.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"

namespace dyno::cli {

// "block 2 of 5 · net/http (Go) · loading: JSON · 32 connections · 21 800/s · p99 3.10 ms · 31 % · ends 03:14".
// `ends`: local time or empty.
std::string progress_text(const ShownProgress& progress, const ShownEvent& event, std::string_view ends,
                          const std::vector<ShownRunStack>& stacks);

// Local hour and minute of an instant as the API writes it; empty for none.
std::string local_time(std::string_view instant);

class ProgressLine {
 public:
  // `quiet`: nothing is written. `stacks`: for their titles.
  ProgressLine(std::FILE* out, bool quiet, std::vector<ShownRunStack> stacks);
  // Leaves the terminal on a fresh line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const ShownEvent& event);
  // A separate line.
  void note(std::string_view text);

 private:
  void write_line(std::string_view text);

  std::FILE* out_;
  bool quiet_;
  bool terminal_;
  std::vector<ShownRunStack> stacks_;
  bool drawn_ = false;
  ShownProgress progress_;
};

}  // namespace dyno::cli

// What is shown while a run is under way: one line that is redrawn on a terminal, one dated line a step elsewhere.
// The texts are pure functions; the writer belongs to one thread.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "cli/shown.h"

namespace dyno::cli {

// "block 2/5 · go-nethttp · loading json/c32 · 21.8 k/s · p99 3.1 ms · 31 % · ends 03:14"; `ends`: local time or empty.
std::string progress_text(const ShownProgress& progress, const ShownEvent& event, std::string_view ends);

// Hour and minute, local, of an instant as the API writes it; empty for none.
std::string local_time(std::string_view instant);

class ProgressLine {
 public:
  // `quiet`: nothing is written.
  ProgressLine(std::FILE* out, bool quiet);
  // Leaves the terminal on a fresh line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const ShownEvent& event);
  // A line of its own, whatever stands there.
  void note(std::string_view text);

 private:
  void write_line(std::string_view text);

  std::FILE* out_;
  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  ShownProgress progress_;
};

}  // namespace dyno::cli

// One line on a terminal while a load runs: rate, p99, errors, time left. What it says is pure; Progress draws it, over itself, and
// takes it away at the end. One thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/screen.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {

struct ProgressView {
  SecondReport last;
  std::int64_t done_ns = 0;   // of the window
  std::int64_t whole_ns = 0;  // 0: it has no end of its own
  std::int64_t good = 0;      // in the window so far
  std::int64_t errors = 0;
  std::int64_t requests = 0;  // of a limit; 0: none
};

// Cut to the screen.
std::string progress_line(const ProgressView& view, const Screen& screen);

class Progress {
 public:
  // Draws nothing where `out` is no terminal on which a line can be redrawn.
  Progress(std::FILE* out, const LoadSpec& spec);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void second(const SecondReport& second);
  void clear();

 private:
  std::FILE* const out_;
  const bool is_drawn_;
  const Screen screen_;
  ProgressView view_;
  bool has_line_ = false;
};

}  // namespace dyno::loadgen

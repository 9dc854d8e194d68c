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
  std::int64_t done_ns = 0;  // of the window
  std::int64_t good = 0;     // in the window so far
  std::int64_t errors = 0;
};

// Cut to the screen.
std::string progress_line(const LoadSpec& spec, const ProgressView& view, const Screen& screen);

class Progress {
 public:
  // Draws nothing where `out` is no terminal on which a line can be redrawn. `spec` outlives it.
  Progress(std::FILE* out, const LoadSpec& spec);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void second(const SecondReport& second);
  void clear();

 private:
  std::FILE* const out_;
  const LoadSpec& spec_;
  const bool is_drawn_;
  const Screen screen_;
  ProgressView view_;
  bool has_line_ = false;
};

}  // namespace dyno::loadgen

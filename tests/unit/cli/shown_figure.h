// A figure as dyno gets it from the daemon, without a spread.
#pragma once

#include <string>

#include "cli/shown.h"

namespace dyno::cli {

inline ShownSummary bare_figure(const std::string& stack, const std::string& phase, const std::string& metric,
                                const std::string& unit, double value, int n) {
  ShownSummary s;
  s.case_name = stack + "/single";
  s.stack = stack;
  s.phase = phase;
  s.metric = metric;
  s.unit = unit;
  s.value = value;
  s.n = n;
  s.validity = "valid";
  s.bound = phase.empty() ? "none" : "server";
  return s;
}

}  // namespace dyno::cli

// A load phase in this process, run until the machine has let it measure, and what holds of every report. For tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "runners/load/run_load.h"

namespace dyno::loadgen {

inline LoadReport run(const LoadSpec& spec, const LoadEvents& events = {}) {
  Result<LoadReport> report = run_load(spec, events);
  // On a machine that is busy building, windows this short may pass while the worker waits for a CPU. That is told, and tried again.
  for (int i = 0; i < 5 && !report && report.error().message.find("did not get its CPU") != std::string::npos; ++i)
    report = run_load(spec, events);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  if (!report) return {};
  if (spec.error_limit >= 1) {
    const WindowEnd end = spec.requests_limit > 0 ? WindowEnd::count : WindowEnd::time;
    EXPECT_EQ(report->ended, end) << "some answer never came";
  }
  return std::move(*report);
}

inline std::int64_t errors(const LoadReport& report, ErrorKind kind) {
  return report.all.window.errors[static_cast<std::size_t>(kind)];
}

// Every request that was under way is accounted for.
inline void expect_sums(const LoadReport& report) {
  const WorkerResult& all = report.all;
  const Account account = account_of(all);
  EXPECT_EQ(account.sent, account.good + account.errors + account.unanswered);
  if (!report.open_loop) return;
  EXPECT_EQ(all.queued_begin + all.window.due, all.window.sent + errors(report, ErrorKind::dropped) + all.queued_end);
}

}  // namespace dyno::loadgen

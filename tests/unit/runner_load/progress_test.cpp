#include "runners/load/progress.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

const Screen kPlain{100, false};

LoadSpec spec() {
  LoadSpec spec;
  spec.measure_ns = 30'000'000'000;
  return spec;
}

ProgressView view() {
  ProgressView view;
  view.last.good = 61'200;
  view.last.length_ns = 1'000'000'000;
  view.last.times = 61'200;
  view.last.p99_ns = 210'000;
  view.done_ns = 12'000'000'000;
  view.good = 700'000;
  return view;
}

TEST(ProgressLine, TellsRateTailErrorsAndTimeLeft) {
  EXPECT_EQ(progress_line(spec(), view(), kPlain), "18 s left · 61 200/s · p99 210 µs · 0 errors");
  LoadSpec long_one = spec();
  long_one.measure_ns = 25 * 3'600'000'000'000;
  EXPECT_EQ(progress_line(long_one, view(), kPlain), "25 h left · 61 200/s · p99 210 µs · 0 errors");
  LoadSpec counted = spec();
  counted.requests_limit = 1'000'000;
  ProgressView one_wrong = view();
  one_wrong.errors = 1;
  EXPECT_EQ(progress_line(counted, one_wrong, kPlain),
            "700 001 of 1 000 000 requests · 61 200/s · p99 210 µs · 1 error");
  ProgressView warming = view();
  warming.last.warming_up = true;
  warming.last.times = 0;
  EXPECT_EQ(progress_line(spec(), warming, kPlain), "warming up · 61 200/s · 0 errors");
}

TEST(ProgressLine, FitsTheScreenAndHasColourWhereItHas) {
  ProgressView bad = view();
  bad.errors = 3;
  EXPECT_EQ(display_width(progress_line(spec(), bad, Screen{40, false})), 39U);
  EXPECT_NE(progress_line(spec(), bad, Screen{100, true}).find("\033[31m3 errors\033[0m"), std::string::npos);
  EXPECT_EQ(progress_line(spec(), bad, kPlain).find('\033'), std::string::npos);
}

TEST(Progress, DrawsNothingWhereNoTerminalIs) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    const LoadSpec any = spec();
    Progress progress(file, any);
    progress.second(view().last);
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace dyno::loadgen

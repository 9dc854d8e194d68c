#include "cli/watch.h"

#include <gtest/gtest.h>

namespace dyno::cli {
namespace {

TEST(ProgressLine, SaysWhereItIsAndWhenItEnds) {
  ShownEvent sample;
  sample.rate_per_s = 21840;
  sample.p99_ns = 3'100'000;
  EXPECT_EQ(
      progress_text({2, 5, "go-nethttp/single", "loading", "json/c64", 0.314, ""}, sample, "03:14",
                    {{"go-nethttp", "net/http (Go)", "", std::nullopt, ""}}),
      "block 2 of 5 · net/http (Go) · loading: JSON · 64 connections · 21 800/s · p99 3.10 ms · 31 % · ends 03:14");
  EXPECT_EQ(progress_text({0, 0, "", "building", "", 0, ""}, ShownEvent{}, "", {}), "building · 0 %");
}

TEST(ProgressLine, AnInstantThatIsNoneHasNoTime) {
  EXPECT_EQ(local_time(""), "");
  EXPECT_EQ(local_time("soon"), "");
  EXPECT_EQ(local_time("2026-11-23T03:14:00.000Z").size(), 5U);
}

}  // namespace
}  // namespace dyno::cli

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

TEST(ProgressLine, OfARunThatMayEndEarlySaysSo) {
  const ShownProgress progress{3, 40, "orders@main/single", "loading", "", 0.06, "", true};
  EXPECT_EQ(progress_text(progress, {}, "03:14", {}),
            "block 3 of at most 40 · orders@main · loading · 6 % · ends by 03:14");
  ShownEvent done;
  done.case_name = "orders@main/single";
  done.text = "succeeded";
  EXPECT_EQ(trial_text(progress, done, {}, {}), "block 3 of at most 40 · orders@main");
}

// Issue 14, row 24.
TEST(ProgressLine, Row24AFinishedTrialLeavesALine) {
  const auto event = [](const char* kind, const char* phase, const char* text) {
    ShownEvent made;
    made.kind = kind;
    made.case_name = "go-nethttp/single";
    made.phase = phase;
    made.text = text;
    return made;
  };
  const std::vector<ShownRunStack> stacks{{"go-nethttp", "net/http (Go)", "", std::nullopt, ""}};
  const ShownProgress progress{1, 2, "go-nethttp/single", "stopping", "", 0.2, ""};
  EXPECT_EQ(
      trial_text(progress, event("trial_done", "", "succeeded"),
                 {event("phase", "json/c32", "json/c32: 66 200/s, 15.0 µs CPU time per request"),
                  event("phase", "users/c32", "users/c32: 15 300/s (degraded)")},
                 stacks),
      "block 1 of 2 · net/http (Go) · JSON · 32 connections: 66 200/s · Users · 32 connections: 15 300/s (degraded)");
  EXPECT_EQ(trial_text(progress, event("trial_done", "", "failed: crashed: exit code 139"), {}, stacks),
            "block 1 of 2 · net/http (Go) · failed: crashed: exit code 139");
}

// Issue 14, row 19.
TEST(ProgressLine, Row19SaysWhatIsBeingBuilt) {
  ShownEvent event;
  event.build = ShownBuild{"node-koa", "", "Step 5/9 : RUN npm ci", 412};
  EXPECT_EQ(progress_text({}, event, "", {}), "building node-koa · Step 5/9 : RUN npm ci · 412 lines");
}

TEST(ProgressLine, AnInstantThatIsNoneHasNoTime) {
  EXPECT_EQ(local_time(""), "");
  EXPECT_EQ(local_time("soon"), "");
  EXPECT_EQ(local_time("2026-11-23T03:14:00.000Z").size(), 5U);
}

}  // namespace
}  // namespace dyno::cli

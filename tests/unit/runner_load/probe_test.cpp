#include "runners/load/modes.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

TEST(Probe, PausesForASmallPartOfTheTimeThatTheStartTakes) {
  EXPECT_EQ(probe_pause_ns(0), 2'000'000);
  EXPECT_EQ(probe_pause_ns(40'000'000), 2'000'000);
  EXPECT_EQ(probe_pause_ns(100'000'000), 5'000'000);
  EXPECT_EQ(probe_pause_ns(200'000'000), 10'000'000);
  EXPECT_EQ(probe_pause_ns(60'000'000'000), 10'000'000);
}

}  // namespace
}  // namespace dyno::loadgen

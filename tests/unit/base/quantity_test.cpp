// The rules in short. Every case that the dashboard shares is in tests/data/wording.json, read by tests/unit/cli/wording_test.cpp.
#include "base/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace dyno {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, ADurationHasTheUnitThatFits) {
  EXPECT_EQ(format_duration(7ns), "7 ns");
  EXPECT_EQ(format_duration(1500ns), "1.50 µs");
  EXPECT_EQ(format_duration(Nanos(21'840'000)), "21.8 ms");
  EXPECT_EQ(format_duration(3s), "3.00 s");
  EXPECT_EQ(format_duration(119s), "1 min 59 s");
  EXPECT_EQ(format_duration(6h), "6 h");
  EXPECT_EQ(format_duration(-1500ns), "−1.50 µs");
}

TEST(Quantity, BytesAreBinary) {
  EXPECT_EQ(format_bytes({512}), "512 B");
  EXPECT_EQ(format_bytes(kib(2)), "2.00 KiB");
  EXPECT_EQ(format_bytes({41418752}), "39.5 MiB");
  EXPECT_EQ(format_bytes(mib(3 * 1024)), "3.00 GiB");
}

TEST(Quantity, RoundsIntoTheNextPlaceAndUnit) {
  EXPECT_EQ(format_value(999.96, "1/s"), "1000/s");
  EXPECT_EQ(format_value(99'960, "1/s"), "100 000/s");
  EXPECT_EQ(format_value(0.09996, "1"), "0.100");
  EXPECT_EQ(format_value(999'600, "ns"), "1.00 ms");
}

TEST(Quantity, WhatIsNoNumberIsADash) { EXPECT_EQ(format_value(std::numeric_limits<double>::quiet_NaN(), "1"), "–"); }

TEST(Quantity, AStampIsInTheZoneAskedFor) {
  const WallTime noon = wall_from_ns(1795435200'000'000'000);  // 2026-11-23T12:00:00Z
  EXPECT_EQ(format_stamp(noon, 0s), "23 Nov 2026, 12:00");
  EXPECT_EQ(format_stamp(noon, 13h), "24 Nov 2026, 01:00");
  EXPECT_EQ(format_stamp(noon, -12h - 30min), "22 Nov 2026, 23:30");
}

TEST(Quantity, CountsAreGroupedFromFiveDigitsOn) {
  EXPECT_EQ(format_count(9999), "9999");
  EXPECT_EQ(format_count(10000), "10 000");
  EXPECT_EQ(format_count(-1234567), "−1 234 567");
}

}  // namespace
}  // namespace dyno

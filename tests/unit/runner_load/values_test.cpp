#include "runners/load/values.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

using namespace std::chrono_literals;

TEST(Values, TimesAreWrittenAsInOtherTools) {
  const std::vector<std::pair<const char*, std::optional<Nanos>>> rows = {
      {"5", 5s},
      {"0", 0s},
      {"0.5", 500ms},
      {"1.5s", 1500ms},
      {"10s", 10s},
      {"1m", 60s},
      {"1min", 60s},
      {"1m30s", 90s},
      {"1h5m", 65min},
      {"1d", 24h},
      {"500us", 500us},
      {"500\u00b5s", 500us},  // the micro sign
      {"500\u03bcs", 500us},  // the Greek letter
      {"100ns", 100ns},
      {"1s500ms", 1500ms},
      {"", std::nullopt},
      {"s", std::nullopt},
      {"-5", std::nullopt},
      {"-5s", std::nullopt},
      {"5 s", std::nullopt},
      {"5S", std::nullopt},
      {"30s1m", std::nullopt},  // the larger unit first, and none twice
      {"1s1s", std::nullopt},
      {"1m1min", std::nullopt},
      {"1m30", std::nullopt},
      {"nan", std::nullopt},
      {"inf", std::nullopt},
      {"1e3", std::nullopt},
      {"1e99s", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"99999999999999999999", std::nullopt},
      {".5s", std::nullopt},
      {"1.2.3s", std::nullopt},
  };
  for (const auto& [text, time] : rows) EXPECT_EQ(read_time(text), time) << text;
}

TEST(Values, Numbers) {
  EXPECT_EQ(read_integer("1000"), 1000);
  EXPECT_EQ(read_integer("-1"), -1);
  EXPECT_EQ(read_integer("1e6"), 1'000'000);
  EXPECT_EQ(read_integer("1.5e3"), 1500);
  for (const char* text :
       {"", "1.5", "1e-1", "1e99", "0x10", " 1", "1 ", "+1", "nan", "99999999999999999999", "1e", "e1"})
    EXPECT_EQ(read_integer(text), std::nullopt) << text;
  EXPECT_EQ(read_number("0.1"), 0.1);
  EXPECT_EQ(read_number("1e5"), 100'000.0);
  EXPECT_EQ(read_number("1e-2"), 0.01);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1e", "1,5", "0x1p3", "1e5x", "infinity"})
    EXPECT_EQ(read_number(text), std::nullopt) << text;
  EXPECT_EQ(read_size("512"), 512);
  EXPECT_EQ(read_size("64KiB"), 65'536);
  EXPECT_EQ(read_size("1MiB"), 1'048'576);
  for (const char* text : {"", "1KB", "KiB", "-1KiB", "1e99"}) EXPECT_EQ(read_size(text), std::nullopt) << text;
}

TEST(Values, Lists) {
  EXPECT_EQ(read_cpus("0,3"), (std::vector<int>{0, 3}));
  for (const char* text : {"", "0,", "-1", "4096", "0,0", "a"}) EXPECT_EQ(read_cpus(text), std::nullopt) << text;
  EXPECT_EQ(read_curve("0s:10,5:20"), (std::vector<RatePoint>{{0, 10}, {5'000'000'000, 20}}));
  for (const char* text : {"", "0s", "0s:", ":5", "0s:0,2s:0", "0s:-1", "0s:nan", "0s:1e9", "2s:5,1s:5", "-1s:5"})
    EXPECT_EQ(read_curve(text), std::nullopt) << text;
}

TEST(Values, WhatWouldBeRightIsSaid) {
  EXPECT_EQ(wanted_instead(takes::Integer{1, 10}, "5"), std::nullopt);
  EXPECT_EQ(wanted_instead(takes::Integer{1, 10}, "11"), "a whole number from 1 to 10");
  EXPECT_EQ(wanted(takes::Number{0.001, 10e6}), "a number from 0.001 to 10000000");
  EXPECT_EQ(wanted(takes::Duration{1ms, 1h}),
            "a time from 1ms to 1h, such as 10s, 500ms or 1m30s (a bare number is seconds)");
  EXPECT_EQ(wanted(takes::Size{1, 256 << 20}), "a number of bytes from 1 to 256MiB, such as 512 or 64KiB");
}

}  // namespace
}  // namespace dyno::loadgen

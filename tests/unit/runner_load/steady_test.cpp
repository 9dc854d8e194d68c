#include "runners/load/steady.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

struct Row {
  const char* name;
  std::vector<double> windows;
  bool steady;
};

TEST(IsSteady, JudgesTheLastTenWindows) {
  const std::vector<Row> rows = {
      {"too few", {100, 101, 99, 100, 100, 101, 99, 100, 100}, false},
      {"flat", {100, 101, 99, 100, 102, 98, 101, 100, 99, 100}, true},
      {"rising", {100, 101, 102, 103, 104, 105, 106, 107, 108, 109}, false},
      {"rising a little, without exception", {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009}, false},
      {"falling", {109, 108, 107, 106, 105, 104, 103, 102, 101, 100}, false},
      {"a step", {100, 101, 99, 100, 100, 110, 111, 109, 110, 110}, false},
      {"cold at first, long ago", {10, 20, 50, 100, 101, 99, 100, 102, 98, 101, 100, 99, 100}, true},
      {"nothing answered", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, false},
  };
  for (const Row& row : rows) EXPECT_EQ(is_steady(row.windows), row.steady) << row.name;
}

}  // namespace
}  // namespace dyno::loadgen

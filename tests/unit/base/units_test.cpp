#include "base/units.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace dyno {
namespace {

// The two clocks do not mix, and a bare number is no size.
static_assert(!std::is_convertible_v<MonotonicTime, WallTime>);
static_assert(!std::is_convertible_v<WallTime, MonotonicTime>);
static_assert(!std::is_convertible_v<std::int64_t, Bytes>);
static_assert(!std::is_convertible_v<double, Rate>);

TEST(Units, CountInTheirBase) {
  EXPECT_EQ(kib(3).value, 3072);
  EXPECT_EQ(mib(1), kib(1024));
  EXPECT_LT(kib(1), mib(1));
}

TEST(Units, InstantsKeepTheirNanoseconds) {
  EXPECT_EQ(to_ns(monotonic_from_ns(123456789012345)), 123456789012345);
  EXPECT_EQ(to_ns(wall_from_ns(-5)), -5);
  EXPECT_EQ(monotonic_from_ns(7) - monotonic_from_ns(2), Nanos(5));
}

}  // namespace
}  // namespace dyno

// The control's fixed work, on this machine for real.
#include "host/control_work.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <chrono>

#include "host/affinity.h"

namespace dyno::host {
namespace {

using std::chrono::milliseconds;

TEST(ControlWork, TakesAboutTheSameCpuTimeEachTime) {
  const int cpu = own_cpus().front();
  const auto first = control_work(cpu);
  const auto second = control_work(cpu);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  const auto [less, more] = std::minmax(*first, *second);
  EXPECT_GT(less, milliseconds(1));
  // Wide, because the tests' own neighbours are what it exists to show.
  EXPECT_LT(more, 3 * less);
}

TEST(ControlWork, LeavesTheCallerWhereItWas) {
  cpu_set_t before;
  cpu_set_t after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  ASSERT_TRUE(control_work(own_cpus().back()));
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(ControlWork, SaysSoWhereThereIsNoSuchCpu) {
  for (const int cpu : {-1, 1023, 100'000}) {
    const auto outcome = control_work(cpu);
    ASSERT_FALSE(outcome) << cpu;
    EXPECT_EQ(outcome.error().code, ErrorCode::unavailable);
    EXPECT_NE(outcome.error().message.find("CPU"), std::string::npos) << outcome.error().message;
  }
}

}  // namespace
}  // namespace dyno::host

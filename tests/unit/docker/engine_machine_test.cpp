#include "docker/engine_machine.h"

#include <gtest/gtest.h>

namespace dyno::docker {
namespace {

constexpr const char* kLimits =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max processes             96423                96423                processes \n"
    "Max open files            1024                 20000                files     \n";

TEST(PeerLimits, BindOnlyAnEngineWithoutTheCapability) {
  EXPECT_EQ(open_files_max_of(kLimits, "Name:\tdockerd\nCapEff:\t000001fffeffffff\n"), 20000);
  EXPECT_FALSE(open_files_max_of(kLimits, "CapEff:\t000001ffffffffff\n"));
}

TEST(PeerLimits, UnknownIsNoLimit) {
  EXPECT_FALSE(open_files_max_of("", "CapEff:\t000001fffeffffff\n"));
  EXPECT_FALSE(open_files_max_of(kLimits, ""));
  EXPECT_FALSE(open_files_max_of(kLimits, "CapEff:\tzz\n"));
  EXPECT_FALSE(open_files_max_of("Max open files unlimited unlimited files\n", "CapEff:\t0\n"));
  EXPECT_FALSE(open_files_max("/nonexistent.sock"));
}

}  // namespace
}  // namespace dyno::docker

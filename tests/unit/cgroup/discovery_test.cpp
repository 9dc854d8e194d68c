#include "cgroup/discovery.h"

#include <gtest/gtest.h>

namespace dyno::cgroup {
namespace {

constexpr const char* kV1Mounts =
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:12 - cgroup cgroup rw,cpu,cpuacct\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:13 master:1 - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
constexpr const char* kV2Mounts = "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(Discovery, ChoosesByControllerOnAHybridHost) {
  const auto folders = find_folders(
      "11:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n3:cpuset:/docker/abc\n0::/docker/abc\n", kV1Mounts);
  ASSERT_TRUE(folders) << folders.error().message;
  EXPECT_EQ(folders->memory, (ControllerFolder{Version::v1, "/sys/fs/cgroup/memory/docker/abc"}));
  EXPECT_EQ(folders->cpuacct, (ControllerFolder{Version::v1, "/sys/fs/cgroup/cpu,cpuacct/docker/abc"}));
  EXPECT_EQ(folders->cpu, folders->cpuacct);
}

TEST(Discovery, FindsTheOneHierarchyOfV2) {
  const auto folders = find_folders("0::/system.slice/docker-abc.scope\n", kV2Mounts);
  ASSERT_TRUE(folders) << folders.error().message;
  EXPECT_EQ(folders->memory, (ControllerFolder{Version::v2, "/sys/fs/cgroup/system.slice/docker-abc.scope"}));
  EXPECT_EQ(folders->cpu, folders->memory);
}

TEST(Discovery, TakesMemoryFromV2WhereOnlyCpuIsV1) {
  const std::string mounts = std::string("32 31 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n") + kV2Mounts;
  const auto folders = find_folders("4:cpu,cpuacct:/d/abc\n0::/d/abc\n", mounts);
  ASSERT_TRUE(folders) << folders.error().message;
  EXPECT_EQ(folders->memory.version, Version::v2);
  EXPECT_EQ(folders->cpu, (ControllerFolder{Version::v1, "/cg/cpu/d/abc"}));
}

TEST(Discovery, DoesNotTakeCpusetForCpu) {
  EXPECT_FALSE(find_folders("4:memory:/a\n3:cpuset:/a\n",
                            "1 1 0:1 / /m rw - cgroup cgroup rw,memory\n1 1 0:1 / /c rw - cgroup cgroup rw,cpuset\n"));
}

TEST(Discovery, FollowsAMountThatShowsAPartOfTheHierarchy) {
  const char* const mounts = "29 22 0:26 /docker /host\\040cg rw - cgroup2 cgroup2 rw\n";
  EXPECT_EQ(find_folders("0::/docker/abc\n", mounts)->memory.path, "/host cg/abc");
  EXPECT_EQ(find_folders("0::/docker\n", mounts)->memory.path, "/host cg");
  EXPECT_FALSE(find_folders("0::/docker2/abc\n", mounts));
}

TEST(Discovery, SaysWhatIsOutOfSight) {
  for (const char* const member : {"", "x", "0::/../outside\n", "5:memory:/a\n"}) {
    const auto folders = find_folders(member, kV2Mounts);
    ASSERT_FALSE(folders) << member;
    EXPECT_EQ(folders.error().code, ErrorCode::unsupported) << member;
  }
}

// A process that ends between the engine's answer and our look: the kernel shows it in the root cgroup.
TEST(Discovery, TakesTheWholeMachineForNoContainer) {
  for (const char* const member : {"0::/\n", "5:memory:/\n0::/docker/abc\n"}) {
    const auto folders = find_folders(member, member[0] == '0' ? kV2Mounts : kV1Mounts);
    ASSERT_FALSE(folders) << member << folders->memory.path;
    EXPECT_EQ(folders.error().code, ErrorCode::not_found) << folders.error().message;
  }
}

}  // namespace
}  // namespace dyno::cgroup

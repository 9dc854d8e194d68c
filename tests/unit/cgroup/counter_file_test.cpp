#include "cgroup/counter_file.h"

#include <gtest/gtest.h>

namespace dyno::cgroup {
namespace {

TEST(CounterText, ReadsASingleValue) {
  EXPECT_EQ(single_value("107757568\n"), 107757568);
  EXPECT_EQ(single_value("0"), 0);
  for (const char* const text : {"", "\n", "max\n", "-1\n", "12x\n", "12 13\n", "9223372036854775808\n"})
    EXPECT_FALSE(single_value(text)) << text;
}

TEST(CounterText, ReadsAKeyedValueByItsWholeName) {
  constexpr const char* kText = "anon_thp 1\nanon 2\nkernel_stack 3\nkernel 4\nlast 5";
  EXPECT_EQ(keyed_value(kText, "anon"), 2);
  EXPECT_EQ(keyed_value(kText, "kernel"), 4);
  EXPECT_EQ(keyed_value(kText, "last"), 5);
  EXPECT_FALSE(keyed_value(kText, "shmem"));
  EXPECT_FALSE(keyed_value("anon\nanon x\n", "anon"));
  EXPECT_FALSE(keyed_value("", "anon"));
}

TEST(CounterText, PrivateBytesOfV1) {
  constexpr const char* kStat = "rss 1\nshmem 1\ntotal_rss 100\ntotal_shmem 20\n";
  EXPECT_EQ(private_bytes_v1(kStat, 3), Bytes{123});
  EXPECT_FALSE(private_bytes_v1(kStat, std::nullopt));
  EXPECT_FALSE(private_bytes_v1("total_rss 100\n", 3));
}

TEST(CounterText, PrivateBytesOfV2) {
  EXPECT_EQ(private_bytes_v2("anon 100\nshmem 20\nkernel 3\nkernel_stack 1\nslab 1\nsock 7\n"), Bytes{123});
  EXPECT_EQ(private_bytes_v2("anon 100\nshmem 20\nkernel_stack 1\npagetables 2\npercpu 3\nvmalloc 4\nslab 5\nsock 7\n"),
            Bytes{135});
  EXPECT_EQ(private_bytes_v2("anon 100\nshmem 20\nkernel_stack 1\nslab 5\n"), Bytes{126});
  EXPECT_FALSE(private_bytes_v2("anon 100\nkernel 3\n"));
  EXPECT_FALSE(private_bytes_v2("anon 100\nshmem 20\n"));
  EXPECT_FALSE(private_bytes_v2("anon 9223372036854775807\nshmem 20\nkernel 1\n"));
}

TEST(CounterText, DockerEquivalentIsNeverNegative) {
  EXPECT_EQ(docker_equivalent(100, 30), Bytes{70});
  EXPECT_EQ(docker_equivalent(30, 100), Bytes{0});
  EXPECT_FALSE(docker_equivalent(100, std::nullopt));
  EXPECT_FALSE(docker_equivalent(std::nullopt, 1));
}

TEST(CounterText, ReadsPss) {
  EXPECT_EQ(pss_of("00400000-7ffe ---p 00000000 00:00 0 [rollup]\nRss: 10 kB\nPss:   51788 kB\nPss_Dirty: 1 kB\n"),
            kib(51788));
  EXPECT_FALSE(pss_of("Rss: 10 kB\nPss_Dirty: 1 kB\n"));
  EXPECT_FALSE(pss_of("Pss: 10 MB\n"));
  EXPECT_FALSE(pss_of(""));
}

TEST(CounterText, ReadsTheHostsCpuTime) {
  //                                 user nice system idle iowait irq softirq steal guest guest_nice
  const auto cpu = host_cpu_of("cpu  100  50  30     999  77     5   10      3     40    4\ncpu0 1 1 1\n", 100, {});
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->busy, std::chrono::milliseconds(1950));  // guests are in user already
  EXPECT_EQ(cpu->steal, std::chrono::milliseconds(30));
  for (const char* const text : {"", "cpu0 1 2 3 4 5 6 7 8\n", "cpu 1 2 3\n", "cpu 1 2 3 4 5 6 7 x\n"})
    EXPECT_FALSE(host_cpu_of(text, 100, {})) << text;
}

TEST(CounterText, ReadsTheStolenTimeOfTheCpusInUse) {
  const std::string text =
      "cpu  9 0 0 0 0 0 0 70 0 0\ncpu0 1 0 0 0 0 0 0 10 0 0\ncpu1 1 0 0 0 0 0 0 20 0 0\ncpu10 1 0 0 0 0 0 0 40 0 "
      "0\nintr 1\n";
  const auto steal_ms = [&](const std::vector<int>& cpus) {
    const auto cpu = host_cpu_of(text, 100, cpus);
    return cpu ? std::chrono::duration_cast<std::chrono::milliseconds>(cpu->steal).count() : -1;
  };
  EXPECT_EQ(steal_ms({}), 700);
  EXPECT_EQ(steal_ms({1}), 200);
  EXPECT_EQ(steal_ms({10, 0}), 500);
  EXPECT_EQ(steal_ms({0, 2}), -1) << "a CPU that is not there";
  EXPECT_EQ(host_cpu_of(text, 100, {1})->busy, std::chrono::milliseconds(90)) << "the busy time is that of all";
}

TEST(CounterText, ReadsAThreadsCpuTime) {
  EXPECT_EQ(cpu_time_of("246804980 108573572 232\n"), Nanos(246804980));
  EXPECT_FALSE(cpu_time_of("\n"));
}

}  // namespace
}  // namespace dyno::cgroup

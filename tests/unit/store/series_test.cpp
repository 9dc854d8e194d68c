#include "store/series.h"

#include <gtest/gtest.h>

namespace dyno::store {
namespace {

std::vector<model::Sample> samples_at(std::initializer_list<std::int64_t> ms) {
  std::vector<model::Sample> samples;
  std::int64_t value = 0;
  for (const std::int64_t at : ms) {
    ++value;
    samples.push_back({monotonic_from_ns(at * 1'000'000), Bytes{value % 3 * 100}, Bytes{value}, value * 10, value * 2});
  }
  return samples;
}

TEST(BucketSamples, KeepsSmallestLargestAndLastOfEachInterval) {
  const auto buckets = bucket_samples(samples_at({1000, 1100, 1200, 1999, 2000}), std::chrono::seconds(1));
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[0].at, monotonic_from_ns(1'000'000'000));
  EXPECT_EQ(buckets[0].n, 4);
  EXPECT_EQ(buckets[0].private_bytes.min, 0);
  EXPECT_EQ(buckets[0].private_bytes.max, 200);
  EXPECT_EQ(buckets[0].private_bytes.last, 100);
  EXPECT_EQ(buckets[0].cpu_ns, 40);
  EXPECT_EQ(buckets[0].throttled_ns, 8);
  EXPECT_EQ(buckets[1].n, 1);
  EXPECT_EQ(buckets[1].docker_equivalent.min, 5);
}

TEST(BucketSamples, LeavesOutIntervalsWithoutAReading) {
  const auto buckets = bucket_samples(samples_at({0, 5000}), std::chrono::seconds(1));
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[1].at, monotonic_from_ns(5'000'000'000));
}

TEST(BucketSamples, GivesEverySampleWithoutAResolution) {
  EXPECT_EQ(bucket_samples(samples_at({0, 1, 1}), Nanos::zero()).size(), 3U);
  EXPECT_TRUE(bucket_samples({}, Nanos::zero()).empty());
}

}  // namespace
}  // namespace dyno::store

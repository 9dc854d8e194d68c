#include "record/series_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace dyno::record {
namespace {

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kGreatest = std::numeric_limits<std::int64_t>::max();

model::Sample sample_of(std::int64_t at, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
  return {monotonic_from_ns(at), Bytes{a}, Bytes{b}, c, d};
}

TEST(SeriesCodec, GivesBackEverySampleUnchanged) {
  const std::vector<model::Sample> samples{sample_of(0, 0, 0, 0, 0), sample_of(kGreatest, kLeast, 1, -1, 127),
                                           sample_of(kLeast, kGreatest, 128, 63, 64),
                                           sample_of(-5, 16'384, -64, -65, 1'000'000'007)};
  const auto back = unpack_samples(pack_samples(samples));
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(back->at(i).at, samples[i].at) << i;
    EXPECT_EQ(back->at(i).private_bytes, samples[i].private_bytes) << i;
    EXPECT_EQ(back->at(i).docker_equivalent, samples[i].docker_equivalent) << i;
    EXPECT_EQ(back->at(i).cpu_ns, samples[i].cpu_ns) << i;
    EXPECT_EQ(back->at(i).throttled_ns, samples[i].throttled_ns) << i;
  }
}

TEST(SeriesCodec, TellsAbsentFromZeroInSeconds) {
  const std::vector<model::SecondPoint> seconds{
      {0, 10, 0, 0, std::nullopt}, {1, 0, 4, std::nullopt, 0}, {7, -3, 0, kLeast, kGreatest}};
  const auto back = unpack_seconds(pack_seconds(seconds));
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), seconds.size());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    EXPECT_EQ(back->at(i).second, seconds[i].second) << i;
    EXPECT_EQ(back->at(i).good, seconds[i].good) << i;
    EXPECT_EQ(back->at(i).errors, seconds[i].errors) << i;
    EXPECT_EQ(back->at(i).p50_ns, seconds[i].p50_ns) << i;
    EXPECT_EQ(back->at(i).p99_ns, seconds[i].p99_ns) << i;
  }
}

TEST(SeriesCodec, PacksNothingIntoTwoBytes) {
  EXPECT_EQ(pack_samples({}).size(), 2U);
  EXPECT_TRUE(unpack_samples(pack_samples({}))->empty());
}

TEST(SeriesCodec, PacksTheDocumentedBytes) {
  const std::vector<model::Sample> samples{sample_of(1, -1, 64, 0, 0), sample_of(3, -1, 0, 300, 0)};
  EXPECT_EQ(pack_samples(samples), std::string("\x01\x02\x02\x04\x01\x00\x80\x01\x7f\x00\xd8\x04\x00\x00", 14));
}

TEST(SeriesCodec, RefusesEveryShortenedText) {
  const std::string samples =
      pack_samples(std::vector<model::Sample>(5, sample_of(5'000'000'000, 41, 52, 97'412'345, 0)));
  for (std::size_t n = 0; n < samples.size(); ++n) EXPECT_FALSE(unpack_samples(samples.substr(0, n))) << n;
  EXPECT_FALSE(unpack_samples(samples + '\0'));
}

TEST(SeriesCodec, RefusesLiesWithoutAllocatingForThem) {
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"another version", std::string("\x02\x00", 2)},
      {"a count of 2^63", std::string("\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11)},
      {"a count of 70 bits", std::string("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11)},
      {"a number without an end", std::string("\x01\x01\x80\x80\x80\x80\x80\x80", 8)},
      {"one column too few", std::string("\x01\x01\x00\x00\x00\x00", 6)},
  };
  for (const auto& c : cases) EXPECT_FALSE(unpack_samples(c.bytes)) << c.name;
  EXPECT_FALSE(unpack_seconds(std::string("\x01\x01\x00\x00\x00\x0e\x00\x00", 8))) << "unknown flags";
}

}  // namespace
}  // namespace dyno::record

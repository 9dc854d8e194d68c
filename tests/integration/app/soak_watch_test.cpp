// That the soak's watch finds what grows: planted series, and this process with planted leaks.
#include "integration/app/soak_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

namespace dyno::tests {
namespace {

// An hour, a sample a minute.
std::vector<SoakSample> an_hour(double mib_per_hour, double descriptors_per_hour, double threads_per_hour) {
  std::vector<SoakSample> samples;
  for (int minute = 0; minute <= 60; ++minute) {
    const double hours = minute / 60.0;
    const double noise = minute % 2 == 0 ? 0.3 : -0.3;
    samples.push_back({hours, 20 + mib_per_hour * hours + noise,
                       30 + static_cast<int>(descriptors_per_hour * hours) + minute % 3,
                       12 + static_cast<int>(threads_per_hour * hours), 4});
  }
  return samples;
}

TEST(SoakWatch, FindsWhatGrowsAndNothingElse) {
  EXPECT_TRUE(what_grows(an_hour(0, 0, 0)).empty());
  EXPECT_TRUE(what_grows(an_hour(0.8, 0, 0)).empty()) << "below the limit";
  ASSERT_EQ(what_grows(an_hour(3, 0, 0)).size(), 1U);
  EXPECT_NE(what_grows(an_hour(3, 0, 0))[0].find("memory grows by 3.0"), std::string::npos);
  EXPECT_EQ(what_grows(an_hour(0, 60, 0)).size(), 1U);
  EXPECT_EQ(what_grows(an_hour(0, 0, 30)).size(), 1U);
  auto samples = an_hour(0, 0, 0);
  samples[7].log_mib = 65;
  EXPECT_EQ(what_grows(samples), std::vector<std::string>{"the database's log had 65.0 MiB"});
  EXPECT_EQ(what_grows({}).size(), 1U) << "nothing was watched";
}

TEST(SoakWatch, SeesTheLeaksOfAProcess) {
  SoakWatch watch(getpid());
  std::vector<std::unique_ptr<std::vector<char>>> leaked;
  std::vector<int> open_files;
  for (int i = 0; i < 30; ++i) {
    leaked.push_back(std::make_unique<std::vector<char>>(std::size_t{1} << 20, 'x'));
    open_files.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    watch.look();
  }
  const auto words = what_grows(watch.samples());
  for (const int fd : open_files) close(fd);
  ASSERT_EQ(words.size(), 2U) << watch.describe();
  EXPECT_NE(words[0].find("memory grows"), std::string::npos);
  EXPECT_NE(words[1].find("descriptors grow"), std::string::npos);
}

}  // namespace
}  // namespace dyno::tests

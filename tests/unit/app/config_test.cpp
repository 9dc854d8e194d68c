#include "app/config.h"

#include <gtest/gtest.h>

namespace dyno::app {
namespace {

// Issue 14, row 38.
TEST(Config, Row38TakesAnIpv6AddressInBrackets) {
  struct Row {
    std::string listen;
    std::string host;
    int port;
  };
  for (const Row& row : {Row{"127.0.0.1:8123", "127.0.0.1", 8123}, Row{"[::1]:8123", "::1", 8123}}) {
    const auto config = parse_config(
        "listen: \"" + row.listen + "\"\ndata_dir: /d\nstacks_dirs: [/s]\nprofiles_dir: /p\nrunner_dir: /r\n",
        "dynod.yaml");
    ASSERT_TRUE(config.problems.empty()) << config.problems.front().message;
    ASSERT_TRUE(config.value);
    EXPECT_EQ(config.value->listen_host, row.host);
    EXPECT_EQ(config.value->listen_port, row.port);
  }
}

TEST(Config, SaysWhichRunsGoOn) {
  const std::string rest = "data_dir: /d\nstacks_dirs: [/s]\nprofiles_dir: /p\nrunner_dir: /r\n";
  const auto by_default = parse_config(rest, "dynod.yaml");
  ASSERT_TRUE(by_default.value);
  EXPECT_EQ(by_default.value->resume.policy, model::ResumePolicy::always);
  EXPECT_EQ(by_default.value->resume.within, std::chrono::hours(12));
  const auto told = parse_config(rest + "resume: same_boot\nresume_within: 30min\n", "dynod.yaml");
  ASSERT_TRUE(told.value) << told.problems.front().message;
  EXPECT_EQ(told.value->resume.policy, model::ResumePolicy::same_boot);
  EXPECT_EQ(told.value->resume.within, std::chrono::minutes(30));
  EXPECT_FALSE(parse_config(rest + "resume: sometimes\n", "dynod.yaml").value);
}

}  // namespace
}  // namespace dyno::app

#include "docker/docker_client.h"

#include <gtest/gtest.h>

namespace dyno::docker {
namespace {

struct Row {
  const char* name;
  const char* newest;
  const char* oldest;
  const char* spoken;  // or empty
  ErrorCode error;
};

TEST(ApiVersion, SpeaksTheNewestThatBothKnow) {
  const Row rows[] = {
      {"Debian 12", "1.41", "1.12", "1.41", {}},
      {"newer than we know", "1.50", "1.24", "1.44", {}},
      {"29.0 refuses below 1.44", "1.52", "1.44", "1.44", {}},
      {"no oldest stated", "1.43", "", "1.43", {}},
      {"too old for us", "1.40", "1.12", "", ErrorCode::unsupported},
      {"too new for us", "1.60", "1.45", "", ErrorCode::unsupported},
      {"no version", "", "", "", ErrorCode::protocol},
      {"not a version", "1.x", "", "", ErrorCode::protocol},
      {"not a version", "99999999999.1", "", "", ErrorCode::protocol},
  };
  for (const Row& row : rows) {
    const auto spoken = negotiate(row.newest, row.oldest);
    if (*row.spoken == '\0') {
      ASSERT_FALSE(spoken) << row.name;
      EXPECT_EQ(spoken.error().code, row.error) << row.name;
    } else {
      ASSERT_TRUE(spoken) << row.name;
      EXPECT_EQ(to_string(*spoken), row.spoken) << row.name;
    }
  }
}

TEST(ApiVersion, RefusesInOneSentenceThatNamesBothWindows) {
  EXPECT_EQ(negotiate("1.40", "1.12").error().message,
            "the engine speaks API 1.12 to 1.40, we speak 1.41 to 1.44: the engine is too old");
}

TEST(ApiVersion, OrdersByNumberNotByText) { EXPECT_LT(*parse_api_version("1.9"), *parse_api_version("1.41")); }

}  // namespace
}  // namespace dyno::docker

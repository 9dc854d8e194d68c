#include "api/request.h"

#include <gtest/gtest.h>

namespace dyno::api {
namespace {

TEST(Target, SplitsBeforeItDecodes) {
  const auto target = parse_target("/api/v1/stacks/a%20b?case=go%2Fsingle&phase=json%2Fc32%2Fr60%25&x=a+b&flag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/v1/stacks/a%20b");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"api", "v1", "stacks", "a b"}));
  EXPECT_EQ(target->query, (Headers{{"case", "go/single"}, {"phase", "json/c32/r60%"}, {"x", "a b"}, {"flag", ""}}));
}

TEST(Target, TheRootHasNoSegments) {
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_EQ(parse_target("/api/")->segments, (std::vector<std::string>{"api", ""}));
}

TEST(Target, NothingLeavesAFolder) {
  for (const char* const text :
       {"/..", "/../etc/passwd", "/assets/../../etc/passwd", "/%2e%2e/etc/passwd", "/.%2e/x", "/assets/%2e%2e%2fetc",
        "/a%2fb", "/a%5cb", "/a%00b", "/assets/..%00.js", "/./a", "/a/%2e", "/..%5c..%5cwindows", "/a/..", "/%2E%2E"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().status, 404) << text;
  }
}

TEST(Target, BrokenEncodingIsRefused) {
  for (const char* const text : {"/%", "/%2", "/%zz", "/%ff", "/%c0%ae", "/?a=%", "/?a=%00", "/?%gg=1", "/%ed%a0%80"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().status, 400) << text;
  }
}

}  // namespace
}  // namespace dyno::api

#include "archive/ignore_rules.h"

#include <gtest/gtest.h>

namespace dyno::archive {
namespace {

struct Row {
  const char* rules;
  const char* path;
  bool ignored;
};

TEST(IgnoreRules, LeaveOutWhatTheyName) {
  const Row rows[] = {
      {"node_modules", "node_modules", true},
      {"node_modules", "node_modules/a/b.js", true},
      {"node_modules/", "node_modules/a", true},
      {"node_modules", "src/node_modules", false},
      {"node_modules", "node_modules2", false},
      {"**/node_modules", "src/deep/node_modules/x", true},
      {"**/node_modules", "node_modules/x", true},
      {"*.md", "README.md", true},
      {"*.md", "docs/README.md", false},
      {"**/*.md", "docs/README.md", true},
      {"docs/**", "docs/a/b", true},
      {"docs/**", "docs", false},
      {"/dist", "dist/x.js", true},
      {"./dist", "dist", true},
      {"# a comment\n\r\n dist \r", "dist", true},
      {"*.md\n!README.md", "README.md", false},
      {"*.md\n!README.md", "NEWS.md", true},
      {"!README.md\n*.md", "README.md", true},
      {"", "anything", false},
  };
  for (const Row& row : rows)
    EXPECT_EQ(IgnoreRules::parse(row.rules)->is_ignored(row.path), row.ignored) << row.rules << " on " << row.path;
}

// Compared with `docker build` itself in docker/docker_engine_test.cpp.
TEST(IgnoreRules, Row33ReadsPatternsAsDockerBuildDoes) {
  const Row rows[] = {
      {"*.py[cod]", "a.pyc", true},
      {"*.py[cod]", "a.pyx", false},
      {"*.py[cod]", "a.py", false},
      {"*.py[^cod]", "a.pyx", true},
      {"*.py[^cod]", "a.pyc", false},
      {"*.[a-c1]x", "q.bx", true},
      {"*.[a-c1]x", "q.dx", false},
      {"[\\]]", "]", true},
      {"file?.txt", "file1.txt", true},
      {"file?.txt", "file\u00e9.txt", true},
      {"file?.txt", "file.txt", false},
      {"file?.txt", "file/.txt", false},
      {"**/.?*", ".env", true},
      {"**/.?*", "a/b/.git/config", true},
      {"**/.?*", "a.b", false},
      {"a\\*b", "a*b", true},
      {"a\\*b", "axb", false},
      {"\\#x", "#x", true},
      {" #x", "#x", true},
      {"\\!x", "!x", true},
      {"a**b", "a/x/b", true},
      {"a**b", "ab", true},
      {"a**b", "axb", false},
      {"**", "a/b", true},
      {"a.b", "axb", false},
      {"a+b", "a+b", true},
      {"(a|b)", "a", false},
      {"../x", "x", false},
      {"a/../x", "x", true},
      {"a//x/", "a/x", true},
      {"! x\n*", "x", true},
      {"*\n! x", "x", false},
      {"*\n!/x", "x", false},
      {"*\n!x", "y/x", true},
      {"*\n!y/x", "y/x", false},
      {"*\n!y/x", "y/z", true},
      {"**/s\n!a/s/k", "a/s/o", true},
      {"y\n!y/x\ny/x", "y/x", true},
      {"\xef\xbb\xbfx", "x", true},
      {"x*x*x*x*x*x*x*x*x*x*y", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false},
      {"caf\u00e9", "caf\u00e9", true},
      {"?", "\xff", true},
  };
  for (const Row& row : rows) {
    const auto rules = IgnoreRules::parse(row.rules);
    ASSERT_TRUE(rules) << row.rules << ": " << rules.error().message;
    EXPECT_EQ(rules->is_ignored(row.path), row.ignored) << row.rules << " on " << row.path;
  }
}

TEST(IgnoreRules, Row33EntersAnIgnoredFolderOnlyForAnExceptionThatNamesIt) {
  const auto rules = IgnoreRules::parse("*\n!src/lib/*.js\n!**/x.txt\n");
  EXPECT_TRUE(rules->may_hold_exceptions("src"));
  EXPECT_TRUE(rules->may_hold_exceptions("src/lib"));
  EXPECT_FALSE(rules->may_hold_exceptions("sr"));
  EXPECT_FALSE(rules->may_hold_exceptions("other"));
}

TEST(IgnoreRules, Row33RefusesWhatNoEngineReads) {
  for (const char* const rules : {"a\n[b", "a\n!", "a\nb\\", "a\n[]", "a\n[b-]", "a\n[c-b]"}) {
    const auto parsed = IgnoreRules::parse(rules);
    ASSERT_FALSE(parsed) << rules;
    EXPECT_EQ(parsed.error().message.find(".dockerignore:2: "), 0U) << parsed.error().message;
  }
}

}  // namespace
}  // namespace dyno::archive

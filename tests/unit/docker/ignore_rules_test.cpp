#include "docker/ignore_rules.h"

#include <gtest/gtest.h>

namespace dyno::docker {
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
    EXPECT_EQ(IgnoreRules(row.rules).is_ignored(row.path), row.ignored) << row.rules << " on " << row.path;
}

}  // namespace
}  // namespace dyno::docker

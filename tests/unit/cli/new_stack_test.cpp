#include "cli/new_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stackfile/files.h"

namespace dyno::cli {
namespace {

using testing::HasSubstr;

std::string text_of(const std::vector<NewFile>& files, const std::string& path) {
  for (const NewFile& file : files) {
    if (file.path == path) return file.text;
  }
  return {};
}

TEST(StackTemplate, GivesEachRuntimeAStackThatTheDaemonReads) {
  EXPECT_THAT(template_runtimes(), testing::ElementsAre("go", "node", "python"));
  for (const std::string_view runtime : template_runtimes()) {
    const auto files = files_of_new_stack("my-first", runtime);
    ASSERT_TRUE(files) << files.error().message;
    EXPECT_NE(text_of(*files, "Dockerfile"), "") << runtime;
    const auto parsed = stackfile::parse_stack(text_of(*files, "stack.yaml"), "stacks/my-first/stack.yaml");
    for (const auto& problem : parsed.problems)
      ADD_FAILURE() << runtime << " " << problem.line << ": " << problem.message;
    ASSERT_TRUE(parsed.value) << runtime;
    EXPECT_EQ(parsed.value->name, "my-first");
    EXPECT_EQ(model::to_string(parsed.value->runtime), runtime);
    for (const NewFile& file : *files) EXPECT_THAT(file.text, testing::Not(HasSubstr("@NAME@"))) << file.path;
  }
}

TEST(StackTemplate, SaysWhatWouldBeRight) {
  for (const char* const name : {"", "a", "Upper", "1st", "under_score", "../up", "a/b"}) {
    const auto files = files_of_new_stack(name, "go");
    ASSERT_FALSE(files) << name;
    EXPECT_EQ(files.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(files.error().message, HasSubstr("2 to 40 lower-case letters"));
  }
  const auto files = files_of_new_stack("php-laravel", "php");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::not_found);
  EXPECT_THAT(files.error().message, HasSubstr("templates for go, node, python"));
}

}  // namespace
}  // namespace dyno::cli

#include "base/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace dyno {
namespace {

TEST(Pattern, IsFoundAnywhereUnlessItSaysOtherwise) {
  const auto found = [](std::string_view pattern, std::string_view text) {
    const auto compiled = Pattern::compile(pattern);
    return compiled && compiled->is_found_in(text);
  };
  EXPECT_TRUE(found("b+", "abbc"));
  EXPECT_FALSE(found("^b+", "abbc"));
  EXPECT_TRUE(found("^[0-9]{4}-[0-9]{2}$", "2026-11"));
  EXPECT_FALSE(found("^[0-9]{4}-[0-9]{2}$", "2026-11-"));
  EXPECT_TRUE(found("ü", "für"));
  EXPECT_TRUE(found("b", std::string_view("a\0b", 3)));
  EXPECT_TRUE(found("", ""));
}

TEST(Pattern, GivesWhatItsFirstGroupMatched) {
  const auto token = Pattern::compile("token=([^&]*)(&|$)");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->groups(), 2);
  EXPECT_EQ(token->first_group("a=1&token=x-y&b=2"), "x-y");
  EXPECT_EQ(token->first_group("token="), "");
  EXPECT_FALSE(token->first_group("a=1"));
  EXPECT_FALSE(Pattern::compile("a(b)?")->first_group("a")) << "the group took no part";
  EXPECT_FALSE(Pattern::compile("ab")->first_group("ab")) << "there is no group";
}

TEST(Pattern, SaysWhatIsWrongWithIt) {
  const auto why = [](std::string_view pattern) {
    const auto compiled = Pattern::compile(pattern);
    return compiled ? "" : compiled.error().message;
  };
  EXPECT_EQ(why("(abc"), "missing ): (abc");
  EXPECT_EQ(why("(a)\\1"), "invalid escape sequence: \\1");
  EXPECT_EQ(why("((a{1000}){1000}){1000}"), "invalid repetition size: {1000}");
  EXPECT_EQ(why(std::string(1001, 'a')), "a pattern of 1001 bytes, and 1000 is the most");
}

// A backtracking engine takes longer than the age of the universe for it.
TEST(Pattern, TakesTimeLinearInTheText) {
  const auto evil = Pattern::compile("^(([a-z])+.)+[A-Z]([a-z])+$");
  ASSERT_TRUE(evil);
  EXPECT_FALSE(evil->is_found_in(std::string(1'000'000, 'a')));
  EXPECT_FALSE(evil->first_group(std::string(100'000, 'a')));
}

}  // namespace
}  // namespace dyno

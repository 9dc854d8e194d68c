#include "contract/formulas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/html_tokens.h"

namespace dyno::contract {
namespace {

// Values worked out by other means than this code.
TEST(Formulas, GiveKnownValues) {
  EXPECT_EQ(items_json(1, 2), R"({"items":[{"id":1,"name":"Item 1","price":137,"quantity":2,"total":548}],"count":1})");
  EXPECT_EQ(hash_chain(1),
            "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b");  // printf seed | sha256sum
  EXPECT_EQ(primes_up_to(1), 0);
  EXPECT_EQ(primes_up_to(2), 1);
  EXPECT_EQ(primes_up_to(100), 25);
  EXPECT_EQ(primes_up_to(1000000), 78498);
  EXPECT_EQ(seeded_number(1), 2649);
  EXPECT_EQ(user_json(7), R"({"id":7,"name":"User 7","email":"user7@example.com"})");
}

TEST(Formulas, FortunesAreInTheOrderOfCodePoints) {
  EXPECT_TRUE(std::is_sorted(fortunes().begin(), fortunes().end(),
                             [](const Fortune& a, const Fortune& b) { return a.second < b.second; }));
}

TEST(HtmlTokens, IgnoreSpellingAndSpaceBetweenTags) {
  const auto tokens = html_tokens("<!DOCTYPE HTML> \n<TD> a &lt;b&gt; &quot;&#34;&#x22; &#39;&apos; &mdash; </td>");
  ASSERT_TRUE(tokens.has_value());
  EXPECT_THAT(*tokens, testing::ElementsAre("<!doctype html>", "<td>", "a <b> \"\"\" '' —", "</td>"));
}

TEST(HtmlTokens, RefuseWhatIsNotEscaped) {
  for (const char* wrong : {"a & b", "&unknown;", "&#;", "&#x;", "&#x110000;", "<td", "&lt", "&#0;"})
    EXPECT_EQ(html_tokens(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace dyno::contract

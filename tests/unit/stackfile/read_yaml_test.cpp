#include "stackfile/read_yaml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>

#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Refused {
  std::string name;
  std::string text;
  std::string problem;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

std::string repeated(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

std::string many_keys(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += fmt::format("k{}: 1\n", i);
  return all;
}

class RefusedText : public testing::TestWithParam<Refused> {};

TEST_P(RefusedText, GivesOneProblem) {
  EXPECT_THAT(as_lines(read_yaml(GetParam().text, "x").problems), ElementsAre(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Stackfile, RefusedText,
    testing::Values(
        Refused{"Nothing", "", "1:1 - empty the file is empty"},
        Refused{"OnlyAComment", "# hello\n", "1:1 - empty the file is empty"},
        Refused{"ANullDocument", "---\n", "1:1 - empty the file is empty"},
        Refused{"AList", "- a\n", "1:1 - wrong_type the file must be a map of keys"},
        Refused{"AScalar", "hello", "1:1 - wrong_type the file must be a map of keys"},
        Refused{"BrokenUtf8", "a: \xC3\x28\n", "0:0 - not_utf8 the file is not valid UTF-8"},
        Refused{"OverlongUtf8", "a: \xC0\xAF\n", "0:0 - not_utf8 the file is not valid UTF-8"},
        Refused{"Nul", std::string("a: 1\nb: \0 2\n", 12),
                "2:4 - control_character the file contains a control character"},
        Refused{"Escape", "a: 1\n\x1B[31m: 2\n", "2:1 - control_character the file contains a control character"},
        Refused{"Delete", "a: 1\x7F\n", "1:5 - control_character the file contains a control character"},
        Refused{"LoneCarriageReturn", "a: 1\rb: 2\n", "1:5 - control_character the file contains a control character"},
        Refused{"NextLineOfC1",
                "a: 1\xC2\x85"
                "b: 2\n",
                "1:5 - control_character the file contains a control character"},
        Refused{"TooLarge", "a: " + std::string(kMaxFileBytes, 'x'),
                "0:0 - too_large the file has 262147 bytes; at most 262144 are read"},
        Refused{"TooDeep", "a: " + repeated("[", 32) + repeated("]", 32),
                "1:35 /a" + repeated("/0", 31) + " too_deep nested deeper than 32 levels"},
        Refused{"EndlesslyDeepBlocks", repeated("- ", 100000),
                "1:65 " + repeated("/0", 32) + " too_deep nested deeper than 32 levels"},
        Refused{"EndlesslyDeepMaps", "a: " + repeated("{a: ", 50000),
                "1:128 /a" + repeated("/a", 31) + " too_deep nested deeper than 32 levels"},
        Refused{"EndlesslyDeepKeys", repeated("? ", 100000), "1:65 - too_deep nested deeper than 32 levels"},
        Refused{"TooManyKeys", many_keys(1001), "1001:1 - too_many_keys more than 1000 keys in one map"},
        Refused{"TooManyItems", "a: [" + repeated("1,", 125'000) + "]",
                "1:2005 /a/1000 too_many_items more than 1000 entries in one list"},
        Refused{"AKeyThatIsTooLong", std::string(257, 'k') + ": 1\n",
                "1:1 - bad_key a key has 257 bytes; at most 256 are allowed"},
        Refused{"AnEmptySecondDocument", "a: 1\n---\n",
                "2:1 - second_document a file holds one document; a second one begins here"},
        Refused{"AnAnchorOnAMap", "a: &x {b: 1}\n", "1:4 /a anchor anchors are not allowed (&x); write the value out"},
        Refused{"AnAnchorOnAKey", "&x a: 1\n", "1:1 - anchor anchors are not allowed (&x); write the value out"},
        Refused{"AnAnchorOnNothing", "a: &x\n", "1:4 /a anchor anchors are not allowed (&x); write the value out"},
        Refused{"ATagOnAMap", "a: !!map {b: 1}\n", "1:4 /a tag tags (!) are not allowed"},
        Refused{"ATagOfOurOwn", "a: !mine [1]\n", "1:4 /a tag tags (!) are not allowed"},
        Refused{"ATagOnQuotedText", "a: ! \"b\"\n", "1:4 /a tag tags (!) are not allowed"},
        Refused{"ANullKey", "~: 1\n", "1:1 - bad_key a key must be plain text"},
        Refused{"AMapAsAKey", "{a: 1}: 1\n", "1:1 - bad_key a key must be plain text"},
        Refused{"ALaterDuplicate", "a: 1\nb: {c: 1}\na: 2\n",
                "3:1 /a duplicate_key duplicate key a; the first is on line 1"},
        Refused{"ADuplicateInOtherQuotes", "a: 1\n'a': 2\n",
                "2:1 /a duplicate_key duplicate key a; the first is on line 1"},
        Refused{"AnEscapedControlCharacter", "a: \"\\e[31m\"\n",
                "1:4 /a control_character text may not contain control characters"},
        Refused{"AnEscapedNul", "a: \"\\0\"\n", "1:4 /a control_character text may not contain control characters"}),
    [](const auto& param) { return param.param.name; });

TEST(ReadYaml, KeepsTextQuotesAndPlaces) {
  const YamlDocument document = read_yaml("a: 010\nb: '010'\nc: |\n  010\nd: [no, {e: ~}]\r\n", "x");
  ASSERT_THAT(as_lines(document.problems), IsEmpty());
  const Node& root = *document.root;
  ASSERT_EQ(root.keys.size(), 4U);
  EXPECT_EQ(find(root, "a")->text, "010");
  EXPECT_FALSE(find(root, "a")->quoted);
  EXPECT_TRUE(find(root, "b")->quoted);
  EXPECT_TRUE(find(root, "c")->quoted);
  const Node& list = *find(root, "d");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].text, "no");
  EXPECT_EQ(list.items[0].mark.line, 5);
  EXPECT_EQ(list.items[0].mark.column, 5);
  EXPECT_EQ(find(list.items[1], "e")->kind, NodeKind::nothing);
  EXPECT_EQ(find(root, "z"), nullptr);
}

TEST(ReadYaml, AcceptsTheLargestFileAndTheDeepestNesting) {
  EXPECT_THAT(as_lines(read_yaml("a: " + std::string(kMaxFileBytes - 3, 'x'), "x").problems), IsEmpty());
  EXPECT_THAT(as_lines(read_yaml("a: " + repeated("[", 31) + repeated("]", 31), "x").problems), IsEmpty());
  EXPECT_THAT(as_lines(read_yaml(many_keys(1000), "x").problems), IsEmpty());
}

// Issue 14, row 25. A list of 125 000 took 17 s of CPU: each place was counted from the beginning of its line.
TEST(ReadYaml, Row25CollectingEndsAtAHundredProblems) {
  const std::string texts[] = {"a: [" + repeated("&x 1,", 900) + "]", "a: {" + repeated("b: 1, ", 40'000) + "}",
                               repeated("a: 1\n", 50'000), repeated("a: !x 1\n", 30'000)};
  for (const std::string& text : texts) {
    const auto problems = as_lines(read_yaml(text, "x").problems);
    ASSERT_EQ(problems.size(), model::kMostProblems + 1) << text.substr(0, 20);
    EXPECT_EQ(problems.back(), "0:0 - more_problems the first 100 problems are listed; there may be more");
  }
}

TEST(ReadYaml, Row25CountsCharactersInALongLine) {
  const std::string text = "a: [" + repeated("ä, ", 999) + "b]";
  const YamlDocument document = read_yaml(text, "x");
  ASSERT_TRUE(document.root);
  const Node& list = *find(*document.root, "a");
  ASSERT_EQ(list.items.size(), 1000U);
  for (std::size_t i = 0; i < list.items.size(); ++i) EXPECT_EQ(list.items[i].mark.column, 5 + 3 * static_cast<int>(i));
}

// The library's own guard against depth lets it run out of a small stack; our handler ends the parse long before.
void run_on_small_stack(const std::function<void()>& work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr std::size_t kStack = 1024 * 1024;
#else
  constexpr std::size_t kStack = 256 * 1024;
#endif
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_t thread{};
  const auto entry = [](void* argument) -> void* {
    (*static_cast<const std::function<void()>*>(argument))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, entry, const_cast<std::function<void()>*>(&work)), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(ReadYaml, NeedsLittleStackForAnyDepth) {
  std::vector<std::string> texts;
  for (const char* part : {"[", "{", "{a: ", "- ", "? ", "[? ", "[a, "}) texts.push_back(repeated(part, 40000));
  std::string blocks;
  for (std::size_t indent = 0; indent < 700; ++indent) blocks += std::string(indent, ' ').append("a:\n");
  texts.push_back(blocks);
  for (const std::string& text : texts) {
    run_on_small_stack([&] {
      const auto problems = read_yaml(text, "x").problems;
      ASSERT_EQ(problems.size(), 1U) << text.substr(0, 10);
      EXPECT_EQ(problems[0].code, "too_deep") << text.substr(0, 10);
    });
  }
}

TEST(Locate, FindsTheValueOfAPointer) {
  const std::string text = "a: 1\nb:\n  - x\n  - {c/d: y}\n";
  const auto at = [&](const char* pointer) {
    const Mark mark = locate(text, pointer);
    return std::pair(mark.line, mark.column);
  };
  EXPECT_EQ(at("/b/0"), std::pair(3, 5));
  EXPECT_EQ(at("/b/1/c~1d"), std::pair(4, 11));
  EXPECT_EQ(at("/b/7"), std::pair(3, 3));
  EXPECT_EQ(at(""), std::pair(1, 1));
}

}  // namespace
}  // namespace dyno::stackfile

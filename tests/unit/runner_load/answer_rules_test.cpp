#include "runners/load/rules/answer_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace dyno::loadgen {
namespace {

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n";
constexpr std::string_view kBody =
    R"({"id": 7, "price": 12.50, "name": "Zoë \"Z\"", "tags": ["a", "b"], "next": null, "whole": 3.0, "at": {"x": 1}})";

AnswerRule json(std::string pointer) {
  AnswerRule rule;
  rule.kind = RuleKind::json;
  rule.name = std::move(pointer);
  return rule;
}
AnswerRule typed(std::string pointer, JsonType type) {
  AnswerRule rule = json(std::move(pointer));
  rule.type = type;
  return rule;
}
AnswerRule equal(std::string pointer, std::string value) {
  AnswerRule rule = json(std::move(pointer));
  rule.value = std::move(value);
  return rule;
}
AnswerRule within(std::string pointer, double least, double most) {
  AnswerRule rule = json(std::move(pointer));
  rule.least = least;
  rule.most = most;
  return rule;
}
AnswerRule long_as(RuleKind kind, std::string pointer, std::int64_t least, std::int64_t most) {
  AnswerRule rule = json(std::move(pointer));
  rule.kind = kind;
  rule.length_least = least;
  rule.length_most = most;
  return rule;
}
AnswerRule matching(RuleKind kind, std::string name, std::string pattern) {
  AnswerRule rule = json(std::move(name));
  rule.kind = kind;
  rule.matches = std::move(pattern);
  return rule;
}
AnswerRule valued(RuleKind kind, std::string name, std::string value) {
  AnswerRule rule = json(std::move(name));
  rule.kind = kind;
  rule.value = std::move(value);
  return rule;
}
AnswerRule absent(std::string pointer) {
  AnswerRule rule = json(std::move(pointer));
  rule.present = false;
  return rule;
}

// Empty: the answer keeps it.
std::string why(const AnswerRule& rule, std::string_view body = kBody) {
  const auto rules = AnswerRules::compile({rule}, {});
  EXPECT_TRUE(rules) << rules.error().message;
  RuleScratch scratch;
  scratch.begin();
  const SeenAnswer answer{kHead, body};
  const auto broken = rules->broken(answer, scratch);
  return broken ? rules->words(*broken, answer, scratch) : "";
}

TEST(AnswerRules, SayWhatTheyExpectedAndWhatCame) {
  struct Row {
    AnswerRule kept;
    AnswerRule broken;
    const char* words;
  };
  const Row rows[] = {
      {valued(RuleKind::content_type, "", "application/json"), valued(RuleKind::content_type, "", "text/html"),
       "Content-Type: expected \"text/html\", got \"Application/JSON; charset=utf-8\""},
      {valued(RuleKind::header, "SET-COOKIE", "b=2"), valued(RuleKind::header, "Set-Cookie", "c"),
       "Set-Cookie: expected \"c\", got \"a=1\""},
      {matching(RuleKind::header, "Set-Cookie", "^b="), matching(RuleKind::header, "ETag", "x"),
       "ETag: expected one that matches x, got none"},
      {long_as(RuleKind::size, "", 10, 1000), long_as(RuleKind::size, "", 1, 9),
       "expected a body of 1 to 9 bytes, got 111"},
      {valued(RuleKind::body, "", std::string(kBody)), valued(RuleKind::body, "", "{}"),
       "expected the body \"{}\", got another"},
      {valued(RuleKind::contains, "", "\"tags\""), valued(RuleKind::contains, "", "tagz"),
       "expected a body with \"tagz\", got none"},
      {matching(RuleKind::matches, "", "price\": [0-9.]+"), matching(RuleKind::matches, "", "^$"),
       "expected a body that matches ^$, got another"},
      {json("/next"), json("/nil"), "/nil: expected a value, got none"},
      {absent("/nil"), absent("/next"), "/next: expected none, got null"},
      {typed("/id", JsonType::integer), typed("/price", JsonType::integer), "/price: expected an integer, got 12.50"},
      {typed("/whole", JsonType::integer), typed("/name", JsonType::array),
       R"(/name: expected an array, got "Zoë \"Z\"")"},
      {typed("/price", JsonType::number), typed("/next", JsonType::object), "/next: expected an object, got null"},
      {typed("/next", JsonType::null), typed("/id", JsonType::null), "/id: expected null, got 7"},
      {equal("/price", "12.5"), equal("/id", "8"), "/id: expected 8, got 7"},
      {equal("/at", R"({"x":1.0})"), equal("", "[]"), nullptr},
      {within("/price", 12, 13), within("/id", 8, 9), "/id: expected a number, 8 to 9, got 7"},
      {within("/id", 7, 7), within("/name", 0, 1), nullptr},
      {matching(RuleKind::json, "/name", "^Zoë \"Z\"$"), matching(RuleKind::json, "/id", "7"),
       "/id: expected a string that matches 7, got 7"},
      {long_as(RuleKind::json, "/name", 7, 7), long_as(RuleKind::json, "/tags", 3, 3),
       "/tags: expected length 3, got [\"a\", \"b\"] (length 2)"},
      {long_as(RuleKind::json, "/at", 1, 1), long_as(RuleKind::json, "/id", 1, 1), "/id: expected length 1, got 7"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(why(row.kept), "") << (row.words == nullptr ? "" : row.words);
    if (row.words != nullptr) {
      EXPECT_EQ(why(row.broken), row.words);
    } else {
      EXPECT_NE(why(row.broken), "");
    }
  }
}

TEST(AnswerRules, TellWhereABodyIsNoJson) {
  EXPECT_EQ(why(json("/a"), R"({"a": 1)"), "expected JSON, and it ends too early, behind 7 bytes");
  EXPECT_EQ(why(json("/a"), "<html>"), "expected JSON, got a body that is none from byte 0 on");
  EXPECT_EQ(why(json("/a"), ""), "expected JSON, got an empty body");
  EXPECT_EQ(why(absent("/a"), "<html>"), "expected JSON, got a body that is none from byte 0 on");
}

TEST(AnswerRules, NameTheFirstThatIsBroken) {
  const auto rules = AnswerRules::compile({json("/id"), json("/nil"), json("/none")}, {});
  RuleScratch scratch;
  scratch.begin();
  EXPECT_EQ(rules->broken({kHead, kBody}, scratch), 1U);
}

TEST(AnswerRules, RefuseWhatTheyCannotApply) {
  const auto refused = [](const AnswerRule& rule) {
    const auto rules = AnswerRules::compile({rule}, {});
    return rules ? "" : rules.error().message;
  };
  EXPECT_EQ(refused(json("a")), "rule 1: \"a\" is no JSON pointer: it begins with /");
  EXPECT_EQ(refused(equal("/a", "{")), "rule 1: \"{\" is no JSON");
  EXPECT_EQ(refused(matching(RuleKind::matches, "", "(")), "rule 1: missing ): (");
  AnswerRule rule;
  EXPECT_EQ(refused(rule), "rule 1: it has no value");
  rule.kind = RuleKind::size;
  EXPECT_EQ(refused(rule), "rule 1: it has no length_least or length_most");
  const auto take = AnswerRules::compile({}, {{"t", TakeFrom::pattern, "(a)(b)"}});
  ASSERT_FALSE(take);
  EXPECT_EQ(take.error().message, "what is taken as \"t\": a pattern with one group is wanted, and \"(a)(b)\" has 2");
}

TEST(AnswerRules, TakeValues) {
  const auto taken = [](TakeFrom from, std::string where) {
    const auto rules = AnswerRules::compile({}, {{"t", from, std::move(where)}});
    EXPECT_TRUE(rules);
    RuleScratch scratch;
    scratch.begin();
    std::string value = "of the round before";
    return rules->take_into(value, 0, {kHead, kBody}, scratch) ? value : "(none)";
  };
  EXPECT_EQ(taken(TakeFrom::json, "/name"), "Zoë \"Z\"");
  EXPECT_EQ(taken(TakeFrom::json, "/id"), "7");
  EXPECT_EQ(taken(TakeFrom::json, "/tags"), R"(["a","b"])");
  EXPECT_EQ(taken(TakeFrom::json, "/next"), "(none)");
  EXPECT_EQ(taken(TakeFrom::json, "/nil"), "(none)");
  EXPECT_EQ(taken(TakeFrom::header, "Set-Cookie"), "a=1");
  EXPECT_EQ(taken(TakeFrom::header, "Location"), "(none)");
  EXPECT_EQ(taken(TakeFrom::pattern, "\"id\": ([0-9]+)"), "7");
  EXPECT_EQ(taken(TakeFrom::pattern, "\"ix\": ([0-9]+)"), "(none)");
}

TEST(AnswerRules, TakeNothingThatIsTooLong) {
  const auto rules = AnswerRules::compile({}, {{"t", TakeFrom::json, ""}});
  RuleScratch scratch;
  std::string value;
  const std::string most = '"' + std::string(kMostTaken, 'a') + '"';
  scratch.begin();
  EXPECT_TRUE(rules->take_into(value, 0, {"", most}, scratch));
  const std::string more = '"' + std::string(kMostTaken + 1, 'a') + '"';
  scratch.begin();
  EXPECT_FALSE(rules->take_into(value, 0, {"", more}, scratch));
}

}  // namespace
}  // namespace dyno::loadgen

#include "contract/answer_judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/drawn_text.h"
#include "contract/json_rule.h"

namespace dyno::contract {
namespace {

using model::AnswerRules;
using model::JsonRule;
using model::JsonType;

ports::Answer order(
    std::string body = R"({"id":5,"state":"open","total":12.5,"items":[{"sku":"a"},{"sku":"ü"}],"note":null})") {
  return {200, {{"Content-Type", "application/json; charset=utf-8"}, {"ETag", "\"v1\""}}, std::move(body)};
}

AnswerRules rules() {
  AnswerRules rules;
  rules.file = "orders.yaml";
  rules.line = 12;
  return rules;
}

JsonRule json(std::string pointer, int line = 17) {
  JsonRule rule;
  rule.pointer = std::move(pointer);
  rule.line = line;
  return rule;
}

// "expected, got …"; empty: nothing is wrong.
std::string words(const AnswerRules& rules, const ports::Answer& answer) {
  const auto found = broken_rule("GET /orders/5", rules, answer);
  return found ? fmt::format("expected {}, got {}", found->expected, found->got) : "";
}

TEST(BrokenRule, FindsNothingInAnAnswerThatIsAsAllRulesSay) {
  AnswerRules all = rules();
  all.content_type = "application/json";
  all.headers = {{"etag", "\"v1\"", "", 3}, {"ETag", "", "v[0-9]", 4}, {"ETag", "", "", 5}};
  all.contains = {"\"open\""};
  all.matches = "\"id\":[0-9]+";
  all.bytes_least = 10;
  all.bytes_most = 200;
  JsonRule id = json("/id");
  id.type = JsonType::integer;
  id.least = 1;
  id.most = 5;
  JsonRule total = json("/total");
  total.equals = "12.50";
  JsonRule items = json("/items");
  items.length_least = items.length_most = 2;
  JsonRule sku = json("/items/1/sku");
  sku.length_most = 1;  // code points, not bytes
  sku.matches = "^.$";
  JsonRule whole = json("");
  whole.type = JsonType::object;
  JsonRule gone = json("/error");
  gone.present = false;
  JsonRule note = json("/note");
  note.equals = "null";
  all.json = {id, total, items, sku, whole, gone, note};
  EXPECT_EQ(words(all, order()), "");
}

struct Wrong {
  const char* name;
  void (*ask)(AnswerRules&);
  ports::Answer answer;
  const char* words;
};

class WrongAnswer : public testing::TestWithParam<Wrong> {};

TEST_P(WrongAnswer, IsToldWithRequestPlaceAndBytes) {
  AnswerRules asked = rules();
  GetParam().ask(asked);
  EXPECT_EQ(words(asked, GetParam().answer), GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, WrongAnswer,
    testing::Values(
        Wrong{"Status",
              [](AnswerRules&) {},
              {404, {}, "no such order"},
              "expected GET /orders/5: status 2xx (orders.yaml:12), got 404, the body \"no such order\""},
        Wrong{"StatusOfAList",
              [](AnswerRules& r) {
                r.statuses = {{200, 200}, {400, 410}};
              },
              {500, {}, ""},
              "expected GET /orders/5: status 200 or 400–410 (orders.yaml:12), got 500, an empty body"},
        Wrong{"Header",
              [](AnswerRules& r) {
                r.headers = {{"X-Cache", "hit", "", 14}};
              },
              {200, {{"x-cache", "miss"}}, ""},
              "expected GET /orders/5: the header X-Cache: hit (orders.yaml:14), got X-Cache: miss"},
        Wrong{"MissingHeader",
              [](AnswerRules& r) {
                r.headers = {{"ETag", "", "", 14}};
              },
              {200, {}, ""},
              "expected GET /orders/5: the header ETag (orders.yaml:14), got no ETag"},
        Wrong{"Type",
              [](AnswerRules& r) { r.content_type = "application/json"; },
              {200, {{"Content-Type", "text/html"}}, "<p>"},
              "expected GET /orders/5: Content-Type: application/json (orders.yaml:12), got Content-Type: text/html"},
        Wrong{"Body",
              [](AnswerRules& r) { r.body = "ok\n"; },
              {200, {}, "no\n"},
              "expected GET /orders/5: the body \"ok\\n\" (orders.yaml:12), got the body \"no\\n\""},
        Wrong{"BodyWithout",
              [](AnswerRules& r) { r.contains = {"total"}; },
              {200, {}, "{}"},
              "expected GET /orders/5: a body with \"total\" (orders.yaml:12), got the body \"{}\""},
        Wrong{"BodyThatDoesNotMatch",
              [](AnswerRules& r) { r.matches = "^[0-9]+$"; },
              {200, {}, "12a"},
              "expected GET /orders/5: a body that matches ^[0-9]+$ (orders.yaml:12), got the body \"12a\""},
        Wrong{"Size",
              [](AnswerRules& r) { r.bytes_least = 4; },
              {200, {}, "abc"},
              "expected GET /orders/5: a body of at least 4 bytes (orders.yaml:12), got 3 bytes, \"abc\""},
        Wrong{"JsonValue",
              [](AnswerRules& r) {
                r.json = {json("/state")};
                r.json.back().equals = "\"shipped\"";
              },
              order(R"({"state":"open"})"),
              "expected GET /orders/5: /state = \"shipped\" (orders.yaml:17), got /state = \"open\"; the body "
              "\"{\"state\":\"open\"}\""},
        Wrong{
            "JsonType",
            [](AnswerRules& r) {
              r.json = {json("/id")};
              r.json.back().type = JsonType::integer;
            },
            order(R"({"id":"5"})"),
            "expected GET /orders/5: /id = an integer (orders.yaml:17), got /id = \"5\"; the body \"{\"id\":\"5\"}\""},
        Wrong{"JsonRange",
              [](AnswerRules& r) {
                r.json = {json("/total")};
                r.json.back().least = 0.5;
                r.json.back().most = 10;
              },
              order(R"({"total":11})"),
              "expected GET /orders/5: /total = a number, 0.5 to 10 (orders.yaml:17), got /total = 11; the body "
              "\"{\"total\":11}\""},
        Wrong{"JsonLength",
              [](AnswerRules& r) {
                r.json = {json("/items")};
                r.json.back().length_least = 1;
              },
              order(R"({"items":[]})"),
              "expected GET /orders/5: /items = length at least 1 (orders.yaml:17), got /items = []; the body "
              "\"{\"items\":[]}\""},
        Wrong{
            "MissingField", [](AnswerRules& r) { r.json = {json("/items/2")}; }, order(R"({"items":[1,2]})"),
            "expected GET /orders/5: /items/2 in the body (orders.yaml:17), got none; the body \"{\"items\":[1,2]}\""},
        Wrong{"FieldThatShouldNotBe",
              [](AnswerRules& r) {
                r.json = {json("/error")};
                r.json.back().present = false;
              },
              order(R"({"error":"x"})"),
              "expected GET /orders/5: no /error (orders.yaml:17), got /error = \"x\"; the body \"{\"error\":\"x\"}\""},
        Wrong{"NoJson", [](AnswerRules& r) { r.json = {json("/id")}; }, order("{\"id\":5"),
              "expected GET /orders/5: a body of JSON (orders.yaml:12), got none; the body \"{\"id\":5\""}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(BrokenRule, IsToldOfAnAnswerThatDidNotComeWhole) {
  ports::ExchangeOutcome cut;
  cut.error = "bad_framing: ended early; 3 bytes of a body came: \"{\\\"i\"";
  const auto found = broken_rule("GET /orders/5", rules(), cut);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->expected, "GET /orders/5: a whole answer (orders.yaml:12)");
  EXPECT_EQ(found->got, "none (bad_framing: ended early; 3 bytes of a body came: \"{\\\"i\")");
}

TEST(Captured, TakesFromBodyHeaderAndPattern) {
  const ports::Answer answer{200, {{"X-Token", "abc"}}, R"({"token":"t-1","user":{"id":7},"none":null})"};
  using model::CaptureFrom;
  EXPECT_EQ(captured({"a", CaptureFrom::json, "/token"}, answer), "t-1");
  EXPECT_EQ(captured({"a", CaptureFrom::json, "/user/id"}, answer), "7");
  EXPECT_EQ(captured({"a", CaptureFrom::json, "/user"}, answer), "{\"id\":7}");
  EXPECT_EQ(captured({"a", CaptureFrom::json, "/none"}, answer), std::nullopt);
  EXPECT_EQ(captured({"a", CaptureFrom::header, "x-token"}, answer), "abc");
  EXPECT_EQ(captured({"a", CaptureFrom::pattern, "\"id\":([0-9]+)"}, answer), "7");
  const model::Capture missing{"token", CaptureFrom::json, "/tokens", 31};
  EXPECT_EQ(captured(missing, answer), std::nullopt);
  const Difference words = not_captured("POST /login", rules(), missing, answer);
  EXPECT_EQ(words.expected, "POST /login: {token} from the value at /tokens (orders.yaml:31)");
  EXPECT_THAT(words.got, testing::StartsWith("no such value in the body \"{\"token\":\"t-1\""));
}

TEST(JsonValue, StepsByEscapedKeysAndIndexes) {
  const char* body = R"({"a/b":{"m~n":[10,20]},"":1})";
  EXPECT_EQ(json_value_at(body, "/a~1b/m~0n/1"), "20");
  EXPECT_EQ(json_value_at(body, "/"), "1");
  EXPECT_EQ(json_value_at(body, "/a~1b/m~0n/01"), std::nullopt);
  EXPECT_EQ(json_value_at(body, "/a~1b/m~0n/-"), std::nullopt);
  EXPECT_EQ(json_value_at(std::string(500, '['), ""), std::nullopt);
}

TEST(DrawnText, KnowsItsPartsAndLeavesOtherBracesAlone) {
  const NamedValues values{{"id", "42"}};
  Draw draw(1);
  const DrawnFor low{values, RangeEnd::low, 3};
  EXPECT_EQ(fill("/a/{1..500}/{id}/{seq}", low, draw), "/a/1/42/3");
  EXPECT_EQ(fill("/a/{1..500}", {values, RangeEnd::high, 3}, draw), "/a/500");
  EXPECT_EQ(fill(R"({"a":{"b":{-5..-5}},"q":"{ me }","x":{y}})", low, draw), R"({"a":{"b":-5},"q":"{ me }","x":{y}})");
  EXPECT_THAT(fill("{uuid}", low, draw), testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-8[0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(drawn_parts("{5..1}").front().kind, DrawnKind::backward);
  EXPECT_EQ(count_drawn(drawn_parts("{5..1}{1..2}{a}{ }{")), 2U);
}

}  // namespace
}  // namespace dyno::contract

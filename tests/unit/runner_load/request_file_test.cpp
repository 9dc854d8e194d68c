#include "runners/load/request_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

RequestSpec base() {
  RequestSpec request;
  request.target = "/base";
  request.headers = {{"Host", "h"}, {"X-All", "1"}};
  request.expected_status = 0;
  return request;
}

Result<std::string> body_of(const std::string& path) {
  if (path.ends_with("missing")) return fail(ErrorCode::not_found, "cannot read " + path + ": no such file");
  return "the bytes of " + path;
}

std::vector<RequestSpec> read(std::string_view text, const std::string& file = "dir/r.jsonl") {
  auto requests = read_requests(text, file, base(), body_of);
  EXPECT_TRUE(requests) << text << "\n" << (requests ? "" : fmt::format("{}", fmt::join(requests.error(), "\n")));
  return requests ? std::move(requests->requests) : std::vector<RequestSpec>(9);
}

std::string problems(std::string_view text, const std::string& file = "r.jsonl") {
  const auto requests = read_requests(text, file, base(), body_of);
  return requests ? "" : fmt::format("{}", fmt::join(requests.error(), "\n"));
}

TEST(RequestFile, JsonLinesAndYamlBecomeTheSame) {
  const std::vector<RequestSpec> json = read(
      "{\"path\": \"/items/{1..9}\", \"weight\": 9}\n"
      "\n"
      "{\"method\": \"POST\", \"path\": \"/items?a=b c\", \"headers\": {\"host\": \"x\", \"Cookie\": [\"a\", \"b\"]}, "
      "\"body\": \"{\\\"name\\\": \\\"\\ud83d\\ude00\\\"}\", \"weight\": 0.5, \"status\": 201, \"accept\": "
      "\"ok\"}\r\n");
  const std::vector<RequestSpec> yaml = read(
      "# what a shop is asked\n"
      "- path: /items/{1..9}\n"
      "  weight: 9\n"
      "- method: POST\n"
      "  path: /items?a=b c\n"
      "  headers:\n"
      "    host: x\n"
      "    Cookie: [a, b]\n"
      "  body: '{\"name\": \"\U0001F600\"}'\n"
      "  weight: 0.5\n"
      "  status: 201\n"
      "  accept: [ok]\n",
      "dir/r.yaml");
  for (const auto& requests : {json, yaml}) {
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].method, "GET");
    EXPECT_EQ(requests[0].target, "/items/{1..9}");
    EXPECT_EQ(requests[0].weight, 9);
    EXPECT_EQ(requests[0].expected_status, 0);
    EXPECT_EQ(requests[0].headers, base().headers);
    EXPECT_EQ(requests[1].method, "POST");
    EXPECT_EQ(requests[1].target, "/items?a=b%20c");
    EXPECT_EQ(requests[1].body, "{\"name\": \"\U0001F600\"}");
    EXPECT_EQ(requests[1].weight, 0.5);
    EXPECT_EQ(requests[1].expected_status, 201);
    EXPECT_EQ(requests[1].accepted_bodies, std::vector<std::string>{"ok"});
    const std::vector<std::pair<std::string, std::string>> headers{
        {"X-All", "1"}, {"host", "x"}, {"Cookie", "a"}, {"Cookie", "b"}};
    EXPECT_EQ(requests[1].headers, headers) << "its own instead of those of all";
  }
}

TEST(RequestFile, BodiesAreTextJsonFilesOrGenerated) {
  EXPECT_EQ(read("{\"body\": {\"a\": [1, null]}}").front().body, "{\"a\":[1,null]}");
  EXPECT_EQ(read("{\"body_file\": \"item.json\"}").front().body, "the bytes of dir/item.json");
  EXPECT_EQ(read("{\"body_file\": \"/item.json\"}").front().body, "the bytes of /item.json");
  EXPECT_EQ(read("{\"body_bytes\": 1024}").front().body_bytes, 1024);
  EXPECT_EQ(read("- body_bytes: 1KiB", "r.yaml").front().body_bytes, 1024);
  EXPECT_TRUE(read("{\"body\": \"{1..2}\", \"fill_body\": true}").front().fills_body);
  EXPECT_EQ(read("- body: |\n    a\n    b\n", "r.yml").front().body, "a\nb\n");
  EXPECT_EQ(read("{}").front().target, "/base");
}

TEST(RequestFile, ProblemsNameFileLineAndKey) {
  const std::pair<const char*, const char*> json[] = {
      {"", "r.jsonl:1: not a list of requests"},
      {"{\"path\": \"/\"", "r.jsonl:1: not one JSON object: wrong at character 13"},
      {"{}\n{\"path\": 5}\n{", "r.jsonl:3: not one JSON object"},
      {"{}\n{\"path\": \"a\"}", "r.jsonl:2: path is \"a\"; it must begin with /"},
      {"{\"pth\": \"/\"}", "r.jsonl:1: unknown key pth; did you mean path?"},
      {"{\"path\": \"/\", \"path\": \"/b\"}", "r.jsonl:1: the key path is there twice"},
      {"{\"weight\": -1}", "r.jsonl:1: weight is \"-1\"; it must be a number from 0 to 1000000000"},
      {"{\"weight\": \"nan\"}", "weight is \"nan\""},
      {"{\"status\": 99999}", "r.jsonl:1: status is \"99999\"; it must be a whole number from 100 to 999"},
      {"{\"method\": \"G T\"}", "r.jsonl:1: method is \"G T\"; it must be a word such as GET or POST"},
      {"{\"method\": [1]}", "method is no text"},
      {"{\"headers\": \"a\"}", "headers is no map"},
      {"{\"headers\": {\"a b\": \"c\"}}", "headers: a b is no name with a text"},
      {"{\"headers\": {\"a\": \"b\\nc: d\"}}", "headers: a is no name with a text"},
      {"{\"headers\": {\"a\": {}}}", "headers: a is no name with a text"},
      {"{\"body\": \"a\", \"body_bytes\": 5}", "body, body_file and body_bytes exclude each other"},
      {"{\"body_file\": \"missing\"}", "r.jsonl:1: body_file: cannot read missing: no such file"},
      {"{\"fill_body\": 1}", "fill_body must be true or false"},
      {"{\"body\": \"\\ud83d\"}", "r.jsonl:1: not one JSON object"},
      {"{} {}", "r.jsonl:1: not one JSON object"},
      {"{\"a\": \xff}", "r.jsonl:1: not one JSON object"},
  };
  for (const auto& [text, words] : json) EXPECT_NE(problems(text).find(words), std::string::npos) << problems(text);
  const std::pair<const char*, const char*> yaml[] = {
      {"path: /", "r.yaml:1: not a list of requests"},
      {"- path: /\n- path: [\n", "r.yaml:3: "},
      {"- 5", "r.yaml:1: a request is a map"},
      {"- path: /\n  wieght: 3", "r.yaml:2: unknown key wieght; did you mean weight?"},
      {"- path: /\n  path: /b", "r.yaml:2: path is there twice"},
      {"- body:\n    a: b", "r.yaml:2: body is no text"},
      {"- weight: 1\n- weight: x\n- status: y", "r.yaml:2: weight is \"x\""},
      {"- weight: 1\n- weight: x\n- status: y", "r.yaml:3: status is \"y\""},
      {"- &a [*a]", "r.yaml:"},
  };
  for (const auto& [text, words] : yaml)
    EXPECT_NE(problems(text, "r.yaml").find(words), std::string::npos) << text << "\n" << problems(text, "r.yaml");
}

TEST(RequestFile, ReadsExpectationsInBothForms) {
  const std::vector<RequestSpec> yaml = read(
      "- path: /a\n"
      "  expect:\n"
      "    status: [2xx, 404]\n"
      "    content_type: application/json\n"
      "    headers: {ETag: {matches: '^W/'}, X-A: b, X-There: {}}\n"
      "    contains: [x, y]\n"
      "    size: 10..\n"
      "    json:\n"
      "      /id: 7\n"
      "      /name: '7'\n"
      "      /list: [1, a, 'true', null, {b: 1.5}]\n"
      "      /n: {type: integer, min: -1, max: 2.5}\n"
      "      /s: {length: 1..3, matches: x+}\n"
      "      /error: {present: false}\n",
      "r.yaml");
  const std::vector<RequestSpec> json = read(
      R"({"path": "/a", "expect": {"status": ["2xx", 404], "content_type": "application/json", )"
      R"("headers": {"ETag": {"matches": "^W/"}, "X-A": "b", "X-There": {}}, "contains": ["x", "y"], "size": "10..", )"
      R"("json": {"/id": 7, "/name": "7", "/list": [1,"a","true",null,{"b":1.5}], )"
      R"("/n": {"type": "integer", "min": -1, "max": 2.5}, "/s": {"length": "1..3", "matches": "x+"}, )"
      R"("/error": {"present": false}}}})");
  for (const auto& requests : {yaml, json}) {
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].statuses, (std::vector<StatusRange>{{200, 299}, {404, 404}}));
    const std::vector<AnswerRule>& rules = requests[0].rules;
    ASSERT_EQ(rules.size(), 13U);
    EXPECT_EQ(rules[0].value, "application/json");
    EXPECT_EQ(rules[1].matches, "^W/");
    EXPECT_EQ(rules[2].value, "b");
    EXPECT_FALSE(rules[3].value);
    EXPECT_EQ(rules[5].value, "y");
    EXPECT_EQ(rules[6].length_least, 10);
    EXPECT_FALSE(rules[6].length_most);
    EXPECT_EQ(rules[7].value, "7");
    EXPECT_EQ(rules[8].value, "\"7\"");
    EXPECT_EQ(rules[9].value, R"([1,"a","true",null,{"b":1.5}])");
    EXPECT_EQ(rules[10].type, JsonType::integer);
    EXPECT_EQ(rules[10].most, 2.5);
    EXPECT_EQ(rules[11].length_most, 3);
    EXPECT_FALSE(rules[12].present);
  }
}

TEST(RequestFile, ReadsSessions) {
  const std::string yaml =
      "session:\n"
      "- path: /login\n"
      "  take: {token: /token, next: {header: Location}, id: {matches: 'id=(.)x'}}\n"
      "- path: /orders\n"
      "  headers: {Authorization: 'Bearer {token}'}\n";
  const std::string json =
      R"({"session": [{"path": "/login", "take": {"token": "/token", "next": {"header": "Location"}, )"
      R"("id": {"matches": "id=(.)x"}}}, {"path": "/orders", "headers": {"Authorization": "Bearer {token}"}}]})";
  for (const auto& [text, file] : {std::pair(yaml, "r.yaml"), std::pair(json, "r.jsonl")}) {
    const auto made = read_requests(text, file, base(), body_of);
    ASSERT_TRUE(made) << made.error().front();
    EXPECT_TRUE(made->is_session);
    ASSERT_EQ(made->requests.size(), 2U);
    ASSERT_EQ(made->requests[0].takes.size(), 3U);
    EXPECT_EQ(made->requests[0].takes[0].where, "/token");
    EXPECT_EQ(made->requests[0].takes[1].from, TakeFrom::header);
    EXPECT_EQ(made->requests[0].takes[2].from, TakeFrom::pattern);
    EXPECT_EQ(made->requests[1].target, "/orders");
  }
  EXPECT_FALSE(read_requests("- path: /\n", "r.yaml", base(), body_of)->is_session);
}

TEST(RequestFile, SaysWhatIsWrongWithAnExpectation) {
  EXPECT_EQ(problems("- path: /\n"
                     "  expect:\n"
                     "    statsu: 200\n"
                     "    status: 9xy\n"
                     "    size: 5..1\n"
                     "    matches: (\n"
                     "    headers: {A: [b]}\n"
                     "    json:\n"
                     "      a: 1\n"
                     "      /b: {type: text}\n"
                     "      /c: {mni: 1}\n"
                     "      /d: {length: x}\n"
                     "  take: {t: {cookie: a}, u: x, v: {matches: a}}\n",
                     "r.yaml"),
            "r.yaml:3: expect: unknown key statsu; did you mean status?\n"
            "r.yaml:4: status must be one such as 200, 2xx or 200..204, or a list of them\n"
            "r.yaml:5: size is \"5..1\"; it must be a number or a range such as 3, 1..50, 1.. or ..50\n"
            "r.yaml:6: missing ): (\n"
            "r.yaml:7: A: a value, {matches: …}, or {}: it must be there\n"
            "r.yaml:9: \"a\" is no JSON pointer: it begins with /\n"
            "r.yaml:10: type is \"text\"; it must be null, boolean, number, integer, string, array or object\n"
            "r.yaml:11: json: unknown key mni; did you mean min?\n"
            "r.yaml:12: length is \"x\"; it must be a number or a range such as 3, 1..50, 1.. or ..50\n"
            "r.yaml:13: t: a JSON pointer, {header: NAME} or {matches: …}\n"
            "r.yaml:13: what is taken as \"u\": \"x\" is no JSON pointer: it begins with /\n"
            "r.yaml:13: what is taken as \"v\": a pattern with one group is wanted, and \"a\" has 0");
}

}  // namespace
}  // namespace dyno::loadgen

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
  return requests ? std::move(*requests) : std::vector<RequestSpec>(9);
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

}  // namespace
}  // namespace dyno::loadgen

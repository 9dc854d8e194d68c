// The real dyno-load program with files of requests of one's own: each kind of wrong answer ends in words that name the request, what
// was expected and what came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fakes/test_server.h"
#include "integration/load/dyno_load.h"

namespace dyno::loadgen {
namespace {

using fakes::Reply;
using fakes::TestServer;
using testing::HasSubstr;

// A file that goes with its object.
class RequestsFile {
 public:
  explicit RequestsFile(const std::string& text)
      : path_(
            (std::filesystem::temp_directory_path() / ("dyno-own-" + std::to_string(::getpid()) + ".yaml")).string()) {
    std::ofstream(path_) << text;
  }
  ~RequestsFile() { std::filesystem::remove(path_); }
  RequestsFile(const RequestsFile&) = delete;
  RequestsFile& operator=(const RequestsFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Reply as_json(const std::string& body) {
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n\r\n" + body};
}

TEST(OwnAnswers, EachKindOfWrongAnswerIsToldInWords) {
  struct Row {
    const char* kind;
    std::string expect;
    Reply reply;
    const char* words;
  };
  const std::vector<Row> rows = {
      {"bad_status",
       "status: 2xx",
       {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\ndown"},
       "GET /own: status 500: \"down\""},
      {"bad_body", "headers: {ETag: {matches: '^W/'}}", as_json("{}"),
       "GET /own: ETag: expected one that matches ^W/, got none: \"{}\""},
      {"bad_body", "content_type: text/html", as_json("{}"),
       "GET /own: Content-Type: expected \"text/html\", got \"application/json\": \"{}\""},
      {"bad_body", "body: hello", as_json("{}"), "GET /own: expected the body \"hello\", got another: \"{}\""},
      {"bad_body", "json: {/n: 7}", as_json(R"({"n": 8})"), R"(GET /own: /n: expected 7, got 8: "{"n": 8}")"},
      {"bad_body", "json: {/n: {type: integer}}", as_json(R"({"m": 8})"),
       R"(GET /own: /n: expected an integer, got none: "{"m": 8}")"},
      {"bad_body", "json: {/n: {present: true}}", as_json(R"({"n": [1, 2)"),
       R"(GET /own: expected JSON, and it ends too early, behind 11 bytes: "{"n": [1, 2")"},
  };
  for (const Row& row : rows) {
    TestServer server({.handler = [&row](const std::string&, std::int64_t) { return row.reply; }});
    const RequestsFile file("- path: /own\n  expect: {" + row.expect + "}\n");
    const Outcome seen = run({url(server.port()), "--requests", file.path(), "--sample", "1", "-c", "2", "-N", "20"});
    SCOPED_TRACE(row.expect);
    EXPECT_EQ(seen.exit_code, 1);
    // However the lines are broken.
    std::string out;
    for (const char c : seen.out) {
      if (c != '\n' && !(c == ' ' && out.ends_with(' '))) out += c;
      else if (c == '\n' && !out.ends_with(' ')) out += ' ';
    }
    EXPECT_THAT(out, HasSubstr(std::string(row.kind) + ": " + row.words)) << seen.out;
    EXPECT_THAT(seen.err, HasSubstr("no good answer"));
  }
}

TEST(OwnAnswers, ASessionIsReportedWithItsRoundsAndWhatItMissed) {
  TestServer server({.handler = [](const std::string& path, std::int64_t number) {
    if (path == "/login") return as_json(number % 10 == 0 ? "{}" : R"({"token": "abc"})");
    return path == "/orders/abc" ? as_json("[]") : Reply{"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"};
  }});
  const RequestsFile file(
      "session:\n"
      "- path: /login\n"
      "  take: {token: /token}\n"
      "- path: /orders/{token}\n"
      "  expect: {json: {'': {type: array}}}\n");
  const Outcome seen =
      run_json({url(server.port()), "--requests", file.path(), "--sample", "1", "-c", "4", "-N", "400"});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  const auto report = seen.report();
  expect_sums(report);
  EXPECT_EQ(report.at("options").at("session"), true);
  EXPECT_EQ(report.at("errors").at("bad_status"), 0);
  EXPECT_GT(report.at("errors").at("bad_body"), 5);
  EXPECT_GT(report.at("session_rounds"), 150);
  ASSERT_EQ(report.at("bad_bodies").size(), 1U);
  EXPECT_EQ(report.at("bad_bodies")[0].at("take"), "token");
  EXPECT_EQ(report.at("bad_bodies")[0].at("why"),
            "step 1: {token} is taken from the value at /token, and there is none to take");
  const Outcome text = run({url(server.port()), "--requests", file.path(), "-c", "4", "-N", "400"});
  EXPECT_THAT(text.out, HasSubstr("came to their end, of 2 steps each"));
}

TEST(OwnAnswers, WhatCannotBeSentIsSaidBeforeTheLoad) {
  TestServer server;
  const RequestsFile file("session:\n- path: /orders/{token}\n- path: /login\n  take: {token: /token}\n");
  const Outcome seen = run({url(server.port()), "--requests", file.path()});
  EXPECT_EQ(seen.exit_code, 2);
  EXPECT_THAT(seen.err, HasSubstr("step 1 sends what no step before it takes: \"token\""));
  EXPECT_EQ(server.requests(), 0);
}

}  // namespace
}  // namespace dyno::loadgen

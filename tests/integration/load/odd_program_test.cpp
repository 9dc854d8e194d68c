// Servers of odd manners as a person meets them: the real dyno-load program, its exit code, its words and its report.
#include <gtest/gtest.h>

#include <functional>

#include "fakes/scripted_server.h"
#include "fakes/secure_server.h"
#include "fakes/stream_server.h"
#include "integration/load/dyno_load.h"

namespace dyno::loadgen {
namespace {

using fakes::ScriptedServer;
using fakes::Talk;

constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

auto answering(std::string bytes) {
  return [bytes = std::move(bytes)](Talk& talk) {
    while (!talk.request().empty()) talk.say(bytes);
  };
}

Outcome odd(int port, std::vector<std::string> more) {
  std::vector<std::string> words = {url(port), "-c", "1", "-w", "0", "-d", "10", "-N", "20", "-t", "5"};
  words.insert(words.end(), more.begin(), more.end());
  return run_json(words);
}

TEST(OddServersByProgram, EndAtOnceWithWords) {
  int port = 0;
  {
    const ScriptedServer server({.script = answering(kHello)});
    port = server.port();
  }
  const Outcome refused = odd(port, {});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_LT(refused.seconds, 5);
  EXPECT_NE(refused.err.find("connection refused"), std::string::npos) << refused.err;

  const ScriptedServer pages({.script = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")});
  const Outcome no_stream = run_json({url(pages.port()), "-c", "1", "-d", "1", "-r", "10", "--subscribers", "5"});
  EXPECT_EQ(no_stream.exit_code, 1);
  EXPECT_LT(no_stream.seconds, 5);
  EXPECT_NE(no_stream.err.find("has no event stream there: it answered a subscriber with 404"), std::string::npos)
      << no_stream.err;
}

// The same over every protocol; what is no answer to a request says it where it says why there is no load.
TEST(OddServersByProgram, SayWhereTheyPoint) {
  const ScriptedServer plain({.script = answering("HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n")});
  const fakes::SecureServer streams({.tls = false, .http2 = true, .location = "/y"});
  const fakes::SecureServer nowhere({.tls = false, .http2 = true});
  const auto to_status = [](int port) { return "http://127.0.0.1:" + std::to_string(port) + "/status/301"; };
  const std::vector<std::pair<std::vector<std::string>, const char*>> rows = {
      {{url(plain.port())}, "301 to /y"},
      {{to_status(streams.port()), "--http2"}, "301 to /y"},
      {{to_status(nowhere.port()), "--http2"}, "301 without a Location"},
  };
  for (const auto& [asked, words] : rows) {
    std::vector<std::string> line = asked;
    line.insert(line.end(), {"-c", "1", "-N", "20"});
    const Outcome moved = run_json(line);
    EXPECT_EQ(moved.exit_code, 1) << "no good answer";
    EXPECT_EQ(moved.report().at("remarks").at("redirects"), 20) << words;
    EXPECT_EQ(moved.report().at("remarks").at("first_redirect"), words);
  }
  const Outcome messages = run({url(plain.port(), "ws"), "-c", "1", "-N", "20"});
  EXPECT_EQ(messages.exit_code, 1);
  EXPECT_NE(messages.err.find(", and points to /y"), std::string::npos) << messages.err;
  const Outcome events = run({url(plain.port()), "-c", "1", "-d", "1", "-r", "10", "--subscribers", "2"});
  EXPECT_EQ(events.exit_code, 1);
  EXPECT_NE(events.err.find("answered a subscriber with 301, and points to /y"), std::string::npos) << events.err;
}

struct Limited {
  const char* name;
  std::vector<std::string> asks;
  int longest = 0;  // that comes
  bool is_events = false;
};

// To the byte, and told alike.
TEST(OddServersByProgram, HaveOneLimitOfABody) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const ScriptedServer sized({.script = answering(kHello)});
  const ScriptedServer chunked(
      {.script = answering(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")});
  const ScriptedServer until_close({.script = [&ok](Talk& talk) {
    if (!talk.request().empty()) talk.say(ok + "Connection: close\r\n\r\nhello");
  }});
  const fakes::SecureServer streams({.tls = false, .http2 = true});
  const fakes::StreamServer messages({.fragment_every = 2});
  const std::vector<std::string> twenty = {"-c", "1", "-N", "20", "-t", "5"};
  const auto with = [](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::vector<Limited> rows = {
      {"a length", with({url(sized.port())}, twenty), 5},
      {"chunks", with({url(chunked.port())}, twenty), 5},
      {"until close", with({url(until_close.port())}, twenty), 5},
      {"HTTP/2", with({url(streams.port()), "--http2"}, twenty), 2},  // "/x"
      {"WebSocket", with({url(messages.port(), "ws"), "--message-bytes", "300"}, twenty), 300},
      {"SSE", {url(messages.port()), "--subscribers", "3", "-r", "100", "-c", "1", "-d", "500ms", "-w", "0"}, 64, true},
  };
  for (const Limited& row : rows) {
    const auto report_with = [&row, &with](int limit) {
      return run_json(with(row.asks, {"--max-body", std::to_string(limit)})).report();
    };
    const auto good_of = [&row](const nlohmann::json& report) {
      return (row.is_events ? report.at("deliveries") : report).at("good").get<int>();
    };
    const nlohmann::json whole = report_with(row.longest);
    EXPECT_GT(good_of(whole), 0) << row.name;
    EXPECT_EQ(whole.at("remarks").at("refused"), nlohmann::json::array()) << row.name;
    const nlohmann::json cut = report_with(row.longest - 1);
    EXPECT_EQ(good_of(cut), 0) << row.name;
    ASSERT_EQ(cut.at("remarks").at("refused").size(), 1U) << row.name;
    const nlohmann::json& refused = cut.at("remarks").at("refused").at(0);
    EXPECT_EQ(refused.at("why"), "body too large") << row.name;
    EXPECT_NE(refused.at("first_bytes"), "") << row.name;
    if (row.is_events) {
      EXPECT_GT(cut.at("deliveries").at("lost_streams"), 0);
    } else {
      EXPECT_EQ(refused.at("count"), 20) << row.name;
      EXPECT_EQ(cut.at("errors").at("bad_framing"), 20) << row.name;
    }
  }
}

TEST(OddServersByProgram, AreNotWaitedFor) {
  const ScriptedServer waiting({.script = [](Talk& talk) {
    if (talk.request().empty()) return;
    talk.say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    talk.wait_for_end();
  }});
  const Outcome waited = odd(waiting.port(), {});
  EXPECT_EQ(waited.report().at("good"), 20);
  EXPECT_LT(waited.report().at("window_s"), 2) << "200 ms for each would be 4 s";
}

}  // namespace
}  // namespace dyno::loadgen

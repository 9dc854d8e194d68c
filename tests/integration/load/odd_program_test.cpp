// Servers of odd manners as a person meets them: the real dyno-load program, its exit code, its words and its report.
#include <gtest/gtest.h>

#include <unistd.h>

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
  std::vector<std::string> words = {url(port), "-c", "1", "-w", "0s", "-d", "10s", "-N", "20", "-t", "5s"};
  words.insert(words.end(), more.begin(), more.end());
  return run_json(words);
}

TEST(OddServersByProgram, SayAtOnceWhyACertificateIsRefused) {
  const fakes::SecureServer elsewhere({.name = "elsewhere"});
  const Outcome wrong_name = run({"https://localhost:" + std::to_string(elsewhere.port()) + "/", "--ca",
                                  elsewhere.certificate_file(), "-c", "1", "-d", "1s"});
  EXPECT_EQ(wrong_name.exit_code, 1);
  EXPECT_LT(wrong_name.seconds, 5);
  EXPECT_NE(wrong_name.err.find("hostname mismatch"), std::string::npos) << wrong_name.err;
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
  const Outcome no_stream = run_json({url(pages.port()), "-c", "1", "-d", "1s", "-r", "10", "--subscribers", "5"});
  EXPECT_EQ(no_stream.exit_code, 1);
  EXPECT_LT(no_stream.seconds, 5);
  EXPECT_NE(no_stream.err.find("has no event stream there: it answered a subscriber with 404"), std::string::npos)
      << no_stream.err;
}

// A page, which ends, is no stream, however good its status is.
TEST(OddServersByProgram, SayAtOnceThatAPageIsNoStream) {
  const ScriptedServer page({.script = answering(kHello)});
  const Outcome outcome = run({url(page.port()), "-c", "1", "-d", "1s", "-r", "10", "--subscribers", "5"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_LT(outcome.seconds, 5);
  EXPECT_NE(outcome.err.find("its answer to a subscriber ended without an event"), std::string::npos) << outcome.err;
}

// With the default timeout, which is as long as connections are waited for.
TEST(OddServersByProgram, SayWhatNoConnectionGotBeyond) {
  const ScriptedServer silent({.script = [](Talk& talk) { talk.wait_for_end(); }});
  const Outcome outcome = run({url(silent.port(), "ws"), "-c", "4", "-d", "1s"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("it was accepted, and then nothing came"), std::string::npos) << outcome.err;
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
  const Outcome events = run({url(plain.port()), "-c", "1", "-d", "1s", "-r", "10", "--subscribers", "2"});
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
  const std::vector<std::string> twenty = {"-c", "1", "-N", "20", "-t", "5s"};
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
      {"SSE",
       {url(messages.port()), "--subscribers", "3", "-r", "100", "-c", "1", "-d", "500ms", "-w", "0s"},
       64,
       true},
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

TEST(OddServersByProgram, AreReadWhereTheStandardSaysSo) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& answer : std::vector<std::string>{
           ok + "X-A: a\r\n  b\r\nContent-Length: 5\r\n\r\nhello",
           ok + "Content-Length:\r\n 5\r\n\r\nhello",
           chunked + "5  \r\nhello\r\n0\r\n\r\n",
           chunked + "5 ;a=b\r\nhello\r\n0 ; c\r\n\r\n",
       }) {
    const ScriptedServer server({.script = answering(answer)});
    const Outcome seen = odd(server.port(), {});
    EXPECT_EQ(seen.exit_code, 0) << answer << seen.err;
    EXPECT_EQ(seen.report().at("good"), 20) << answer;
  }
  const ScriptedServer wrong({.script = answering("220 smtp ready\r\n")});
  const nlohmann::json refused = odd(wrong.port(), {}).report().at("remarks").at("refused");
  EXPECT_EQ(refused,
            nlohmann::json::parse(R"([{"why":"bad status line","count":20,"first_bytes":"220 smtp ready\\r\\n"}])"));
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

// Measured with those, and told.
TEST(OddServersByProgram, TakeSomeConnections) {
  const std::string path = "/tmp/dyno-odd-program-" + std::to_string(getpid()) + ".sock";
  const ScriptedServer few({.script = answering(kHello), .unix_path = path, .backlog = 0, .most_accepted = 7});
  const Outcome some = run_json({"http://few/", "--unix", path, "-c", "64", "-d", "300ms", "-w", "0s"});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_GT(some.report().at("good"), 0);
  EXPECT_GE(some.report().at("remarks").at("connections_never_opened"), 50);  // the backlog holds one or two more
}

TEST(OddServersByProgram, AreAskedLessAndLessWhereTheyEndEveryConnection) {
  const ScriptedServer none({.script = [](Talk&) {}});
  const Outcome ended = run_json({url(none.port()), "-c", "4", "-d", "700ms", "-w", "0s"});
  EXPECT_EQ(ended.exit_code, 1);
  // Each of the four tried again at once and after 50, 100, 200 and 400 ms.
  EXPECT_LE(none.accepted(), 4 * 8);
  EXPECT_GT(ended.report().at("remarks").at("closed_early"), 0);
}

Outcome streams(const fakes::SecureServer& server) {
  return run_json({url(server.port()), "--http2", "-c", "4", "-p", "8", "-N", "400"});
}

TEST(OddServersByProgram, SayGoodbye) {
  const fakes::SecureServer leaving({.tls = false, .http2 = true, .goodbye_after = 50});
  const Outcome left = streams(leaving);
  EXPECT_EQ(left.exit_code, 0) << left.err;
  EXPECT_EQ(left.report().at("good"), 400);
  EXPECT_EQ(errors_of_sent(left.report()), 0);
  EXPECT_GT(left.report().at("remarks").at("sent_again"), 0);
}

TEST(OddServersByProgram, AllowFewStreams) {
  const fakes::SecureServer strict({.tls = false, .http2 = true, .most_streams = 3});
  const Outcome fewer = streams(strict);
  EXPECT_EQ(fewer.report().at("good"), 400);
  EXPECT_EQ(errors_of_sent(fewer.report()), 0);
  EXPECT_EQ(fewer.report().at("remarks").at("streams_allowed"), 3);
}

}  // namespace
}  // namespace dyno::loadgen

// Servers of odd manners as a person meets them: the real dyno-load program, its exit code, its words and its report.
#include <gtest/gtest.h>

#include "fakes/scripted_server.h"
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

TEST(OddServersByProgram, AreReadAndTold) {
  const ScriptedServer redirecting(
      {.script = answering("HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n")});
  const Outcome moved = odd(redirecting.port(), {});
  EXPECT_EQ(moved.exit_code, 1) << "no good answer";
  EXPECT_EQ(moved.report().at("remarks").at("redirects"), 20);
  EXPECT_EQ(moved.report().at("remarks").at("first_redirect"), "301 to /y");

  const ScriptedServer server({.script = answering(kHello)});
  EXPECT_EQ(odd(server.port(), {"--max-body", "5"}).exit_code, 0);
  const Outcome too_long = odd(server.port(), {"--max-body", "4"});
  EXPECT_EQ(too_long.report().at("errors").at("bad_framing"), 20);
  EXPECT_EQ(too_long.report().at("remarks").at("refused").at(0).at("why"), "body too large");

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

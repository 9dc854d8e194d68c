// Load phases against servers of odd manners, in this process: what is no fault of theirs is no error, and what is one is told in words.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fakes/scripted_server.h"
#include "integration/load/load_phase.h"
#include "integration/load/over_transports.h"
#include "runners/load/clock.h"
#include "runners/load/remarks.h"

namespace dyno::loadgen {
namespace {

using fakes::ScriptedServer;
using fakes::ScriptedServerOptions;
using fakes::Talk;

constexpr std::int64_t kMs = 1'000'000;
constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// Answers every request of a connection with the same bytes.
auto answering(std::string bytes) {
  return [bytes = std::move(bytes)](Talk& talk) {
    while (!talk.request().empty()) talk.say(bytes);
  };
}

class OddServers : public OverTransports {
 protected:
  // As `dyno-load URL -N 100` makes it.
  static LoadSpec spec_for(int port) {
    LoadSpec spec = spec_of(port);
    spec.connections = 4;
    spec.measure_ns = 20'000 * kMs;
    spec.requests_limit = 100;
    spec.requests.emplace_back();
    spec.requests.front().expected_status = 0;
    return spec;
  }
};

std::string told(const LoadSpec& spec, const LoadReport& report) {
  std::string text;
  for (const Remark& remark : remarks_of(spec, report)) text += remark.words + "\n";
  return text;
}

// A port that nobody listens at, of an address that has one elsewhere.
TEST_P(OddServers, TriesTheAddressesOfANameInTurn) {
  const ScriptedServer server({.script = answering(kHello)});
  LoadSpec spec = spec_for(server.port());
  spec.target.address = "::1";  // refused: there nobody listens
  spec.target.further = {"127.0.0.1"};
  const LoadReport report = run(spec);
  EXPECT_EQ(report.all.window.good, 100);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  spec.target = {"127.0.0.1", server.port(), "", {"::1"}, ""};  // and not the second one first
  EXPECT_EQ(run(spec).all.window.good, 100);
}

TEST_P(OddServers, SpeaksOverAUnixSocket) {
  const std::string path = fmt::format("/tmp/dyno-odd-{}.sock", getpid());
  const ScriptedServer server({.script = answering(kHello), .unix_path = path});
  LoadSpec spec = spec_for(0);
  spec.target = {"", 0, "", {}, path};
  const LoadReport report = run(spec);
  EXPECT_EQ(report.all.window.good, 100);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  spec.target.unix_path = std::string(108, 'x');
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("at most 107 bytes"), std::string::npos) << refused.error().message;
}

// Sockets on our side that wait a minute because we ended the connection first.
int lingering_to(int port) {
  std::ifstream table("/proc/net/tcp");
  const std::string remote = fmt::format(":{:04X}", port);
  int count = 0;
  std::string number;
  std::string local;
  std::string peer;
  std::string state;
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    words >> number >> local >> peer >> state;
    if (peer.ends_with(remote) && state == "06") ++count;
  }
  return count;
}

TEST_P(OddServers, WaitsForNoEndThatTheServerLeavesToUs) {
  const std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
  for (const bool server_ends : {false, true}) {
    const ScriptedServer server({.script = [&](Talk& talk) {
      if (talk.request().empty()) return;
      talk.say(answer);
      if (!server_ends) talk.wait_for_end();
    }});
    const LoadReport report = run(spec_for(server.port()));
    EXPECT_EQ(report.all.window.good, 100) << server_ends;
    EXPECT_EQ(report.all.window.all_errors(), 0) << server_ends;
    EXPECT_GE(report.all.window.reconnects, 96) << server_ends;
    EXPECT_LT(report.window_s(), 3) << server_ends << ": 200 ms for each would be 5 s";
    EXPECT_LE(lingering_to(server.port()), 4) << server_ends << ": ports of ours, but for the last connections";
  }
}

TEST_P(OddServers, SaysAtOnceThatThereIsNoTls) {
  const ScriptedServer server({.script = [](Talk& talk) {
    talk.bytes();
    talk.say("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
  }});
  LoadSpec spec = spec_for(server.port());
  spec.tls.is_used = true;
  spec.tls.verify = false;
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("TLS, shaking hands: what came is no TLS"), std::string::npos)
      << refused.error().message;
}

TEST_P(OddServers, SaysAtOnceThatAPortIsRefused) {
  int port = 0;
  {
    const ScriptedServer server({.script = answering(kHello)});
    port = server.port();
  }
  for (const bool needs_all : {false, true}) {
    LoadSpec spec = spec_for(port);
    spec.needs_all_connections = needs_all;
    const std::int64_t begun = monotonic_ns();
    const Result<LoadReport> refused = run_load(spec, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().message, fmt::format("cannot connect to 127.0.0.1 port {}: connection refused", port));
    EXPECT_LT(monotonic_ns() - begun, 3000 * kMs);
  }
}

// Over a unix socket, where a full row of waiting connections takes none: that of TCP lets some believe they are open.
TEST_P(OddServers, MeasuresTheConnectionsThatItGets) {
  const std::string path = fmt::format("/tmp/dyno-odd-{}.sock", getpid());
  const ScriptedServer server({.script = answering(kHello), .unix_path = path, .backlog = 0, .most_accepted = 7});
  LoadSpec spec = spec_for(0);
  spec.target = {"", 0, "", {}, path};
  spec.connections = 64;
  spec.requests_limit = 0;
  spec.measure_ns = 300 * kMs;
  const LoadReport report = run(spec);
  EXPECT_GT(report.all.window.good, 0);
  EXPECT_GE(report.all.remarks.never_opened, 50);  // the backlog holds one or two more
  EXPECT_LE(report.all.remarks.never_opened, 57);
  const std::string words = fmt::format("{} of 64 were never opened", report.all.remarks.never_opened);
  EXPECT_NE(told(spec, report).find(words), std::string::npos) << told(spec, report);
}

TEST_P(OddServers, AsksAServerThatEndsEveryConnectionLessAndLess) {
  const ScriptedServer server({.script = [](Talk&) {}});
  LoadSpec spec = spec_for(server.port());
  spec.requests_limit = 0;
  spec.measure_ns = 700 * kMs;
  const LoadReport report = run(spec);
  EXPECT_EQ(report.all.window.good, 0);
  // 4 connections, each tried again at once and after 50, 100, 200 and 400 ms.
  EXPECT_LE(server.accepted(), 4 * 8);
  EXPECT_GE(server.accepted(), 4 * 3);
  EXPECT_GT(report.all.window.closed_early, 0);
  EXPECT_NE(told(spec, report).find("ended by the server before any answer"), std::string::npos) << told(spec, report);
}

TEST_P(OddServers, GoesBackToFullSpeedAfterAnAnswer) {
  std::atomic<int> spoken = 0;
  const ScriptedServer server({.script = [&](Talk& talk) {
    if (talk.number() % 2 == 0) return;
    for (int i = 0; i < 5 && !talk.request().empty(); ++i, ++spoken) talk.say(kHello);
  }});
  LoadSpec spec = spec_for(server.port());
  spec.connections = 1;
  const LoadReport report = run(spec);
  EXPECT_EQ(report.all.window.good + report.all.window.all_errors(), 100);
  EXPECT_GT(report.all.window.good, 60);
  EXPECT_LT(report.window_s(), 3);
}

struct Answer {
  const char* name;
  std::string bytes;
  ParseError error = ParseError::none;
  const char* excerpt = "";
};

std::vector<Answer> answers() {
  using enum ParseError;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  return {
      {"folded line", ok + "X-A: a\r\n  b\r\nContent-Length: 5\r\n\r\nhello"},
      {"folded length", ok + "Content-Length:\r\n 5\r\n\r\nhello"},
      {"blanks behind a chunk's size", chunked + "5  \r\nhello\r\n0\r\n\r\n"},
      {"an extension behind a blank", chunked + "5 ;a=b\r\nhello\r\n0 ; c\r\n\r\n"},
      {"no HTTP", "220 smtp ready\r\n", bad_status_line, "220 smtp ready\\r\\n"},
      {"a fold in front of every line", ok + " X: a\r\n\r\n", bad_header, "HTTP/1.1 200 OK\\r\\n X: a"},
      {"two lengths", ok + "Content-Length: 1\r\n 2\r\n\r\n", bad_length, "Content-Length: 1\\r\\n 2"},
      {"bad chunk", chunked + "5 hello\r\n", bad_chunk, "5 hello"},
      {"gzip", ok + "Transfer-Encoding: gzip\r\n\r\n", bad_coding, "gzip"},
      {"too long", ok + "Content-Length: 16777217\r\n\r\n", body_too_large, "16777217"},
  };
}

TEST_P(OddServers, ReadsOrSaysWhyItRefuses) {
  for (const Answer& answer : answers()) {
    const ScriptedServer server({.script = answering(answer.bytes)});
    LoadSpec spec = spec_for(server.port());
    spec.requests_limit = 8;
    const LoadReport report = run(spec);
    const bool is_good = answer.error == ParseError::none;
    EXPECT_EQ(report.all.window.good, is_good ? 8 : 0) << answer.name;
    if (is_good) continue;
    const auto number = static_cast<std::size_t>(answer.error);
    EXPECT_EQ(report.all.window.errors[static_cast<std::size_t>(ErrorKind::bad_framing)], 8) << answer.name;
    EXPECT_EQ(report.all.window.refused[number], 8) << answer.name;
    EXPECT_NE(report.all.remarks.refused[number].find(answer.excerpt), std::string::npos)
        << answer.name << ": " << report.all.remarks.refused[number];
  }
}

struct Redirect {
  const char* name;
  std::vector<std::string> pieces;  // of the answer, with a pause behind each
  std::string told;
};

// However its head is cut, also where that of every connection is.
TEST_P(OddServers, TellsWhereARedirectPoints) {
  const std::string end = "\r\nContent-Length: 0\r\n\r\n";
  const std::vector<Redirect> rows = {
      {"whole", {"HTTP/1.1 302 Found\r\nlocation: https://else.where/x" + end}, "302 to https://else.where/x"},
      {"in pieces", {"HTTP/1.1 30", "7 Moved\r\nX: y\r\nLoca", "tion: /z", end}, "307 to /z"},
      {"longer than a read",
       {"HTTP/1.1 301 Moved\r\nLocation: /far\r\nX: " + std::string(40'000, 'x') + end},
       "301 to /far"},
      {"pointing nowhere", {"HTTP/1.1 302 Found" + end}, "302 without a Location"},
  };
  for (const Redirect& row : rows) {
    const ScriptedServer server({.script = [&row](Talk& talk) {
      while (!talk.request().empty()) {
        for (const std::string& piece : row.pieces) {
          talk.say(piece);
          if (row.pieces.size() > 1) ::usleep(2000);
        }
      }
    }});
    LoadSpec spec = spec_for(server.port());
    spec.requests_limit = 40;
    const LoadReport report = run(spec);
    EXPECT_EQ(report.all.window.redirects, 40) << row.name;
    EXPECT_EQ(report.all.remarks.redirect, row.told) << row.name;
    const std::string words = fmt::format("40 answers, first {}; not followed", row.told);
    EXPECT_NE(told(spec, report).find(words), std::string::npos) << row.name << ": " << told(spec, report);
  }
}

TEST_P(OddServers, TellsNoRedirectThatWasAskedFor) {
  const ScriptedServer server({.script = [](Talk& talk) {
    for (std::string head = talk.request(); !head.empty(); head = talk.request())
      talk.say(fmt::format("HTTP/1.1 302 Found\r\nLocation: /from{}\r\nContent-Length: 0\r\n\r\n",
                           head.substr(4, head.find(' ', 4) - 4)));
  }});
  LoadSpec spec = spec_for(server.port());
  spec.requests.front().target = "/expected";
  spec.requests.front().expected_status = 302;
  LoadReport report = run(spec);
  EXPECT_EQ(report.all.window.redirects, 0);
  EXPECT_EQ(report.all.window.good, 100);
  EXPECT_EQ(report.all.remarks.redirect, "");
  spec.requests.emplace_back();
  spec.requests.back().target = "/other";
  report = run(spec);
  EXPECT_EQ(report.all.window.redirects + report.all.window.good, 100);
  EXPECT_EQ(report.all.remarks.redirect, "302 to /from/other");
}

// Longer than any read, with a length, in chunks, or until the connection ends: what stands in the report is how it began.
TEST_P(OddServers, ShowsHowTheBodyOfAnErrorBegan) {
  const std::string body = "upstream is down" + std::string(1'000'000, '.') + "the end";
  const auto chunk = [](std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); };
  const std::vector<std::string> forms = {
      fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body),
      "Transfer-Encoding: chunked\r\n\r\n" + chunk("up") + chunk(body.substr(2)) + chunk(""),
      "Connection: close\r\n\r\n" + body,
  };
  for (const std::string& form : forms) {
    const ScriptedServer server({.script = [&](Talk& talk) {
      if (!talk.request().empty()) talk.say("HTTP/1.1 500 Internal Server Error\r\n" + form);
    }});
    LoadSpec spec = spec_for(server.port());
    spec.connections = 1;
    spec.requests_limit = 1;
    spec.requests.front().expected_status = 200;
    const LoadReport report = run(spec);
    const ErrorExample& example = report.all.examples[static_cast<std::size_t>(ErrorKind::bad_status)];
    EXPECT_EQ(example.status, 500) << form.substr(0, 40);
    EXPECT_EQ(example.text(), body.substr(0, ErrorExample::kBytes)) << form.substr(0, 40);
    spec.requests.front().expected_status = 500;
    spec.requests.front().accepted_bodies = {"up"};
    spec.body_sample_ratio = 1;
    const LoadReport compared = run(spec);
    EXPECT_EQ(compared.all.examples[static_cast<std::size_t>(ErrorKind::bad_body)].text(),
              body.substr(0, ErrorExample::kBytes))
        << form.substr(0, 40);
  }
}

// A phase of the daemon is not silently another one.
TEST(OddServersAlone, FailsWithoutAllConnectionsWhereTheyAreNeeded) {
  const ScriptedServer server({.script = answering(kHello), .backlog = 6, .most_accepted = 0});
  LoadSpec spec;
  spec.target = {"127.0.0.1", server.port(), ""};
  spec.connections = 16;
  spec.measure_ns = 100 * kMs;
  spec.needs_all_connections = true;
  spec.timeout_ns = 3000 * kMs;
  spec.requests.emplace_back();
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("only 7 of 16 connections"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("in 10 s (it was not accepted in time)"), std::string::npos)
      << refused.error().message;
}

INSTANTIATE_TEST_SUITE_P(Transports, OddServers, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen

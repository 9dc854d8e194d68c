// The real dyno-load program by itself, against servers that are odd in one way each: what it counts, what it says and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>

#include "fakes/secure_server.h"
#include "fakes/stream_server.h"
#include "fakes/test_server.h"
#include "integration/load/dyno_load.h"

namespace dyno::loadgen {
namespace {

using fakes::Reply;
using fakes::TestServer;
using nlohmann::json;
using std::chrono::milliseconds;
using testing::HasSubstr;

// ---- -N ----
struct CountRow {
  const char* name;
  std::vector<std::string> options;
  int requests;
  int exit_code = 0;
};

TEST(LoadCounts, SendsExactlyAsManyRequestsAsItWasTold) {
  const std::vector<CountRow> rows = {
      {"fewer than connections", {"-c", "64"}, 10},
      {"one", {"-c", "1"}, 1},
      {"as many as connections", {"-c", "8"}, 8},
      {"more", {"-c", "7"}, 1000},
      {"fewer than workers", {"-c", "8", "--cpus", cpus()}, 1},
      {"not the same for each worker", {"-c", "9", "--cpus", cpus()}, 101},
      {"fewer than a pipeline", {"-c", "4", "-p", "16"}, 5},
      {"pipelined", {"-c", "4", "-p", "16"}, 333},
      {"a new connection for each", {"-c", "4", "-n", "1"}, 33},
      {"open loop", {"-c", "4", "-r", "500"}, 100},
      {"an open loop that says hello", {"-c", "64", "-r", "10", "-w", "10ms"}, 3, 1},
      {"with a warm-up that is asked for", {"-c", "8", "-w", "10ms"}, 20000},
      {"epoll", {"-c", "64", "--transport", "epoll"}, 10},
  };
  for (const CountRow& row : rows) {
    std::atomic<int> posts{0};
    TestServer server({.handler = [&](const std::string&, std::int64_t) {
      ++posts;
      return fakes::ok("Hello, World!");
    }});
    std::vector<std::string> arguments = {url(server.port()),          "-m", "POST", "-b", "x", "-N",
                                          std::to_string(row.requests)};
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const Outcome seen = run_json(arguments);
    SCOPED_TRACE(row.name);
    EXPECT_EQ(posts, row.requests) << seen.out << seen.err;
    EXPECT_LT(seen.seconds, 10);
    EXPECT_EQ(seen.exit_code, row.exit_code) << seen.err;
    if (row.exit_code != 0) {
      EXPECT_THAT(seen.err, HasSubstr("all requests were sent in the warm-up"));
    }
    expect_sums(seen.report());
    EXPECT_EQ(seen.report().at("ended"), "count");
  }
}

TEST(LoadCounts, SendsExactlyAsManyMessagesAsItWasTold) {
  fakes::StreamServer server;
  for (const int messages : {3, 500}) {
    const std::int64_t before = server.messages();
    const Outcome seen = run_json({url(server.port(), "ws"), "-c", "16", "-p", "4", "-N", std::to_string(messages)});
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    EXPECT_EQ(server.messages() - before, messages);
    EXPECT_LT(seen.seconds, 10);
    expect_sums(seen.report());
  }
}

TEST(LoadCounts, SendsExactlyAsManyStreamsAsItWasTold) {
  for (const int streams : {3, 500}) {
    const fakes::SecureServer server({.tls = false, .http2 = true});
    const Outcome seen =
        run_json({url(server.port()), "--http2", "-c", "16", "-p", "4", "-N", std::to_string(streams)});
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    EXPECT_EQ(server.streams(), streams);
    EXPECT_LT(seen.seconds, 10);
    expect_sums(seen.report());
  }
}

// The server goes away for good: nothing that is left can be sent, and there is no time that would end the run.
TEST(LoadCounts, EndsWhereTheRestCanNeverBeSent) {
  auto server = std::make_unique<TestServer>();
  const int port = server->port();
  cli::Program program(kProgram, {url(port), "-c", "2", "-r", "100", "-N", "100000", "-t", "1s", "--json"});
  await_requests(*server, 20);
  server.reset();
  const cli::Ended ended = await_end(program);
  const auto report = json::parse(ended.out, nullptr, false);
  ASSERT_FALSE(report.is_discarded()) << ended.err;
  EXPECT_EQ(report.at("ended"), "unreachable");
  expect_sums(report);
  EXPECT_GT(report.at("errors").at("connect").get<int>(), 0);
}

TEST(LoadCounts, EndsTinyWindows) {
  TestServer server;
  for (const char* const window : {"100us", "1ms", "20ms"}) {
    for (const char* const rate : {"", "10", "100000"}) {
      std::vector<std::string> arguments = {url(server.port()), "-c", "4", "-w", "0s", "-d", window};
      if (*rate != '\0') arguments.insert(arguments.end(), {"-r", rate});
      for (int i = 0; i < 5; ++i) {  // what hangs may do so only at most times
        const Outcome seen = run_json(arguments);
        EXPECT_LT(seen.seconds, 5) << window << " " << rate;
        EXPECT_TRUE(seen.exit_code == 0 || seen.exit_code == 1) << window << " " << rate << seen.exit_code;
        if (!seen.out.empty()) expect_sums(seen.report());
      }
    }
  }
}

// ---- sent = good + errors + unanswered ----
TEST(LoadCounts, AddUpWhateverTheServerDoes) {
  const auto every = [](std::int64_t nth, Reply odd) {
    return
        [nth, odd](const std::string&, std::int64_t number) { return number % nth == nth - 1 ? odd : fakes::ok("x"); };
  };
  Reply reset;
  reset.reset = true;
  Reply close;
  close.close = true;
  Reply last = fakes::ok("x");
  last.close = true;
  const Reply no{"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"};
  struct Row {
    const char* name;
    std::function<Reply(const std::string&, std::int64_t)> handler;
  };
  const std::vector<Row> rows = {
      {"good", every(1'000'000'000, no)},
      {"500 only", every(1, no)},
      {"500 at times", every(7, no)},
      {"closes without an answer", every(1, close)},
      {"closes behind each", every(1, last)},
      {"resets at times", every(5, reset)},
      {"never answers", every(1, hold())},
      {"never answers some", every(50, hold())},
      {"no HTTP", every(3, {"220 smtp\r\n"})},
      {"too long", every(3, {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"})},
  };
  for (const Row& row : rows) {
    for (const std::vector<std::string>& how : std::vector<std::vector<std::string>>{
             {}, {"-p", "8"}, {"-r", "800"}, {"-N", "400"}, {"-n", "3"}, {"--cpus", cpus()}, {"-w", "50ms"}}) {
      TestServer server({.handler = row.handler});
      std::vector<std::string> arguments = {url(server.port()), "-c", "8", "-d", "150ms", "-t", "60ms"};
      if (std::find(how.begin(), how.end(), "-w") == how.end()) arguments.insert(arguments.end(), {"-w", "0s"});
      arguments.insert(arguments.end(), how.begin(), how.end());
      const Outcome seen = run_json(arguments);
      SCOPED_TRACE(testing::Message() << row.name << " " << testing::PrintToString(how));
      EXPECT_LT(seen.seconds, 5);
      if (seen.err.find("did not get its CPU") == std::string::npos) expect_sums(seen.report());
    }
  }
}

// ---- no survivors' percentiles ----
// Answers for a while and then freezes: what is under way then has waited for the rest of the window.
TEST(LoadSurvivors, AFreezeIsSeenInBothLoops) {
  for (const std::vector<std::string>& how :
       std::vector<std::vector<std::string>>{{}, {"-p", "4"}, {"-r", "500"}, {"--transport", "epoll"}}) {
    const auto begin = std::chrono::steady_clock::now();
    TestServer server({.handler = [begin](const std::string&, std::int64_t) {
      return std::chrono::steady_clock::now() - begin < milliseconds(700) ? fakes::ok("x") : hold();
    }});
    std::vector<std::string> arguments = {url(server.port()), "-c", "8", "-d", "2s", "-w", "0s"};
    arguments.insert(arguments.end(), how.begin(), how.end());
    const Outcome seen = run_json(arguments);
    SCOPED_TRACE(testing::PrintToString(how));
    ASSERT_EQ(seen.exit_code, 0) << seen.err;
    const json report = seen.report();
    expect_sums(report);
    const bool is_open = how.size() == 2 && how[0] == "-r";
    const json& times = report.at(is_open ? "latency" : "service_time");
    EXPECT_GE(report.at("unanswered").get<int>(), is_open ? 300 : 8);
    EXPECT_GE(report.at("waited_least_ns").get<std::int64_t>(), 1'900'000'000);
    EXPECT_FALSE(times.contains("max_ns")) << times.dump();
    EXPECT_THAT(times.at("withheld").dump(), HasSubstr("max_ns"));
    EXPECT_FALSE(is_open && times.contains("p90_ns")) << times.dump();
    const Outcome text = run(arguments);
    EXPECT_THAT(text.out, testing::AnyOf(HasSubstr("never answered"), HasSubstr("never had an answer")));
  }
}

TEST(LoadSurvivors, ConnectionsThatAreNeverServedAreTold) {
  // The first request of each connection but two is held, for good.
  const auto handler = [](const std::string&, std::int64_t number) {
    return number < 2 || number >= 64 ? fakes::ok("x") : hold();
  };
  TestServer server({.handler = handler});
  const Outcome seen = run_json({url(server.port()), "-c", "64", "-d", "300ms", "-w", "0s"});
  ASSERT_EQ(seen.exit_code, 0) << seen.err;
  const json report = seen.report();
  EXPECT_EQ(report.at("connections_asked"), 64);
  EXPECT_EQ(report.at("connections_unserved"), 62);
  EXPECT_EQ(report.at("unanswered"), 62);
  EXPECT_GE(report.at("waited_least_ns").get<std::int64_t>(), 2'200'000'000);
  TestServer again({.handler = handler});
  const Outcome text = run({url(again.port()), "-c", "64", "-d", "300ms", "-w", "100ms"});
  EXPECT_THAT(text.out, HasSubstr("62 of 64 never had an answer"));
}

// What timed out has waited for as long as it was given.
TEST(LoadSurvivors, TimeoutsCountWithTheTimeTheyWaited) {
  TestServer server(
      {.handler = [](const std::string&, std::int64_t number) { return number % 10 == 9 ? hold() : fakes::ok("x"); }});
  const Outcome seen = run_json({url(server.port()), "-c", "8", "-N", "400", "-t", "100ms"});
  ASSERT_EQ(seen.exit_code, 0) << seen.err;
  const json report = seen.report();
  expect_sums(report);
  const int timeouts = report.at("errors").at("timeout").get<int>();
  EXPECT_EQ(timeouts, 40);
  EXPECT_EQ(report.at("unanswered"), 40);
  EXPECT_EQ(report.at("service_time").at("n"), 400);
  EXPECT_GE(report.at("waited_least_ns").get<std::int64_t>(), 100'000'000);
  EXPECT_FALSE(report.at("service_time").contains("max_ns"));
}

}  // namespace
}  // namespace dyno::loadgen

// The real dyno-load program by itself, against servers that are odd in one way each: what it counts, what it says and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>

#include "fakes/stream_server.h"
#include "fakes/test_server.h"
#include "integration/cli/program.h"

namespace dyno::loadgen {
namespace {

using fakes::Reply;
using fakes::TestServer;
using nlohmann::json;

constexpr const char* kProgram = DYNO_BIN_DIR "/dyno-load";

std::string url(int port, const std::string& scheme = "http") {
  return scheme + "://127.0.0.1:" + std::to_string(port) + "/x";
}

// The first two that this process may use, or the one: as many workers.
std::string cpus() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::string list;
  int found = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) list += (found++ == 0 ? "" : ",") + std::to_string(cpu);
  }
  return list;
}

struct Outcome {
  int exit_code = -1;
  double seconds = 0;
  std::string out;
  std::string err;

  json report() const {
    auto parsed = json::parse(out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << out << err;
    return parsed;
  }
};

Outcome run(std::vector<std::string> arguments) {
  const auto begin = std::chrono::steady_clock::now();
  cli::Program program(kProgram, arguments);
  const cli::Ended ended = program.wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return {ended.exit_code, took.count(), ended.out, ended.err};
}

Outcome run_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return run(std::move(arguments));
}

std::int64_t errors_of_sent(const json& report) {
  std::int64_t sum = 0;
  for (const auto& [kind, count] : report.at("errors").items()) {
    if (kind != "connect" && kind != "dropped") sum += count.get<std::int64_t>();
  }
  return sum;
}

// sent = good + errors + unanswered.
void expect_sums(const json& report) {
  if (report.is_discarded()) return;
  EXPECT_EQ(report.at("sent").get<std::int64_t>(),
            report.at("good").get<std::int64_t>() + errors_of_sent(report) + report.at("in_flight").get<std::int64_t>())
      << report.dump(1);
}

Reply hold() {
  Reply reply;
  reply.hold = true;
  return reply;
}

// ---- -N ----
struct CountRow {
  const char* name;
  std::vector<std::string> options;
  int requests;
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
      {"an open loop that says hello", {"-c", "64", "-r", "10", "-w", "10ms"}, 3},
      {"with a warm-up that is asked for", {"-c", "8", "-w", "20ms"}, 5000},
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
    if (seen.exit_code != 0) {
      ADD_FAILURE() << seen.exit_code << seen.err;
      continue;
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

// The server goes away for good: nothing that is left can be sent, and there is no time that would end the run.
TEST(LoadCounts, EndsWhereTheRestCanNeverBeSent) {
  auto server = std::make_unique<TestServer>();
  const int port = server->port();
  cli::Program program(kProgram, {url(port), "-c", "2", "-r", "100", "-N", "100000", "-t", "1s", "--json"});
  while (server->requests() < 20) usleep(1000);
  server.reset();
  const cli::Ended ended = program.wait();
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
      const Outcome seen = run_json(arguments);
      EXPECT_LT(seen.seconds, 5) << window << " " << rate;
      EXPECT_TRUE(seen.exit_code == 0 || seen.exit_code == 1) << window << " " << rate << seen.exit_code;
      if (!seen.out.empty()) expect_sums(seen.report());
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

}  // namespace
}  // namespace dyno::loadgen

// dyno-load as a person runs it: the real program, its exit code, its words, and its report, which must be as its schema says. For
// tests.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "fakes/test_server.h"
#include "integration/cli/program.h"
#include "unit/runner_load/load_schema.h"

namespace dyno::loadgen {

inline constexpr const char* kProgram = DYNO_BIN_DIR "/dyno-load";

inline std::string url(int port, const std::string& scheme = "http") {
  return scheme + "://127.0.0.1:" + std::to_string(port) + "/x";
}

// The first two that this process may use, or the one: as many workers.
inline std::string cpus() {
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

  nlohmann::json report() const {
    auto parsed = nlohmann::json::parse(out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << out << err;
    if (parsed.is_discarded()) return parsed;
    for (const std::string& fault : breaks_load_schema(parsed)) ADD_FAILURE() << fault;
    return parsed;
  }
};

// What does not end ends the test, with words: everything that is run here takes a few seconds.
inline cli::Ended await_end(cli::Program& program) {
  constexpr std::chrono::seconds kLongest(30);
  cli::Ended ended = program.wait_at_most(kLongest);
  if (ended.exit_code == -SIGKILL) throw std::runtime_error("the program had not ended after 30 s");
  return ended;
}

inline Outcome run(std::vector<std::string> arguments) {
  const auto begin = std::chrono::steady_clock::now();
  cli::Program program(kProgram, arguments);
  const cli::Ended ended = await_end(program);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return {ended.exit_code, took.count(), ended.out, ended.err};
}

inline Outcome run_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return run(std::move(arguments));
}

inline std::int64_t errors_of_sent(const nlohmann::json& report) {
  std::int64_t sum = 0;
  for (const auto& [kind, count] : report.at("errors").items()) {
    if (kind != "connect" && kind != "dropped") sum += count.get<std::int64_t>();
  }
  return sum;
}

// sent = good + errors + unanswered.
inline void expect_sums(const nlohmann::json& report) {
  if (report.is_discarded()) return;
  EXPECT_EQ(report.at("sent").get<std::int64_t>(),
            report.at("good").get<std::int64_t>() + errors_of_sent(report) + report.at("in_flight").get<std::int64_t>())
      << report.dump(1);
}

inline fakes::Reply hold() {
  fakes::Reply reply;
  reply.hold = true;
  return reply;
}

// Fails where the program has ended before, or never asks.
inline void await_requests(const fakes::TestServer& server, std::int64_t count) {
  for (int tries = 0; tries < 20'000; ++tries) {
    if (server.requests() >= count) return;
    ::usleep(1000);
  }
  FAIL() << "only " << server.requests() << " of " << count << " requests came within 20 s";
}

}  // namespace dyno::loadgen

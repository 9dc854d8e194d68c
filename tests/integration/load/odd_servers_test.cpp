// Load phases against servers of odd manners, in this process: what is no fault of theirs is no error, and what is one is told in words.
#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fakes/scripted_server.h"
#include "runners/load/clock.h"
#include "runners/load/run_load.h"
#include "runners/load/transport/transport.h"

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

// Every test runs over both transports.
class OddServers : public testing::TestWithParam<TransportKind> {
 protected:
  void SetUp() override {
    if (!make_transport(spec_for(1), 1)) GTEST_SKIP() << "this kernel offers no io_uring: NOT TESTED";
  }

  // As `dyno-load URL -N 100` makes it.
  static LoadSpec spec_for(int port) {
    LoadSpec spec;
    spec.target = {"127.0.0.1", port, ""};
    spec.transport = GetParam();
    spec.connections = 4;
    spec.measure_ns = 20'000 * kMs;
    spec.requests_limit = 100;
    spec.requests.emplace_back();
    spec.requests.front().expected_status = 0;
    return spec;
  }
};

LoadReport run(const LoadSpec& spec) {
  Result<LoadReport> report = run_load(spec, {});
  for (int i = 0; i < 5 && !report && report.error().message.find("did not get its CPU") != std::string::npos; ++i)
    report = run_load(spec, {});
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? std::move(*report) : LoadReport();
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

INSTANTIATE_TEST_SUITE_P(Transports, OddServers, testing::Values(TransportKind::epoll, TransportKind::io_uring),
                         [](const testing::TestParamInfo<TransportKind>& tested) {
                           return tested.param == TransportKind::epoll ? "epoll" : "io_uring";
                         });

}  // namespace
}  // namespace dyno::loadgen

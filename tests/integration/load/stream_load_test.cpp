// WebSocket and event-stream load against a server that can be told to misbehave, in this process.
#include <gtest/gtest.h>

#include "fakes/stream_server.h"
#include "integration/load/load_phase.h"
#include "integration/load/over_transports.h"

namespace dyno::loadgen {
namespace {

using fakes::StreamServer;
using fakes::StreamServerOptions;

constexpr std::int64_t kMs = 1'000'000;
// For windows that end by count, so that nothing depends on how fast the machine is: reached only by what hangs.
constexpr std::int64_t kFarOffNs = 60'000 * kMs;

class StreamLoad : public OverTransports {
 protected:
  static LoadSpec websocket(int port, std::int64_t bytes) {
    LoadSpec spec = spec_of(port);
    spec.protocol = Protocol::websocket;
    spec.connections = 8;
    spec.warm_up_ns = 50 * kMs;
    spec.measure_ns = kFarOffNs;
    spec.requests_limit = 400;
    spec.body_sample_ratio = 1;
    spec.stream.target = "/ws";
    spec.requests.emplace_back();
    spec.requests.front().body_bytes = bytes;
    return spec;
  }

  static LoadSpec sse(int port) {
    LoadSpec spec = websocket(port, 64);
    spec.protocol = Protocol::sse;
    spec.measure_ns = 300 * kMs;
    spec.requests_limit = 0;
    spec.open_loop = true;
    spec.rate_per_s = 100;
    spec.connections = 2;
    spec.subscribers = 20;
    spec.stream.target = "/sse?topic=t";
    spec.requests.front().method = "POST";
    spec.requests.front().target = "/sse?topic=t";
    spec.requests.front().expected_status = 202;
    return spec;
  }
};

TEST_P(StreamLoad, EchoesMessagesOfEveryLengthForm) {
  for (const std::int64_t bytes : {1, 125, 126, 4096, 65'535, 65'536, 300'000}) {
    StreamServer server;
    for (const bool is_binary : {false, true}) {
      LoadSpec spec = websocket(server.port(), bytes);
      spec.requests.front().is_binary = is_binary;
      spec.requests_limit = 50;
      const LoadReport report = run(spec);
      expect_sums(report);
      EXPECT_EQ(report.all.window.all_errors(), 0) << bytes;
      EXPECT_GE(report.all.window.good, 50) << bytes;
      EXPECT_GT(report.all.window.bodies_checked, 3) << bytes;
    }
    EXPECT_EQ(server.unmasked(), 0);
  }
}

TEST_P(StreamLoad, DrawsMessagesAndHoldsAnswersAgainstRules) {
  StreamServer server({.fragment_every = 5});
  LoadSpec spec = websocket(server.port(), 0);
  spec.pipeline = 8;
  spec.requests_limit = 1000;
  RequestSpec& message = spec.requests.front();
  message.body = R"({"n": {1..9}, "id": "{uuid}"})";
  message.fills_body = true;
  message.rules.resize(2);
  message.rules[0].kind = RuleKind::json;
  message.rules[0].name = "/n";
  message.rules[0].type = JsonType::integer;
  message.rules[1].kind = RuleKind::json;
  message.rules[1].name = "/id";
  message.rules[1].length_least = message.rules[1].length_most = 36;
  LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GE(report.all.window.bodies_checked, 1000);
  message.rules[1].length_least = 37;
  message.rules[1].length_most.reset();
  report = run(spec);
  expect_sums(report);
  EXPECT_EQ(errors(report, ErrorKind::bad_body), report.all.window.all_errors());
  EXPECT_EQ(report.all.window.good, 0);
  ASSERT_EQ(report.all.bad_bodies.size(), 1U);
  EXPECT_EQ(report.all.bad_bodies.front().rule, 1);
}

TEST_P(StreamLoad, KeepsSeveralMessagesInFlight) {
  StreamServer server({.ping_every = 7, .fragment_every = 5});
  LoadSpec spec = websocket(server.port(), 64);
  spec.pipeline = 8;
  spec.requests_limit = 1000;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GE(report.all.window.good, 1000);
  EXPECT_GT(server.pongs(), 50);
}

TEST_P(StreamLoad, AnswersPingsOfIdleConnections) {
  StreamServer server({.ping_every = 1});
  LoadSpec spec = websocket(server.port(), 64);
  spec.measure_ns = 300 * kMs;
  spec.requests_limit = 0;
  spec.open_loop = true;
  spec.rate_per_s = 200;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(report.all.window.due, 60);
  EXPECT_GE(server.pongs(), 50);
}

TEST_P(StreamLoad, CountsWhatAnEchoMayDoWrong) {
  StreamServer changing({.change_every = 10});
  LoadReport report = run(websocket(changing.port(), 64));
  expect_sums(report);
  EXPECT_GT(errors(report, ErrorKind::bad_body), 5);
  ASSERT_EQ(report.all.bad_bodies.size(), 1U);
  EXPECT_EQ(report.all.bad_bodies.front().bytes.size(), 64U);

  StreamServer closing({.close_every = 10});
  report = run(websocket(closing.port(), 64));
  expect_sums(report);
  EXPECT_GT(errors(report, ErrorKind::reset), 5);
  EXPECT_GE(report.all.window.reconnects, errors(report, ErrorKind::reset) - 8);
  EXPECT_GT(report.all.window.good, 4 * errors(report, ErrorKind::reset));
}

TEST_P(StreamLoad, DeliversEveryMessageToEverySubscriber) {
  StreamServer server;
  const LoadReport report = run(sse(server.port()));
  expect_sums(report);
  const Deliveries& deliveries = report.all.deliveries;
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(report.all.window.due, 30);
  EXPECT_EQ(deliveries.expected, 30 * 20);
  EXPECT_EQ(deliveries.good, deliveries.expected);
  EXPECT_EQ(deliveries.missed() + deliveries.doubled + deliveries.bad + deliveries.lost_streams, 0);
  EXPECT_EQ(static_cast<std::int64_t>(report.all.delivery.count()), deliveries.good);
  EXPECT_GT(report.all.delivery.percentile_ns(50), 1000);
}

TEST_P(StreamLoad, SharesSubscribersAmongWorkers) {
  StreamServer server;
  LoadSpec spec = sse(server.port());
  spec.cpus = {0, 0};
  spec.subscribers = 7;
  const LoadReport report = run(spec);
  EXPECT_EQ(report.all.deliveries.expected, 30 * 7);
  EXPECT_EQ(report.all.deliveries.good, 30 * 7);
}

TEST_P(StreamLoad, CountsDeliveriesThatAreMissingDoubledOrChanged) {
  StreamServer skipping({.skip_every = 50});
  LoadReport report = run(sse(skipping.port()));
  EXPECT_EQ(report.all.deliveries.expected, 600);
  EXPECT_NEAR(static_cast<double>(report.all.deliveries.missed()), 12, 1);

  StreamServer doubling({.double_every = 50});
  report = run(sse(doubling.port()));
  EXPECT_EQ(report.all.deliveries.good, 600);
  EXPECT_NEAR(static_cast<double>(report.all.deliveries.doubled), 12, 1);

  StreamServer changing({.change_every = 10});
  report = run(sse(changing.port()));
  EXPECT_NEAR(static_cast<double>(report.all.deliveries.bad), 60, 20);
  EXPECT_EQ(report.all.deliveries.missed(), report.all.deliveries.expected - report.all.deliveries.good);
}

TEST(StreamLoadAlone, SaysThatStreamsAreRefused) {  // once, for it takes the ten seconds that connecting may take
  StreamServer server({.refuse = true});
  LoadSpec spec;
  spec.target = {"127.0.0.1", server.port(), ""};
  spec.protocol = Protocol::websocket;
  spec.connections = 8;
  spec.measure_ns = 100 * kMs;
  spec.requests.emplace_back();
  spec.requests.front().body_bytes = 8;
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cannot connect"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("HTTP/1.1 404"), std::string::npos) << refused.error().message;
}

INSTANTIATE_TEST_SUITE_P(Transports, StreamLoad, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen

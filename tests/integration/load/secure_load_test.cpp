// TLS and HTTP/2 against a server made with the same libraries, in this process.
#include <gtest/gtest.h>

#include "fakes/secure_server.h"
#include "integration/load/load_phase.h"
#include "integration/load/over_transports.h"
#include "runners/load/clock.h"
#include "runners/load/remarks.h"

namespace dyno::loadgen {
namespace {

using fakes::SecureServer;
using fakes::SecureServerOptions;

constexpr std::int64_t kMs = 1'000'000;
// For windows that end by count, so that nothing depends on how fast the machine is: reached only by what hangs.
constexpr std::int64_t kFarOffNs = 60'000 * kMs;

class SecureLoad : public OverTransports {
 protected:
  static LoadSpec spec_for(const SecureServer& server, bool tls) {
    LoadSpec spec = spec_of(server.port());
    spec.connections = 4;
    spec.warm_up_ns = 50 * kMs;
    spec.measure_ns = kFarOffNs;
    spec.requests_limit = 400;
    spec.body_sample_ratio = 1;
    spec.tls.is_used = tls;
    spec.tls.host = "localhost";
    spec.tls.ca_file = server.certificate_file();
    spec.requests.emplace_back();
    spec.requests.front().target = "/hello";
    spec.requests.front().accepted_bodies = {"/hello"};
    return spec;
  }

  static LoadSpec http2_for(const SecureServer& server, bool tls) {
    LoadSpec spec = spec_for(server, tls);
    spec.protocol = Protocol::http2;
    spec.pipeline = 8;
    return spec;
  }
};

std::string told(const LoadSpec& spec, const LoadReport& report) {
  std::string text;
  for (const Remark& remark : remarks_of(spec, report)) text += remark.words + "\n";
  return text;
}

TEST_P(SecureLoad, SpeaksBothVersionsOfTls) {
  for (const int version : {0x0303, 0x0304}) {
    SecureServer server({.highest_version = version});
    const LoadReport report = run(spec_for(server, true));
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0);
    EXPECT_GE(report.all.window.good, 400);
    EXPECT_NE(report.security.find(version == 0x0304 ? "TLSv1.3" : "TLSv1.2"), std::string::npos) << report.security;
    EXPECT_NE(report.security.find(", verified, 4 handshakes of which"), std::string::npos) << report.security;
  }
}

TEST_P(SecureLoad, PipelinesWithinTls) {
  SecureServer server;
  LoadSpec spec = spec_for(server, true);
  spec.pipeline = 8;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GE(report.all.window.good, 400);
}

TEST_P(SecureLoad, ResumesSessionsWhenTold) {
  for (const bool resume : {true, false}) {
    SecureServer server;
    LoadSpec spec = spec_for(server, true);
    spec.tls.resume = resume;
    spec.requests_per_connection = 3;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0);
    EXPECT_GE(report.all.window.reconnects, 400 / 3 - 8);
    if (resume) EXPECT_GT(server.resumed(), 100);
    else EXPECT_EQ(server.resumed(), 0);
  }
}

TEST_P(SecureLoad, SpeaksHttp2WithAndWithoutTls) {
  for (const bool tls : {false, true}) {
    SecureServer server({.tls = tls, .http2 = true});
    LoadSpec spec = http2_for(server, tls);
    spec.requests.front().headers = {{"X-Test", "y"}, {"Host", "example"}};
    spec.requests.emplace_back();
    spec.requests.back().target = "/n/{10..99}";
    spec.requests.back().accepted_bodies = {"/n/??"};
    spec.requests.back().weight = 0;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0);
    EXPECT_GE(report.all.window.good, 400);
    EXPECT_GT(report.all.window.bodies_checked, 20);
    EXPECT_LE(report.all.in_flight_begin, 32);
    EXPECT_EQ(report.all.in_flight_end, 0);
  }
}

TEST_P(SecureLoad, SendsBodiesLargerThanAWindow) {
  SecureServer server({.tls = false, .http2 = true});
  LoadSpec spec = http2_for(server, false);
  spec.requests.front().method = "POST";
  spec.requests.front().body_bytes = 300'000;
  spec.requests.front().accepted_bodies = {"300000"};
  spec.requests_limit = 50;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GE(report.all.window.good, 50);
}

TEST_P(SecureLoad, KeepsARateOverStreams) {
  SecureServer server({.tls = false, .http2 = true});
  LoadSpec spec = http2_for(server, false);
  spec.measure_ns = 300 * kMs;
  spec.requests_limit = 0;
  spec.open_loop = true;
  spec.rate_per_s = 1000;
  spec.connections = 1;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(report.all.window.due, 300);
}

// Of the whole run: fewer than streams, fewer than connections, and many.
TEST_P(SecureLoad, SendsExactlyAsManyStreamsAsItWasTold) {
  for (const std::int64_t requests : {3, 10, 777}) {
    SecureServer server({.tls = false, .http2 = true});
    LoadSpec spec = http2_for(server, false);
    spec.warm_up_ns = 0;
    spec.limit_has_warm_up = true;
    spec.requests_limit = requests;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.good, requests);
    EXPECT_EQ(server.streams(), requests);
  }
}

TEST_P(SecureLoad, CountsStreamsThatAreNeverAnsweredWithTheTimeTheyWaited) {
  SecureServer server({.tls = false, .http2 = true, .hold_every = 100});
  LoadSpec spec = http2_for(server, false);
  spec.requests_limit = 0;
  spec.measure_ns = 200 * kMs;
  const LoadReport report = run(spec);
  expect_sums(report);
  // In the end all places of all connections hold one that waits.
  EXPECT_GT(report.all.unanswered, 0);
  EXPECT_LE(report.all.unanswered, 32);
  EXPECT_EQ(report.all.in_flight_end, report.all.unanswered + report.all.answered_late);
  EXPECT_GE(report.all.waited_least_ns, 2000 * kMs);
  EXPECT_EQ(report.all.service.count_above(1900 * kMs), static_cast<std::uint64_t>(report.all.unanswered));
}

TEST_P(SecureLoad, KeepsWhatCameInsteadOfAGoodStream) {
  SecureServer server({.tls = false, .http2 = true});
  LoadSpec spec = http2_for(server, false);
  spec.requests.front().target = "/status/503";
  const LoadReport report = run(spec);
  expect_sums(report);
  const ErrorExample& example = report.all.examples[static_cast<std::size_t>(ErrorKind::bad_status)];
  EXPECT_TRUE(example.is_known);
  EXPECT_EQ(example.status, 503);
  EXPECT_EQ(example.text(), "/status/503");
  EXPECT_EQ(report.all.statuses.of(503), errors(report, ErrorKind::bad_status));
  EXPECT_EQ(report.all.statuses.of(200), 0);

  spec.requests.front().target = "/hallo";
  const LoadReport other = run(spec);
  EXPECT_EQ(other.all.examples[static_cast<std::size_t>(ErrorKind::bad_body)].text(), "/hallo");
}

TEST_P(SecureLoad, CountsStreamsThatAreGivenUpAndFollowsAGoodbye) {
  SecureServer giving_up({.tls = false, .http2 = true, .reset_every = 10});
  LoadReport report = run(http2_for(giving_up, false));
  expect_sums(report);
  EXPECT_GE(errors(report, ErrorKind::reset), 400 / 10 - 4);
  EXPECT_EQ(errors(report, ErrorKind::reset), report.all.window.all_errors());
  EXPECT_GT(report.all.window.good, 5 * errors(report, ErrorKind::reset));

  SecureServer leaving({.tls = false, .http2 = true, .goodbye_after = 50});
  report = run(http2_for(leaving, false));
  expect_sums(report);
  // 50 streams a connection, of which the last few were sent before the goodbye came: others get them.
  EXPECT_GE(report.all.window.reconnects, 400 / 50 - 4);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(report.all.window.good + report.all.in_flight_end, 400 + report.all.in_flight_begin);
  EXPECT_GT(report.all.window.resent, 0);
}

// What is asked for beyond it waits here and not there.
TEST_P(SecureLoad, AsksForNoMoreStreamsThanTheServerAllows) {
  for (const bool is_open : {false, true}) {
    SecureServer server({.tls = false, .http2 = true, .most_streams = 3});
    LoadSpec spec = http2_for(server, false);
    spec.open_loop = is_open;
    spec.rate_per_s = is_open ? 5000 : 0;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0) << is_open;
    EXPECT_LE(report.all.in_flight_begin, 4 * 3) << is_open;
    EXPECT_EQ(report.all.remarks.streams_allowed, 3U) << is_open;
    EXPECT_NE(told(spec, report).find("allows 3 at once on a connection, not 8"), std::string::npos)
        << told(spec, report);
  }
}

TEST_P(SecureLoad, HasOneLimitOfABodyForAllProtocols) {
  for (const bool http2 : {false, true}) {
    SecureServer server({.tls = false, .http2 = http2});
    LoadSpec spec = http2 ? http2_for(server, false) : spec_for(server, false);
    spec.requests_limit = 50;
    spec.max_body_bytes = 6;  // "/hello"
    EXPECT_EQ(run(spec).all.window.all_errors(), 0) << http2;
    spec.max_body_bytes = 5;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.good, 0) << http2;
    EXPECT_EQ(errors(report, ErrorKind::bad_framing), report.all.window.all_errors()) << http2;
    EXPECT_EQ(report.all.window.refused[static_cast<std::size_t>(ParseError::body_too_large)],
              report.all.window.all_errors())
        << http2;
  }
}

TEST(SecureLoadAlone, SaysAtOnceWhatIsNoHttp2) {
  SecureServer server({.tls = false});
  LoadSpec spec;
  spec.target = {"127.0.0.1", server.port(), ""};
  spec.measure_ns = 100 * kMs;
  spec.protocol = Protocol::http2;
  spec.requests.emplace_back();
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("does not speak HTTP/2"), std::string::npos) << refused.error().message;
}

TEST(SecureLoadAlone, SaysAtOnceThatAVersionOfTlsIsMissing) {
  SecureServer server({.highest_version = 0x0303});
  LoadSpec spec;
  spec.target = {"127.0.0.1", server.port(), ""};
  spec.measure_ns = 100 * kMs;
  spec.tls.is_used = true;
  spec.tls.verify = false;
  spec.tls.version = TlsVersion::v1_3;
  spec.requests.emplace_back();
  const std::int64_t begun = monotonic_ns();
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("protocol version"), std::string::npos) << refused.error().message;
  EXPECT_LT(monotonic_ns() - begun, 5000 * kMs);
}

TEST(SecureLoadAlone, SaysAtOnceWhyACertificateIsRefused) {
  SecureServer server({.name = "elsewhere"});
  LoadSpec spec;
  spec.target = {"127.0.0.1", server.port(), ""};
  spec.measure_ns = 100 * kMs;
  spec.tls.is_used = true;
  spec.tls.host = "localhost";
  spec.tls.ca_file = server.certificate_file();
  spec.requests.emplace_back();
  const std::int64_t begun = monotonic_ns();
  const Result<LoadReport> refused = run_load(spec, {});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("hostname mismatch"), std::string::npos) << refused.error().message;
  EXPECT_LT(monotonic_ns() - begun, 5000 * kMs);
  spec.tls.verify = false;
  spec.requests.front().target = "/x";
  EXPECT_GT(run(spec).all.window.good, 0);
}

INSTANTIATE_TEST_SUITE_P(Transports, SecureLoad, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen

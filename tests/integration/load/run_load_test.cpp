// Load phases against a server of known behaviour, in this process.
#include "runners/load/run_load.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "fakes/test_server.h"
#include "integration/load/load_phase.h"
#include "integration/load/over_transports.h"

namespace dyno::loadgen {
namespace {

using fakes::Reply;
using fakes::TestServer;
using fakes::TestServerOptions;
using std::chrono::milliseconds;

constexpr std::int64_t kMs = 1'000'000;
// For windows that end by count, so that nothing depends on how fast the machine is: reached only by what hangs.
constexpr std::int64_t kFarOffMs = 60'000;

class RunLoad : public OverTransports {
 protected:
  static LoadSpec closed(int port, int connections, std::int64_t measure_ms) {
    LoadSpec spec = spec_of(port);
    spec.connections = connections;
    spec.warm_up_ns = 50 * kMs;
    spec.measure_ns = measure_ms * kMs;
    spec.requests.emplace_back();
    spec.requests.front().accepted_bodies = {"Hello, World!"};
    return spec;
  }

  static LoadSpec counted(int port, int connections, std::int64_t requests) {
    LoadSpec spec = closed(port, connections, kFarOffMs);
    spec.requests_limit = requests;
    return spec;
  }

  static LoadSpec open(int port, int connections, double rate, std::int64_t measure_ms) {
    LoadSpec spec = closed(port, connections, measure_ms);
    spec.open_loop = true;
    spec.rate_per_s = rate;
    return spec;
  }
};

// What only a machine that is not too busy can show, however right the program is: tried again until it shows. What is wrong
// always stays wrong always.
template <class Seen>
LoadReport run_until(const LoadSpec& spec, Seen is_seen) {
  LoadReport report = run(spec);
  for (int i = 0; i < 10 && !is_seen(report); ++i) report = run(spec);
  EXPECT_TRUE(is_seen(report)) << "not once in eleven runs";
  return report;
}

TEST_P(RunLoad, MeasuresAKnownDelayInAClosedLoop) {
  TestServer server({.delay = milliseconds(5)});
  const LoadReport report = run(counted(server.port(), 8, 400));
  expect_sums(report);
  EXPECT_GE(report.all.service.percentile_ns(1), 5 * kMs - 100'000);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(report.all.window.good, static_cast<std::int64_t>(report.all.service.count()));
  EXPECT_GE(report.all.window.bodies_checked, 20);
  run_until(closed(server.port(), 8, 400), [](const LoadReport& seen) {
    if (seen.all.service.count() == 0) return false;
    // Little's law: connections = throughput · mean time.
    const double mean_s =
        static_cast<double>(seen.all.service_sum_ns) / 1e9 / static_cast<double>(seen.all.service.count());
    return std::abs(seen.throughput_per_s() * mean_s - 8) < 0.8 && seen.all.service.percentile_ns(10) < 20 * kMs;
  });
}

TEST_P(RunLoad, CountsLatencyFromTheDueTimeWhenTheServerStalls) {
  TestServer server({.stall = milliseconds(200), .stall_every = milliseconds(400)});
  const LoadReport report = run_until(open(server.port(), 16, 500, 800), [](const LoadReport& seen) {
    return std::abs(seen.throughput_per_s() - 500) < 80;
  });
  expect_sums(report);
  // Half of the time nothing is answered; a quarter of all requests waits 100 ms or more, whatever a closed loop would have seen.
  EXPECT_GE(report.all.response.percentile_ns(90), 100 * kMs);
  EXPECT_GE(report.all.response.max_ns(), 180 * kMs);
  EXPECT_EQ(report.all.response.count(), report.all.send_error.count());
  EXPECT_EQ(report.all.window.due, 400);
}

TEST_P(RunLoad, SendsAtTheRateItWasTold) {
  TestServer server;
  for (const Arrivals arrivals : {Arrivals::even, Arrivals::poisson}) {
    LoadSpec spec = open(server.port(), 16, 2000, 500);
    spec.arrivals = arrivals;
    spec.wait = WaitMode::hybrid;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_NEAR(static_cast<double>(report.all.window.due), 1000, arrivals == Arrivals::even ? 1 : 150);
    EXPECT_EQ(report.timer_mode, "hybrid");
    EXPECT_GT(report.all.spin_ns, 0);
  }
}

TEST_P(RunLoad, LetsNoConnectionStaySilentForLong) {
  TestServer server;
  LoadSpec spec = open(server.port(), 32, 4, 300);
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_LE(report.all.window.due, 2);
  EXPECT_GE(server.requests(), 32);
  const std::int64_t before = server.requests();
  spec.rate_per_s = 40;  // each has its turn soon enough
  run(spec);
  EXPECT_LT(server.requests() - before, 32);
}

// The window opens at the start, or before a worker has noticed the start: what is said before a connection's turn is no request
// of the phase all the same.
TEST_P(RunLoad, MeasuresNoGreetingHoweverShortTheWarmUp) {
  TestServer server;
  for (const std::int64_t warm_up_ns : {0, 1, 1000}) {
    LoadSpec spec = open(server.port(), 64, 10, 300);
    spec.warm_up_ns = warm_up_ns;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.unanswered, 0) << warm_up_ns;
    EXPECT_EQ(report.all.window.due, 3) << warm_up_ns;
    EXPECT_EQ(report.all.response.count(), 3U) << warm_up_ns;
  }
}

// 30 s for some answers: whoever leaves these out calls the server fast.
TEST_P(RunLoad, CountsWhatIsNeverAnsweredWithTheTimeItWaited) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    Reply reply = fakes::ok("Hello, World!");
    reply.hold = number % 100 == 99;
    return reply;
  }});
  for (const std::int64_t timeout_ms : {10'000, 1'500}) {  // still waiting at the end of the drain; given up during it
    LoadSpec spec = open(server.port(), 32, 1000, 1000);
    spec.timeout_ns = timeout_ms * kMs;
    const LoadReport report = run_until(
        spec, [](const LoadReport& seen) { return seen.all.queued_end == 0 && errors(seen, ErrorKind::timeout) == 0; });
    expect_sums(report);
    const std::int64_t least = std::min<std::int64_t>(2000, timeout_ms) * kMs;
    EXPECT_NEAR(static_cast<double>(report.all.unanswered), 10, 2);
    EXPECT_EQ(report.all.response.count(), 1000U);
    EXPECT_EQ(report.all.service.count(), 1000U);
    for (const stats::Histogram* times : {&report.all.response, &report.all.service}) {
      EXPECT_EQ(times->count_above(least - 100 * kMs), static_cast<std::uint64_t>(report.all.unanswered));
      EXPECT_GE(times->max_ns(), least);
      EXPECT_LT(times->max_ns(), least + 1200 * kMs);
    }
    EXPECT_GE(report.all.waited_least_ns, least);
    EXPECT_LT(report.all.waited_least_ns, least + 1000 * kMs);
  }
}

// An error that took longer than any answer: the slowest requests are among those given up.
TEST_P(RunLoad, CountsWhatIsGivenUpInsideTheWindowWithTheTimeItWaited) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    Reply reply = fakes::ok("Hello, World!");
    reply.hold = number % 100 == 99;
    return reply;
  }});
  LoadSpec spec = open(server.port(), 32, 500, 1000);
  spec.timeout_ns = 300 * kMs;
  const LoadReport report = run_until(spec, [](const LoadReport& seen) {
    return errors(seen, ErrorKind::timeout) > 0 && errors(seen, ErrorKind::timeout) == seen.all.window.all_errors();
  });
  expect_sums(report);
  EXPECT_GE(report.all.unanswered, errors(report, ErrorKind::timeout) - 2) << "of the warm-up one or two";
  EXPECT_EQ(report.all.response.count(), 500U);
  EXPECT_GE(report.all.response.max_ns(), 300 * kMs);
  EXPECT_GE(report.all.waited_least_ns, 300 * kMs);
}

// Requests that wait for a connection until the end were not sent: they have no service time.
TEST_P(RunLoad, CountsWhatWaitsForAConnectionUntilTheEnd) {
  TestServer server({.handler = [](const std::string&, std::int64_t) {
    Reply reply;
    reply.hold = true;
    return reply;
  }});
  const LoadReport report = run(open(server.port(), 2, 100, 300));
  expect_sums(report);
  EXPECT_EQ(report.all.unanswered, 30);
  EXPECT_EQ(report.all.response.count(), 30U);
  EXPECT_EQ(report.all.service.count(), 0U) << "both connections were taken before the window";
  EXPECT_GE(report.all.response.min_ns(), 2000 * kMs);
}

TEST_P(RunLoad, DropsWhatTheQueueCannotHold) {
  TestServer server({.delay = milliseconds(50)});
  LoadSpec spec = open(server.port(), 1, 1000, 400);
  spec.queue_limit = 10;
  const LoadReport report = run_until(spec, [](const LoadReport& seen) {
    // Waiting for the one connection is the server's doing, not lag of ours: 50 ms waits would show.
    return std::abs(seen.all.window.good - 8) <= 3 && seen.all.lag.percentile_ns(50) < 20 * kMs;
  });
  expect_sums(report);
  EXPECT_GT(errors(report, ErrorKind::dropped), 350);
  EXPECT_GE(report.all.response.percentile_ns(50), 300 * kMs);
}

TEST_P(RunLoad, SharesTheLoadAmongWorkers) {
  TestServer server;
  LoadSpec spec = open(server.port(), 6, 1000, 400);
  spec.cpus = {0, 0, 0};
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.due, 400);
  EXPECT_EQ(server.connections(), 6);
}

struct Fault {
  const char* name;
  Reply reply;
  ErrorKind kind;
};

// A profile asks for one connection, and the machine has many CPUs for the load.
TEST_P(RunLoad, HasNoMoreWorkersThanConnections) {
  TestServer server;
  for (const int connections : {1, 2}) {
    LoadSpec spec = counted(server.port(), connections, 60);
    spec.cpus = {0, 0, 0, 0, 0, 0, 0, 0};
    const LoadReport report = run(spec);
    EXPECT_EQ(report.all.window.sent, 60) << connections;
    EXPECT_EQ(report.all.window.all_errors(), 0) << connections;
  }
}

TEST_P(RunLoad, CountsErrorsByKind) {
  Reply reset;
  reset.reset = true;
  Reply end;
  end.close = true;
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n";
  Reply cut{head + "\r\nHello"};
  cut.close = true;
  const std::vector<Fault> faults = {
      {"reset", reset, ErrorKind::reset},
      {"no answer", end, ErrorKind::reset},
      {"status", {"HTTP/1.1 500 No\r\nContent-Length: 13\r\n\r\nHello, World!"}, ErrorKind::bad_status},
      {"cut off", cut, ErrorKind::bad_framing},
      {"too long", {head + "\r\nHello, World!!"}, ErrorKind::bad_framing},
      {"no HTTP", {"220 smtp ready\r\n"}, ErrorKind::bad_framing},
      {"bad chunk", {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n"}, ErrorKind::bad_framing},
      {"wrong length", fakes::ok("Hello"), ErrorKind::bad_body},
      {"wrong bytes", fakes::ok("Hello, Wurld!"), ErrorKind::bad_body},
  };
  for (const Fault& fault : faults) {
    TestServer server({.handler = [&](const std::string&, std::int64_t number) {
      return number % 10 == 9 ? fault.reply : fakes::ok("Hello, World!");
    }});
    LoadSpec spec = counted(server.port(), 4, 400);
    spec.body_sample_ratio = 1;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_GT(errors(report, fault.kind), 0) << fault.name;
    EXPECT_EQ(errors(report, fault.kind), report.all.window.all_errors()) << fault.name;
    // Every tenth answer, but the body comparison takes one connection's at a time.
    EXPECT_GT(report.all.window.good, 5 * errors(report, fault.kind)) << fault.name;
  }
}

TEST_P(RunLoad, KeepsTheFirstWrongBody) {
  TestServer server({.handler = [](const std::string&, std::int64_t) { return fakes::ok("Hello, Wurld!"); }});
  const LoadReport report = run(counted(server.port(), 1, 100));
  ASSERT_EQ(report.all.bad_bodies.size(), 1U);
  EXPECT_EQ(report.all.bad_bodies.front().bytes, "Hello, Wurld!");
  EXPECT_GE(errors(report, ErrorKind::bad_body), 20);
}

TEST_P(RunLoad, TimesOutAndGoesOn) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    Reply reply = fakes::ok("Hello, World!");
    reply.hold = number % 50 == 49;
    return reply;
  }});
  LoadSpec spec = counted(server.port(), 4, 400);
  spec.timeout_ns = 200 * kMs;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_GT(errors(report, ErrorKind::timeout), 2);
  EXPECT_EQ(errors(report, ErrorKind::timeout), report.all.window.all_errors());
  EXPECT_GT(report.all.window.good, 300);
}

TEST_P(RunLoad, UnderstandsEveryWayToEndABody) {
  const std::string hello = "Hello, World!";
  const std::vector<std::pair<const char*, Reply>> rows = {
      {"chunked",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nHello, \r\n6\r\nWorld!\r\n0\r\nX: y\r\n\r\n"}},
      {"connection close", {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n" + hello, true}},
      {"1.0", {"HTTP/1.0 200 OK\r\n\r\n" + hello, true}},
      {"1.0 keep-alive", {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 13\r\n\r\n" + hello}},
      {"interim", {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + hello}},
  };
  for (const auto& [name, reply] : rows) {
    TestServer server({.handler = [&reply = reply](const std::string&, std::int64_t) { return reply; }});
    LoadSpec spec = counted(server.port(), 4, 100);
    spec.body_sample_ratio = 1;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0) << name;
    EXPECT_GE(report.all.window.good, 100) << name;
    EXPECT_GE(report.all.window.reconnects, reply.close ? report.all.window.good - 8 : 0) << name;
  }
}

TEST_P(RunLoad, TakesANewConnectionAfterAsManyRequestsAsTold) {
  TestServer server({.handler = [](const std::string&, std::int64_t) { return fakes::ok("Hello, World!"); }});
  for (const std::int64_t limit : {1, 5}) {
    LoadSpec spec = counted(server.port(), 4, 400);
    spec.requests_per_connection = limit;
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.all.window.all_errors(), 0);
    EXPECT_GE(report.all.window.good, 400);
    EXPECT_NEAR(static_cast<double>(report.all.window.reconnects), static_cast<double>(report.all.window.good / limit),
                8);
  }
}

TEST_P(RunLoad, SurvivesTheServersDeathAndReturn) {
  auto server = std::make_unique<TestServer>();
  const int port = server->port();
  LoadEvents events;
  int asked = 0;
  events.should_stop = [&] {  // every 50 ms
    if (++asked == 4) server.reset();
    if (asked == 7) server = std::make_unique<TestServer>(TestServerOptions(), port);
    return false;
  };
  const LoadReport report = run(closed(port, 8, 1500), events);
  expect_sums(report);
  EXPECT_GE(errors(report, ErrorKind::reset) + errors(report, ErrorKind::bad_framing), 1);
  EXPECT_GT(errors(report, ErrorKind::connect), 0);
  EXPECT_GT(report.all.window.good, 0);
  EXPECT_GT(server->requests(), 0);
}

TEST_P(RunLoad, PipelinesAndKeepsTheOrder) {
  TestServer server({.handler = [](const std::string& path, std::int64_t) { return fakes::ok(path); }});
  LoadSpec spec = counted(server.port(), 4, 2000);
  spec.pipeline = 8;
  spec.body_sample_ratio = 1;
  spec.requests.clear();
  for (const char* path : {"/a", "/bb", "/ccc"}) {
    spec.requests.emplace_back();
    spec.requests.back().target = path;
    spec.requests.back().accepted_bodies = {path};
  }
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GE(report.all.window.good, 2000);
  EXPECT_LE(report.all.in_flight_begin, 32);
}

TEST_P(RunLoad, SendsBodiesLargerThanTheKernelTakesAtOnce) {
  TestServer server;
  LoadSpec spec = counted(server.port(), 2, 10);
  spec.requests.front().method = "POST";
  spec.requests.front().body = std::string(8 * 1024 * 1024, 'x');
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_GT(report.all.window.good, 0);
}

TEST_P(RunLoad, DrawsRandomNumbersForEachRequest) {
  std::set<std::string> paths;
  auto server = std::make_unique<TestServer>(TestServerOptions{.handler = [&](const std::string& path, std::int64_t) {
    paths.insert(path);
    return fakes::ok("Hello, World!");
  }});
  LoadSpec spec = counted(server->port(), 2, 1000);
  spec.requests.front().target = "/users/{1..9}?x={-1..1}";
  run(spec);
  server.reset();  // its thread is gone: `paths` is ours
  EXPECT_EQ(paths.size(), 27U);
  EXPECT_TRUE(paths.contains("/users/9?x=-1"));
}

TEST_P(RunLoad, ToldItsSecondsAndEdges) {
  TestServer server;
  LoadEvents events;
  std::vector<SecondReport> seconds;
  std::int64_t planned_begin = 0;
  std::int64_t planned_end = 0;
  events.second = [&](const SecondReport& second) { seconds.push_back(second); };
  events.planned = [&](std::int64_t begin_ns, std::int64_t end_ns) {
    planned_begin = begin_ns;
    planned_end = end_ns;
  };
  LoadReport report = run(closed(server.port(), 2, 1200), events);
  for (int i = 0; i < 10 && report.seconds.size() != 2; ++i) {  // one that ends late may be the last one as well
    seconds.clear();
    report = run(closed(server.port(), 2, 1200), events);
  }
  ASSERT_EQ(report.seconds.size(), 2U);
  std::int64_t good = 0;
  for (const SecondReport& second : report.seconds) good += second.good;
  EXPECT_EQ(good, report.all.window.good);
  EXPECT_TRUE(seconds.front().warming_up);
  EXPECT_GE(report.all.begin_ns, planned_begin);
  EXPECT_GE(report.all.end_ns, planned_end);
  EXPECT_GT(report.busy_peak_ratio, 0);
}

TEST_P(RunLoad, EndsWarmingUpWhenItIsSteadyOrOutOfTime) {
  TestServer server({.delay = milliseconds(2)});
  LoadSpec spec = counted(server.port(), 2, 20);
  spec.warm_up_max_ns = 700 * kMs;  // fewer than ten half-seconds: cannot become steady
  const LoadReport report = run(spec);
  EXPECT_FALSE(report.steady);
  EXPECT_GT(report.all.window.good, 0);
}

TEST_P(RunLoad, EndsWhenAsManyRequestsAreDone) {
  TestServer server;
  for (const bool is_open : {false, true}) {
    LoadSpec spec = is_open ? open(server.port(), 8, 2000, 60'000) : closed(server.port(), 8, 60'000);
    spec.warm_up_ns = 0;
    spec.requests_limit = 501;
    spec.cpus = {0, 0};
    const std::int64_t before = server.requests();
    const LoadReport report = run(spec);
    expect_sums(report);
    EXPECT_EQ(report.ended, WindowEnd::count);
    EXPECT_EQ(report.all.window.good, 501);
    EXPECT_EQ(report.all.in_flight_end, 0);
    EXPECT_EQ(server.requests() - before, 501);
  }
}

// A worker's share of so few requests would be none, and a share of none no limit.
TEST_P(RunLoad, EndsWhenThereAreFewerRequestsThanWorkersOrConnections) {
  TestServer server;
  for (const bool is_open : {false, true}) {
    for (const std::int64_t limit : {1, 2, 5}) {
      LoadSpec spec = is_open ? open(server.port(), 8, 200, kFarOffMs) : closed(server.port(), 8, kFarOffMs);
      spec.requests_limit = limit;
      spec.cpus = {0, 0, 0};
      const LoadReport report = run(spec);
      expect_sums(report);
      // On a machine that is busy building one that was due in the warm-up may still wait.
      EXPECT_EQ(report.all.window.sent, limit + report.all.queued_begin) << is_open;
    }
  }
}

TEST_P(RunLoad, EndsWhenThereAreTooManyErrors) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    return number % 2 == 0 ? Reply{"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"} : fakes::ok("Hello, World!");
  }});
  LoadSpec spec = closed(server.port(), 4, 60'000);
  spec.error_limit = 0.2;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.ended, WindowEnd::errors);
  EXPECT_LT(report.window_s(), 20);
  spec.measure_ns = 1200 * kMs;
  spec.error_limit = 0.8;
  EXPECT_EQ(run(spec).ended, WindowEnd::time);
}

TEST_P(RunLoad, FollowsACurve) {
  TestServer server;
  LoadSpec spec = open(server.port(), 16, 4000, 500);
  spec.curve = {{0, 0}, {250 * kMs, 4000}, {250 * kMs, 1000}};
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_NEAR(static_cast<double>(report.all.window.due), 500 + 250, 3);
}

TEST_P(RunLoad, StopsWhenAsked) {
  TestServer server;
  LoadEvents events;
  int asked = 0;
  events.should_stop = [&] { return ++asked > 3; };
  const Result<LoadReport> report = run_load(closed(server.port(), 2, 60'000), events);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

TEST_P(RunLoad, RefusesACpuItCannotHave) {
  TestServer server;
  LoadSpec spec = closed(server.port(), 2, 100);
  spec.cpus = {4000};
  const Result<LoadReport> report = run_load(spec, {});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("pinning to CPU 4000"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Transports, RunLoad, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen

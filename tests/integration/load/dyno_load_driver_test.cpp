// The driver and the real dyno-load program, against a server of known behaviour.
#include "load/dyno_load_driver.h"

#include <future>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakes/stream_server.h"
#include "fakes/test_server.h"
#include "stats/histogram.h"

namespace dyno::load {
namespace {

using fakes::Reply;
using fakes::TestServer;
using fakes::TestServerOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

class DynoLoadDriverTest : public testing::Test {
 protected:
  ports::LoadSpec closed(int port) const {
    ports::LoadSpec spec;
    spec.target = {0, "127.0.0.1", port};
    spec.connections = 4;
    spec.warm_up = milliseconds(50);
    spec.measure = milliseconds(300);
    spec.requests.emplace_back();
    spec.requests.front().accepted_bodies = {"Hello, World!"};
    return spec;
  }

  std::vector<ports::ExchangeOutcome> exchange(int port, const std::vector<ports::Exchange>& exchanges) {
    auto outcomes = driver_.exchange({0, "127.0.0.1", port}, exchanges, {});
    EXPECT_TRUE(outcomes) << (outcomes ? "" : outcomes.error().message);
    return outcomes ? *outcomes : std::vector<ports::ExchangeOutcome>();
  }

  RealClock clock_;
  DynoLoadDriver driver_{DYNO_BIN_DIR "/dyno-load", clock_};
};

ports::Exchange get(const std::string& path) {
  ports::Exchange exchange;
  exchange.pieces = {"GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"};
  return exchange;
}

TEST_F(DynoLoadDriverTest, RunsAClosedLoop) {
  TestServer server({.delay = milliseconds(2)});
  std::vector<MonotonicTime> edges;
  std::vector<MonotonicTime> heard;
  int told_seconds = 0;
  const ports::LoadListener listener{[&](MonotonicTime at) {
                                       edges.push_back(at);
                                       heard.push_back(clock_.now());
                                     },
                                     [&](MonotonicTime at) {
                                       edges.push_back(at);
                                       heard.push_back(clock_.now());
                                     },
                                     [&](const ports::LoadSecond&) { ++told_seconds; }};
  const auto outcome = driver_.run_phase(closed(server.port()), listener, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->good, 50);
  EXPECT_EQ(outcome->errors.total(), 0);
  EXPECT_EQ(outcome->sent, outcome->good + outcome->in_flight);
  EXPECT_EQ(outcome->timer_mode, "none");
  EXPECT_FALSE(outcome->transport.empty());
  ASSERT_EQ(edges.size(), 2U);
  EXPECT_EQ(edges[0], outcome->window_begin);
  EXPECT_EQ(edges[1], outcome->window_end);
  EXPECT_GE(outcome->window_end - outcome->window_begin, milliseconds(290));
  EXPECT_GE(heard[0], edges[0]);
  EXPECT_LT(heard[0], edges[1]) << "the window's begin must be told as it happens";
  EXPECT_GE(told_seconds, 2);
  ASSERT_EQ(outcome->histograms.size(), 1U);
  const auto service = stats::Histogram::decode(outcome->histograms[0].v2);
  ASSERT_TRUE(service);
  // What was under way at the end and was answered a moment later is part of it.
  EXPECT_GE(static_cast<std::int64_t>(service->count()), outcome->good);
  EXPECT_LE(static_cast<std::int64_t>(service->count()), outcome->good + outcome->in_flight);
  EXPECT_GE(outcome->service_time_mean, milliseconds(2));
  EXPECT_GT(outcome->loader_cpu.count(), 0);
}

TEST_F(DynoLoadDriverTest, RunsAnOpenLoop) {
  TestServer server;
  ports::LoadSpec spec = closed(server.port());
  spec.loop = model::Loop::open;
  spec.rate = {500};
  spec.cpus = {0};
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->histograms.size(), 3U);
  EXPECT_EQ(outcome->timer_mode, "hybrid");
  EXPECT_EQ(outcome->unanswered, 0);
  spec.shares_cpus = true;
  EXPECT_EQ(driver_.run_phase(spec, {}, {}).value().timer_mode, "sleep");
}

// As in the report of the fault: 30 s for each 333rd answer, 1800/s on 64 connections.
TEST_F(DynoLoadDriverTest, TellsWhatWasNeverAnswered) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    Reply reply = fakes::ok("Hello, World!");
    reply.hold = number % 333 == 332;
    return reply;
  }});
  ports::LoadSpec spec = closed(server.port());
  spec.loop = model::Loop::open;
  spec.connections = 64;
  spec.rate = {1800};
  spec.measure = seconds(2);
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GE(outcome->unanswered, 9);
  EXPECT_GE(outcome->waited_least, seconds(2));
  for (const model::EncodedHistogram& encoded : outcome->histograms) {
    if (encoded.kind != "response") continue;
    const auto response = stats::Histogram::decode(encoded.v2);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->count(), 3600U);
    EXPECT_GE(response->percentile_ns(99.9), outcome->waited_least.count());
  }
}

TEST_F(DynoLoadDriverTest, RunsWebSocketsAndEventStreams) {
  fakes::StreamServer server;
  ports::LoadSpec spec = closed(server.port());
  spec.protocol = ports::LoadProtocol::websocket;
  spec.stream.target = "/ws";
  spec.requests.front() = {};
  spec.requests.front().body_bytes = 64;
  spec.pipeline = 4;
  auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->good, 100);
  EXPECT_EQ(outcome->errors.total(), 0);
  EXPECT_FALSE(outcome->deliveries);

  spec.protocol = ports::LoadProtocol::sse;
  spec.stream.target = spec.requests.front().target = "/sse?topic=t";
  spec.requests.front().method = "POST";
  spec.requests.front().expected_status = 202;
  spec.loop = model::Loop::open;
  spec.rate = {100};
  spec.pipeline = 1;
  spec.subscribers = 10;
  outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(outcome->deliveries);
  EXPECT_EQ(outcome->deliveries->expected, 300);
  EXPECT_EQ(outcome->deliveries->good, 300);
  EXPECT_EQ(outcome->histograms.size(), 4U);
}

TEST_F(DynoLoadDriverTest, ReportsWrongBodies) {
  TestServer server({.handler = [](const std::string&, std::int64_t) { return fakes::ok("Hello, W\xffrld!"); }});
  const auto outcome = driver_.run_phase(closed(server.port()), {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->errors.bad_body, 0);
  EXPECT_EQ(outcome->first_bad_body, "Hello, W\xffrld!");
}

TEST_F(DynoLoadDriverTest, SaysWhichExpectationWasNotMetAndWhereItStands) {
  TestServer server({.handler = [](const std::string& path, std::int64_t number) {
    if (path == "/missing") return Reply{"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"};
    return fakes::ok(number % 2 == 0 ? R"({"id": 7})" : R"({"id": "7"})");
  }});
  ports::LoadSpec spec = closed(server.port());
  spec.body_sample_ratio = 1;
  spec.requests = {ports::RequestTemplate(), ports::RequestTemplate()};
  spec.requests[1].target = "/missing";
  for (ports::RequestTemplate& request : spec.requests) {
    model::AnswerRules& rules = request.rules.emplace();
    rules.file = "orders.yaml";
    rules.line = 4;
    rules.contains = {"id"};
    rules.json.resize(1);
    rules.json[0].pointer = "/id";
    rules.json[0].type = model::JsonType::integer;
    rules.json[0].line = 9;
  }
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->good, 0);
  EXPECT_GT(outcome->errors.bad_status, 0);
  EXPECT_EQ(outcome->sent, outcome->good + outcome->errors.bad_body + outcome->errors.bad_status + outcome->in_flight);
  ASSERT_EQ(outcome->bad_answers.size(), 2U);
  const ports::BadAnswer& body = outcome->bad_answers[0];
  EXPECT_EQ(body.request, 0U);
  EXPECT_EQ(body.why, "/id: expected an integer, got \"7\"");
  EXPECT_EQ(body.bytes, R"({"id": "7"})");
  EXPECT_EQ(body.file, "orders.yaml");
  EXPECT_EQ(body.line, 9);
  const ports::BadAnswer& status = outcome->bad_answers[1];
  EXPECT_EQ(status.request, 1U);
  EXPECT_EQ(status.why, "expected status 200..299, got 404");
  EXPECT_EQ(status.bytes, "no");
  EXPECT_EQ(status.line, 4);
}

TEST_F(DynoLoadDriverTest, SaysThatNobodyListens) {
  ports::LoadSpec spec = closed(1);
  spec.target.netns_pid = 1LL << 40;  // beyond any
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("opening the network namespace /proc/1099511627776/ns/net"), std::string::npos)
      << outcome.error().message;
}

TEST_F(DynoLoadDriverTest, CancelsAPhaseAtOnceAndLeavesNoProcess) {
  TestServer server;
  ports::LoadSpec spec = closed(server.port());
  spec.measure = seconds(60);
  std::stop_source stop;
  const ports::LoadListener listener{[&](MonotonicTime) { stop.request_stop(); }, {}, {}};
  const MonotonicTime begin = clock_.now();
  const auto outcome = driver_.run_phase(spec, listener, stop.get_token());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().fault, ports::LoadFault::cancelled);
  EXPECT_LT(clock_.now() - begin, seconds(20));
  // Its connections are closed once the process is gone.
  for (const MonotonicTime until = clock_.now() + seconds(10); server.open_connections() > 0 && clock_.now() < until;) {
    wait_for(clock_, milliseconds(1), {});
  }
  EXPECT_EQ(server.open_connections(), 0);
}

TEST_F(DynoLoadDriverTest, SaysThatItsProgramIsMissingOrWrong) {
  DynoLoadDriver missing("/no/such/dyno-load", clock_);
  EXPECT_NE(missing.run_phase(closed(1), {}, {}).error().message.find("No such file"), std::string::npos);
  DynoLoadDriver wrong("/bin/true", clock_);
  EXPECT_NE(wrong.run_phase(closed(1), {}, {}).error().message.find("dyno-load"), std::string::npos);
}

// As servers have it that speak no HTTP, or nothing to whoever asks first.
TEST_F(DynoLoadDriverTest, WithoutAPathAnAcceptedConnectIsGood) {
  std::optional<TestServer> server(std::in_place);
  const int port = server->port();
  server.reset();
  auto probe = driver_.start_probe({{0, "127.0.0.1", port}, "", "", {}});
  ASSERT_TRUE(probe) << probe.error().message;
  auto waiting = (*probe)->await(clock_.now() + milliseconds(50), {});
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->good);
  server.emplace(TestServerOptions{}, port);
  const auto outcome = (*probe)->await(clock_.now() + seconds(10), {});
  ASSERT_TRUE(outcome);
  ASSERT_TRUE(outcome->good);
  EXPECT_EQ(outcome->good, outcome->connected);
  EXPECT_EQ(server->requests(), 0);
}

TEST_F(DynoLoadDriverTest, ProbesAServerThatListensAlready) {
  TestServer server;
  for (const char* const path : {"", "/health"}) {
    const MonotonicTime before = clock_.now();
    auto probe = driver_.start_probe({{0, "127.0.0.1", server.port()}, path, "", {}});
    ASSERT_TRUE(probe) << probe.error().message;
    const auto outcome = (*probe)->await(clock_.now() + seconds(10), {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_TRUE(outcome->connected && outcome->good) << path;
    EXPECT_GE(*outcome->connected, before);
    EXPECT_GE(*outcome->good, *outcome->connected);
  }
}

TEST_F(DynoLoadDriverTest, ProbesAStartingServer) {
  std::optional<TestServer> server(std::in_place);
  const int port = server->port();
  server.reset();
  auto probe = driver_.start_probe({{0, "127.0.0.1", port}, "/health", "/ready", {}});
  ASSERT_TRUE(probe) << probe.error().message;
  auto waiting = (*probe)->await(clock_.now() + milliseconds(150), {});
  ASSERT_TRUE(waiting);
  EXPECT_FALSE(waiting->connected);
  EXPECT_NE(waiting->last_error.find("Connection refused"), std::string::npos) << waiting->last_error;

  const MonotonicTime before = clock_.now();
  server.emplace(TestServerOptions{.handler =
                                       [](const std::string& path, std::int64_t number) {
                                         if (path == "/health")
                                           return number < 3 ? Reply{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"}
                                                             : fakes::ok("ok");
                                         return number < 6 ? Reply{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"}
                                                           : fakes::ok("ok");
                                       }},
                 port);
  const MonotonicTime listening = clock_.now();
  const auto first = (*probe)->await(clock_.now() + seconds(10), {});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(first->good);
  EXPECT_FALSE(first->deep) << "it returns as soon as the first path is good";
  const auto used = (*probe)->cpu_time();
  ASSERT_TRUE(used);
  EXPECT_GT(*used, Nanos(0));
  const auto outcome = (*probe)->await(clock_.now() + seconds(10), {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(outcome->connected && outcome->good && outcome->deep);
  EXPECT_GE((*probe)->cpu_time().value_or(Nanos(0)), *used) << "also once it has exited";
  EXPECT_GE(*outcome->connected, before);
  EXPECT_LT(*outcome->connected, listening + milliseconds(500));
  EXPECT_GE(*outcome->good - *outcome->connected, milliseconds(6)) << "three refusals, 2 ms apart or more";
  ASSERT_TRUE(outcome->good_gap);
  EXPECT_GE(*outcome->good_gap, milliseconds(2)) << "it waited after the last refusal";
  EXPECT_LT(*outcome->good_gap, *outcome->good - *outcome->connected);
  EXPECT_GT(*outcome->deep, *outcome->good);
  ASSERT_TRUE(outcome->deep_gap);
  EXPECT_GE(*outcome->deep_gap, milliseconds(2));
  EXPECT_EQ(outcome->last_status, 503);
  EXPECT_GE(outcome->attempts, 7);
}

TEST_F(DynoLoadDriverTest, ExchangesBytesAsTold) {
  TestServer server({.handler = [](const std::string& path, std::int64_t) {
    if (path == "/close") return Reply{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", true};
    if (path == "/head") return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: a b\r\n\r\n"};
    if (path == "/chunked")
      return Reply{
          "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
          "chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n"};
    if (path == "/bad") return Reply{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"};
    if (path == "/hold") return Reply{"", false, false, true};
    return fakes::ok(path);
  }});
  ports::Exchange cut = get("/cut");
  cut.pieces = {"GET /c", "ut HTTP/1.1\r\nHo", "st: x\r\n\r\n"};
  cut.pause_between = milliseconds(5);
  ports::Exchange kept = get("/kept");
  kept.new_connection = false;
  ports::Exchange head = get("/head");
  head.expect_body = false;
  ports::Exchange two = get("/one");
  two.pieces[0] += get("/two").pieces[0];
  two.answers = 2;
  ports::Exchange closing = get("/close");
  closing.await_close = true;
  ports::Exchange hold = get("/hold");
  hold.timeout = milliseconds(50);

  const auto outcomes = exchange(server.port(), {cut, kept, head, two, closing, get("/chunked"), get("/bad"), hold});
  ASSERT_EQ(outcomes.size(), 8U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(outcomes[i].error, "") << i;
  EXPECT_EQ(outcomes[0].answers.at(0).body, "/cut");
  EXPECT_EQ(outcomes[1].answers.at(0).body, "/kept");
  EXPECT_FALSE(outcomes[1].closed_by_server);
  EXPECT_EQ(outcomes[2].answers.at(0).headers.at(1), std::make_pair(std::string("X-Two"), std::string("a b")));
  ASSERT_EQ(outcomes[3].answers.size(), 2U);
  EXPECT_EQ(outcomes[3].answers[1].body, "/two");
  EXPECT_TRUE(outcomes[4].closed_by_server);
  EXPECT_EQ(outcomes[5].answers.at(0).body, "\n");
  EXPECT_EQ(outcomes[5].answers.at(0).headers.size(), 1U);
  EXPECT_EQ(outcomes[6].error, "bad_framing: bad Content-Length");
  EXPECT_EQ(outcomes[7].error, "timeout: no whole answer in time");
  EXPECT_EQ(server.connections(), 7);
}

TEST_F(DynoLoadDriverTest, ExchangesTogetherWhatIsMarkedSo) {
  TestServer server(
      {.delay = milliseconds(300), .handler = [](const std::string& path, std::int64_t) { return fakes::ok(path); }});
  std::vector<ports::Exchange> exchanges{get("/alone")};
  for (int i = 0; i < 16; ++i) {
    exchanges.push_back(get("/" + std::to_string(i)));
    exchanges.back().together = i > 0;
  }
  const MonotonicTime begin = clock_.now();
  const auto outcomes = exchange(server.port(), exchanges);
  EXPECT_LT(clock_.now() - begin, milliseconds(16 * 300 / 2)) << "one after the other they take 16 × 300 ms";
  ASSERT_EQ(outcomes.size(), 17U);
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(outcomes[static_cast<std::size_t>(i) + 1].error, "");
    EXPECT_EQ(outcomes[static_cast<std::size_t>(i) + 1].answers.at(0).body, "/" + std::to_string(i));
  }
  EXPECT_EQ(server.connections(), 17);
}

TEST_F(DynoLoadDriverTest, PublishesOnceTheStreamOfItsGroupIsOpen) {
  fakes::StreamServer server;
  ports::Exchange stream = get("/sse?topic=t");
  stream.is_stream = true;
  stream.stream_first = ": ok";
  stream.stream_last = "data: two\n\n";
  ports::Exchange publish;
  publish.together = true;
  publish.answers = 2;
  for (const std::string body : {"one", "two"})
    publish.pieces.push_back("POST /sse?topic=t HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n" + body);
  ports::Exchange other = stream;
  other.together = true;
  const auto outcomes = exchange(server.port(), {stream, other, publish});
  ASSERT_EQ(outcomes.size(), 3U);
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.error, "");
  const std::string told = ": ok\n\nid: 1\ndata: one\n\nid: 2\ndata: two\n\n";
  EXPECT_EQ(outcomes[0].answers.at(0).body, told);
  EXPECT_EQ(outcomes[1].answers.at(0).body, told);
  ASSERT_EQ(outcomes[2].answers.size(), 2U);
  EXPECT_EQ(outcomes[2].answers[1].status, 202);
}

// Masked by zeros, so that the payload is as it reads.
std::string masked(char first, const std::string& payload) {
  return std::string{first, static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0} + payload;
}

TEST_F(DynoLoadDriverTest, SaysGoodbyeOnceAllHasComeOrHalfTheTimeIsOver) {
  fakes::StreamServer server;
  ports::Exchange echoed = get("/ws");
  echoed.pieces[0].insert(echoed.pieces[0].size() - 2, "Upgrade: websocket\r\n");
  echoed.pieces.push_back(masked('\x81', "hello"));
  echoed.is_stream = true;
  echoed.stream_goodbye = masked('\x88', "");
  echoed.stream_goodbye_after = 7;
  echoed.timeout = seconds(4);
  ports::Exchange waiting = echoed;
  waiting.stream_goodbye_after = 8;
  waiting.timeout = milliseconds(600);
  const MonotonicTime begin = clock_.now();
  const auto quick = exchange(server.port(), {echoed, echoed});
  EXPECT_LT(clock_.now() - begin, seconds(2));
  const MonotonicTime middle = clock_.now();
  const auto slow = exchange(server.port(), {waiting});
  EXPECT_GE(clock_.now() - middle, milliseconds(300));
  for (const auto& outcome : {quick.at(0), quick.at(1), slow.at(0)}) {
    EXPECT_EQ(outcome.error, "");
    EXPECT_TRUE(outcome.closed_by_server);
    EXPECT_EQ(outcome.answers.at(0).body, std::string("\x81\x05hello\x88\x00", 9));
  }
}

TEST_F(DynoLoadDriverTest, DoesWorkBesideAPhase) {
  TestServer server({.delay = milliseconds(1),
                     .handler = [](const std::string&, std::int64_t) { return fakes::ok("Hello, World!"); }});
  ports::LoadSpec spec = closed(server.port());
  spec.loop = model::Loop::open;
  spec.rate = Rate{100};
  spec.shares_cpus = true;
  spec.measure = milliseconds(2500);
  ports::LoadSpec other = closed(server.port());
  other.connections = 2;
  spec.beside = {other};
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_NEAR(static_cast<double>(outcome->good), 250, 5);
  ASSERT_TRUE(outcome->beside_per_s);
  // Two connections and 1 ms a request: at most 2000, and a good deal of it on a busy machine.
  EXPECT_GT(*outcome->beside_per_s, 100);
  EXPECT_LT(*outcome->beside_per_s, 2100);
  EXPECT_EQ(outcome->beside_errors, 0);
  EXPECT_GT(outcome->loader_cpu_all, outcome->loader_cpu) << "one worker of the phase, and the work beside";
  const auto after = server.requests();
  EXPECT_TRUE(exchange(server.port(), {get("/")})[0].error.empty());
  EXPECT_LE(server.requests(), after + 5) << "it ended with the phase";
}

TEST_F(DynoLoadDriverTest, NamesTheErrorOfAnExchange) {
  Reply reset;
  reset.reset = true;
  TestServer server({.handler = [&](const std::string&, std::int64_t) { return reset; }});
  EXPECT_TRUE(exchange(server.port(), {get("/")})[0].error.starts_with("reset: "));
  EXPECT_TRUE(exchange(1, {get("/")})[0].error.starts_with("connect: "));
}

// A thread of this process in a network namespace of its own, with loopback up, until it is told to leave.
class OwnNamespace {
 public:
  OwnNamespace() {
    std::promise<bool> made;
    std::future<bool> done = made.get_future();
    thread_ = std::jthread([this, told = std::move(made)]() mutable {
      tid_ = gettid();
      const bool good = unshare(CLONE_NEWNET) == 0 && raise_loopback();
      if (good) server_.emplace();
      told.set_value(good);
      leave_.get_future().wait();
      server_.reset();
    });
    is_made_ = done.get();
  }
  ~OwnNamespace() { leave_.set_value(); }
  OwnNamespace(const OwnNamespace&) = delete;
  OwnNamespace& operator=(const OwnNamespace&) = delete;

  bool is_made() const { return is_made_; }
  TestServer& server() { return *server_; }
  pid_t thread() const { return tid_; }

 private:
  static bool raise_loopback() {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP;
    const bool good = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0) close(fd);
    return good;
  }

  pid_t tid_ = 0;
  bool is_made_ = false;
  std::optional<TestServer> server_;
  std::promise<void> leave_;
  std::jthread thread_;
};

TEST_F(DynoLoadDriverTest, EntersTheNamespaceOfTheServer) {
  OwnNamespace inside;
  if (!inside.is_made()) GTEST_SKIP() << "making a network namespace needs CAP_SYS_ADMIN: NOT TESTED";
  ports::LoadSpec spec = closed(inside.server().port());
  EXPECT_TRUE(exchange(spec.target.port, {get("/")})[0].error.starts_with("connect: ")) << "the port must not be ours";
  spec.target.netns_pid = inside.thread();
  const auto outcome = driver_.run_phase(spec, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->good, 0);
  EXPECT_EQ(outcome->errors.total(), 0);
}

}  // namespace
}  // namespace dyno::load

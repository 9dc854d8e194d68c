// Limits of one exchange, and what becomes of it when the other side stalls, closes or is not there.
#include "docker/http_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/scratch_file.h"
#include "fakes/fake_docker_server.h"

namespace dyno::docker {
namespace {

using fakes::FakeDockerServer;
using fakes::WireFault;
using fakes::WireFaultKind;
using ::testing::HasSubstr;

constexpr Nanos kShort = std::chrono::milliseconds(200);

RealClock real_clock;

HttpRequest get(std::string path) {
  HttpRequest request;
  request.path = std::move(path);
  request.timeout = std::chrono::seconds(10);
  return request;
}

// E-01
TEST(HttpTransport, SaysWhyNobodyAnswers) {
  HttpTransport nowhere("/nonexistent/docker.sock", real_clock);
  const auto absent = nowhere.send(get("/_ping"));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().error,
            (Error{ErrorCode::unavailable, "no Docker engine: /nonexistent/docker.sock does not exist"}));
  EXPECT_FALSE(absent.error().maybe_done);

  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  ASSERT_TRUE(transport.send(get("/_ping")));
  server.die();
  const auto refused = transport.send(get("/_ping"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().error.message, HasSubstr("the Docker engine is down: nothing listens on"));
  server.listen_again();
  EXPECT_TRUE(transport.send(get("/_ping")));
}

// E-01
TEST(HttpTransport, SaysThatItMayNot) {
  FakeDockerServer server;
  const bool is_root = geteuid() == 0;
  std::filesystem::permissions(server.socket_path(), std::filesystem::perms::none);
  std::filesystem::permissions(std::filesystem::path(server.socket_path()).parent_path(), std::filesystem::perms(0755));
  ASSERT_EQ(seteuid(is_root ? 65534 : geteuid()), 0);
  HttpTransport transport(server.socket_path(), real_clock);
  const auto forbidden = transport.send(get("/_ping"));
  ASSERT_EQ(seteuid(is_root ? 0 : geteuid()), 0);
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().error.code, ErrorCode::unavailable);
  EXPECT_THAT(forbidden.error().error.message, HasSubstr("permission denied on"));
}

TEST(HttpTransport, SaysThatTheFileToSendCannotBeRead) {
  const int lowest_free = dup(STDIN_FILENO);
  close(lowest_free);
  auto file = ScratchFile::create();
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("some bytes"));
  ASSERT_EQ(lseek(lowest_free, 0, SEEK_END), 10) << "another file";
  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  HttpRequest request = get("/v1.41/build");
  request.method = "POST";
  request.body_file = &*file;
  ASSERT_TRUE(transport.send(request));
  // A pipe in its place: it has a descriptor, and no offsets to read at.
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(dup2(ends[0], lowest_free), lowest_free);
  const auto broken = transport.send(request);
  for (const int end : ends) close(end);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().error.code, ErrorCode::io);
  EXPECT_THAT(broken.error().error.message, HasSubstr("reading a temporary file"));
}

// E-02
TEST(HttpTransport, EndsAStallByItsTimeout) {
  for (const WireFaultKind kind : {WireFaultKind::stall_head, WireFaultKind::stall_body}) {
    FakeDockerServer server;
    server.add_fault({"GET /info", kind});
    HttpTransport transport(server.socket_path(), real_clock);
    HttpRequest request = get("/v1.41/info");
    request.timeout = kShort;
    const auto answer = transport.send(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.code, ErrorCode::timed_out);
    EXPECT_TRUE(answer.error().maybe_done);
  }
}

TEST(HttpTransport, EndsAtAStopRequest) {
  FakeDockerServer server;
  server.add_fault({"GET /info", WireFaultKind::stall_head});
  HttpTransport transport(server.socket_path(), real_clock);
  std::stop_source stop;
  HttpRequest request = get("/v1.41/info");
  request.stop = stop.get_token();
  RealClock clock;
  std::jthread stopper([&] {
    wait_for(clock, std::chrono::milliseconds(50), {});
    stop.request_stop();
  });
  const MonotonicTime begin = clock.now();
  const auto answer = transport.send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, ErrorCode::cancelled);
  EXPECT_LT(clock.now() - begin, std::chrono::seconds(5));
}

// Issue 14, row 40.
TEST(HttpTransport, Row40_NoExchangeOutlivesTheEndOfAll) {
  FakeDockerServer server;
  server.add_fault({"GET /info", WireFaultKind::stall_head});
  HttpTransport transport(server.socket_path(), real_clock);
  std::jthread stopper([&] {
    wait_for(real_clock, std::chrono::milliseconds(50), {});
    transport.end_by(real_clock.now());
  });
  const auto under_way = transport.send(get("/v1.41/info"));
  ASSERT_FALSE(under_way);
  EXPECT_EQ(under_way.error().error.code, ErrorCode::cancelled);
  EXPECT_TRUE(under_way.error().maybe_done);
  const auto later = transport.send(get("/_ping"));
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().error.code, ErrorCode::cancelled);
  EXPECT_FALSE(later.error().maybe_done);
  transport.end_by(MonotonicTime::max());
  EXPECT_TRUE(transport.send(get("/_ping")));
}

// E-06
TEST(HttpTransport, CapsAnAnswer) {
  FakeDockerServer server;
  server.add_fault({"GET /info", WireFaultKind::lie, -1, 0, {200, std::string(5000, 'x')}});
  HttpTransport transport(server.socket_path(), real_clock);
  HttpRequest request = get("/v1.41/info");
  request.response_cap = 4999;
  const auto answer = transport.send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, ErrorCode::exhausted);
  request.response_cap = 5000;
  EXPECT_EQ(transport.send(request)->body.size(), 5000U);
}

TEST(HttpTransport, HangsUpWhenTheListenerHasEnough) {
  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  HttpRequest request = get("/v1.41/info");
  request.on_body = [](std::string_view) { return false; };
  const auto answer = transport.send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, ErrorCode::protocol);
}

TEST(HttpTransport, CollectsAnErrorAnswerInsteadOfStreamingIt) {
  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  HttpRequest request = get("/v1.41/nothing");
  bool streamed = false;
  request.on_body = [&](std::string_view) { return streamed = true; };
  const auto answer = transport.send(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_THAT(answer->body, HasSubstr("page not found"));
  EXPECT_FALSE(streamed);
}

TEST(HttpTransport, NeverRepeatsAPostInSilence) {
  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  ASSERT_TRUE(transport.send(get("/_ping")));  // leaves a connection to reuse
  server.add_fault({"POST /containers/create", WireFaultKind::lose_answer});
  HttpRequest request = get("/v1.41/containers/create?name=a");
  request.method = "POST";
  request.body = "{}";
  const auto answer = transport.send(request);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().maybe_done);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(HttpTransport, ServesManyThreads) {
  FakeDockerServer server;
  HttpTransport transport(server.socket_path(), real_clock);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) good += transport.send(get("/_ping")).has_value() ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace dyno::docker

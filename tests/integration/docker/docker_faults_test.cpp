// The engine misbehaving (robustness E-*), by a fake Docker server: classified, in bounded time, one container and no more.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "base/text.h"
#include "docker/docker_engine.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_docker_server.h"

namespace dyno::docker {
namespace {

using fakes::FakeClock;
using fakes::FakeDockerServer;
using fakes::WireAnswer;
using fakes::WireFault;
using fakes::WireFaultKind;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Nanos kGrace = std::chrono::seconds(10);

ports::ContainerSpec a_spec(const std::string& name) {
  ports::ContainerSpec spec;
  spec.name = name;
  spec.image_id = "sha256:1";
  spec.command = {"serve"};
  spec.memory = mib(64);
  spec.network = ports::JoinNetwork{"net"};
  return spec;
}

std::string recorded(const std::string& name) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/tests/data/docker/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string frame(const std::string& text, std::uint32_t length) {
  std::string bytes{1, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((length >> static_cast<unsigned>(shift)) & 0xFFU);
  return bytes + text;
}

class DockerFaults : public ::testing::Test {
 protected:
  std::string created(const std::string& name) {
    const auto id = engine_.create_container(a_spec(name));
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or("");
  }
  std::string running(const std::string& name) {
    const std::string id = created(name);
    EXPECT_TRUE(engine_.start_container(id));
    return id;
  }
  std::size_t count(const std::string& pattern) const {
    const auto requests = server_.requests();
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(), [&](const std::string& r) { return r.starts_with(pattern); }));
  }
  Result<ports::BuildOutcome> build() {
    ports::BuildRequest request;
    request.tag = "t";
    const auto context =
        engine_.pack_context(std::string(DYNO_SOURCE_DIR) + "/tests/data/docker/context", "Dockerfile", {});
    if (!context) return fail(context.error());
    return engine_.build_image(*context, request, {}, {});
  }
  void lie(const std::string& pattern, WireAnswer answer, int times = -1) {
    server_.add_fault({pattern, WireFaultKind::lie, times, 0, std::move(answer)});
  }

  FakeDockerServer server_;
  FakeClock clock_;  // jumping: pauses between attempts take no time
  DockerEngine engine_{server_.socket_path(), clock_};
};

// E-01
TEST_F(DockerFaults, ResumesWhenTheEngineComesBack) {
  const std::string id = created("a");
  server_.die();
  const auto down = engine_.inspect_container(id);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, ErrorCode::unavailable);
  server_.listen_again();
  EXPECT_TRUE(engine_.inspect_container(id));
}

TEST_F(DockerFaults, Row29ABuildLeavesTheMachineAShare) {
  static_cast<void>(build());
  ASSERT_EQ(count("POST /build?"), 1U);
  for (const std::string& request : server_.requests()) {
    if (!request.starts_with("POST /build?")) continue;
    EXPECT_NE(request.find("&memory=768&memswap=768&cpuperiod=100000&cpuquota=175000"), std::string::npos) << request;
  }
}

// E-03
TEST_F(DockerFaults, AnAnswerCutAtAnyByteIsAskedForAgain) {
  const std::string id = running("a");
  ASSERT_TRUE(engine_.inspect_container(id));
  const std::string call = "GET /containers/" + id + "/json";
  const std::size_t size = server_.answer_size(call);
  ASSERT_GT(size, 100U);
  for (std::size_t cut = 0; cut < size; ++cut) {
    server_.add_fault({call, WireFaultKind::cut, 1, cut, {}});
    const auto status = engine_.inspect_container(id);
    ASSERT_TRUE(status) << "cut at " << cut << ": " << status.error().message;
    ASSERT_EQ(status->state, "running") << cut;
  }
}

// E-03
TEST_F(DockerFaults, AnAnswerThatIsAlwaysCutIsAnErrorNotAValue) {
  const std::string id = running("a");
  ASSERT_TRUE(engine_.inspect_container(id));
  const std::string call = "GET /containers/" + id + "/json";
  const std::size_t size = server_.answer_size(call);
  for (std::size_t cut = 0; cut < size; cut += 7) {
    server_.clear_faults();
    server_.add_fault({call, WireFaultKind::cut, -1, cut, {}});
    const auto status = engine_.inspect_container(id);
    ASSERT_FALSE(status) << cut;
    ASSERT_EQ(status.error().code, ErrorCode::unavailable) << cut << ": " << status.error().message;
  }
}

// E-03
TEST_F(DockerFaults, ABuildCutAtAnyByteIsNoImage) {
  server_.world().set_build(recorded("build_good_20.10.txt"));
  const auto whole = build();
  ASSERT_TRUE(whole) << whole.error().message;
  const std::size_t size = server_.answer_size("POST /build");
  for (std::size_t cut = 0; cut < size; cut += 3) {
    server_.clear_faults();
    server_.add_fault({"POST /build", WireFaultKind::cut, -1, cut, {}});
    const auto outcome = build();
    ASSERT_FALSE(outcome) << cut;
    ASSERT_FALSE(outcome.error().message.empty()) << cut;
  }
}

// E-05
TEST_F(DockerFaults, ABuildThatFailsWithinA200Fails) {
  server_.world().set_build(recorded("build_failed_20.10.txt"));
  const auto outcome = build();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(outcome.error().message, StartsWith("Step 3/4 : RUN echo before; exit 7: "));
  EXPECT_THAT(outcome.error().message, HasSubstr("\n  before"));
  server_.world().set_build("{\"stream\":\"Successfully built 1\\n\"}\r\n");
  EXPECT_EQ(build().error().code, ErrorCode::protocol);
  lie("POST /build", {400, R"({"message":"dockerfile parse error line 1"})"});
  EXPECT_THAT(build().error().message, HasSubstr("dockerfile parse error"));
}

// E-06
TEST_F(DockerFaults, BrokenJsonIsClassified) {
  const std::string id = created("a");
  const std::string bodies[] = {"{\"Id\":\"a\",", "{\"Id\":\"\xff\"}", std::string(500'000, '['), "", "null", "[]"};
  for (const std::string& body : bodies) {
    server_.clear_faults();
    lie("GET /containers/" + id, {200, body});
    const auto status = engine_.inspect_container(id);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::protocol) << status.error().message;
    EXPECT_LT(status.error().message.size(), 400U);
  }
}

// E-06
TEST_F(DockerFaults, AnEndlessLineIsCapped) {
  server_.world().set_build("{\"stream\":\"" + std::string(100U << 20U, 'x'));
  const auto outcome = build();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("longer than 1 MiB"));
  lie("GET /info", {200, std::string(17U << 20U, ' ')});
  EXPECT_EQ(engine_.describe().error().code, ErrorCode::exhausted);
}

// E-07
TEST_F(DockerFaults, LyingLogFramesKeepTheGoodOnes) {
  const std::string id = created("a");
  server_.world().set_log(frame("good\n", 5) + frame("bad", 0xFFFFFFFF));
  EXPECT_EQ(engine_.container_log(id, kib(4)).value(), "good\n");
  server_.world().set_log(frame("good\n", 5) + frame("bet", 2000));  // the stream ends within a frame
  EXPECT_EQ(engine_.container_log(id, kib(4)).value(), "good\nbet");
}

// Issue 14, row 10.
TEST_F(DockerFaults, Row10CountsTheOutputSinceAMoment) {
  const std::string id = created("a");
  server_.world().set_log(frame("good\n", 5) + frame("better\n", 7));
  EXPECT_EQ(engine_.logged_since(id, wall_from_ns(1'700'000'000'012'345'678)).value(), Bytes{12});
  server_.world().set_log("");
  EXPECT_EQ(engine_.logged_since(id, wall_from_ns(0)).value(), Bytes{0});
  EXPECT_FALSE(engine_.logged_since("nobody", wall_from_ns(0)));
}

// E-08
TEST_F(DockerFaults, ALostCreateAnswerMakesOneContainer) {
  server_.add_fault({"POST /containers/create", WireFaultKind::lose_answer, 1});
  const auto id = engine_.create_container(a_spec("a"));
  ASSERT_TRUE(id) << id.error().message;
  const auto containers = server_.world().containers();
  ASSERT_EQ(containers.size(), 1U);
  EXPECT_EQ(*id, containers[0].id);
  EXPECT_EQ(count("POST /containers/create"), 2U);
}

// E-08
TEST_F(DockerFaults, ANameTakenByAnotherIsNotAdopted) {
  created("a");
  ports::ContainerSpec other = a_spec("a");
  other.env["X"] = "1";
  EXPECT_EQ(engine_.create_container(other).error().code, ErrorCode::conflict);
  EXPECT_EQ(server_.world().containers().size(), 1U);
}

// E-09
TEST_F(DockerFaults, AStartIsBelievedOrItsContainerRemoved) {
  const std::string id = created("a");
  lie("POST /containers/" + id + "/start", {304, ""}, 1);
  EXPECT_TRUE(engine_.start_container(id));
  lie("POST /containers/" + id + "/start", {400, R"({"message":"exec: no such file"})"}, 1);
  EXPECT_EQ(engine_.start_container(id).error().code, ErrorCode::invalid_argument);
  lie("POST /containers/" + id + "/start", {500, R"({"message":"mount failed"})"}, 1);
  lie("GET /containers/" + id, {200, R"({"Id":"a","State":{"Status":"created","Error":"mount failed"}})"}, 1);
  const auto broken = engine_.start_container(id);
  EXPECT_EQ(broken.error().code, ErrorCode::io);
  EXPECT_THAT(broken.error().message, HasSubstr("mount failed"));
  EXPECT_TRUE(engine_.remove_container(id));
  EXPECT_TRUE(server_.world().containers().empty());
}

// E-09
TEST_F(DockerFaults, ALostStartAnswerIsLookedAtAndNotRepeated) {
  const std::string id = created("a");
  const std::string call = "POST /containers/" + id + "/start";
  server_.add_fault({call, WireFaultKind::lose_answer, 1});
  EXPECT_TRUE(engine_.start_container(id)) << "it runs";
  EXPECT_EQ(count(call), 1U);
  const std::string other = created("b");
  server_.add_fault({"POST /containers/" + other + "/start", WireFaultKind::cut, 1, 0, {}});
  server_.add_fault(
      {"GET /containers/" + other, WireFaultKind::lie, -1, 0, {200, R"({"Id":"b","State":{"Status":"created"}})"}});
  EXPECT_FALSE(engine_.start_container(other)) << "it does not run";
  EXPECT_EQ(count("POST /containers/" + other + "/start"), 1U);
}

TEST_F(DockerFaults, AStopSeesTheExitByItsWait) {
  const std::string id = running("a");
  FakeClock slow(FakeClock::Mode::manual);  // nothing but the wait can end this stop
  DockerEngine engine(server_.socket_path(), slow);
  const auto stopped = engine.stop_container(id, kGrace);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_FALSE(stopped->forced);
  const auto requests = server_.requests();
  const auto wait = std::find_if(requests.begin(), requests.end(), [](const auto& r) {
    return r.find("/wait?condition=not-running") != std::string::npos;
  });
  const auto kill = std::find_if(requests.begin(), requests.end(),
                                 [](const auto& r) { return r.find("/kill?signal=SIGTERM") != std::string::npos; });
  EXPECT_LT(wait, kill) << "the wait is opened before the signal";
}

// E-10
TEST_F(DockerFaults, AnExitIsNoticedWithoutItsWait) {
  for (const WireFaultKind kind : {WireFaultKind::stall_head, WireFaultKind::stall_body, WireFaultKind::lose_answer}) {
    server_.clear_faults();
    const std::string id = running(std::to_string(static_cast<int>(kind)));
    server_.add_fault({"POST /containers/" + id + "/wait", kind});
    const auto stopped = engine_.stop_container(id, kGrace);
    ASSERT_TRUE(stopped) << stopped.error().message;
    EXPECT_EQ(stopped->exit_code, 0);
    EXPECT_FALSE(stopped->forced);
  }
}

TEST_F(DockerFaults, ADeafContainerIsKilled) {
  const std::string id = running("a");
  lie("POST /containers/" + id + "/kill?signal=SIGTERM", {204, ""});
  const auto stopped = engine_.stop_container(id, kGrace);
  ASSERT_TRUE(stopped) << stopped.error().message;
  EXPECT_TRUE(stopped->forced);
  EXPECT_EQ(stopped->exit_code, 137);
  EXPECT_GE(stopped->duration, kGrace);
}

// E-11
TEST_F(DockerFaults, ARemovalInProgressIsAwaited) {
  const std::string id = created("a");
  lie("DELETE /containers/" + id, {409, R"({"message":"removal of container a is already in progress"})"}, 5);
  EXPECT_TRUE(engine_.remove_container(id));
  EXPECT_TRUE(server_.world().containers().empty());
  EXPECT_EQ(count("DELETE /containers/" + id), 6U);
}

// As engines answer where a container ends by itself while they kill it.
TEST_F(DockerFaults, ARemovalThatFailedIsAskedForAgain) {
  const std::string id = created("a");
  lie("DELETE /containers/" + id, {500, R"({"message":"Could not kill running container a, cannot remove"})"}, 3);
  EXPECT_TRUE(engine_.remove_container(id));
  EXPECT_TRUE(server_.world().containers().empty());
  EXPECT_EQ(count("DELETE /containers/" + id), 4U);
}

TEST_F(DockerFaults, ARemovalThatFailsForEverSaysWhy) {
  const std::string id = created("a");
  lie("DELETE /containers/" + id, {500, R"({"message":"no space left on device"})"});
  const auto removed = engine_.remove_container(id);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::storage);
  EXPECT_NE(removed.error().message.find("no space left"), std::string::npos) << removed.error().message;
}

// E-11
TEST_F(DockerFaults, ARemovalThatNeverEndsIsHandedOver) {
  const std::string id = created("a");
  lie("DELETE /containers/" + id, {409, R"({"message":"removal of container a is already in progress"})"});
  EXPECT_EQ(engine_.remove_container(id).error().code, ErrorCode::timed_out);
}

// E-04, issue 16 row N2: one answer of 500 or 503 among good ones is the engine's, and passes.
TEST_F(DockerFaults, AsksAgainWhereTheEngineRefusedOnce) {
  struct Row {
    const char* call;
    std::function<bool(DockerEngine&)> works;
  };
  std::string id;
  const Row rows[] = {
      {"GET /images/", [](DockerEngine& e) { return e.inspect_image("sha256:1").has_value(); }},
      {"GET /info", [](DockerEngine& e) { return e.describe().has_value(); }},
      {"POST /networks/create", [](DockerEngine& e) { return e.create_network("n", {}).has_value(); }},
      {"POST /containers/create",
       [&id](DockerEngine& e) {
         const auto made = e.create_container(a_spec("a"));
         id = made.value_or("");
         return made.has_value();
       }},
      {"POST /containers/", [&id](DockerEngine& e) { return e.start_container(id).has_value(); }},
      {"GET /containers/", [&id](DockerEngine& e) { return e.inspect_container(id)->state == "running"; }},
      {"GET /containers/", [&id](DockerEngine& e) { return e.container_log(id, kib(1)).has_value(); }},
      {"GET /containers/json", [](DockerEngine& e) { return e.list_labelled("a", "b").has_value(); }},
      {"DELETE /containers/", [&id](DockerEngine& e) { return e.remove_container(id).has_value(); }},
  };
  for (const int status : {500, 503}) {
    for (const Row& row : rows) {
      server_.clear_faults();
      lie(row.call, {status, R"({"message":"planted"})"}, 1);
      lie("POST /networks/create", {201, R"({"Id":"n1"})"});
      const std::size_t before = count(row.call);
      EXPECT_TRUE(row.works(engine_)) << row.call << " " << status;
      EXPECT_GE(count(row.call), before + 2) << row.call;
    }
  }
  EXPECT_TRUE(server_.world().containers().empty());
}

TEST_F(DockerFaults, ABuildThatTheEngineRefusedOnceIsBegunAgain) {
  lie("POST /build?", {503, R"({"message":"planted"})"}, 1);
  lie("POST /build?", {200, "{\"aux\":{\"ID\":\"sha256:2\"}}\n"});
  const auto built = build();
  EXPECT_TRUE(built) << built.error().message;
  EXPECT_EQ(count("POST /build?"), 2U);
}

TEST_F(DockerFaults, AnEngineThatRefusesForEverIsAnErrorWithItsWords) {
  lie("GET /images/", {500, R"({"message":"layer does not exist"})"});
  const auto image = engine_.inspect_image("sha256:1");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::io);
  EXPECT_THAT(image.error().message, HasSubstr("layer does not exist"));
  EXPECT_EQ(count("GET /images/"), 4U);
}

// E-13
TEST_F(DockerFaults, SpeaksWithinTheEnginesWindow) {
  struct Row {
    const char* newest;
    const char* oldest;
    const char* spoken;  // empty: refused
  };
  for (const Row& row :
       {Row{"1.41", "1.12", "1.41"}, Row{"1.52", "1.44", "1.44"}, Row{"1.40", "1.12", ""}, Row{"1.60", "1.50", ""}}) {
    FakeDockerServer server;
    server.world().set_window(row.newest, row.oldest);
    DockerEngine engine(server.socket_path(), clock_);
    const auto description = engine.describe();
    if (*row.spoken != '\0') {
      ASSERT_TRUE(description) << description.error().message;
      EXPECT_EQ(description->api_version, row.spoken);
    } else {
      ASSERT_FALSE(description);
      EXPECT_EQ(description.error().code, ErrorCode::unsupported);
      EXPECT_THAT(description.error().message, HasSubstr(row.newest));
    }
  }
}

// E-13
TEST_F(DockerFaults, NegotiatesAgainWithAnEngineThatWasExchanged) {
  EXPECT_EQ(engine_.describe()->api_version, "1.41");
  server_.world().set_window("1.52", "1.44");  // upgraded, and no call of ours failed meanwhile
  const auto description = engine_.describe();
  ASSERT_TRUE(description) << description.error().message;
  created("a");
  EXPECT_EQ(engine_.describe()->api_version, "1.44");
}

// E-14
// E-15. Times of the engine enter no duration; where it is asked since when, it is asked by its own clock.
TEST_F(DockerFaults, AnEngineWithAnotherClockIsToldAndAskedByItsOwn) {
  EXPECT_EQ(engine_.describe()->clock_ahead, Nanos{}) << "an engine that does not say";
  struct Row {
    const char* clock;
    std::chrono::hours ahead;
  };
  for (const Row& row : {Row{"+00:00", std::chrono::hours(0)}, Row{"+02:00", std::chrono::hours(-2)},
                         Row{"-01:00", std::chrono::hours(1)}}) {
    SCOPED_TRACE(row.clock);
    server_.clear_faults();
    // The daemon's time of day, said of another zone.
    const std::string now = format_instant(clock_.wall_now()).substr(0, 19);
    lie("GET /info", {200, fmt::format(R"({{"Driver":"overlay2","SystemTime":"{}.123456789{}"}})", now, row.clock)});
    const auto engine = engine_.describe();
    ASSERT_TRUE(engine) << engine.error().message;
    EXPECT_LT(std::chrono::abs(engine->clock_ahead - row.ahead), std::chrono::seconds(20));
    const std::string id = created(fmt::format("a{}", row.ahead.count()));
    const WallTime since = clock_.wall_now();
    EXPECT_TRUE(engine_.logged_since(id, since));
    const auto asked = to_ns(since + engine->clock_ahead) / 1'000'000'000;
    EXPECT_NE(server_.requests().back().find(fmt::format("since={}.", asked)), std::string::npos)
        << server_.requests().back();
    lie("GET /containers/" + id,
        {200, R"({"Id":"a","State":{"Status":"running","Running":true,"Pid":7,"StartedAt":"2099-01-01T00:00:00Z"}})"});
    EXPECT_EQ(engine_.inspect_container(id)->state, "running");
  }
}

TEST_F(DockerFaults, PidZeroIsNobody) {
  const std::string id = created("a");
  lie("GET /containers/" + id,
      {200, R"({"Id":"a","State":{"Status":"running","Running":true,"Pid":0,"StartedAt":"0001-01-01T00:00:00Z"}})"});
  const auto status = engine_.inspect_container(id);
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_NE(status->state, "running");
  EXPECT_EQ(status->pid, 0);
}

}  // namespace
}  // namespace dyno::docker

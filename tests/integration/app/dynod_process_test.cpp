// The real dynod as a process: killed with -9, with a log that nobody reads, with an engine that never answers, and on a machine that
// gives it no memory.
#include "integration/app/dynod_process.h"

#include "integration/app/soak_watch.h"
#include "store/database.h"
#include "store/reader.h"

namespace dyno::app {
namespace {

// Issue 14, row 13.
TEST_F(DynodProcess, Row13_AQueuedRunIsTheOneThatWasAccepted) {
  write("profiles/short.yaml", profile_of(2, "connections: 8, measure: 1s"));
  engine_.add_fault({.pattern = "GET /info", .kind = fakes::WireFaultKind::stall_head});
  start();
  const std::string first = queue_run();
  const auto has_begun = [&] { return get("/api/v1/runs/" + first).find("\"acquiring\"") != std::string::npos; };
  ASSERT_TRUE(await(has_begun)) << log();
  const std::string second = queue_run();
  end(SIGKILL);

  write("profiles/short.yaml", profile_of(5, "connections: 16, measure: 9s"));
  engine_.clear_faults();
  give_images();
  start();
  ASSERT_TRUE(await([&] { return has_ended(second); })) << log();
  const std::string edited = queue_run();
  ASSERT_TRUE(await([&] { return has_ended(edited); })) << log();
  end(SIGTERM);

  const auto database = store::Database::open(folder_ / "data/stackdyno.db");
  ASSERT_TRUE(database) << database.error().message;
  const store::Reader reader(**database);
  EXPECT_EQ(reader.run(first)->resumed, 1) << "it had begun";
  EXPECT_TRUE(model::is_terminal(reader.run(first)->state));
  const auto run = reader.run(second);
  const auto after = reader.run(edited);
  ASSERT_TRUE(run);
  ASSERT_TRUE(after);
  const auto job = reader.job(second);
  ASSERT_TRUE(job) << job.error().message;
  ASSERT_EQ(job->profile.phases.size(), 1U);
  EXPECT_EQ(job->profile.phases[0].connections, 8);
  EXPECT_EQ(job->profile.phases[0].measure, std::chrono::seconds(1));
  EXPECT_EQ(run->blocks, 2);
  EXPECT_EQ(run->profile_hash, job->profile.hash);
  EXPECT_NE(run->profile_hash, after->profile_hash);
  // What was planned, and by what: no container of this engine ever listens, so it got no further.
  EXPECT_GT(run->expected, std::chrono::seconds(2)) << log();
  EXPECT_LT(run->expected + std::chrono::seconds(5 * 9 - 2), after->expected) << log();
}

// Issue 14, row 39.
TEST_F(DynodProcess, Row39_ALogThatNobodyReadsHoldsNothingUp) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Descriptor unread(ends[0]);
  Descriptor log_to(ends[1]);
  ASSERT_GT(fcntl(unread.get(), F_SETPIPE_SZ, 4096), 0);
  spawn(":", log_to.get());
  log_to.close();
  ASSERT_TRUE(await([this] { return has_started(); }));
  std::string last;
  for (int i = 0; i < 20; ++i) {  // each with several lines of a hundred bytes
    last = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(last); })) << i;
  }
  ASSERT_EQ(::kill(pid_, SIGTERM), 0);
  std::optional<int> status;
  ASSERT_TRUE(await([&] { return (status = ended()).has_value(); }));
  EXPECT_TRUE(WIFEXITED(*status) && WEXITSTATUS(*status) == 0) << *status;
}

// Issue 14, row 40. Fifteen seconds are promised; the rest is for a busy machine. It was 29 s for health, 214 s for a cancel and
// 273 s for a stop.
constexpr auto kPromised = std::chrono::seconds(25);

TEST_F(DynodProcess, Row40_HealthDoesNotWaitForTheEngine) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  start();
  // The engine was asked, and was looked at by the queue.
  ASSERT_TRUE(await([this] { return api::status_of(get("/readyz")) == 200; })) << get("/readyz");
  engine_.add_fault({.pattern = "", .kind = fakes::WireFaultKind::stall_head});
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // what is known is old enough to be asked for again
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(api::status_of(get("/readyz")), 200) << "what was known before";
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
  EXPECT_NE(get("/metrics").find("stackdyno_engine_up 1"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPromised);
  ASSERT_TRUE(await([this] { return get("/readyz").find("has not answered for") != std::string::npos; }));
  const std::string ready = get("/readyz");
  EXPECT_EQ(api::status_of(ready), 503);
  EXPECT_NE(ready.find("before that: "), std::string::npos) << ready;
  EXPECT_EQ(api::status_of(get("/healthz")), 200);
}

TEST_F(DynodProcess, Row40_StopsWhileItStartsWithASilentEngine) {
  engine_.add_fault({.pattern = "GET /containers/json", .kind = fakes::WireFaultKind::stall_head});
  spawn();
  ASSERT_TRUE(await([this] { return asked_for("GET /containers/json"); })) << log();
  expect_end(kPromised);
}

TEST_F(DynodProcess, Row40_StopsARunOfASilentEngine) {
  run_into_silence();
  expect_end(kPromised);
}

TEST_F(DynodProcess, Row40_CancelsARunOfASilentEngine) {
  const std::string run = run_into_silence();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(api::status_of(post("/api/v1/runs/" + run + "/cancel")), 202);
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kPromised) << log();
  EXPECT_NE(get("/api/v1/runs/" + run).find("\"state\":\"cancelled\""), std::string::npos);
}

// Fault catalogue, K-04. What it leaves is cleaned up by its next life, in which the run goes on.
TEST_F(DynodProcess, ASecondSignalEndsItAtOnce) {
  const std::string run = run_into_silence();
  ASSERT_EQ(::kill(pid_, SIGTERM), 0);
  ASSERT_TRUE(await([this] { return log().find("stopping") != std::string::npos; })) << log();
  ASSERT_EQ(::kill(pid_, SIGTERM), 0);
  const auto begin = std::chrono::steady_clock::now();
  std::optional<int> status;
  ASSERT_TRUE(await([&] { return (status = ended()).has_value(); })) << log();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGTERM) << *status << log();
  engine_.clear_faults();
  give_images();
  start();
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
  EXPECT_NE(get("/api/v1/runs/" + run).find("\"resumed\":1"), std::string::npos) << get("/api/v1/runs/" + run);
}

// Issue 16, row N1. The engine is killed in a run, two others wait.
TEST_F(DynodProcess, TheQueueIsHeldWhileTheEngineIsAwayAndNoRunIsLost) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.add_fault({.pattern = "POST /networks/create", .kind = fakes::WireFaultKind::stall_head});
  start();
  const std::string first = queue_run();
  ASSERT_TRUE(await([this] { return asked_for("POST /networks/create"); })) << log();
  const std::string others[] = {queue_run(), queue_run()};
  engine_.die();
  ASSERT_TRUE(await([&] {
    return get("/api/v1/queue").find("\"held\":{\"reason\":\"engine_down\"") != std::string::npos;
  })) << get("/api/v1/queue")
      << log();
  EXPECT_NE(get("/readyz").find("held: engine_down since "), std::string::npos) << get("/readyz");
  EXPECT_NE(get("/api/v1/runs/" + first).find("\"state\":\"queued\""), std::string::npos) << log();
  for (const std::string& run : others) EXPECT_FALSE(has_ended(run));
  engine_.clear_faults();
  give_images();
  engine_.listen_again();
  ASSERT_TRUE(await([&] { return has_ended(first) && has_ended(others[0]) && has_ended(others[1]); })) << log();
  // No container of this engine ever listens: that they ended is what they could do.
  EXPECT_NE(get("/api/v1/runs/" + first).find("\"resumed\":1"), std::string::npos) << get("/api/v1/runs/" + first);
  EXPECT_EQ(get("/readyz").find("held"), std::string::npos) << get("/readyz");
  EXPECT_NE(log().find("the queue goes on; it was held for "), std::string::npos);
}

// Issue 16, row N3. The usual order after a reboot: the daemon is there before the engine.
TEST_F(DynodProcess, NoRunBeginsBeforeAnAbsentEngineIsBack) {
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.die();
  start();
  const std::string run = queue_run();
  ASSERT_TRUE(await([this] { return get("/readyz").find("held: engine_down since ") != std::string::npos; })) << log();
  EXPECT_EQ(api::status_of(get("/readyz")), 503);
  EXPECT_NE(get("/api/v1/runs/" + run).find("\"state\":\"queued\""), std::string::npos) << log();
  engine_.listen_again();
  ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
}

// Runs back to back, readers beside them: nothing grows. For a minute, nightly for an hour (DYNO_SOAK_MINUTES).
TEST_F(DynodProcess, NothingGrowsWhileItWorksForLong) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory grows";
#endif
  write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  give_images();
  engine_.add_fault({.pattern = "POST /networks/create", .lie = {201, R"({"Id":"n1"})"}});
  start();
  const auto begin = std::chrono::steady_clock::now();
  const std::chrono::seconds length = tests::soak_time(std::chrono::seconds(50));
  tests::SoakWatch watch(pid_, folder_ / "data/stackdyno.db-wal");
  auto next_look = begin;
  int runs = 0;
  while (std::chrono::steady_clock::now() - begin < length) {
    const std::string run = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(run); })) << log();
    for (const char* const path : {"/api/v1/runs", "/readyz", "/metrics", "/api/v1/queue", "/api/v1/no-such"})
      get(path);
    ++runs;
    if (std::chrono::steady_clock::now() < next_look) continue;
    watch.look();
    next_look += length / 40;
  }
  fmt::print("[ SOAK     ] {} runs, {}\n", runs, watch.describe());
  for (const std::string& what : tests::what_grows(watch.samples())) ADD_FAILURE() << what << "\n" << watch.describe();
  EXPECT_GT(runs, 20);
  EXPECT_TRUE(std::any_of(watch.samples().begin(), watch.samples().end(), [](const auto& s) { return s.has_log; }))
      << "the log of the database is not where it was looked for";
}

// Issue 14, row 41. How little is too little depends on the build: with every limit it either serves or says why not.
TEST_F(DynodProcess, Row41_SaysThatThereIsNoMemoryForIt) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer reserves more than any limit";
#endif
  constexpr int kNotLoaded = 127;  // by the dynamic loader
  int refused = 0;
  for (int kib = 200'000; kib >= 20'000; kib -= 20'000) {
    spawn(fmt::format("ulimit -v {}", kib));
    std::optional<int> status;
    ASSERT_TRUE(await([&] { return (status = ended()).has_value() || has_started(); })) << kib;
    if (!status) status = end(SIGTERM);
    ASSERT_TRUE(WIFEXITED(*status)) << kib << " KiB: signal " << WTERMSIG(*status) << "\n" << log();
    if (WEXITSTATUS(*status) == 0 || WEXITSTATUS(*status) == kNotLoaded) continue;
    EXPECT_EQ(WEXITSTATUS(*status), 1) << kib;
    EXPECT_NE(log().find("dynod: "), std::string::npos) << log();
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace dyno::app

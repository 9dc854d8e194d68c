// Issue 14, row 11: a daemon that is frozen within the window of an open loop. A process of its own stands for it, with the real load
// phases, load driver, dyno-load, sampler and clock; engine and journal are the fakes, and the kernel's files are recorded ones.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "cgroup/cgroup_sampler.h"
#include "fakes/fake_container_engine.h"
#include "fakes/fake_host.h"
#include "fakes/memory_journal.h"
#include "fakes/test_server.h"
#include "load/dyno_load_driver.h"
#include "run/load_phases.h"

namespace dyno::run {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kRecordedPid = 4242;

// The containers of the fake engine have no network: the server is on this host's loopback. Says when the window begins.
class OnLoopback final : public ports::LoadDriver {
 public:
  OnLoopback(ports::LoadDriver& driver, int port, int say_to) : driver_(driver), port_(port), say_to_(say_to) {}
  Result<std::unique_ptr<ports::Probe>> start_probe(const ports::ProbeSpec& spec) override {
    return driver_.start_probe(spec);
  }
  Result<std::vector<ports::ExchangeOutcome>> exchange(const ports::LoadTarget& target,
                                                       const std::vector<ports::Exchange>& exchanges,
                                                       std::stop_token stop) override {
    return driver_.exchange(target, exchanges, std::move(stop));
  }
  tl::expected<ports::LoadOutcome, ports::LoadFailure> run_phase(const ports::LoadSpec& spec,
                                                                 const ports::LoadListener& listener,
                                                                 std::stop_token stop) override {
    ports::LoadSpec here = spec;
    here.target = {.netns_pid = 0, .address = "127.0.0.1", .port = port_};
    ports::LoadListener heard = listener;
    heard.window_begin = [&](MonotonicTime at) {
      listener.window_begin(at);
      EXPECT_EQ(write(say_to_, "w", 1), 1);
    };
    return driver_.run_phase(here, heard, std::move(stop));
  }

 private:
  ports::LoadDriver& driver_;
  const int port_;
  const int say_to_;
};

model::Plan plan_of_one_open_phase() {
  model::Plan plan;
  plan.cases = {{.name = "one/single", .stack = {}}};
  plan.cases[0].stack.workloads = {"plaintext"};
  plan.profile.memory.sample_every = milliseconds(50);
  plan.profile.warm_up.kind = model::WarmUpKind::fixed;
  plan.profile.warm_up.each = milliseconds(100);
  model::ProfilePhase phase;
  phase.name = "plaintext/r200";
  phase.workload = "plaintext";
  phase.loop = model::Loop::open;
  phase.rate = Rate{200};
  phase.connections = 4;
  phase.measure = milliseconds(4000);
  plan.profile.phases = {phase};
  plan.placement.app_cpus = {sched_getcpu()};
  plan.placement.load_cpus = plan.placement.app_cpus;
  return plan;
}

// The result of the phase, as a daemon stores it.
std::optional<model::PhaseResult> load_it(const std::string& root, int port, int say_to) {
  RealClock clock;
  fakes::FakeContainerEngine engine;
  load::DynoLoadDriver driver(DYNO_BIN_DIR "/dyno-load", clock);
  OnLoopback load(driver, port, say_to);
  cgroup::CgroupSampler sampler(clock, root);
  fakes::FakeHost host(clock, engine, load, sampler);
  fakes::MemoryJournal journal;
  const Rig rig{.host = host, .journal = journal, .instance = "instance"};
  const model::Plan plan = plan_of_one_open_phase();
  const ProgressMeter meter({std::chrono::seconds(5)}, 1);
  engine.add_image("app");
  const std::string image = engine.inspect_image("app")->id;
  const std::string network = engine.create_network("net", {}).value();
  TrialScene scene(
      rig, {.run_id = "run", .plan = plan, .planned = {}, .app_image = {}, .sandbox_image = {}, .network_id = network},
      meter, {});
  scene.sandbox.emplace(Sandbox::start(rig, {"run", "sandbox", image, network, "0"}).value());
  const AppPlace place{"run", "app", image, scene.sandbox->container_id(), {}};
  scene.app.emplace(engine, engine.create_container(app_spec(rig, place, plan.cases[0], plan.placement)).value());
  EXPECT_TRUE(engine.start_container(scene.app->id()));
  scene.sampling = std::move(sampler.start(kRecordedPid, plan.profile.memory.sample_every).value());
  static_cast<void>(LoadPhases(scene).run());
  const auto finished = fakes::events_of<model::PhaseFinished>(journal);
  return finished.empty() ? std::nullopt : std::optional(finished[0].result);
}

// One line a reading, "name validity gates", then the words of the clock's gate.
std::string words_for(const model::PhaseResult& result) {
  std::string words;
  for (const model::Reading& reading : result.readings) {
    if (reading.value) words += fmt::format("{} {}\n", to_string(reading.metric), to_string(reading.validity));
  }
  for (const model::GateResult& gate : result.verdict.gates) {
    if (gate.gate == model::GateName::clock)
      words += fmt::format("clock {}: {}\n", to_string(gate.validity), gate.text);
  }
  return words;
}

TEST(FrozenDaemon, Row11AFreezeWithinAnOpenLoopVoidsThePhase) {
  namespace fs = std::filesystem;
  std::string root = (fs::temp_directory_path() / "dyno-frozen-XXXXXX").string();
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  fs::copy(DYNO_SOURCE_DIR "/tests/data/cgroup/v2", root, fs::copy_options::recursive);  // its peak is written to
  int to_daemon[2];
  int from_daemon[2];
  ASSERT_EQ(pipe(to_daemon), 0);
  ASSERT_EQ(pipe(from_daemon), 0);
  const pid_t daemon = fork();  // before there is a second thread
  if (daemon == 0) {
    int port = 0;
    if (read(to_daemon[0], &port, sizeof port) != sizeof port) _exit(1);
    const auto result = load_it(root, port, from_daemon[1]);
    const std::string words = result ? words_for(*result) : "no result\n";
    _exit(write(from_daemon[1], words.data(), words.size()) == static_cast<ssize_t>(words.size()) ? 0 : 1);
  }
  close(from_daemon[1]);
  const fakes::TestServer server;
  const int port = server.port();
  ASSERT_EQ(write(to_daemon[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  char begun = 0;
  ASSERT_EQ(read(from_daemon[0], &begun, 1), 1);
  std::this_thread::sleep_for(milliseconds(500));
  ASSERT_EQ(kill(daemon, SIGSTOP), 0);
  std::this_thread::sleep_for(milliseconds(1800));
  ASSERT_EQ(kill(daemon, SIGCONT), 0);
  std::string words;
  std::array<char, 512> buffer{};
  for (ssize_t n = 0; (n = read(from_daemon[0], buffer.data(), buffer.size())) > 0;)
    words.append(buffer.data(), static_cast<std::size_t>(n));
  int status = 0;
  ASSERT_EQ(waitpid(daemon, &status, 0), daemon);
  fs::remove_all(root);
  EXPECT_NE(words.find("clock invalid: "), std::string::npos) << words;
  EXPECT_NE(words.find("Nothing was read for "), std::string::npos) << words;
  for (const char* const metric :
       {"throughput_per_s", "latency_p50_ns", "error_ratio", "app_cpu_cores", "loaded_cgroup_peak_bytes"})
    EXPECT_NE(words.find(fmt::format("{} invalid\n", metric)), std::string::npos) << metric << "\n" << words;
  EXPECT_EQ(words.find("loaded_private_median_bytes valid"), std::string::npos) << words;
}

}  // namespace
}  // namespace dyno::run

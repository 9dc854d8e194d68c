// An executor on a machine of fakes: two stacks, two blocks, one closed and one open phase of json; `give_service` adds a service
// that only the first stack asks for.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fakes/contract_stack.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_container_engine.h"
#include "fakes/fake_host.h"
#include "fakes/fake_load_driver.h"
#include "fakes/fake_sampler.h"
#include "fakes/memory_journal.h"
#include "run/executor.h"

namespace dyno::run {

inline model::Stack stack(const std::string& name) {
  model::Stack s;
  s.name = name;
  s.hash = "sha256:" + name;
  s.folder = "/stacks/" + name;
  s.offered_modes = {model::Mode::single};
  s.workloads = {"json", "plaintext"};
  s.build.base = {{"RUN_IMAGE", "node:26-slim", "stackdyno/base-node-26"}};
  s.run.command = {"serve"};
  s.readiness.deep_path = "/ready";
  return s;
}

inline model::Profile profile() {
  model::Profile p;
  p.name = "test";
  p.blocks = 2;
  p.startup.warm = 2;
  p.order = model::OrderKind::listed;
  p.reverse_alternate_blocks = false;
  model::ProfilePhase closed;
  closed.workload = "json";
  closed.name = "json/c32";
  closed.as = "json_cap";
  model::ProfilePhase open = closed;
  open.name = "json/c32/r60%json_cap";
  open.as.clear();
  open.loop = model::Loop::open;
  open.rate = model::ShareOfCap{0.6, "json_cap"};
  p.phases = {closed, open};
  return p;
}

// Asked for by alpha alone.
inline model::Service store() {
  model::Service s;
  s.name = "store";
  s.hash = "sha256:store";
  s.folder = "/services/store";
  s.build.base = {{"BASE_IMAGE", "store:1", "stackdyno/base-debian"}};
  s.run.command = {"-c", "quiet=on"};
  s.run.user = "keeper";
  s.run.env = {{"ROWS", "{users}"}, {"KIND", "{variant}"}};
  s.run.secrets = {"PASSWORD"};
  s.limits.memory = mib(512);
  s.folders = {{"/data", mib(256)}};
  s.shared_memory = mib(64);
  s.ready = {{"is-ready"}, std::chrono::seconds(5)};
  s.reset = {{"reset", "all"}, std::chrono::seconds(5)};
  s.app_env = {{"STORE_URL", "store://me:{PASSWORD}@{address}/"}, {"BENCH_STORE_CONNECTIONS", "{connections}"}};
  return s;
}

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() {
    engine_.add_image("stackdyno/base-node-26");
    answer_by_contract({});
    job_.run_id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
    job_.stacks = {stack("alpha"), stack("beta")};
    job_.profile = profile();
    job_.request.seed = 42;
  }

  // The machine of the tests, with another engine or journal where a test breaks those.
  fakes::FakeHost host(fakes::FakeContainerEngine& engine) { return {clock_, engine, load_, sampler_}; }
  static Rig rig(ports::Host& host, fakes::MemoryJournal& journal) {
    return {.host = host, .journal = journal, .instance = "instance"};
  }
  Executor new_executor() {
    return Executor(rig(host_, journal_),
                    {.files = file_checks_,
                     .was_verified = [this](const std::string& key) { return verified_.contains(key); },
                     .remember_verified = [this](const std::string& key, const std::string&) { verified_.insert(key); },
                     .why_no_room = [this] { return no_room_; }});
  }
  model::RunState execute() {
    Executor executor = new_executor();
    return execute(executor);
  }
  model::RunState execute(Executor& executor) {
    return executor.execute(job_, stop_.get_token(), [this] { return draining_; }).state;
  }

  void answer_by_contract(const fakes::Spoil& spoil) {
    load_.answer_by([this, spoil](const ports::Exchange& exchange) {
      return fakes::answer_rightly(exchange, clock_.wall_now(), spoil);
    });
  }
  void give_service() {
    engine_.add_image("stackdyno/base-debian");
    job_.services = {store()};
    job_.stacks[0].services["store"] = {};
    job_.profile.database = model::DatabaseRequest{12, 100000, "odd"};
  }
  int count_calls(const std::string& begin) const {
    int count = 0;
    for (const std::string& call : engine_.calls()) count += call.starts_with(begin) ? 1 : 0;
    return count;
  }
  // What the service's commands answer; others end well.
  void service_answers(const std::string& command, const ports::ExecOutcome& outcome) {
    engine_.on_exec([command, outcome](const fakes::FakeContainer&, const std::vector<std::string>& words) {
      return words.front() == command ? outcome : ports::ExecOutcome{};
    });
  }
  void never_ready() {
    fakes::LoadScript script;
    script.connected_after.reset();
    script.good_after.reset();
    script.deep_after.reset();
    load_.script(script);
  }

  std::vector<model::RunState> states() const {
    std::vector<model::RunState> found;
    for (const auto& e : fakes::events_of<model::RunStateChanged>(journal_)) found.push_back(e.state);
    return found;
  }
  std::vector<model::TrialFinished> trials() const { return fakes::events_of<model::TrialFinished>(journal_); }
  std::vector<model::PhaseResult> phases() const {
    std::vector<model::PhaseResult> found;
    for (const auto& e : fakes::events_of<model::PhaseFinished>(journal_)) found.push_back(e.result);
    return found;
  }
  std::string last_reason() const { return fakes::events_of<model::RunStateChanged>(journal_).back().reason; }
  void expect_clean() const {
    EXPECT_TRUE(engine_.is_empty());
    EXPECT_EQ(sampler_.live(), 0);
  }

  fakes::FakeClock clock_;
  fakes::FakeContainerEngine engine_;
  fakes::FakeLoadDriver load_{clock_};
  fakes::FakeSampler sampler_{clock_};
  fakes::FakeHost host_{clock_, engine_, load_, sampler_};
  fakes::MemoryJournal journal_;
  std::stop_source stop_;
  bool draining_ = false;
  std::string no_room_;  // empty: there is room
  model::Job job_;
  FileChecks file_checks_;          // empty: no file has changed
  std::set<std::string> verified_;  // outlives every executor, as the store does
};

}  // namespace dyno::run

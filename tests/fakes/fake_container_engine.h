// A ContainerEngine in memory: a small world of images, networks and containers that obeys the traps of the real one (names taken,
// networks in use, a sandbox that must run). It records every call as "verb name" and can be told which of them fail, and whether
// their effect happens nevertheless. The contract suite runs on it and on a real engine. Thread-safe; hooks run unlocked.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/container_engine.h"

namespace dyno::fakes {

// Applies to calls whose text ("start_container dyno-x-app-1") begins with `pattern`.
struct EngineFault {
  std::string pattern;  // "" is every call
  Error error;
  int skip = 0;                 // so many matching calls pass first
  int times = -1;               // then so many fail; -1: all
  bool effect_happens = false;  // the answer is lost, not the deed
};

struct FakeContainer {
  std::string id;
  ports::ContainerSpec spec;
  ports::ContainerStatus status;
  std::string log;
  std::vector<ports::CopiedFile> copied{};
};

class FakeContainerEngine final : public ports::ContainerEngine {
 public:
  FakeContainerEngine() = default;

  void end_calls_by(MonotonicTime) override {}  // its calls never block
  Result<ports::EngineDescription> describe() override;
  Result<ports::ImageDescription> inspect_image(const std::string& name_or_id) override;
  // The files of a folder that is there; otherwise what set_content says of one that only has a name.
  Result<ports::BuildContext> pack_context(const std::string& folder, const std::string& dockerfile,
                                           std::stop_token stop) override;
  // Of what offer_image() put into its registry.
  Status pull_image(const std::string& name, const ports::BuildLog& log, std::stop_token stop) override;
  // Understands of a Dockerfile only lines of the form `LABEL name=value` and `ENTRYPOINT text`.
  Result<ports::BuildOutcome> build_image(const ports::BuildContext& context, const ports::BuildRequest& request,
                                          const ports::BuildLog& log, std::stop_token stop) override;
  Result<std::string> import_program(const std::string& program_path, const std::string& tag,
                                     const std::map<std::string, std::string>& labels) override;
  Result<ports::EvictionOutcome> evict_image(const std::string& name_or_id) override;
  Status remove_image(const std::string& name_or_id) override;
  Result<std::string> create_network(const std::string& name,
                                     const std::map<std::string, std::string>& labels) override;
  Status remove_network(const std::string& id) override;
  Result<std::string> create_container(const ports::ContainerSpec& spec) override;
  Status copy_into(const std::string& id, const std::vector<ports::CopiedFile>& files) override;
  Status start_container(const std::string& id) override;
  Result<ports::ContainerStatus> inspect_container(const std::string& id) override;
  Result<ports::StopOutcome> stop_container(const std::string& id, Nanos grace) override;
  Status remove_container(const std::string& id) override;
  Result<std::string> container_log(const std::string& id, Bytes limit) override;
  // The lines that on_follow() gives, else those of set_log(); then timed_out, unless the container has ended.
  Status follow_log(const std::string& id, const std::function<bool(const ports::LoggedLine&)>& on_line, Nanos timeout,
                    std::stop_token stop) override;
  Result<Bytes> logged_since(const std::string& id, WallTime since) override;  // all of it is of now
  // Called "exec <container> <command, words by a space>"; ends with 0 and says nothing, or as on_exec has it.
  Result<ports::ExecOutcome> exec(const std::string& id, const std::vector<std::string>& command, Nanos timeout,
                                  std::stop_token stop) override;
  Result<std::vector<ports::OwnedObject>> list_labelled(const std::string& label, const std::string& value) override;

  // ---- the test's side ----
  void add_fault(EngineFault fault);
  void fail_call(int nth, Error error, bool effect_happens = false);  // of all calls, 1 first
  void on_call(std::function<void(const std::string& call)> hook);    // before its effect
  // Asked before every call, the faults above apart: what it fails with. As if somebody else decided over the engine's life.
  void obey(std::function<std::optional<EngineFault>(const std::string& call)> fate);
  void on_started(std::function<void(const FakeContainer&)> hook);  // after a container began to run
  void on_exec(
      std::function<ports::ExecOutcome(const FakeContainer&, const std::vector<std::string>& command)> program);
  // As if it had been there before; an id is made up where none is told.
  void add_image(const std::string& name,
                 ports::ImageDescription told = {.id = {}, .size = mib(50), .labels = {}, .repo_digests = {}});
  void offer_image(const std::string& name, ports::ImageDescription told);  // in the registry, to be pulled
  struct Line {
    std::string text;
    WallTime at;
  };
  void on_follow(std::function<std::vector<Line>(const FakeContainer&)> lines);  // it may let time pass
  void set_content(const std::string& folder, std::string text);                 // of a folder that is not on disk
  void set_build_lines(std::vector<std::string> lines) { build_lines_ = std::move(lines); }  // before any build
  void set_log(const std::string& container_name, std::string text);  // what it will have written
  void keep_cached(Bytes resident);                                   // what an eviction leaves behind
  void deaf_to_stop(const std::string& container_name);               // ignores its stop signal: stops are forced
  void pause_container(const std::string& name_or_id);                // as `docker pause` by somebody else
  void no_address(const std::string& role);                           // containers of that role get none
  void exit_container(const std::string& name_or_id, int exit_code, bool oom_killed = false);
  // What start_container leaves behind: the reason in State.Error and a container that never ran.
  void refuse_start(const std::string& container_name, std::string reason);

  std::vector<std::string> calls() const;
  std::vector<FakeContainer> containers() const;
  std::optional<FakeContainer> find(const std::string& name) const;  // by its whole name or a part of it
  std::vector<std::string> networks() const;                         // names
  bool is_empty() const;                                             // neither container nor network left

 private:
  struct Image {
    std::string tag;
    ports::ImageDescription description;
    std::string program;  // its only file; empty: any command is found in it
  };
  struct Network {
    std::string name;
    std::map<std::string, std::string> labels;
  };

  // Records the call; an error to be returned instead of, or (second) after, its effect.
  struct Outcome {
    std::optional<Error> before;
    std::optional<Error> after;
  };
  Outcome enter(const std::string& call);
  Result<std::string> whole_log(const char* call, const std::string& id);
  std::string name_of(const std::string& container_id) const;  // locks
  std::string next_id();                                       // under mutex_
  FakeContainer* container(const std::string& name_or_id);     // under mutex_
  Image* image(const std::string& name_or_id);                 // under mutex_
  bool is_used(const std::string& network_id) const;           // under mutex_
  Status begin_running(FakeContainer& container);              // under mutex_

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::vector<EngineFault> faults_;
  std::vector<int> fault_hits_;
  std::map<int, EngineFault> nth_faults_;
  std::function<void(const std::string&)> on_call_;
  std::function<std::optional<EngineFault>(const std::string&)> fate_;
  std::function<void(const FakeContainer&)> on_started_;
  std::function<ports::ExecOutcome(const FakeContainer&, const std::vector<std::string>&)> program_;
  std::function<std::vector<Line>(const FakeContainer&)> follow_;
  std::vector<Image> images_;
  std::map<std::string, ports::ImageDescription> registry_;
  std::map<std::string, Network> networks_;
  std::vector<FakeContainer> containers_;
  std::map<std::string, std::string> contents_;
  std::vector<std::string> build_lines_;
  std::map<std::string, std::string> logs_;
  std::map<std::string, std::string> refused_;
  std::set<std::string> deaf_;
  std::set<std::string> without_address_;  // roles
  Bytes kept_;
  std::int64_t ids_ = 0;
  std::int64_t pids_ = 1000;
};

}  // namespace dyno::fakes

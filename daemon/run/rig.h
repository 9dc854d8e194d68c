// What a run works with: the machine it measures on, the journal it tells, and whose objects it makes. And what takes back what it
// has made there: guards, whose end in any way does so, and the sweep of what they could not remove. Not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"
#include "ports/host.h"
#include "ports/run_journal.h"

namespace dyno::run {

// References; everything referred to outlives every run.
struct Rig {
  ports::Host& host;
  ports::RunJournal& journal;
  std::string instance;  // label of everything we make in the engine
};

// The labels of everything a run makes; `role` is sandbox, app, service or network.
std::map<std::string, std::string> run_labels(const Rig& rig, const std::string& run_id, const std::string& role);

// "dyno-<instance8>-<run8>-<what>": unique while it lives, and readable in a list of containers. `what` may be the name of a case or of a
// service of one (orders@main.redis): the engine gets orders_main.redis.
std::string object_name(const Rig& rig, const std::string& run_id, const std::string& what);

// ---- guards: removal from the engine is best effort; what could not be removed is swept later by its labels ----
class ContainerGuard {
 public:
  ContainerGuard(ports::ContainerEngine& engine, std::string id) : engine_(&engine), id_(std::move(id)) {}
  ContainerGuard(ContainerGuard&& other) noexcept
      : engine_(std::exchange(other.engine_, nullptr)), id_(std::move(other.id_)) {}
  ContainerGuard(const ContainerGuard&) = delete;
  ContainerGuard& operator=(const ContainerGuard&) = delete;
  ContainerGuard& operator=(ContainerGuard&&) = delete;
  ~ContainerGuard() {
    if (engine_ != nullptr) static_cast<void>(engine_->remove_container(id_));
  }
  const std::string& id() const { return id_; }

 private:
  ports::ContainerEngine* engine_;  // null once moved from
  std::string id_;
};

class NetworkGuard {
 public:
  NetworkGuard(ports::ContainerEngine& engine, std::string id) : engine_(&engine), id_(std::move(id)) {}
  NetworkGuard(NetworkGuard&& other) noexcept
      : engine_(std::exchange(other.engine_, nullptr)), id_(std::move(other.id_)) {}
  NetworkGuard(const NetworkGuard&) = delete;
  NetworkGuard& operator=(const NetworkGuard&) = delete;
  NetworkGuard& operator=(NetworkGuard&&) = delete;
  ~NetworkGuard() {
    if (engine_ != nullptr) static_cast<void>(engine_->remove_network(id_));
  }
  const std::string& id() const { return id_; }

 private:
  ports::ContainerEngine* engine_;  // null once moved from
  std::string id_;
};

// The daemon, kept off the CPUs that are measured on.
class ConfinedDaemon {
 public:
  ConfinedDaemon(ports::Host& host, const std::vector<int>& off) : host_(host), confined_(host.keep_off(off)) {}
  ConfinedDaemon(const ConfinedDaemon&) = delete;
  ConfinedDaemon& operator=(const ConfinedDaemon&) = delete;
  ~ConfinedDaemon() { static_cast<void>(host_.keep_off({})); }
  const Status& confined() const { return confined_; }

 private:
  ports::Host& host_;
  const Status confined_;
};

// Removes what earlier runs of this instance left in the engine: containers first (apps before sandboxes), then networks. Images
// stay. The only code that removes what it did not just create; it goes by our own instance label alone.
// One that cannot be removed stops no other. To be called only by the thread that executes the runs of the instance; what is in use
// is to be kept, by its id.
struct Swept {
  struct Stuck {
    std::string name;
    Error error;
  };
  std::vector<std::string> removed;  // names
  std::vector<Stuck> stuck;
};
Result<Swept> sweep_leftovers(ports::ContainerEngine& engine, const std::string& instance,
                              const std::set<std::string>& keep = {});

}  // namespace dyno::run

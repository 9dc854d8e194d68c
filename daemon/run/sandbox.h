// A trial's two containers: the sandbox that owns the network namespace, and the app that joins it. Ends both with its object,
// app first: a sandbox removed under a running app would leave it alive without a network. One thread.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/measurement.h"
#include "model/plan.h"
#include "model/run.h"
#include "ports/load_driver.h"
#include "run/rig.h"

namespace dyno::run {

// The per-trial part of the sandbox's specification.
struct SandboxPlace {
  std::string run_id;
  std::string name;
  std::string image_id;
  std::string network_id;
  std::string cpuset;
  std::map<std::string, std::string> hosts{};  // names and addresses of the services that the app finds
};

class Sandbox {
 public:
  // Starts the sandbox container on the run's network and waits until it has its address.
  static Result<Sandbox> start(const Rig& rig, const SandboxPlace& place);

  const std::string& container_id() const { return container_.id(); }
  // Where probe, verification and load go: the sandbox's own address, from within its network namespace.
  ports::LoadTarget target(int port) const;
  Nanos started_in() const { return started_in_; }

 private:
  Sandbox(ContainerGuard container, std::string address, std::int64_t pid, Nanos started_in)
      : container_(std::move(container)), address_(std::move(address)), pid_(pid), started_in_(started_in) {}

  ContainerGuard container_;
  std::string address_;
  std::int64_t pid_;
  Nanos started_in_;
};

// The per-trial part of the container's specification.
struct AppPlace {
  std::string run_id;
  std::string name;
  std::string image_id;
  std::string sandbox_id;
  std::map<std::string, std::string> service_env;  // what its services tell it
};

// The app's container as the engine is asked for it: command, environment and limits of the stack, dyno-exec before the command.
ports::ContainerSpec app_spec(const Rig& rig, const AppPlace& place, const model::Case& the_case,
                              const model::Placement& placement);

// When the app's process began, as dyno-exec told the sandbox, from the sandbox's output: the app cannot write there.
struct ExecStamp {
  std::optional<MonotonicTime> at;
  std::string absent;  // why there is none; empty: it has not been printed yet
};
ExecStamp exec_stamp(std::string_view sandbox_log);

}  // namespace dyno::run

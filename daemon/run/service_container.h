// A service of a run in its container on the run's network: started once, ready before the first trial, reset before each.
// The container is gone with its object. One thread.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "model/profile.h"
#include "model/service.h"
#include "run/guards.h"
#include "run/rig.h"

namespace dyno::run {

// What of the service's container belongs to this one run.
struct ServicePlace {
  std::string run_id;
  std::string image_id;
  std::string network_id;
  std::string cpuset;
  model::DatabaseRequest request;
};

class ServiceContainer {
 public:
  // Returns once the service is ready; the error says what it last said.
  static Result<ServiceContainer> start(const Rig& rig, const ServicePlace& place, const model::Service& service,
                                        const std::stop_token& stop);

  const std::string& name() const { return service_.name; }
  // What an app that asked for the service finds in its environment.
  const std::map<std::string, std::string>& app_env() const { return app_env_; }
  // As at the beginning; the time it took. exhausted: the service is not running any more.
  Result<Nanos> reset(const std::stop_token& stop) const;

 private:
  ServiceContainer(const Rig& rig, const model::Service& service, ContainerGuard container)
      : rig_(rig), service_(service), container_(std::move(container)) {}
  Status await_ready(const std::stop_token& stop) const;
  // The error of a command that did not succeed: what became of the container, or what the command said.
  Error why_not(const std::string& what, const Result<ports::ExecOutcome>& outcome) const;

  const Rig& rig_;
  const model::Service& service_;
  ContainerGuard container_;
  std::map<std::string, std::string> app_env_;
};

}  // namespace dyno::run

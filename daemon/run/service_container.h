// A service of a run in its container on the run's network: started once, ready before the first trial, reset before each.
// The container is gone with its object. One thread.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/profile.h"
#include "model/service.h"
#include "run/rig.h"
#include "run/trial_end.h"

namespace dyno::run {

// The per-run part of the container's specification.
struct ServicePlace {
  std::string run_id;
  std::string image_id;
  std::string network_id;
  std::vector<int> cpus;
  bool beside_loader = false;  // these CPUs are the loader's
  model::DatabaseRequest request;
};

class ServiceContainer {
 public:
  // Returns once the service is ready; the error says what it last said.
  static ServiceResult<ServiceContainer> start(const Rig& rig, const ServicePlace& place, const model::Service& service,
                                               const std::stop_token& stop);

  const std::string& name() const { return service_.name; }
  const std::string& container_id() const { return container_.id(); }
  // What an app that asked for the service finds in its environment.
  const std::map<std::string, std::string>& app_env() const { return app_env_; }
  const model::Service& described() const { return service_; }
  int cpus() const { return cpus_; }
  bool beside_loader() const { return beside_loader_; }
  // As at the beginning; the time it took.
  ServiceResult<Nanos> reset(const std::stop_token& stop) const;
  ServiceResult<std::unique_ptr<ports::Sampling>> sample(Nanos period) const;
  // Runs one of the service's commands with `arguments` behind it; what it printed.
  ServiceResult<std::string> call(const model::ServiceCommand& command, const std::vector<std::string>& arguments,
                                  const std::stop_token& stop) const;
  // What no answer of a stack may show: the service's name, its address and its secrets.
  const std::vector<std::string>& private_words() const { return private_words_; }
  // `ended`, with what became of it, when its container is known to run no more; `engine_gone` when the engine ended it.
  ServiceResult<void> running() const;

 private:
  ServiceContainer(const Rig& rig, const model::Service& service, ContainerGuard container)
      : rig_(rig), service_(service), container_(std::move(container)) {}
  ServiceResult<void> await_ready(const std::stop_token& stop) const;
  // Of a command that did not succeed: what became of the container, or what the command said.
  ServiceFailure why_not(const std::string& what, const Result<ports::ExecOutcome>& outcome) const;

  const Rig& rig_;
  const model::Service& service_;
  ContainerGuard container_;
  std::map<std::string, std::string> app_env_;
  std::vector<std::string> private_words_;
  int cpus_ = 1;
  bool beside_loader_ = false;
};

}  // namespace dyno::run

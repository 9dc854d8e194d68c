// A service of a run in its container on the run's network: ready before the first trial, reset before each, by a command or by a
// new container. The container is gone with its object. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
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
  std::string alias{};  // its name on the network; empty: none
};

class ServiceContainer {
 public:
  // Returns once the service is ready; the error says what it last said.
  static ServiceResult<ServiceContainer> start(const Rig& rig, const ServicePlace& place, const model::Service& service,
                                               const std::stop_token& stop);

  const std::string& name() const { return service_.name; }
  const std::string& container_id() const { return id_; }  // another one after a reset by restart
  const std::string& address() const { return address_; }
  // What an app that asked for the service finds in its environment.
  const std::map<std::string, std::string>& app_env() const { return app_env_; }
  const model::Service& described() const { return service_; }
  int cpus() const { return static_cast<int>(cpus_.size()); }
  bool beside_loader() const { return beside_loader_; }
  // As at the beginning; the time it took, none where its file asks for no reset.
  ServiceResult<Nanos> reset(const std::stop_token& stop);
  ServiceResult<std::unique_ptr<ports::Sampling>> sample(Nanos period) const;
  // Runs one of the service's commands with `arguments` behind it; what it printed.
  ServiceResult<std::string> call(const model::ServiceCommand& command, const std::vector<std::string>& arguments,
                                  const std::stop_token& stop) const;
  // What no answer of a stack may show: the service's name, its address and its secrets.
  const std::vector<std::string>& private_words() const { return private_words_; }
  // `ended`, with what became of it, when its container is known to run no more; `engine_gone` when the engine ended it.
  ServiceResult<void> running() const;

 private:
  using Words = std::map<std::string, std::string>;  // {word} → what it stands for

  ServiceContainer(const Rig& rig, const model::Service& service) : rig_(rig), service_(service) {}
  // Its files as they are now; those that memory would hide are refused.
  ServiceResult<void> read_files();
  // A new container, ready.
  ServiceResult<void> launch(const std::stop_token& stop);
  ServiceResult<void> restart(const std::stop_token& stop);
  ServiceResult<void> await_ready(const std::stop_token& stop) const;
  ServiceResult<void> await_command(const std::stop_token& stop) const;
  ServiceResult<void> await_port(const std::stop_token& stop) const;
  // Of a command that did not succeed: what became of the container, or what the command said.
  ServiceFailure why_not(const std::string& what, const Result<ports::ExecOutcome>& outcome) const;

  const Rig& rig_;
  const model::Service& service_;
  ports::ContainerSpec spec_;
  std::vector<ports::CopiedFile> files_;
  Words words_;
  std::vector<int> cpus_;
  bool beside_loader_ = false;
  // Of the container that there is.
  std::optional<ContainerGuard> container_;  // absent once a restart failed
  std::string id_;
  std::string address_;
  std::map<std::string, std::string> app_env_;
  std::vector<std::string> private_words_;
};

}  // namespace dyno::run

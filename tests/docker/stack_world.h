// Stacks on a real engine, each beside a real database, by the daemon's own pieces: its images, its services, its sandbox, its
// verification. No load and no measuring. Whatever it started is gone with it. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "contract/check.h"
#include "fakes/memory_journal.h"
#include "host/local_host.h"
#include "model/plan.h"
#include "run/rig.h"
#include "run/sandbox.h"
#include "run/service_container.h"
#include "stackfile/catalog.h"

namespace dyno::tests {

// The stacks of a folder of the repository, and its services.
stackfile::Catalog read_catalog(const std::string& stacks_folder);

class StackWorld {
 public:
  explicit StackWorld(std::vector<model::Service> services);
  ~StackWorld();
  StackWorld(const StackWorld&) = delete;
  StackWorld& operator=(const StackWorld&) = delete;

  // Empty when an engine answers and the base images of `stack` are there; else the sentence for GTEST_SKIP.
  std::string why_not(const model::Stack& stack);

  // The stack's image: its id, or nothing after a failure, which is recorded with the test.
  std::optional<std::string> build(const model::Stack& stack);
  // Starts the stack beside the services that it asks for and waits until it is ready; what kept it from that, or nothing.
  std::string start(const model::Stack& stack, model::Mode mode, const std::string& image_id);
  // The first check that the running stack failed, in words; or nothing. In full: as once for each image.
  std::string verify(std::vector<std::string> workloads);
  std::string host() const;  // of the running stack, as a Host header says it
  // What the running stack fails of these checks, in words.
  std::vector<std::string> failures(const std::vector<contract::Check>& checks);
  // SIGTERM. What the contract has against the end that followed, or nothing.
  std::string stop();
  std::string last_output();
  // Removes the running stack and its image, for those that nobody will ask for again.
  void forget(const std::string& image_id);

 private:
  std::vector<int> cpus() const;
  std::string start_services(const model::Stack& stack);

  RealClock clock_;
  std::string engine_error_;
  std::unique_ptr<host::LocalHost> host_;
  fakes::MemoryJournal journal_;
  std::unique_ptr<run::Rig> rig_;
  std::vector<model::Service> services_;
  std::string run_id_;
  int starts_ = 0;
  // In the order in which they depend on each other.
  std::optional<run::NetworkGuard> network_;
  std::vector<run::ServiceContainer> running_services_;
  std::optional<run::Sandbox> sandbox_;
  std::optional<run::ContainerGuard> app_;
  model::Case case_;
};

}  // namespace dyno::tests

// Owners of what a run changes on its host: leaving the scope in any way takes it back. Removal from the engine is best effort;
// what could not be removed is swept later by its labels. Not thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/container_engine.h"
#include "ports/host.h"

namespace dyno::run {

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

}  // namespace dyno::run

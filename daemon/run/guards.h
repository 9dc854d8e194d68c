// Owners of what a run starts in the engine: leaving the scope in any way removes it. Removal is best effort; what could not
// be removed is swept later by its labels. Not thread-safe.
#pragma once

#include <string>
#include <utility>

#include "ports/container_engine.h"

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

}  // namespace dyno::run

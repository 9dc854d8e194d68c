// What /readyz tells: whether the daemon can do its work, and what keeps it from that. Thread-safe.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "api/api_context.h"
#include "app/schedules.h"
#include "ports/container_engine.h"
#include "store/database.h"

namespace dyno::app {

class Health {
 public:
  // All must outlive it.
  Health(store::Database& database, ports::ContainerEngine& engine, const Schedules& schedules, std::string data_dir)
      : database_(database), engine_(engine), schedules_(schedules), data_dir_(std::move(data_dir)) {}

  // Until then the daemon lives, but takes no work.
  void started() { is_started_ = true; }
  bool is_started() const { return is_started_; }
  std::vector<api::HealthCheck> checks() const;

 private:
  // Set once in the constructor.
  store::Database& database_;
  ports::ContainerEngine& engine_;
  const Schedules& schedules_;
  const std::string data_dir_;

  std::atomic<bool> is_started_ = false;
};

}  // namespace dyno::app

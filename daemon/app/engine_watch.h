// What is known of the container engine without waiting for it: a thread of its own asks, whoever wants to know gets what the last
// answer was, and how old it is. Each look at it that finds an answer of more than a second has the engine asked again: an idle
// daemon leaves the engine alone. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "api/api_context.h"
#include "base/clock.h"
#include "ports/container_engine.h"

namespace dyno::app {

class EngineWatch {
 public:
  // Both must outlive it. Destruction waits for the call under way: end_calls_by() bounds that.
  EngineWatch(ports::ContainerEngine& engine, Clock& clock);

  // Returns at once.
  api::HealthCheck check();

 private:
  struct Answer {
    bool ok = false;
    std::string text;
    MonotonicTime at;
  };

  void work(const std::stop_token& stop);

  // Set once in the constructor.
  ports::ContainerEngine& engine_;
  Clock& clock_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any wanted_;
  std::optional<MonotonicTime> asked_;  // since when its answer is awaited
  std::optional<Answer> last_;

  std::jthread thread_;
};

}  // namespace dyno::app

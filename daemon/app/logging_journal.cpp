#include "app/logging_journal.h"

#include <spdlog/spdlog.h>

#include "base/text.h"

namespace dyno::app {

Result<std::int64_t> LoggingJournal::append(const std::string& run_id, WallTime at, const model::RunEvent& event) {
  auto stored = inner_.append(run_id, at, event);
  if (stored) {
    spdlog::info("run={} event={} {}", run_id, model::kind_of(event), visible(model::describe(event), 1000));
  } else {
    spdlog::error("run={} event={} not stored: {}", run_id, model::kind_of(event),
                  visible(stored.error().message, 1000));
  }
  return stored;
}

}  // namespace dyno::app

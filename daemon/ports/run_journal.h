// The seam to what is kept: the executor appends every event here, and an append that returned is durable.
// Implemented by store/, a MemoryJournal stands in tests/fakes. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "model/run_event.h"

namespace dyno::ports {

// Whether what could not be stored may be told again: the disk may have room by then, another program be done with the file.
inline bool may_be_told_later(const Error& error) {
  return error.code == ErrorCode::storage || error.code == ErrorCode::unavailable;
}

class RunJournal {
 public:
  virtual ~RunJournal() = default;
  // Stores the event and all it carries in one transaction; the row's id. After an error nothing of it is stored.
  virtual Result<std::int64_t> append(const std::string& run_id, WallTime at, const model::RunEvent& event) = 0;
  // Hands a passing sample to those who watch; never stored, never blocks.
  virtual void publish(const model::LiveSample& sample) = 0;
};

}  // namespace dyno::ports

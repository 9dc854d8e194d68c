// The builds that go on: what each has told so far, for the run that keeps it and for those who watch. One run builds a few images
// at a time. Nothing here is stored. Thread-safe; the text of a log is copied under the lock in pieces.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "model/build.h"
#include "model/run_event.h"
#include "ports/container_engine.h"

namespace dyno::run {

class PresentBuild {
 public:
  // ---- for the run: begin, then with what it gave add for each line, told, end ----
  struct Entry;
  Entry& begin(const std::string& run_id, model::ImageOwner owner, const std::string& name);
  void add(Entry& entry, const ports::BuildLine& line);
  // What is to be stored; nothing where no line came: the image was there already, or no build began.
  std::optional<model::BuildLogged> told(const Entry& entry, model::BuildState state, Nanos duration) const;
  // Called once it is stored: who finds no build here finds it there. The entry is gone.
  void end(Entry& entry);

  // ---- for those who watch ----
  std::optional<model::LiveBuild> look()
      const;  // the one that began first; nothing: none goes on that has told anything yet
  std::vector<model::Build> builds(std::string_view run_id) const;  // all of a run that have told something
  // The log from a position on, waiting for more at most `wait`; nothing: no such build goes on.
  std::optional<model::LogPiece> read(std::string_view run_id, std::string_view name, std::int64_t from,
                                      std::chrono::milliseconds wait, std::stop_token stop) const;

  struct Entry {
    std::string run_id;
    model::Build build;
    model::BuildLog log;
    bool is_told() const { return log.lines > 0; }
  };

 private:
  const Entry* find(std::string_view run_id, std::string_view name) const;  // under mutex_

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::list<Entry> entries_;  // in the order in which they began
};

}  // namespace dyno::run

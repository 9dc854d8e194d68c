// The build that goes on, if any: what it has told so far, for the run that keeps it and for those who watch. One run builds one
// image at a time. Nothing here is stored. Thread-safe; the text of a log is copied under the lock in pieces.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "model/build.h"
#include "model/run_event.h"
#include "ports/container_engine.h"

namespace dyno::run {

class PresentBuild {
 public:
  // ---- for the run: begin, add for each line, told, end ----
  void begin(const std::string& run_id, model::ImageOwner owner, const std::string& name);
  void add(const ports::BuildLine& line);
  // What is to be stored; nothing where no line came: the image was there already, or no build began.
  std::optional<model::BuildLogged> told(model::BuildState state, Nanos duration) const;
  // Called once it is stored: who finds no build here finds it there.
  void end();

  // ---- for those who watch ----
  std::optional<model::LiveBuild> look() const;  // nothing: no build goes on, or it has told nothing yet
  // The log from a position on, waiting for more at most `wait`; nothing: no such build goes on.
  std::optional<model::LogPiece> read(std::string_view run_id, std::string_view name, std::int64_t from,
                                      std::chrono::milliseconds wait, std::stop_token stop) const;

 private:
  bool is_told() const { return log_.lines > 0; }
  bool is(std::string_view run_id, std::string_view name) const;

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::string run_id_;
  model::Build build_;
  model::BuildLog log_;
};

}  // namespace dyno::run

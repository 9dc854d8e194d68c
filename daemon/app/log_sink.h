// Where the log goes: standard output, without ever waiting for whoever reads it. What a full pipe, a stopped terminal or a slow
// journal does not take at once is dropped, and the next line that gets through says how many were. The kernel's own buffer
// (64 KiB of a pipe) is the queue. Thread-safe; the lock is held across a write that does not block.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace dyno::app {

class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // The descriptor stays the caller's, and open.
  explicit LogSink(int descriptor) : descriptor_(descriptor) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  // False when the line was not taken.
  bool write_line(std::string_view line);

  // Set once in the constructor.
  const int descriptor_;

  // Guarded by the base's mutex.
  std::string begun_;  // the rest of a line of which a part was taken
  std::int64_t dropped_ = 0;
};

}  // namespace dyno::app

// A child program and its two pipes: lines to its standard input, lines from its standard output, each wait with a deadline and a
// stop token. The child is ended and reaped with this object; it also ends by itself when the daemon dies, because it reads the
// end of its input. One thread at a time; a stop request may come from any.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace dyno::load {

class ChildProcess {
 public:
  static Result<ChildProcess> start(const std::vector<std::string>& command, Clock& clock);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  Status write(std::string_view text, MonotonicTime deadline, const std::stop_token& stop);
  // The next line without its newline. timed_out, cancelled, or unavailable when the child has ended its output.
  Result<std::string> read_line(MonotonicTime deadline, const std::stop_token& stop);
  // Ends it and waits for its end; "exit code 1", "signal 9". May be called again.
  std::string end();

  pid_t pid() const { return pid_; }
  // CPU time of all its threads so far, also once it has exited; absent after end().
  std::optional<Nanos> cpu_time() const;
  // What the kernel knows of a child that says nothing: that it was stopped, or how long it ran and waited for a CPU.
  std::string why_silent() const;

 private:
  ChildProcess(pid_t pid, Descriptor input, Descriptor output, Clock& clock)
      : pid_(pid), input_(std::move(input)), output_(std::move(output)), clock_(&clock) {}
  Status await(int fd, short events, MonotonicTime deadline, const std::stop_token& stop) const;

  pid_t pid_;
  Descriptor input_;   // what we write to
  Descriptor output_;  // what we read from
  Clock* clock_;
  std::string buffer_;
  std::string ending_;
};

}  // namespace dyno::load

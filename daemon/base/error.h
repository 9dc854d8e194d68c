// The one way in which the project says that something went wrong: a code from a short closed list and a sentence.
// Does not log and does not throw. Values; safe to copy between threads.
#pragma once

#include <string>
#include <string_view>

namespace dyno {

enum class ErrorCode {
  invalid_argument,  // read, but makes no sense
  not_found,
  conflict,     // the present state forbids it
  unavailable,  // may work later: engine down, queue full
  timed_out,
  cancelled,
  io,           // the operating system refused
  protocol,     // the other side broke its format
  exhausted,    // a limit of ours was reached
  storage,      // nothing can be written just now: the disk is full, or fails
  unsupported,  // this machine or engine cannot
  internal,
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  bool operator==(const Error&) const = default;
};

// Adds the caller's half sentence in front: with_context(e, "starting container \"go-net\"").
Error with_context(Error error, std::string_view context);

// The error of an errno value, as `what: strerror (errno)`.
Error error_from_errno(std::string_view what, int errno_value);

}  // namespace dyno

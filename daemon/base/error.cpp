#include "base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace dyno {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::io: return "io";
    case ErrorCode::protocol: return "protocol";
    case ErrorCode::exhausted: return "exhausted";
    case ErrorCode::storage: return "storage";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error with_context(Error error, std::string_view context) {
  error.message = fmt::format("{}: {}", context, error.message);
  return error;
}

Error error_from_errno(std::string_view what, int errno_value) {
  ErrorCode code = ErrorCode::io;
  if (errno_value == ENOENT) code = ErrorCode::not_found;
  if (errno_value == ENOSPC || errno_value == EDQUOT) code = ErrorCode::storage;
  if (errno_value == ETIMEDOUT) code = ErrorCode::timed_out;
  return {code, fmt::format("{}: {} (errno {})", what, std::generic_category().message(errno_value), errno_value)};
}

}  // namespace dyno

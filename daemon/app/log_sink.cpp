#include "app/log_sink.h"

#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dyno::app {
namespace {

// How many bytes were taken at once; 0: none.
std::size_t offer(int descriptor, std::string_view bytes) {
  // A journal is a socket, which can be asked not to block.
  ssize_t taken = ::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (taken < 0 && errno == ENOTSOCK) {
    // A pipe that can be written has room for PIPE_BUF bytes, and takes so many in one piece.
    pollfd wanted{descriptor, POLLOUT, 0};
    if (::poll(&wanted, 1, 0) <= 0 || (wanted.revents & POLLOUT) == 0) return 0;
    taken = ::write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
  }
  return taken < 0 ? 0 : static_cast<std::size_t>(taken);
}

// What was not taken.
std::string_view offer_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t taken = offer(descriptor, bytes);
    if (taken == 0) break;
    bytes.remove_prefix(taken);
  }
  return bytes;
}

}  // namespace

bool LogSink::write_line(std::string_view line) {
  begun_ = std::string(offer_all(descriptor_, begun_));
  if (!begun_.empty()) return false;
  const std::string_view rest = offer_all(descriptor_, line);
  if (rest.size() == line.size()) return false;
  begun_ = rest;
  return true;
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
  if (dropped_ > 0 && write_line(fmt::format("{} lines of the log were dropped: nobody read it\n", dropped_)))
    dropped_ = 0;
  spdlog::memory_buf_t text;
  formatter_->format(message, text);
  // Behind a notice that did not fit, nothing fits.
  if (dropped_ > 0 || !write_line({text.data(), text.size()})) ++dropped_;
}

}  // namespace dyno::app

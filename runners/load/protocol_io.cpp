#include "runners/load/protocol_io.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <poll.h>
#include <unistd.h>

namespace dyno::loadgen {
namespace {

constexpr std::size_t kMaxLine = 64 * 1024 * 1024;

}  // namespace

void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) std::_Exit(1);  // nobody listens any more
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

Result<Line> LineInput::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      const std::string text = buffer_.substr(used_, end - used_);
      used_ = end + 1;
      return Line::parse(text);
    }
    buffer_.erase(0, used_);
    used_ = 0;
    if (buffer_.size() > kMaxLine) return fail(ErrorCode::protocol, "a line is longer than 64 MiB");
    std::array<char, 65536> bytes;
    const ssize_t n = read(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(error_from_errno("reading standard input", errno));
    if (n == 0) return fail(ErrorCode::cancelled, "standard input has ended");
    buffer_.append(bytes.data(), static_cast<std::size_t>(n));
  }
}

bool LineInput::has_ended() const {
  pollfd descriptor{fd_, 0, 0};  // POLLHUP is reported without being asked for
  return poll(&descriptor, 1, 0) == 1 && (descriptor.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

Result<std::vector<Line>> read_until(LineInput& input, std::string_view last) {
  const Result<Line> greeting = input.next();
  if (!greeting) return fail(greeting.error());
  LineReader reader(*greeting);
  if (greeting->word() != "dyno-load" || reader.integer("protocol", kLoadProtocol, kLoadProtocol) != kLoadProtocol ||
      !reader.finish()) {
    return fail(ErrorCode::protocol, "the first line must be: dyno-load protocol=" + std::to_string(kLoadProtocol));
  }
  std::vector<Line> lines;
  while (true) {
    Result<Line> line = input.next();
    if (!line) return fail(line.error());
    if (line->word() == last) return lines;
    lines.push_back(std::move(*line));
  }
}

}  // namespace dyno::loadgen

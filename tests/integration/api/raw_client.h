// Bytes to a loopback port and back, exactly as a test wants them. For tests.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dyno::api {

class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool send(std::string_view bytes) const;
  // Everything until the other end closes, or the time is over.
  std::string read_all(std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  // Until `mark` has come.
  std::string read_until(std::string_view mark, std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

 private:
  int fd_ = -1;
};

std::string ask_raw(int port, std::string_view bytes);
int status_of(std::string_view answer);
std::string body_of(std::string_view answer);
// The body of a chunked answer; nothing when the last chunk is missing.
std::optional<std::string> unchunked(std::string_view body);

}  // namespace dyno::api

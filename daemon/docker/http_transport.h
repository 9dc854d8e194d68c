// HTTP over a unix socket, by libcurl, which no other file includes. It knows requests, limits and broken connections, nothing of
// Docker. Requests that may have an effect never travel on a reused connection: libcurl would repeat them in silence when it broke.
// Thread-safe: each request in flight has a connection of its own; at most four idle ones are kept.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/scratch_file.h"
#include "base/units.h"

namespace dyno::docker {

struct HttpRequest {
  std::string method = "GET";
  std::string path;  // with query
  std::string content_type = "application/json";
  std::string_view body;                   // borrowed; must outlive the call
  const ScratchFile* body_file = nullptr;  // borrowed too, and sent in place of `body`
  Nanos timeout{};                         // of the whole exchange; 0: none
  Nanos stall_timeout{};                   // without a byte in either direction; 0: none
  std::size_t response_cap = 16u << 20u;
  std::function<void(int status)> on_head;              // once the status line and headers are read
  std::function<bool(std::string_view chunk)> on_body;  // of a 2xx answer, instead of collecting it; false hangs up
  std::stop_token stop;
};

struct HttpResponse {
  int status = 0;
  std::string api_version;  // header Api-Version
  std::string body;
};

struct TransportError {
  Error error;
  bool maybe_done = false;  // the request was sent, so that its effect may have happened
};

class HttpTransport {
 public:
  HttpTransport(std::string socket_path, Clock& clock);
  ~HttpTransport();
  HttpTransport(const HttpTransport&) = delete;
  HttpTransport& operator=(const HttpTransport&) = delete;

  tl::expected<HttpResponse, TransportError> send(const HttpRequest& request);
  // Exchanges under way are given up as cancelled then, and later ones are not begun.
  void end_by(MonotonicTime deadline) { end_by_ = deadline; }
  bool is_over() const { return clock_.now() >= end_by_.load(); }

 private:
  void* take_handle();
  void give_back(void* handle);

  const std::string socket_path_;
  Clock& clock_;

  std::atomic<MonotonicTime> end_by_ = MonotonicTime::max();

  // guarded by mutex_
  std::mutex mutex_;
  std::vector<void*> idle_;
};

}  // namespace dyno::docker

// Calls to the Engine API: the negotiated version in front of the path, renewed after every broken connection, and repeats of those
// calls that may be repeated. Any HTTP status is an answer here. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "docker/api_version.h"
#include "docker/http_transport.h"

namespace dyno::docker {

struct EngineVersion {
  std::string engine;
  ApiVersion api;
  std::optional<int> open_files_max;  // absent: no limit known
};

using CallResult = tl::expected<HttpResponse, TransportError>;

enum class Repeat { never, when_broken };

class DockerClient {
 public:
  DockerClient(std::string socket_path, Clock& clock)
      : socket_path_(socket_path), transport_(std::move(socket_path)), clock_(clock) {}

  // `request.path` without a version. `when_broken` only for calls that do no harm twice, and collect their answer whole.
  CallResult call(const HttpRequest& request, Repeat repeat);

  Result<EngineVersion> version();

 private:
  tl::expected<EngineVersion, TransportError> negotiated();
  CallResult call_once(HttpRequest request);
  void forget_version();

  const std::string socket_path_;
  HttpTransport transport_;
  Clock& clock_;

  // guarded by mutex_
  std::mutex mutex_;
  std::optional<EngineVersion> version_;
};

// Text made safe for a path segment or a query value; '/' and ':' stay.
std::string url_encode(std::string_view text);

}  // namespace dyno::docker

// Calls to the Engine API: the version that is spoken, negotiated and put in front of the path, renewed after every broken
// connection; repeats of those calls that may be repeated; and the errors that answers stand for. Thread-safe.
#pragma once

#include <compare>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "docker/http_transport.h"

namespace dyno::docker {

// Which version of the Engine API to speak: the newest that both sides know, within the engine's own window.
// Pure functions over values; asks nobody.
struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

// The window we speak. 1.41 is Debian 12's engine; 1.44 is the least that engines of 2025 (29.0) accept.
constexpr ApiVersion kOldestSpoken{1, 41};
constexpr ApiVersion kNewestSpoken{1, 44};

std::optional<ApiVersion> parse_api_version(std::string_view text);  // "1.41"
std::string to_string(ApiVersion version);

// `newest` and `oldest` as the engine states them; an engine that states no oldest accepts everything below its newest.
// The error is one sentence that names both windows.
Result<ApiVersion> negotiate(std::string_view newest, std::string_view oldest);

struct EngineVersion {
  std::string engine;
  ApiVersion api;
  std::optional<int> open_files_max;  // absent: no limit known
};

using CallResult = tl::expected<HttpResponse, TransportError>;

// Whether a call may be made again. An engine that answers 500 or 503 to one of its calls in twenty is not rare, and says nothing about
// what was asked for.
enum class Repeat {
  never,
  when_refused,  // after such an answer: nothing was done yet
  when_harmless  // after a broken connection, too: it does no harm twice
};

// Calls to the Engine API: the negotiated version in front of the path, renewed after every broken connection, and repeats of those
// calls that may be repeated. Any HTTP status is an answer here. Thread-safe.
class DockerClient {
 public:
  DockerClient(std::string socket_path, Clock& clock)
      : socket_path_(socket_path), transport_(std::move(socket_path), clock), clock_(clock) {}

  void end_calls_by(MonotonicTime deadline) { transport_.end_by(deadline); }

  // `request.path` without a version. `when_harmless` only for calls that collect their answer whole.
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

// From an answer of the engine to an error of ours, by one table of HTTP statuses. Pure.

// The error that an answer outside 2xx stands for, with the engine's own words.
Error answer_error(const HttpResponse& response);

// The body of a 2xx answer; else the error.
Result<std::string> good_body(const CallResult& result);

}  // namespace dyno::docker

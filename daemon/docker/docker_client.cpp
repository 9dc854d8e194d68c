#include "docker/docker_client.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "docker/engine_api.h"
#include "docker/peer_limits.h"

namespace dyno::docker {
namespace {

constexpr int kAttempts = 4;
constexpr Nanos kFirstPause = std::chrono::milliseconds(100);
constexpr Nanos kShortTimeout = std::chrono::seconds(5);

// The engine was exchanged for another since the version was negotiated: the call had no effect.
bool refuses_version(const HttpResponse& response) {
  return response.status == 400 && response.body.find("client version") != std::string::npos;
}

}  // namespace

CallResult DockerClient::call(const HttpRequest& request, Repeat repeat) {
  Nanos pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    CallResult result = call_once(request);
    const bool broken = !result && result.error().maybe_done && result.error().error.code == ErrorCode::unavailable;
    if (!broken || repeat == Repeat::never || attempt == kAttempts) return result;
    if (wait_for(clock_, pause, request.stop) == WaitOutcome::stopped) return result;
    pause *= 3;
  }
}

Result<EngineVersion> DockerClient::version() {
  const auto version = negotiated();
  if (!version) return fail(version.error().error);
  return *version;
}

CallResult DockerClient::call_once(HttpRequest request) {
  const std::string path = request.path;
  for (bool again = true;; again = false) {
    const auto version = negotiated();
    if (!version) return tl::unexpected(version.error());
    request.path = fmt::format("/v{}{}", to_string(version->api), path);
    CallResult result = transport_.send(request);
    if (!result && result.error().error.code == ErrorCode::unavailable) forget_version();
    if (!result || !refuses_version(*result) || !again) return result;
    forget_version();
  }
}

tl::expected<EngineVersion, TransportError> DockerClient::negotiated() {
  {
    const std::lock_guard lock(mutex_);
    if (version_) return *version_;
  }
  const auto unanswered = [](Error error) { return tl::unexpected(TransportError{std::move(error), false}); };
  HttpRequest request;
  request.timeout = kShortTimeout;
  request.path = "/_ping";
  const auto ping = transport_.send(request);
  if (!ping) return unanswered(ping.error().error);
  if (ping->status != 200) {
    return unanswered({ErrorCode::unavailable, fmt::format("the Docker engine answers its ping with {}: {}",
                                                           ping->status, error_text(ping->body))});
  }
  request.path = "/version";
  const auto answer = transport_.send(request);
  if (!answer) return unanswered(answer.error().error);
  const auto stated = decode_version(answer->body);
  if (!stated) return unanswered(stated.error());
  const auto api = negotiate(ping->api_version.empty() ? stated->newest : ping->api_version, stated->oldest);
  if (!api) return unanswered(api.error());
  const EngineVersion version{stated->engine, *api, open_files_max(socket_path_)};
  const std::lock_guard lock(mutex_);
  version_ = version;
  return version;
}

void DockerClient::forget_version() {
  const std::lock_guard lock(mutex_);
  version_.reset();
}

std::string url_encode(std::string_view text) {
  return percent_encoded(text, [](char c) { return is_unreserved(c) || c == '/' || c == ':'; });
}

}  // namespace dyno::docker

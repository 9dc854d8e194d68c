#include "docker/docker_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "docker/engine_api.h"
#include "docker/engine_machine.h"

namespace dyno::docker {

std::optional<ApiVersion> parse_api_version(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 2) return std::nullopt;
  const auto major = parse_int(parts[0]);
  const auto minor = parse_int(parts[1]);
  if (!major || !minor || *major < 0 || *minor < 0 || *major > 1000 || *minor > 1000) return std::nullopt;
  return ApiVersion{static_cast<int>(*major), static_cast<int>(*minor)};
}

std::string to_string(ApiVersion version) { return fmt::format("{}.{}", version.major, version.minor); }

Result<ApiVersion> negotiate(std::string_view newest, std::string_view oldest) {
  const auto theirs = parse_api_version(newest);
  if (!theirs)
    return fail(ErrorCode::protocol,
                fmt::format("the engine names no API version that we can read: \"{}\"", visible(newest, 40)));
  const ApiVersion least = parse_api_version(oldest).value_or(ApiVersion{});
  const ApiVersion chosen = std::min(kNewestSpoken, *theirs);
  if (chosen < kOldestSpoken || chosen < least) {
    return fail(ErrorCode::unsupported,
                fmt::format("the engine speaks API {} to {}, we speak {} to {}: {}", to_string(least),
                            to_string(*theirs), to_string(kOldestSpoken), to_string(kNewestSpoken),
                            chosen < kOldestSpoken ? "the engine is too old" : "the engine is too new"));
  }
  return chosen;
}

namespace {

constexpr int kAttempts = 4;
constexpr Nanos kFirstPause = std::chrono::milliseconds(100);
constexpr Nanos kShortTimeout = std::chrono::seconds(5);

// By an engine that met an error of its own.
bool refused(const CallResult& result) { return result && result->status >= 500; }

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
    const bool again = (broken && repeat == Repeat::when_harmless) || (refused(result) && repeat != Repeat::never);
    if (!again || attempt == kAttempts) return result;
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
    return unanswered({ErrorCode::unavailable, fmt::format("the Docker engine answered a ping with {}: {}",
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

Error answer_error(const HttpResponse& response) {
  ErrorCode code = ErrorCode::io;  // 500: the engine met an error of the system below it
  switch (response.status) {
    case 400: code = ErrorCode::invalid_argument; break;
    case 403:  // a network in use
    case 409: code = ErrorCode::conflict; break;
    case 404: code = ErrorCode::not_found; break;
    case 503: code = ErrorCode::unavailable; break;
    default: break;
  }
  std::string text = error_text(response.body);
  if (code == ErrorCode::io && text.find("no space left on device") != std::string::npos) code = ErrorCode::storage;
  return {code, std::move(text)};
}

Result<std::string> good_body(const CallResult& result) {
  if (!result) return fail(result.error().error);
  if (result->status < 200 || result->status > 299) return fail(answer_error(*result));
  return result->body;
}

}  // namespace dyno::docker

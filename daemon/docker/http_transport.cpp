#include "docker/http_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace dyno::docker {
namespace {

constexpr std::size_t kIdleConnections = 4;
constexpr long kConnectTimeoutMs = 2000;

struct Exchange {
  const HttpTransport& transport;
  const HttpRequest& request;
  CURL* handle;
  HttpResponse response;
  bool head_done = false;
  bool over_cap = false;
  bool hung_up = false;
  std::uint64_t sent = 0;             // of the body's file
  std::optional<Error> unreadable{};  // the body's file
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::string_view line = trim(std::string_view(data, size * count));
  constexpr std::string_view kApiVersion = "api-version:";
  if (line.size() > kApiVersion.size() && std::equal(kApiVersion.begin(), kApiVersion.end(), line.begin(),
                                                     [](char a, char b) { return a == (b | 0x20); })) {
    exchange.response.api_version = trim(line.substr(kApiVersion.size()));
  }
  if (line.empty()) {
    long status = 0;
    curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && !exchange.head_done) {  // not for 100 Continue
      exchange.head_done = true;
      exchange.response.status = static_cast<int>(status);
      if (exchange.request.on_head) exchange.request.on_head(exchange.response.status);
    }
  }
  return size * count;
}

std::size_t read_body(char* into, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const auto got = exchange.request.body_file->read_at(exchange.sent, {into, size * count});
  if (!got) {
    exchange.unreadable = got.error();
    return CURL_READFUNC_ABORT;
  }
  exchange.sent += *got;
  return *got;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  const std::string_view chunk(data, size * count);
  const bool good = exchange.response.status >= 200 && exchange.response.status < 300;
  if (exchange.request.on_body && good) {
    exchange.hung_up = !exchange.request.on_body(chunk);
    return exchange.hung_up ? 0 : chunk.size();
  }
  exchange.over_cap = exchange.response.body.size() + chunk.size() > exchange.request.response_cap;
  if (exchange.over_cap) return 0;
  exchange.response.body += chunk;
  return chunk.size();
}

// Called at least once a second, also while no byte moves.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const Exchange& exchange = *static_cast<Exchange*>(user);
  return exchange.request.stop.stop_requested() || exchange.transport.is_over() ? 1 : 0;
}

Error connect_error(const std::string& socket_path, long errno_value) {
  switch (errno_value) {
    case ENOENT: return {ErrorCode::unavailable, fmt::format("no Docker engine: {} does not exist", socket_path)};
    case ECONNREFUSED:
      return {ErrorCode::unavailable, fmt::format("the Docker engine is down: nothing listens on {}", socket_path)};
    case EACCES:
    case EPERM:
      return {ErrorCode::unavailable,
              fmt::format("permission denied on {}: run as root, or as a user in the socket's group", socket_path)};
    default:
      return {ErrorCode::unavailable,
              fmt::format("cannot connect to the Docker engine at {} (errno {})", socket_path, errno_value)};
  }
}

TransportError classify(CURLcode code, const Exchange& exchange, const std::string& socket_path) {
  const auto lost = [&](std::string_view how) {
    return TransportError{{ErrorCode::unavailable, fmt::format("the connection to the Docker engine broke: {}", how)},
                          true};
  };
  switch (code) {
    case CURLE_COULDNT_CONNECT: {
      long errno_value = 0;
      curl_easy_getinfo(exchange.handle, CURLINFO_OS_ERRNO, &errno_value);
      return {connect_error(socket_path, errno_value), false};
    }
    case CURLE_OPERATION_TIMEDOUT: return {{ErrorCode::timed_out, "the Docker engine did not answer in time"}, true};
    case CURLE_ABORTED_BY_CALLBACK:
      if (exchange.unreadable) return {*exchange.unreadable, true};
      return {{ErrorCode::cancelled, "cancelled"}, true};
    case CURLE_WRITE_ERROR:
      if (exchange.over_cap)
        return {{ErrorCode::exhausted, "the Docker engine's answer is larger than its limit"}, true};
      return {{ErrorCode::protocol, "the Docker engine's answer was refused"}, true};
    case CURLE_GOT_NOTHING: return lost("no answer");
    case CURLE_PARTIAL_FILE: return lost("the answer was cut short");
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR: return lost(curl_easy_strerror(code));
    default:
      return {
          {ErrorCode::protocol, fmt::format("the Docker engine's answer is not HTTP: {}", curl_easy_strerror(code))},
          true};
  }
}

long milliseconds(Nanos duration) {
  return static_cast<long>(
      std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()));
}

void set_limits(CURL* handle, const HttpRequest& request) {
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  if (request.timeout > Nanos(0)) curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
  if (request.stall_timeout > Nanos(0)) {
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, milliseconds(request.stall_timeout) / 1000));
  }
  if (request.method != "GET") curl_easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
}

bool sends_body(const HttpRequest& request) { return request.method == "POST" || request.method == "PUT"; }

void set_exchange(CURL* handle, Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
  if (sends_body(request)) {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    if (request.method != "POST") curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.body_file != nullptr) {
      curl_easy_setopt(handle, CURLOPT_READFUNCTION, &read_body);
      curl_easy_setopt(handle, CURLOPT_READDATA, &exchange);
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body_file->size()));
      return;
    }
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else if (request.method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

}  // namespace

HttpTransport::HttpTransport(std::string socket_path, Clock& clock)
    : socket_path_(std::move(socket_path)), clock_(clock) {
  // A unix socket needs no TLS, whose set-up would cost an idle daemon megabytes.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_NOTHING);
  CHECK(started == CURLE_OK, "libcurl starts");
}

HttpTransport::~HttpTransport() {
  for (void* const handle : idle_) curl_easy_cleanup(handle);
}

void* HttpTransport::take_handle() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      void* const handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  CURL* const handle = curl_easy_init();
  CHECK(handle != nullptr, "libcurl has memory for a handle");
  return handle;
}

void HttpTransport::give_back(void* handle) {
  curl_easy_reset(handle);  // keeps the connection
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleConnections) {
    idle_.push_back(handle);
  } else {
    curl_easy_cleanup(handle);
  }
}

tl::expected<HttpResponse, TransportError> HttpTransport::send(const HttpRequest& request) {
  if (request.stop.stop_requested() || is_over())
    return tl::unexpected(TransportError{{ErrorCode::cancelled, "cancelled"}, false});
  CURL* const handle = take_handle();
  Exchange exchange{*this, request, handle, {}};
  const std::string url = "http://docker" + request.path;
  const std::string content_type = "Content-Type: " + request.content_type;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(curl_slist_append(nullptr, "Expect:"),
                                                                      &curl_slist_free_all);
  if (sends_body(request)) headers.reset(curl_slist_append(headers.release(), content_type.c_str()));
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket_path_.c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // http_proxy of the environment is not for this socket
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  set_limits(handle, request);
  set_exchange(handle, exchange);
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK && exchange.head_done) {
    give_back(handle);
    return std::move(exchange.response);
  }
  // An answer that ends within its headers is a good one to libcurl.
  TransportError error = classify(code == CURLE_OK ? CURLE_PARTIAL_FILE : code, exchange, socket_path_);
  curl_easy_cleanup(handle);
  return tl::unexpected(std::move(error));
}

}  // namespace dyno::docker

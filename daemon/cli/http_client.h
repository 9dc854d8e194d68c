// Requests to the daemon and the events of its streams. Only the source knows the HTTP library. No redirects, no proxies, bounded
// answers. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/outcome.h"

namespace dyno::cli {

struct HttpRequest {
  std::string method = "GET";
  std::string target;  // "/api/v1/runs?limit=3"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string etag{};  // of the version that was read; empty: it has none
};

class HttpClient {
 public:
  // "http://127.0.0.1:8080"; any other scheme is a usage error at the first request.
  // `timeout_s`: for one answer; streams have no limit.
  HttpClient(std::string server, int timeout_s);
  ~HttpClient();

  // Any answer of the daemon, whatever its status. Fails only when there was none.
  Outcome<HttpAnswer> send(const HttpRequest& request);
  // A stream, piece by piece, until it ends or `go_on` (asked at least once per second) says no. The body of the answer is empty
  // if the status is 200.
  Outcome<HttpAnswer> follow(const HttpRequest& request, const std::function<void(std::string_view)>& on_bytes,
                             const std::function<bool()>& go_on);

  const std::string& server() const { return server_; }

 private:
  class Handle;
  Outcome<HttpAnswer> perform(Handle& handle, const HttpRequest& request);

  std::string server_;
  int timeout_s_;
};

struct StreamEvent {
  std::string id;  // the last one seen: where to resume
  std::string name;
  std::string data;
};

// Server-sent events from bytes that arrive in pieces of any size. Ignores comments and unknown fields.
class EventParser {
 public:
  explicit EventParser(std::function<void(const StreamEvent&)> on_event) : on_event_(std::move(on_event)) {}

  void feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);

  std::function<void(const StreamEvent&)> on_event_;
  std::string line_;
  StreamEvent event_;
};

}  // namespace dyno::cli

// The HTTP server: listens, hands whole and permitted requests to one function, writes its answers. The only file beside its
// source that knows the HTTP library, and it uses of it only the listening socket and the writing of answers: every byte a
// client sends is read by HttpFront. One request a connection. Loopback only: there is no sign-in yet.
// The function is called by several workers at once; a stream it returns runs on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/http_front.h"
#include "api/request.h"
#include "api/response.h"
#include "base/clock.h"
#include "base/result.h"

namespace dyno::api {

struct HttpOptions {
  std::string address = "127.0.0.1";
  int port = 8080;                      // 0: any free one
  std::vector<std::string> more_hosts;  // names by which we may be called, besides those of loopback
  int workers = 4;
  int streams = 16;
  Nanos write_timeout = std::chrono::seconds(30);
  FrontLimits front;
};

class HttpServer {
 public:
  using Handle = std::function<Response(const Request&)>;

  // Listens from now on. `conflict` when the port is taken, `invalid_argument` for an address beyond loopback.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, Clock& clock, Handle handle);
  // Ends streams, lets answers under way finish, closes. At most about two seconds.
  ~HttpServer();

  int port() const;
  int open_streams() const;

 private:
  class Inside;
  explicit HttpServer(std::unique_ptr<Inside> inside);

  std::unique_ptr<Inside> inside_;
};

}  // namespace dyno::api

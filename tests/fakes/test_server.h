// An HTTP server of known behaviour on loopback, for testing the load generator: a fixed delay, a stall every so often, and
// whatever bytes a handler wants to answer with. One thread; ends with its object. The socket is made by the constructor, so it
// belongs to the network namespace of the thread that constructs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "base/units.h"

namespace dyno::fakes {

struct Reply {
  std::string bytes;   // status line, headers and body, as they go out
  bool close = false;  // in order, behind the bytes
  bool reset = false;  // RST instead of an answer
  bool hold = false;   // never answers
};

Reply ok(const std::string& body);

struct TestServerOptions {
  Nanos delay{};        // from a request's arrival to its answer
  Nanos stall{};        // does nothing for so long …
  Nanos stall_every{};  // … each time this has passed; 0: never
  // Path and number of the request, from 0.
  std::function<Reply(const std::string& path, std::int64_t number)> handler = [](const std::string&, std::int64_t) {
    return ok("Hello, World!");
  };
};

class TestServer {
 public:
  explicit TestServer(TestServerOptions options = {}, int port = 0);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  int port() const { return port_; }
  std::int64_t requests() const { return requests_.load(); }
  std::int64_t connections() const { return connections_.load(); }
  std::int64_t open_connections() const { return open_.load(); }

 private:
  void serve();

  const TestServerOptions options_;
  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  std::atomic<std::int64_t> requests_{0};
  std::atomic<std::int64_t> connections_{0};
  std::atomic<std::int64_t> open_{0};
  std::jthread thread_;
};

}  // namespace dyno::fakes

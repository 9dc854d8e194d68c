// An HTTP server on loopback that speaks TLS, HTTP/2 or both, for testing the load generator. Every GET is answered with its path, every
// POST with the number of its body's bytes. A thread a connection; ends with its object. Its certificate is made when it starts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace dyno::fakes {

struct SecureServerOptions {
  bool tls = true;
  bool http2 = false;
  int highest_version = 0x0304;  // of TLS: 0x0303 is 1.2
  std::string name = "localhost";
  int reset_every = 0;        // HTTP/2: so many streams, then one is given up
  int hold_every = 0;         // HTTP/2: … one is never answered
  int goodbye_after = 0;      // HTTP/2: a connection takes so many streams, then says goodbye
  int most_streams = 0;       // HTTP/2: at once on a connection, as its settings say; 0: any number
  std::string location = {};  // HTTP/2: where every answer points; empty: nowhere
};

class SecureServer {
 public:
  explicit SecureServer(SecureServerOptions options = {});
  ~SecureServer();
  SecureServer(const SecureServer&) = delete;
  SecureServer& operator=(const SecureServer&) = delete;

  int port() const { return port_; }
  const std::string& certificate_file() const { return certificate_file_; }
  std::int64_t resumed() const { return resumed_.load(); }
  std::int64_t connections() const { return connections_.load(); }
  std::int64_t streams() const { return streams_.load(); }  // HTTP/2: requests that came

 private:
  struct Context;
  void serve();
  void talk(int fd);

  const SecureServerOptions options_;
  std::unique_ptr<Context> context_;
  std::string certificate_file_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<std::int64_t> resumed_{0};
  std::atomic<std::int64_t> connections_{0};
  std::atomic<std::int64_t> streams_{0};
  std::vector<std::jthread> talks_;  // of the accepting thread
  std::jthread thread_;
};

}  // namespace dyno::fakes

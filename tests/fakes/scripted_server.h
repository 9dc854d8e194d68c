// A server that does to each connection what a script says, byte by byte: for answers and manners that no well-behaved server has.
// On loopback (IPv4 or IPv6) or a unix socket. A thread per connection; ends with its object, and with it every talk.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dyno::fakes {

// The server's end of one connection. Used by its script's thread.
class Talk {
 public:
  Talk(int fd, int number) : fd_(fd), number_(number) {}

  // From 0, in the order in which they were accepted.
  int number() const { return number_; }
  // The next request's head, without its body; empty: the client has ended the connection.
  std::string request();
  // What has come, once something has; empty: the client has ended the connection.
  std::string bytes();
  void say(std::string_view bytes) const;
  // Until the client has ended the connection, or the server object its life.
  void wait_for_end();
  // RST instead of a FIN when the script returns.
  void reset() const;

 private:
  int fd_;
  int number_;
  std::string input_;
};

struct ScriptedServerOptions {
  std::function<void(Talk&)> script;  // the connection is closed when it returns
  std::string address = "127.0.0.1";  // or another of loopback's, or ::1
  std::string unix_path = {};         // a unix socket there instead; removed at the end
  int port = 0;                       // 0: any
  int backlog = 1024;
  int most_accepted = 1 << 30;  // further ones stay in the backlog
};

class ScriptedServer {
 public:
  explicit ScriptedServer(ScriptedServerOptions options);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }
  int accepted() const { return accepted_.load(); }

 private:
  void serve();
  void hold(int fd, int number);

  const ScriptedServerOptions options_;
  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_{0};
  std::mutex mutex_;
  std::vector<int> open_;            // guarded by mutex_
  bool is_ending_ = false;           // guarded by mutex_
  std::vector<std::jthread> talks_;  // of the accepting thread
  std::jthread thread_;
};

}  // namespace dyno::fakes

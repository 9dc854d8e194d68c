// A server of WebSocket echoes (GET with Upgrade) and of published messages (POST hands its body on to every GET that is held open),
// on loopback, that can be told to misbehave. One thread; ends with its object.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace dyno::fakes {

struct StreamServerOptions {
  // Every so many messages, counted over all connections; 0: never.
  int ping_every = 0;      // WebSocket: a ping in front of the echo
  int fragment_every = 0;  // WebSocket: the echo in two frames
  int change_every = 0;    // one byte of the message is another
  int close_every = 0;     // the connection ends instead
  int skip_every = 0;      // a delivery is left out
  int double_every = 0;    // a delivery is made twice
  bool refuse = false;     // streams are answered 404
};

class StreamServer {
 public:
  explicit StreamServer(StreamServerOptions options = {});
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  int port() const { return port_; }
  std::int64_t messages() const { return messages_.load(); }
  std::int64_t pongs() const { return pongs_.load(); }
  std::int64_t unmasked() const { return unmasked_.load(); }  // frames that a client must not send

 private:
  struct Client {
    std::string input;
    bool is_websocket = false;
    bool is_subscriber = false;
  };

  void serve();
  bool read(int fd);  // false: the connection ends
  bool take_requests(int fd, Client& client);
  bool take_frames(int fd, Client& client);
  bool echo(int fd, std::uint8_t opcode, std::string payload);
  void publish(std::string body);
  bool is_turn(int every) const { return every != 0 && messages_.load() % every == 0; }

  const StreamServerOptions options_;
  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  std::atomic<std::int64_t> messages_{0};
  std::atomic<std::int64_t> pongs_{0};
  std::atomic<std::int64_t> unmasked_{0};
  std::int64_t deliveries_ = 0;
  std::map<int, Client> clients_;
  std::jthread thread_;
};

}  // namespace dyno::fakes

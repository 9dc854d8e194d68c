// A Docker engine on the wire: real HTTP bytes over a unix socket in a temporary folder, a small world behind it, and faults on
// chosen calls: stall, cut, do it but lose the answer, lie. Ends with its object. Thread-safe.
#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fakes/fake_docker_world.h"

namespace dyno::fakes {

enum class WireFaultKind {
  stall_head,   // read the request, answer nothing
  stall_body,   // send the head and half of the body, then nothing
  cut,          // close after `cut_at` bytes of the answer
  lose_answer,  // do it, close without an answer
  lie,          // do nothing, send `lie` as it stands
};

struct WireFault {
  std::string
      pattern;  // the beginning of "POST /containers/create?name=…", without the version; "" is every call but ping and version
  WireFaultKind kind = WireFaultKind::lie;
  int times = -1;  // -1: always
  std::size_t cut_at = 0;
  WireAnswer lie{};
};

class FakeDockerServer {
 public:
  FakeDockerServer();
  ~FakeDockerServer();
  FakeDockerServer(const FakeDockerServer&) = delete;
  FakeDockerServer& operator=(const FakeDockerServer&) = delete;

  const std::string& socket_path() const { return path_; }
  FakeDockerWorld& world() { return world_; }

  void add_fault(WireFault fault);
  void clear_faults();
  // Closes the listening socket and all connections; its file stays, as after a kill. `listen_again` takes its place.
  void die();
  void listen_again();

  std::vector<std::string> requests() const;                  // "POST /containers/create?name=…", in order
  std::size_t answer_size(const std::string& pattern) const;  // bytes of the last whole answer to such a call

 private:
  struct Connection {
    int descriptor = -1;
    std::atomic<bool> has_ended{false};
    std::jthread thread;
  };

  void accept_connections(std::stop_token stop, int listener);
  void serve(std::stop_token stop, int descriptor);
  // False: hang up.
  bool respond(std::stop_token stop, int descriptor, const WireRequest& request);
  bool misbehave(std::stop_token stop, int descriptor, const WireFault& fault, const WireRequest& request);
  std::string bytes_of(const WireAnswer& answer) const;

  const std::string folder_;
  const std::string path_;
  FakeDockerWorld world_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  std::vector<WireFault> faults_;
  std::vector<std::string> requests_;
  std::vector<std::pair<std::string, std::size_t>> answer_sizes_;
  std::list<Connection> connections_;
  int listener_ = -1;

  std::jthread acceptor_;
};

}  // namespace dyno::fakes

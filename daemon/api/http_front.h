// The front of the HTTP server: one thread that collects whole requests from all connections under limits and deadlines, so
// that a slow or hostile client costs a descriptor and never a worker. Gives each connection away with its request or with
// the reason to refuse it, and takes it back only to close it politely. Knows nothing of routes.
// add() and linger() may be called by any thread; the callback runs on the front's own thread and must not block.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "api/request_collector.h"
#include "base/clock.h"
#include "base/file.h"

namespace dyno::api {

struct FrontLimits {
  std::size_t connections = 256;  // at one more the oldest that has not yet sent its request is closed
  Nanos head = std::chrono::seconds(5);
  Nanos whole = std::chrono::seconds(10);
  Nanos linger = std::chrono::seconds(1);
};

struct CollectedRequest {
  RequestHead head;
  std::string body;
};

struct Arrival {
  Descriptor connection;  // not blocking
  std::string peer;
  std::variant<CollectedRequest, Refusal> what;
};

class HttpFront {
 public:
  HttpFront(Clock& clock, FrontLimits limits, std::function<void(Arrival)> on_arrival);
  ~HttpFront();

  void add(Descriptor connection);
  // An answered connection: says that nothing more comes and waits briefly for the other end to read it. Closing at once
  // would make the kernel throw the answer away wherever unread input is left.
  void linger(Descriptor connection);
  // No callback comes any more once this has returned; connections given later are closed with the object.
  void stop();

 private:
  struct Connection {
    Descriptor descriptor;
    std::string peer;
    MonotonicTime arrived;
    bool lingering = false;
    RequestCollector collector;
  };
  using Connections = std::map<int, Connection>;

  void work(std::stop_token stop);
  void take_inbox();
  void admit(Descriptor descriptor, bool lingering);
  void read_some(Connections::iterator connection);
  void deliver(Connections::iterator connection, std::variant<CollectedRequest, Refusal> what);
  void expire(MonotonicTime now);
  MonotonicTime deadline_of(const Connection& connection) const;
  int wait_ms() const;
  void wake() const;

  // Set once in the constructor.
  Clock& clock_;
  FrontLimits limits_;
  std::function<void(Arrival)> on_arrival_;
  Descriptor epoll_;
  Descriptor wake_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::vector<std::pair<Descriptor, bool>> inbox_;  // bool: to linger

  // Used by the front's own thread only.
  Connections connections_;

  std::jthread thread_;
};

}  // namespace dyno::api

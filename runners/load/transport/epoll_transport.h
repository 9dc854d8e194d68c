// Transport on epoll: edge-triggered, each socket armed once for its whole life, one read a readiness (a short read has drained
// the socket, so no second call to hear "nothing more"), one buffer for all connections. Where many were readable at once, the next
// rounds read in the order of the requests without asking epoll first.
#pragma once

#include <memory>
#include <vector>

#include <sys/epoll.h>

#include "runners/load/transport/send_order.h"
#include "runners/load/transport/socket.h"
#include "runners/load/transport/transport.h"

namespace dyno::loadgen {

class EpollTransport final : public Transport {
 public:
  static Result<std::unique_ptr<Transport>> make(const SocketAddresses& addresses, std::size_t slots);
  ~EpollTransport() override;
  EpollTransport(const EpollTransport&) = delete;
  EpollTransport& operator=(const EpollTransport&) = delete;

  void open(Slot slot) override;
  void send(Slot slot, std::string_view bytes) override;
  bool has_sent(Slot slot) const override { return sockets_[slot].unsent.empty(); }
  void close(Slot slot) override;
  void leave(Slot slot) override;
  void close_sockets() override;
  void poll(std::int64_t timeout_ns, TransportListener& listener) override;
  std::vector<int> descriptors() const override { return {epoll_}; }
  std::string_view name() const override { return "epoll"; }

 private:
  struct Socket {
    int fd = -1;
    std::uint32_t generation = 0;  // counts the connections of the slot: events of an earlier one are not of this one
    bool connecting = false;
    std::uint32_t address = 0;  // which it is connected to, or connecting
    std::uint32_t tried = 0;    // addresses, that one included
    std::string_view unsent;    // what the kernel did not take at once
    std::string_view next;      // waits for that
  };
  struct Failure {
    Slot slot = 0;
    std::uint32_t generation = 0;
    int error = 0;
  };

  EpollTransport(int epoll, const SocketAddresses& addresses, std::size_t slots);
  void begin_connect(Slot slot);
  int wait(std::int64_t timeout_ns);
  bool read_in_order(TransportListener& listener);  // whether anything was told
  void look(std::int64_t timeout_ns, TransportListener& listener);
  void handle(Slot slot, std::uint32_t events, TransportListener& listener);
  void read(Slot slot, bool until_end, TransportListener& listener);
  bool write(Slot slot);
  void end(Slot slot, int error, TransportListener& listener);
  void tell_failures(TransportListener& listener);

  static constexpr std::size_t kBufferBytes = 64 * 1024;
  static constexpr int kEvents = 64;
  // From here on the server keeps ahead of us.
  static constexpr int kManyReadable = 8;
  // Then another look, for what is in no order: connections made and ended, messages nobody asked for. At most 10 ms or so.
  static constexpr int kDirectRounds = 32;

  int epoll_;
  SocketAddresses addresses_;
  bool has_pwait2_ = true;
  std::vector<Socket> sockets_;
  SendOrder asked_;  // sent to, and nothing read since
  int direct_rounds_ = 0;
  std::vector<Failure> failures_;  // found outside poll(), told by the next one
  std::vector<epoll_event> events_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace dyno::loadgen

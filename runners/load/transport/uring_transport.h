// Transport on io_uring (Linux 6.1 and later): one submitter, completions run when this thread asks for them, multishot receives
// into a ring of buffers small enough for the L2 cache, sockets registered, all requests of a round submitted by one system call,
// and no completion for sends that go well. 98 % of the time of a load generator is spent in the kernel; this saves entries to it.
#pragma once

#include <memory>
#include <vector>

#include <liburing.h>

#include "runners/load/transport/socket.h"
#include "runners/load/transport/transport.h"

namespace dyno::loadgen {

class UringTransport final : public Transport {
 public:
  // Fails where the kernel is too old or io_uring is switched off. `pipelined`: answers come in bulk, so buffers are larger.
  static Result<std::unique_ptr<Transport>> make(const SocketAddresses& addresses, std::size_t slots, bool pipelined);
  ~UringTransport() override;
  UringTransport(const UringTransport&) = delete;
  UringTransport& operator=(const UringTransport&) = delete;

  void open(Slot slot) override;
  void send(Slot slot, std::string_view bytes) override;
  void submit() override;
  bool has_sent(Slot slot) const override { return !sockets_[slot].is_sending; }
  void close(Slot slot) override;
  void leave(Slot slot) override;
  void close_sockets() override;
  void poll(std::int64_t timeout_ns, TransportListener& listener) override;
  std::vector<int> descriptors() const override { return {ring_.ring_fd}; }
  std::string_view name() const override { return "io_uring"; }

 private:
  enum class Operation : std::uint8_t { connect, receive, send, tracked_send };
  struct Socket {
    int fd = -1;
    std::uint32_t generation =
        0;  // counts the connections of the slot: completions of an earlier one are not of this one
    bool connecting = false;
    bool is_sending = false;    // a tracked send is under way
    std::uint32_t address = 0;  // which it is connected to, or connecting
    std::uint32_t tried = 0;    // addresses, that one included
    std::string_view sending;
    std::string_view next;  // waits for it
  };
  struct Failure {
    Slot slot = 0;
    std::uint32_t generation = 0;
    int error = 0;
  };

  UringTransport(const SocketAddresses& addresses, std::size_t slots, bool pipelined);
  Status set_up(std::size_t slots);
  void begin_connect(Slot slot);
  io_uring_sqe* next_entry();
  void enter(std::int64_t timeout_ns);
  void receive(Slot slot);
  void start_send(Slot slot, std::string_view bytes, bool tracked);
  void tag(io_uring_sqe* entry, Slot slot, Operation operation) const;
  void handle(const io_uring_cqe& completion, TransportListener& listener);
  void handle_receive(Slot slot, const io_uring_cqe& completion, TransportListener& listener);
  void handle_tracked_send(Slot slot, int result, TransportListener& listener);
  void give_back(std::uint16_t buffer);
  void end(Slot slot, int error, TransportListener& listener);
  void tell_failures(TransportListener& listener);

  SocketAddresses addresses_;
  const bool pipelined_;
  const std::size_t buffer_bytes_;
  io_uring ring_{};
  bool has_ring_ = false;
  bool is_enabled_ = false;
  io_uring_buf_ring* buffer_ring_ = nullptr;
  std::size_t buffer_ring_bytes_ = 0;
  std::unique_ptr<char[]> buffers_;
  std::vector<Socket> sockets_;
  std::vector<Failure> failures_;  // found outside poll(), told by the next one
};

}  // namespace dyno::loadgen

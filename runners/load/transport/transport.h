// What a worker asks of the kernel: connections by slot number, bytes out, bytes in. epoll and io_uring stand behind it, chosen
// at start; the loop above does not know which. Owned and called by one thread. Decides nothing: no retries, no timeouts.
//
// An abstract class although only dyno-load implements it: the kernel decides at run time which one works, and the few virtual
// calls a request are a thousandth of what the kernel takes for it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runners/load/load_spec.h"

namespace dyno::loadgen {

using Slot = std::uint32_t;

class TransportListener {
 public:
  virtual ~TransportListener() = default;
  // Something has happened: called once before the calls below, at the moment the thread came back from the kernel.
  virtual void on_wake() = 0;
  virtual void on_open(Slot slot) = 0;
  // `bytes` live until the call returns.
  virtual void on_bytes(Slot slot, std::string_view bytes) = 0;
  // has_sent() was false after a send, and is true now.
  virtual void on_sent(Slot slot) = 0;
  // The connection is gone and its slot closed. error 0: the server ended it in order; else an errno.
  virtual void on_end(Slot slot, int error) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Begins to connect a closed slot: to the target's address that worked last, and where that fails to each other in turn. The outcome
  // is reported by on_open or on_end, never from inside this call.
  virtual void open(Slot slot) = 0;
  // `bytes` must live until their answer has arrived or the slot is closed. A failure is reported by on_end.
  virtual void send(Slot slot, std::string_view bytes) = 0;
  // What send() has left with the transport goes to the kernel now, not with the next poll(). Tells nothing.
  virtual void submit() {}
  // Whether all that was sent before has gone: the kernel has it.
  virtual bool has_sent(Slot slot) const = 0;
  // No event of this connection is reported after the call. Closing a closed slot does nothing.
  virtual void close(Slot slot) = 0;
  // As close, for a connection with nothing under way: where the server has not ended it, it is cut off (RST). Whoever ends a connection
  // in order keeps its port for a minute, and with a connection per request we would have none left within seconds.
  virtual void leave(Slot slot) = 0;
  // Closes all sockets: by the thread that opened them, and as the last of its calls, for they may be in a table that only it has.
  virtual void close_sockets() = 0;
  // Tells what has happened, after waiting for it at most `timeout_ns`; 0 does not wait.
  virtual void poll(std::int64_t timeout_ns, TransportListener& listener) = 0;

  // The descriptors it has without any slot: its thread needs them.
  virtual std::vector<int> descriptors() const = 0;
  virtual std::string_view name() const = 0;
  // What protects the connections, and what went wrong last; empty: nothing. Not while another thread is inside poll().
  virtual std::string security() const { return {}; }
  virtual std::string trouble() const { return {}; }
};

// `slots` connections to the spec's target by its transport. Fails where the kernel refuses it; `automatic` takes the best there is.
Result<std::unique_ptr<Transport>> make_transport(const LoadSpec& spec, std::size_t slots);

}  // namespace dyno::loadgen

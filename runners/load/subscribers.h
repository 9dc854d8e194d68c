// The streams that a worker holds open while its connections publish (protocol sse): subscribes, reads events, and judges each
// delivery by the stamp in it. Subscribers have the transport's slots behind those of the connections. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/clock.h"
#include "runners/load/counts.h"
#include "runners/load/http/response_parser.h"
#include "runners/load/request_set.h"
#include "runners/load/sse/event_reader.h"
#include "runners/load/sse/seen.h"
#include "runners/load/transport/transport.h"
#include "runners/load/worker_result.h"
#include "stats/histogram.h"

namespace dyno::loadgen {

class Subscribers {
 public:
  // The share's streams, in the slots behind its connections; messages of all workers come in.
  Subscribers(const LoadSpec& spec, const RequestSet& stream, const WorkerShare& share, const Edges& edges,
              Transport& transport);

  bool owns(Slot slot) const { return slot >= first_; }
  bool is_empty() const { return streams_.empty(); }
  // Begins to connect those that are not, a limited number at a time; called until all are open, and after.
  void connect(std::int64_t now);
  void on_open(Slot slot);
  // Takes off `bytes` what it has read. Why the stream was ended for what came; none: it was not.
  ParseError on_bytes(Slot slot, std::string_view& bytes, std::int64_t now);
  void on_end(Slot slot, std::int64_t now);
  // Gives up what takes too long to open.
  void scan_deadlines(std::int64_t now);

  void open_window() { in_window_ = true; }
  void close_window() { in_window_ = false; }
  int open_streams() const { return open_; }
  // How often the server gave something else than a stream, and what that was first.
  std::int64_t refused() const { return refused_; }
  const std::string& refusal() const { return refusal_; }
  const Deliveries& deliveries() const { return deliveries_; }
  const stats::Histogram& delays() const { return delays_; }

 private:
  enum class Link : std::uint8_t { closed, connecting, subscribing, open, backing_off };
  struct Stream {
    ResponseParser parser;
    EventReader events;
    std::int64_t deadline_ns = kNever;
    Link link = Link::closed;
    bool has_spoken = false;  // an event has come
  };

  Stream& stream(Slot slot) { return streams_[slot - first_]; }
  bool take_head(Slot slot, std::string_view head, std::int64_t now);   // false: it is no stream, and was closed
  bool take_body(Slot slot, std::string_view bytes, std::int64_t now);  // false: an event is too long
  void take_event(Slot slot, std::string_view data, std::int64_t now);
  // `why`: of one that was no stream yet.
  void lose(Slot slot, std::int64_t now, const std::string& why);

  const std::int64_t timeout_ns_;
  const std::size_t max_event_bytes_;
  const std::size_t message_bytes_;
  const std::string_view request_;  // of the request set, which outlives this
  const Slot first_;
  const std::size_t publishers_;
  // Read for each event: a message of another worker may be here before this one has passed the edge itself.
  const Edges& edges_;
  Transport& transport_;
  HeaderMemo memo_;
  std::vector<Stream> streams_;
  std::vector<Seen> seen_;  // publishers_ for each stream
  int connecting_ = 0;
  int open_ = 0;
  bool in_window_ = false;
  std::int64_t refused_ = 0;
  std::string refusal_;
  Deliveries deliveries_;
  stats::Histogram delays_;
};

}  // namespace dyno::loadgen

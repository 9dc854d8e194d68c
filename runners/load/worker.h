// The measuring loop: one thread with its own connections, transport, pacing, counts and histograms; nothing is shared but the
// edges of the window and the ring of seconds. After construction it allocates nothing, takes no lock and writes no log.
//
// Latency counts from the moment a request was due, never from when it was sent; both are kept. A request belongs to the
// measured set of an open loop when it was due inside the window, and to that of a closed loop when it was under way inside it; its
// answer may come after, in the drain. Throughput counts answers that arrived inside the window. A measured request that is never
// answered counts with the time it waited: without it, the slowest would be missing from the percentiles.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runners/load/body_check.h"
#include "runners/load/clock.h"
#include "runners/load/connection.h"
#include "runners/load/counts.h"
#include "runners/load/cpu_meter.h"
#include "runners/load/due_queue.h"
#include "runners/load/http/response_parser.h"
#include "runners/load/idle_ring.h"
#include "runners/load/load_spec.h"
#include "runners/load/pacer.h"
#include "runners/load/rate_curve.h"
#include "runners/load/request_set.h"
#include "runners/load/rules/answer_keeper.h"
#include "runners/load/seconds.h"
#include "runners/load/subscribers.h"
#include "runners/load/transport/transport.h"
#include "runners/load/worker_result.h"

namespace dyno::loadgen {

// What all workers together hold for requests on their way, in bytes; decided before any of it is taken.
double memory_needed(const LoadSpec& spec, const RequestSets& requests);

class Worker final : private TransportListener, private Http2Session::Listener {
 public:
  Worker(const LoadSpec& spec, const RequestSets& requests, WorkerShare share, Edges& edges,
         std::unique_ptr<Transport> transport);

  // Connects, waits for the edges, loads, drains, returns. Called once, on the thread that is to do the work.
  void run();

  // Read by the coordinator while run() is going on.
  int open_connections() const { return open_.load(std::memory_order_relaxed); }
  int open_streams() const { return subscribed_.load(std::memory_order_relaxed); }
  // Connects that failed by what the server or the kernel said, not by time.
  std::int64_t refused_connects() const { return refused_connects_.load(std::memory_order_relaxed); }
  // The same of subscribers, by time too.
  std::int64_t refused_streams() const { return refused_streams_.load(std::memory_order_relaxed); }
  std::int64_t good_so_far() const { return good_so_far_.load(std::memory_order_relaxed); }
  SecondRing& seconds() { return seconds_; }
  // After run().
  const WorkerResult& result() const { return result_; }
  const Transport& transport() const { return *transport_; }

 private:
  enum class Stage : std::uint8_t { connecting, warming_up, measuring, draining, done };

  // TransportListener
  void on_wake() override;
  void on_open(Slot slot) override;
  void on_bytes(Slot slot, std::string_view bytes) override;
  void on_sent(Slot slot) override;
  void on_end(Slot slot, int error) override;
  void on_frames(Slot slot, std::string_view bytes);  // on_bytes of a WebSocket

  // Http2Session::Listener, of the connection in http2_slot_
  void on_head(std::uint32_t place, int status) override;
  bool on_body(std::uint32_t place, std::string_view piece) override;
  void on_field(std::uint32_t place, std::string_view name, std::string_view value) override;
  void on_answer(std::uint32_t place, StreamEnd end) override;
  void on_streams(Slot slot, std::string_view bytes);  // on_bytes of HTTP/2
  void begin_streams(Slot slot);
  void await_settings(Slot slot, bool good, std::int64_t now);
  void make_room(Slot slot);  // what the server allows by now
  void take_back(const InFlight& request);
  void send_streams(Slot slot, std::uint32_t count, std::int64_t due_ns, std::int64_t now);
  void flush_streams(Slot slot);
  void leave_if_told(Slot slot, std::int64_t now);  // the server said goodbye, and all was answered: a new connection
  bool has_late_stream(Slot slot);

  void connect_all();
  void start(std::int64_t now);
  void greet(std::int64_t now);
  void step();
  void pass_edges(std::int64_t now);
  Pacer pacer_from(std::int64_t start_ns, const RateCurve& curve) const;
  bool is_drained() const;
  bool is_complete() const;            // all requests of the limit are done
  bool is_stranded(std::int64_t now);  // requests of the limit are left, and no connection to send them on
  void open_window(std::int64_t now);
  void close_window(std::int64_t now);
  void turn_second(std::int64_t now);
  void tell_edge(const char* word, std::int64_t now) const;
  bool is_generating() const { return stage_ == Stage::warming_up || stage_ == Stage::measuring; }
  void wait(std::int64_t now);
  void look(std::int64_t wait_ns, std::int64_t now);  // at the sockets

  void learn_oversleep(std::int64_t overslept_ns);
  void dispatch_due(std::int64_t now);
  void put_to_use(Slot slot,
                  std::int64_t now);  // an open connection with room: its next requests, or the row of idle ones
  void send_requests(Slot slot, std::uint32_t count, std::int64_t due_ns, std::int64_t now);
  void record_send(const Connection& connection, std::int64_t due_ns, std::int64_t now);
  char* next_buffer(Slot slot);
  RequestSet::Drawn draw_request(std::uint32_t owner, char* buffer, bool last);
  void end_step(std::uint32_t owner, bool is_good);  // of a session: the next one, or the first again
  void stamp(char* end, std::int64_t due_ns);

  void begin_upgrade(Slot slot);
  bool take_upgrade(Slot slot, std::string_view& bytes, std::int64_t now);  // false: nothing is left to do
  bool take_message(Slot slot, std::int64_t now);                           // false: the connection was closed
  void become_open(Slot slot, std::int64_t now);
  // Takes an answer off the front of `bytes`, and says how long its body is; nothing where only the parser can tell where it ends.
  std::optional<std::uint64_t> take_whole(Slot slot, const HeaderMemo& memo, std::string_view& bytes);
  // An answer begins: whether it is kept until it is whole.
  bool begin_keeping(std::uint32_t owner, const Expectation& expectation);
  void keep_cut_answer(Slot slot);
  void take_piece(Slot slot);  // of the body that the parser is in
  void after_bytes(Slot slot, std::int64_t now);

  // False: the connection was closed.
  bool finish_answer(Slot slot, const Ended& ended, std::int64_t now);
  void judge(const InFlight& done, std::uint32_t owner, const Ended& ended, std::int64_t now);
  bool body_is_good(const InFlight& done, std::uint32_t owner, const Expectation& expectation, const Ended& ended);
  // Whether it is as the rules have it and holds what is taken from it; otherwise it has failed.
  bool rules_are_kept(const InFlight& done, std::uint32_t owner, const Ended& ended);
  bool takes_are_there(const InFlight& done, std::uint32_t owner, const SeenAnswer& seen, int status);
  bool has_room(const Connection& connection) const { return connection.count < connection.room; }
  void record_good(const InFlight& done, std::int64_t now);
  // `body`: how the answer's began, where that was kept.
  void fail_one(const InFlight& failed, ErrorKind kind, int status = 0, std::string_view body = {});
  void keep_example(ErrorKind kind, std::uint32_t request, int status, std::string_view body);
  void record_unanswered(const InFlight& waiting, std::int64_t until_ns);
  void count_unanswered();  // what still waits at the end of the drain
  void count_unserved();    // connections that never had an answer
  void fail_all(Slot slot, ErrorKind kind);
  void drop_connection(Slot slot, ErrorKind kind, std::int64_t now);  // all its requests in flight fail
  void open_slot(Slot slot, std::int64_t now);
  void open_next(std::int64_t now);  // of those that were never tried, a limited number at a time
  void reopen(Slot slot, ErrorKind why, std::int64_t now);
  void back_off(Slot slot, std::int64_t until_ns);
  void await_end(Slot slot, std::int64_t now);
  void leave(Slot slot, std::int64_t now);  // the server left the end of a connection to us
  void note_refused(ParseError why, std::string_view bytes, std::size_t at);
  // Of an answer in HTTP/1 of which only a part of the head has come, or the last part.
  void keep_cut_head(Slot slot, bool begins);
  void look_for_redirect(Slot slot, bool begins, const char* head_end);
  void note_redirect(int status, std::string_view location);  // the first that nobody expected
  bool is_used_up(const Connection& connection) const {
    return spec_.requests_per_connection > 0 && connection.sent >= spec_.requests_per_connection;
  }
  // Counts it and tries again a little later. error: errno, ETIMEDOUT where time was up, EPROTO where the words say more.
  void fail_connect(Slot slot, std::int64_t now, int error, std::string_view words = {});
  std::string connect_trouble(int error, std::string_view words) const;
  std::string_view waiting_words(Link link) const;  // what a connection that is not open waits for
  void note_unopened();                             // what those still wait for at the end
  void scan_deadlines(std::int64_t now);
  bool is_due_in_window(std::int64_t due_ns) const { return due_ns >= window_begin_ns_ && due_ns < window_end_ns_; }
  // By the moment at which this thread passed the edge, which may be a little late.
  bool was_sent_before_the_end(const InFlight& one) const {
    return result_.end_ns == 0 || one.sent_ns <= result_.end_ns;
  }
  // In a closed loop nothing is sent after the window's end.
  bool is_measured(std::int64_t due_ns) const {
    return spec_.open_loop ? is_due_in_window(due_ns) : stage_ >= Stage::measuring;
  }

  // Of the oldest request in flight, whose answer is read.
  std::uint32_t request_at(Slot slot) const { return in_flight_[slot * pipeline_ + connections_[slot].first].request; }
  const Expectation& expectation_at(Slot slot) const { return requests_.expectation(request_at(slot)); }
  HeaderMemo& memo_at(Slot slot) { return memos_[request_at(slot) % memos_.size()]; }
  InFlight pop_oldest(Slot slot);
  void watch_oldest(Slot slot);  // the parser and the deadline follow the oldest request in flight

  // set once in the constructor
  const LoadSpec& spec_;
  const RequestSet& requests_;
  const RequestSet& stream_;
  const WorkerShare share_;
  Edges& edges_;
  const std::unique_ptr<Transport> transport_;
  const std::uint32_t pipeline_;
  const RateCurve steady_;  // of an open loop without a curve, and of every warm-up
  const RateCurve curve_;
  const std::size_t buffer_bytes_;  // half of what request_buffers_ has for a slot
  const std::int64_t interval_ns_;  // open loop: between two due times of the whole phase

  // used by the worker's thread only
  Stage stage_ = Stage::connecting;
  Pacer pacer_;
  DueQueue queue_;
  DrawSource source_;
  Counts totals_;
  Counts at_begin_;
  StatusCounts statuses_;  // since the window opened
  std::vector<Connection> connections_;
  std::vector<InFlight> in_flight_;  // pipeline_ for each slot
  std::vector<std::int64_t>
      deadlines_ns_;  // for each slot: of its oldest request, its connect, or its next attempt; packed for the scan
  // Two halves a slot, or HTTP/2 one for each place, where views of constant requests do not do. Untouched until it is needed.
  std::unique_ptr<char[]> request_buffers_;
  std::vector<WebSocketEnd> websockets_;
  MemoryPool http2_memory_;
  std::vector<Http2End> http2_;
  std::vector<Http2Answer> answers_;  // pipeline_ for each slot
  Slot http2_slot_ = 0;
  std::int64_t http2_now_ = 0;
  Subscribers subscribers_;
  std::uint32_t published_ = 0;
  IdleRing idle_;
  BodyCheck body_check_;
  AnswerKeeper keeper_;
  RuleScratch scratch_;
  std::string field_;               // HTTP/2: a line of a head
  std::vector<Session> sessions_;   // pipeline_ for each slot; none: the requests are no session
  std::vector<std::string> taken_;  // what each of them has taken
  BodyStart unexpected_;
  CutHead cut_head_;
  // Of the requests, for each has heads of its own; some share one where there are many.
  std::array<HeaderMemo, 16> memos_;
  CpuMeter* meter_ = nullptr;  // lives in run(), on its thread
  std::int64_t in_flight_count_ = 0;
  std::int64_t measured_open_ = 0;  // measured requests neither answered nor failed yet
  std::int64_t left_ = kNever;      // requests that may still be sent
  std::int64_t last_busy_ns_ = 0;   // when a request was under way, or none was waiting to be
  std::int64_t window_begin_ns_ = kNever;
  std::int64_t window_end_ns_ = kNever;
  std::int64_t drain_until_ns_ = kNever;
  int connecting_ = 0;
  int missed_ends_ = 0;     // moments in a row at which the server had not ended what it was to end
  std::uint32_t ends_ = 0;  // since that was found to be so
  std::int64_t missed_at_ns_ = 0;
  Slot next_to_connect_ = 0;
  std::int64_t next_scan_ns_ = 0;
  std::int64_t looked_ns_ = 0;  // when the sockets were last looked at
  std::int64_t second_begin_ns_ = 0;
  std::int64_t second_cpu_ns_ = 0;
  std::int64_t second_spin_ns_ = 0;
  std::int64_t spin_ns_ = 0;
  std::int64_t spin_from_ns_ = 0;     // 0: the last wait did not spin
  std::int64_t spin_stretch_ns_ = 0;  // how long before a due time spinning begins: learnt
  std::int64_t wake_ns_ = 0;          // when the last timed wait was to end; 0: it was none
  CpuReading cpu_at_begin_;
  std::int64_t spin_at_begin_ns_ = 0;
  bool something_happened_ = false;
  // For an example of an answer that was not kept as it came: what of it came with the last read, valid inside on_bytes. And errno
  // of the connection that has just ended.
  const char* came_ = nullptr;
  const char* came_end_ = nullptr;
  int end_error_ = 0;

  WorkerResult result_;

  // shared with the coordinator
  std::atomic<int> open_{0};
  std::atomic<int> subscribed_{0};
  std::atomic<std::int64_t> refused_connects_{0};
  std::atomic<std::int64_t> refused_streams_{0};
  std::atomic<std::int64_t> good_so_far_{0};
  SecondRing seconds_;
};

}  // namespace dyno::loadgen

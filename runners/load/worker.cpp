// The loop of a worker: its stages, the edges of the window, the seconds, pacing and waiting. What happens on its connections is
// in worker_connections.cpp.
#include "runners/load/worker.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <unistd.h>

#include "runners/load/place.h"
#include "runners/load/websocket/frames.h"

namespace dyno::loadgen {
namespace {

// A hybrid wait spins for the last stretch before a due time. On quiet machines timed waits oversleep up to 80 µs; a virtual CPU
// that was put to sleep sometimes comes back milliseconds later, so above 4 000 requests per second it is not released at all.
constexpr std::int64_t kLeastSpinNs = 250'000;
constexpr std::int64_t kMostSpinNs = 1'000'000;
// Closer than this to the due time a look at the sockets would make the request late.
constexpr std::int64_t kLastLookNs = 700;
constexpr std::int64_t kSecondNs = 1'000'000'000;
// How long after the window answers of its requests are waited for.
constexpr std::int64_t kDrainNs = 2 * kSecondNs;
// Many servers end a connection that stays silent from its beginning, after five or ten seconds.
constexpr double kSilentS = 5;

std::int64_t queue_limit(const LoadSpec& spec, int workers) {
  if (!spec.open_loop) return 1;
  if (spec.queue_limit > 0) return std::max<std::int64_t>(spec.queue_limit / workers, 1);
  return std::clamp<std::int64_t>(std::llround(spec.rate_per_s * 10), 1024, 2'000'000) / workers;
}

double warm_up_rate(const LoadSpec& spec) {
  if (!spec.open_loop) return 1;
  return spec.curve.empty() ? spec.rate_per_s : spec.curve.front().per_s;
}

bool would_stay_silent(const LoadSpec& spec) {
  return spec.open_loop && spec.warm_up_ns > 0 && static_cast<double>(spec.connections) > kSilentS * warm_up_rate(spec);
}

// Half of a slot's buffer: a pipeline's worth of requests, and a pong in front of them. HTTP/2: the buffer of a place.
std::size_t buffer_bytes(const LoadSpec& spec, const RequestSet& requests) {
  if (!requests.has_random_parts() && (spec.pipeline == 1 || spec.protocol == Protocol::http2)) return 0;
  if (spec.protocol == Protocol::http2) return requests.max_bytes();
  const std::size_t pong = spec.protocol == Protocol::websocket ? kMaxFrameHeader + 125 : 0;
  return static_cast<std::size_t>(spec.pipeline) * requests.max_bytes() + pong;
}

std::size_t buffers_of_slot(const LoadSpec& spec) {
  return spec.protocol == Protocol::http2 ? static_cast<std::size_t>(spec.pipeline) : 2;
}

bool has_rules(const LoadSpec& spec) {
  return std::any_of(spec.requests.begin(), spec.requests.end(),
                     [](const RequestSpec& one) { return !one.rules.empty() || !one.takes.empty(); });
}

bool needs_fields(const LoadSpec& spec) {
  return std::any_of(spec.requests.begin(), spec.requests.end(), [](const RequestSpec& one) {
    const auto is_of_head = [](const AnswerRule& rule) {
      return rule.kind == RuleKind::header || rule.kind == RuleKind::content_type;
    };
    return std::any_of(one.rules.begin(), one.rules.end(), is_of_head) ||
           std::any_of(one.takes.begin(), one.takes.end(),
                       [](const Take& take) { return take.from == TakeFrom::header; });
  });
}

}  // namespace

double memory_needed(const LoadSpec& spec, const RequestSets& requests) {
  const auto of_one = static_cast<double>(buffers_of_slot(spec) * buffer_bytes(spec, requests.requests)) +
                      static_cast<double>(spec.pipeline) * (sizeof(InFlight) + sizeof(Http2Answer));
  return of_one * spec.connections;
}

Worker::Worker(const LoadSpec& spec, const RequestSets& requests, WorkerShare share, Edges& edges,
               std::unique_ptr<Transport> transport)
    : spec_(spec),
      requests_(requests.requests),
      stream_(requests.stream),
      share_(share),
      edges_(edges),
      transport_(std::move(transport)),
      pipeline_(static_cast<std::uint32_t>(spec.pipeline)),
      steady_(warm_up_rate(spec)),
      curve_(spec.curve.empty() ? steady_ : RateCurve(spec.curve)),
      buffer_bytes_(buffer_bytes(spec, requests.requests)),
      interval_ns_(spec.open_loop ? std::llround(1e9 / spec.rate_per_s) : 0),
      pacer_(pacer_from(0, steady_)),
      queue_(static_cast<std::size_t>(queue_limit(spec, share.workers))),
      source_(spec.seed + static_cast<std::uint64_t>(share.number), &edges.next_in_sequence),
      connections_(static_cast<std::size_t>(share.connections)),
      in_flight_(connections_.size() * pipeline_),
      deadlines_ns_(connections_.size(), kNever),
      request_buffers_(buffer_bytes_ == 0 ? nullptr
                                          : std::make_unique_for_overwrite<char[]>(
                                                connections_.size() * buffers_of_slot(spec) * buffer_bytes_)),
      websockets_(spec.protocol == Protocol::websocket ? connections_.size() : 0),
      answers_(spec.protocol == Protocol::http2 ? in_flight_.size() : 0),
      subscribers_(spec, requests.stream, share_, edges, *transport_),
      idle_(connections_.size()),
      body_check_(spec.body_sample_ratio, (spec.body_sample_least + share.workers - 1) / share.workers),
      keeper_(spec.body_sample_ratio, (spec.body_sample_least + share.workers - 1) / share.workers,
              has_rules(spec) ? in_flight_.size() : 0),
      sessions_(spec.is_session ? in_flight_.size() : 0),
      taken_(sessions_.size() * requests.requests.taken_names().size()) {
  if (spec.protocol != Protocol::http2) return;
  http2_.reserve(connections_.size());
  const bool wants_fields = needs_fields(spec);
  for (std::size_t i = 0; i < connections_.size(); ++i) http2_.emplace_back(pipeline_, http2_memory_, wants_fields);
}

void Worker::run() {
  std::vector<int> mine = transport_->descriptors();
  mine.push_back(share_.edge_fd);
  own_descriptors(std::move(mine));
  CpuMeter meter;
  meter_ = &meter;
  connect_all();
  while (stage_ != Stage::done && !edges_.stop.load(std::memory_order_relaxed)) step();
  if (stage_ == Stage::done) count_unanswered();
  count_unserved();
  note_unopened();
  result_.remarks.never_opened = share_.connections - open_.load(std::memory_order_relaxed);
  transport_->close_sockets();
  if (result_.remarks.connect.empty()) result_.remarks.connect = subscribers_.refusal();
  const std::int64_t expected = result_.deliveries.expected;
  result_.deliveries = subscribers_.deliveries();
  result_.deliveries.expected = expected;
  result_.delivery.merge(subscribers_.delays());
}

Pacer Worker::pacer_from(std::int64_t start_ns, const RateCurve& curve) const {
  return Pacer(start_ns, curve, spec_.arrivals, share_.number, share_.workers,
               spec_.seed + static_cast<std::uint64_t>(share_.number) * 7919);
}

void Worker::connect_all() {
  while (!edges_.stop.load(std::memory_order_relaxed)) {
    const std::int64_t now = monotonic_ns();
    if (now >= edges_.start_ns.load(std::memory_order_acquire)) return start(now);
    open_next(now);
    subscribers_.connect(now);
    subscribed_.store(subscribers_.open_streams(), std::memory_order_relaxed);
    refused_streams_.store(subscribers_.refused(), std::memory_order_relaxed);
    if (now >= next_scan_ns_) scan_deadlines(now);
    look(1'000'000, now);
  }
}

void Worker::start(std::int64_t now) {
  stage_ = Stage::warming_up;
  totals_ = Counts();  // what connecting cost is not part of the load
  last_busy_ns_ = now;
  if (spec_.requests_limit > 0 && spec_.limit_has_warm_up) left_ = share_.requests_limit;
  // From the common start, not from when this thread noticed it: the workers' due times interleave exactly.
  pacer_ = pacer_from(edges_.start_ns.load(std::memory_order_acquire), steady_);
  second_begin_ns_ = now;
  second_cpu_ns_ = thread_cpu_ns();
  if (would_stay_silent(spec_)) greet(now);
  pass_edges(now);  // without a warm-up the window opens before the first request, not behind it
  if (spec_.open_loop) return;
  // Each once: where the limit has fewer requests than there are connections, the rest goes back into the row.
  for (std::size_t i = idle_.size(); i > 0; --i) {
    const auto slot = idle_.pop();
    if (slot && connections_[*slot].link == Link::open) put_to_use(*slot, monotonic_ns());
  }
}

// So few requests that a connection would wait long for its first: each sends one before its turn, unmeasured. It counts as due
// before the window even where the window opened before this thread came to it.
void Worker::greet(std::int64_t now) {
  const std::int64_t due = std::min(now, edges_.begin_ns.load(std::memory_order_acquire) - 1);
  for (Slot slot = 0; slot < connections_.size(); ++slot) {
    if (connections_[slot].link != Link::open || left_ <= 0) continue;
    --left_;
    send_requests(slot, 1, due, now);
  }
}

void Worker::step() {
  std::int64_t now = monotonic_ns();
  if (spin_from_ns_ != 0 && !something_happened_) spin_ns_ += now - spin_from_ns_;
  spin_from_ns_ = 0;
  if (wake_ns_ != 0 && now > wake_ns_) learn_oversleep(now - wake_ns_);
  wake_ns_ = 0;
  pass_edges(now);
  if (stage_ == Stage::done) return;
  if (spec_.open_loop && pacer_.due_ns() <= now) {
    dispatch_due(now);
    now = monotonic_ns();
  }
  if (now >= next_scan_ns_) scan_deadlines(now);
  wait(now);
}

void Worker::pass_edges(std::int64_t now) {
  // What was due before an edge belongs before it, even when this thread comes late.
  if (spec_.open_loop && pacer_.due_ns() <= now) dispatch_due(now);
  if (stage_ == Stage::warming_up && now >= edges_.begin_ns.load(std::memory_order_acquire)) open_window(now);
  if (stage_ == Stage::measuring) {
    // The coordinator may draw the end nearer, when there are too many errors to go on.
    window_end_ns_ = std::min(window_end_ns_, edges_.end_ns.load(std::memory_order_relaxed));
    if (now >= window_end_ns_ || is_complete() || is_stranded(now)) close_window(now);
  }
  if (stage_ == Stage::draining && (is_drained() || now >= drain_until_ns_)) stage_ = Stage::done;
  if (is_generating() && now - second_begin_ns_ >= kSecondNs) turn_second(now);
}

bool Worker::is_complete() const { return left_ <= 0 && in_flight_count_ == 0 && queue_.empty(); }

// A limit of requests may be all that ends the window, so it must end where the rest of them can never be sent.
bool Worker::is_stranded(std::int64_t now) {
  if (left_ == kNever) return false;
  const bool is_waiting = in_flight_count_ == 0 && (spec_.open_loop ? !queue_.empty() : left_ > 0);
  if (!is_waiting) last_busy_ns_ = now;
  return now - last_busy_ns_ > spec_.timeout_ns;
}

// With several workers the messages of the others arrive too, so only waiting shows that none is missing.
bool Worker::is_drained() const {
  if (spec_.open_loop ? measured_open_ != 0 : in_flight_count_ != 0) return false;
  if (subscribers_.is_empty()) return true;
  return share_.workers == 1 && subscribers_.deliveries().good >= result_.deliveries.expected;
}

void Worker::tell_edge(const char* word, std::int64_t now) const {
  if (share_.edge_fd < 0) return;
  char line[64];
  const int size = std::snprintf(line, sizeof line, "%s t_ns=%lld\n", word, static_cast<long long>(now));
  if (write(share_.edge_fd, line, static_cast<std::size_t>(size)) < 0)
    edges_.stop.store(true);  // nobody reads it any more
}

void Worker::open_window(std::int64_t now) {
  tell_edge("begin", now);
  turn_second(now);
  Second& second = seconds_.current();
  second.warming_up = false;
  second.number = 0;
  stage_ = Stage::measuring;
  window_begin_ns_ = edges_.begin_ns.load(std::memory_order_acquire);
  window_end_ns_ = edges_.end_ns.load(std::memory_order_acquire);
  result_.begin_ns = now;
  result_.in_flight_begin = in_flight_count_;
  result_.queued_begin = static_cast<std::int64_t>(queue_.size());
  at_begin_ = totals_;
  statuses_ = {};
  body_check_.restart();
  keeper_.restart();
  for (Connection& connection : connections_) {
    connection.was_asked = connection.count != 0;
    connection.has_answered = false;
  }
  subscribers_.open_window();
  if (spec_.requests_limit > 0 && !spec_.limit_has_warm_up) left_ = share_.requests_limit;
  if (!spec_.curve.empty()) pacer_ = pacer_from(window_begin_ns_, curve_);
  spin_at_begin_ns_ = spin_ns_;
  cpu_at_begin_ = meter_->read();
}

void Worker::close_window(std::int64_t now) {
  tell_edge("end", now);
  const CpuReading cpu = meter_->read();
  result_.cpu_ns = cpu.cpu_ns - cpu_at_begin_.cpu_ns;
  result_.context_switches = cpu.context_switches - cpu_at_begin_.context_switches;
  result_.run_queue_wait_ns = cpu.run_queue_wait_ns - cpu_at_begin_.run_queue_wait_ns;
  result_.spin_ns = spin_ns_ - spin_at_begin_ns_;
  result_.end_ns = now;
  window_end_ns_ = std::min(window_end_ns_, now);
  subscribers_.close_window();
  result_.window = totals_;
  result_.window -= at_begin_;
  result_.statuses = statuses_;
  result_.in_flight_end = in_flight_count_;
  result_.is_complete = left_ != kNever && is_complete();
  result_.is_stranded = is_stranded(now);
  result_.queued_end = static_cast<std::int64_t>(queue_.size());
  turn_second(now);
  drain_until_ns_ = now + std::min(spec_.timeout_ns, kDrainNs);
  stage_ = Stage::draining;
}

void Worker::turn_second(std::int64_t now) {
  const std::int64_t cpu = thread_cpu_ns();
  Second& second = seconds_.current();
  second.length_ns += now - second_begin_ns_;
  second.busy_ns += std::max<std::int64_t>(0, cpu - second_cpu_ns_ - (spin_ns_ - second_spin_ns_));
  second_begin_ns_ = now;
  second_cpu_ns_ = cpu;
  second_spin_ns_ = spin_ns_;
  if (!seconds_.has_room()) return;
  const std::int32_t next = second.number + 1;
  const bool warming_up = second.warming_up;
  seconds_.publish();
  seconds_.current().number = next;
  seconds_.current().warming_up = warming_up;
}

void Worker::wait(std::int64_t now) {
  std::int64_t until = next_scan_ns_;
  if (stage_ == Stage::warming_up) until = std::min(until, edges_.begin_ns.load(std::memory_order_relaxed));
  if (stage_ == Stage::measuring) until = std::min(until, window_end_ns_);
  if (is_generating()) until = std::min(until, second_begin_ns_ + kSecondNs);
  something_happened_ = false;
  if (!spec_.open_loop || !is_generating()) return look(until - now, now);

  const std::int64_t due = left_ > 0 ? pacer_.due_ns() : kNever;
  if (spec_.wait == WaitMode::sleep) return look(std::min(until, due) - now, now);
  const std::int64_t left = due - now;
  const std::int64_t spin = std::max(kLeastSpinNs, spin_stretch_ns_);
  if (left > spin) {
    wake_ns_ = std::min(until, due - spin);
    return look(wake_ns_ - now, now);
  }
  spin_from_ns_ = now;
  if (left > kLastLookNs) look(0, now);
}

void Worker::look(std::int64_t wait_ns, std::int64_t now) {
  looked_ns_ = now;
  transport_->poll(std::max<std::int64_t>(wait_ns, 0), *this);
}

// A machine that wakes late once will do so again, above all a virtual one: spinning then begins earlier.
void Worker::learn_oversleep(std::int64_t overslept_ns) {
  spin_stretch_ns_ = std::min(std::max(spin_stretch_ns_, 2 * overslept_ns), kMostSpinNs);
}

void Worker::dispatch_due(std::int64_t now) {
  if (!is_generating()) return;
  // Never past the next edge: the window must be open, or closed, before a request beyond it counts.
  const std::int64_t edge =
      stage_ == Stage::warming_up ? edges_.begin_ns.load(std::memory_order_acquire) : window_end_ns_;
  for (std::int64_t due = pacer_.due_ns(); due <= now && due < edge && left_ > 0; due = pacer_.due_ns()) {
    pacer_.advance();
    --left_;
    ++totals_.due;
    if (is_due_in_window(due)) ++measured_open_;
    auto slot = idle_.pop();
    while (slot && (connections_[*slot].link != Link::open || !has_room(connections_[*slot]))) slot = idle_.pop();
    if (slot) {
      send_requests(*slot, 1, due, now);
      if (has_room(connections_[*slot])) idle_.push(*slot);
      now = monotonic_ns();  // a send takes microseconds: the next one must not claim to be earlier than it is
    } else if (!queue_.push(due)) {
      fail_one({due, now, 0}, ErrorKind::dropped);
    }
  }
}

}  // namespace dyno::loadgen

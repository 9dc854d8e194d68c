// What a worker does on its connections: sends, reads answers, and reopens connections that have ended.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "runners/load/remarks.h"
#include "runners/load/sse/stamp.h"
#include "runners/load/worker.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kScanEveryNs = 10'000'000;
constexpr int kConnectingAtOnce = 128;       // below the usual listen backlog, or the kernel's retries take a second
constexpr std::int64_t kEndNs = 10'000'000;  // for a server that does not close although it was to
constexpr int kMissedEnds = 4;               // from then on it is waited for only once in a while
constexpr std::uint32_t kEndsPerLook = 256;
constexpr std::int64_t kBackOffNs = 50'000'000;  // after a refused connection: a dead server is not to be hammered
constexpr std::int64_t kMostBackOffNs = 1'000'000'000;
constexpr std::int64_t kNextAddressNs = 1'000'000'000;  // for an address that swallows connects, where there are others

}  // namespace

void Worker::on_wake() {
  something_happened_ = true;
  wake_ns_ = monotonic_ns();
}

void Worker::open_slot(Slot slot, std::int64_t now) {
  Connection& connection = connections_[slot];
  if (connection.was_opened) ++totals_.reconnects;
  connection.link = Link::connecting;
  connection.first = connection.count = connection.sent = 0;
  connection.is_fruitful = false;
  const bool has_others = !connection.was_opened && !spec_.target.further.empty();
  deadlines_ns_[slot] = now + (has_others ? std::min(spec_.timeout_ns, kNextAddressNs) : spec_.timeout_ns);
  ++connecting_;
  transport_->open(slot);
}

void Worker::open_next(std::int64_t now) {
  while (next_to_connect_ < connections_.size() && connecting_ < kConnectingAtOnce) open_slot(next_to_connect_++, now);
}

// A server that ends its connections without an answer would be asked for new ones without a pause: the first comes at once, for it
// may just have been idle too long, each further one waits twice as long.
void Worker::reopen(Slot slot, ErrorKind why, std::int64_t now) {
  Connection& connection = connections_[slot];
  if (connection.is_fruitful || why != ErrorKind::reset) {
    connection.fruitless = 0;
    return open_slot(slot, now);
  }
  ++totals_.closed_early;
  const int before = connection.fruitless;
  if (before < 8) ++connection.fruitless;
  if (before == 0) return open_slot(slot, now);
  back_off(slot, now + std::min(kBackOffNs << (before - 1), kMostBackOffNs));
}

void Worker::back_off(Slot slot, std::int64_t until_ns) {
  connections_[slot].link = Link::backing_off;
  deadlines_ns_[slot] = until_ns;
}

// Most servers end what they said they would within microseconds. Where some in a row did not, it is waited for once in a while only:
// what the wait costs would be the server's in every figure.
void Worker::await_end(Slot slot, std::int64_t now) {
  connections_[slot].link = Link::ending;
  if (missed_ends_ >= kMissedEnds && ++ends_ % kEndsPerLook != 0) return leave(slot, now);
  deadlines_ns_[slot] = now + kEndNs;
}

void Worker::leave(Slot slot, std::int64_t now) {
  transport_->leave(slot);
  reopen(slot, ErrorKind::reset, now);
}

std::string Worker::connect_trouble(int error, std::string_view words) const {
  std::string trouble = transport_->trouble();
  if ((error == EPROTO || error == ECONNRESET) && !trouble.empty()) return trouble;
  if (!words.empty()) return std::string(words);
  if (error == EAGAIN) return "its row of waiting connections is full";
  if (error == 0) return "the server ended the connection at once";
  return errno_words(error);
}

// Also where no deadline has passed yet: otherwise the words on why there is no load had no reason in them.
std::string_view Worker::waiting_words(Link link) const {
  if (link == Link::upgrading) return "it was accepted, and then nothing came";
  return spec_.tls.is_used ? "it was not accepted, or shook no hands (TLS), in time" : "it was not accepted in time";
}

void Worker::note_unopened() {
  for (const Connection& connection : connections_) {
    const bool waits = connection.link == Link::upgrading || (connection.link == Link::connecting && spec_.tls.is_used);
    if (waits && !connection.was_opened && result_.remarks.connect.empty())
      result_.remarks.connect = waiting_words(connection.link);
  }
}

void Worker::fail_connect(Slot slot, std::int64_t now, int error, std::string_view words) {
  --connecting_;
  ++totals_.error(ErrorKind::connect);
  keep_example(ErrorKind::connect, 0, 0, {});
  if (result_.remarks.connect.empty()) result_.remarks.connect = connect_trouble(error, words);
  if (error != ETIMEDOUT && error != EAGAIN)
    refused_connects_.store(refused_connects_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (is_generating()) ++seconds_.current().errors;
  back_off(slot, now + kBackOffNs);
}

void Worker::note_refused(ParseError why, std::string_view bytes, std::size_t at) {
  const auto number = static_cast<std::size_t>(why);
  ++totals_.refused[number];
  if (result_.remarks.refused[number].empty()) result_.remarks.refused[number] = excerpt(bytes, at);
}

// Needed until the first redirect is told, and only where this may become one.
void Worker::keep_cut_head(Slot slot, bool begins) {
  const ResponseParser& parser = connections_[slot].parser;
  const int status = parser.head().status;  // or its first digits
  if (!parser.is_in_head() || (status >= 100 && status / 100 != 3) || !result_.remarks.redirect.empty()) return;
  cut_head_.piece(slot, begins, {came_, static_cast<std::size_t>(came_end_ - came_)});
}

void Worker::look_for_redirect(Slot slot, bool begins, const char* head_end) {
  const int status = connections_[slot].parser.head().status;
  if (status / 100 != 3) return cut_head_.abandon(slot);
  const std::string_view last(came_, static_cast<std::size_t>(head_end - came_));
  const std::optional<std::string_view> head = begins ? last : cut_head_.whole(slot, last);
  if (head && !expectation_at(slot).accepts_status(status)) note_redirect(status, location_in(*head));
}

void Worker::note_redirect(int status, std::string_view location) {
  if (!result_.remarks.redirect.empty()) return;
  result_.remarks.redirect =
      location.empty() ? fmt::format("{} without a Location", status) : fmt::format("{} to {}", status, location);
}

void Worker::on_open(Slot slot) {
  if (subscribers_.owns(slot)) return subscribers_.on_open(slot);
  if (!http2_.empty()) return begin_streams(slot);
  if (spec_.protocol == Protocol::websocket) return begin_upgrade(slot);
  become_open(slot, monotonic_ns());
}

void Worker::become_open(Slot slot, std::int64_t now) {
  Connection& connection = connections_[slot];
  --connecting_;
  if (!connection.was_opened) open_.store(open_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  connection.was_opened = true;
  connection.link = Link::open;
  connection.free_since_ns = wake_ns_;
  deadlines_ns_[slot] = kNever;
  put_to_use(slot, now);
  if (!http2_.empty()) flush_streams(slot);
}

void Worker::put_to_use(Slot slot, std::int64_t now) {
  Connection& connection = connections_[slot];
  if (spec_.open_loop ? queue_.empty() : !is_generating()) return idle_.push(slot);
  if (spec_.open_loop) {
    while (!queue_.empty() && has_room(connection)) send_requests(slot, 1, queue_.pop(), now);
    if (has_room(connection)) idle_.push(slot);
    return;
  }
  if (left_ <= 0) return idle_.push(slot);
  // Refilled when half empty: fewer and larger sends, and never a moment without a request in flight. HTTP/2 promises to keep its
  // streams in use, so there every place that is free.
  if (http2_.empty() ? connection.count > pipeline_ / 2 : !has_room(connection)) return;
  const std::uint32_t room = http2_.empty() ? pipeline_ : connection.room;
  const std::int64_t count = std::min<std::int64_t>(room - connection.count, left_);
  left_ -= count;
  send_requests(slot, static_cast<std::uint32_t>(count), now, now);
}

RequestSet::Drawn Worker::draw_request(std::uint32_t owner, char* buffer, bool last) {
  if (sessions_.empty()) return requests_.draw(source_, buffer, last);
  Session& session = sessions_[owner];
  if (session.step == 0) session.row = requests_.draw_row(source_);
  const RoundValues round{session.row, taken_.data() + owner * requests_.taken_names().size()};
  return requests_.draw_step(session.step, round, source_, buffer, last);
}

void Worker::end_step(std::uint32_t owner, bool is_good) {
  if (sessions_.empty()) return;
  Session& session = sessions_[owner];
  ++session.step;
  const bool is_last = session.step == requests_.size();
  if (is_good && is_last) ++totals_.rounds;
  if (!is_good || is_last) session = Session();
}

// The half that is free: with refills of at least half a pipeline, all requests in the older half are answered.
char* Worker::next_buffer(Slot slot) {
  if (!request_buffers_) return nullptr;
  Connection& connection = connections_[slot];
  connection.second_buffer = !connection.second_buffer;
  const std::size_t half = 2 * static_cast<std::size_t>(slot) + (connection.second_buffer ? 1 : 0);
  return request_buffers_.get() + half * buffer_bytes_;
}

void Worker::send_requests(Slot slot, std::uint32_t count, std::int64_t due_ns, std::int64_t now) {
  if (!http2_.empty()) return send_streams(slot, count, due_ns, now);
  Connection& connection = connections_[slot];
  char* const buffer = next_buffer(slot);
  CHECK(buffer != nullptr || pipeline_ == 1, "pipelined requests are put together in a buffer");
  const bool was_idle = connection.count == 0;
  connection.was_asked = true;
  std::string_view bytes;
  char* out = buffer;
  if (!websockets_.empty()) {
    std::string& pong = websockets_[slot].pong;
    out = std::copy(pong.begin(), pong.end(), out);
    pong.clear();
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    ++connection.sent;
    const RequestSet::Drawn drawn = draw_request(slot * pipeline_, out, is_used_up(connection));
    const std::uint32_t place = connection.first + connection.count;
    in_flight_[slot * pipeline_ + (place < pipeline_ ? place : place - pipeline_)] = {due_ns, now, drawn.index};
    ++connection.count;
    bytes = drawn.bytes;
    if (spec_.protocol == Protocol::sse) stamp(out + bytes.size(), due_ns);
    if (pipeline_ == 1 && out == buffer) break;
    if (bytes.data() != out) std::memcpy(out, bytes.data(), bytes.size());
    out += bytes.size();
  }
  if (out != buffer) bytes = {buffer, static_cast<std::size_t>(out - buffer)};
  in_flight_count_ += count;
  totals_.sent += count;
  totals_.bytes_out += static_cast<std::int64_t>(bytes.size());
  if (was_idle) watch_oldest(slot);
  if (spec_.open_loop) record_send(connection, due_ns, now);
  transport_->send(slot, bytes);
  if (spec_.open_loop) transport_->submit();  // when it is due, not when the answers that wait have been read
}

// A published message is the end of its request.
void Worker::stamp(char* end, std::int64_t due_ns) {
  const std::int64_t bytes = spec_.requests.front().body_bytes;
  write_stamp(end - bytes, {due_ns, ++published_, static_cast<std::uint16_t>(share_.number)});
  if (is_due_in_window(due_ns)) result_.deliveries.expected += spec_.subscribers;
}

void Worker::record_send(const Connection& connection, std::int64_t due_ns, std::int64_t now) {
  if (!is_due_in_window(due_ns)) return;
  // Waiting for a connection is the server's doing; only what lies behind the later of the two is our own lag.
  const std::int64_t lag = std::max<std::int64_t>(0, now - std::max(due_ns, connection.free_since_ns));
  result_.send_error.record(now - due_ns);
  result_.lag.record(lag);
  if (lag > interval_ns_) ++result_.late;
}

void Worker::watch_oldest(Slot slot) {
  Connection& connection = connections_[slot];
  const InFlight& oldest = in_flight_[slot * pipeline_ + connection.first];
  connection.parser.begin(requests_.expectation(oldest.request).to_head,
                          static_cast<std::uint64_t>(spec_.max_body_bytes));
  deadlines_ns_[slot] = oldest.sent_ns + spec_.timeout_ns;
}

InFlight Worker::pop_oldest(Slot slot) {
  Connection& connection = connections_[slot];
  const InFlight oldest = in_flight_[slot * pipeline_ + connection.first];
  if (++connection.first == pipeline_) connection.first = 0;
  --connection.count;
  --in_flight_count_;
  return oldest;
}

void Worker::on_bytes(Slot slot, std::string_view bytes) {
  using Event = ResponseParser::Event;
  const std::string_view all = bytes;
  if (spec_.protocol != Protocol::http1) {
    if (spec_.protocol == Protocol::websocket) return on_frames(slot, bytes);
    if (spec_.protocol == Protocol::http2) return on_streams(slot, bytes);
    if (subscribers_.owns(slot)) {
      totals_.bytes_in += static_cast<std::int64_t>(bytes.size());
      const ParseError why = subscribers_.on_bytes(slot, bytes, monotonic_ns());
      if (why != ParseError::none) note_refused(why, all, all.size() - bytes.size());
      return;
    }
  }
  Connection& connection = connections_[slot];
  const std::int64_t now = monotonic_ns();
  came_ = bytes.data();  // of an answer that has begun before, the rest
  came_end_ = came_ + bytes.size();
  totals_.bytes_in += static_cast<std::int64_t>(bytes.size());
  while (connection.count != 0) {
    HeaderMemo& memo = memo_at(slot);
    if (const std::optional<std::uint64_t> body_bytes = take_whole(slot, memo, bytes)) {
      const bool more_bytes = !bytes.empty() && connection.count == 1;
      if (!finish_answer(slot, {memo.head().status, *body_bytes, memo.head().keep_alive, more_bytes}, now)) return;
      continue;
    }
    const bool begins = !connection.parser.has_begun();
    if (begins && !bytes.empty()) begin_keeping(slot, expectation_at(slot));
    const Event event = connection.parser.next(bytes, memo);
    if (event == Event::need_more) {
      keep_cut_head(slot, begins);
      keep_cut_answer(slot);
      break;
    }
    if (event == Event::error) {
      note_refused(connection.parser.error(), all, all.size() - bytes.size());
      return drop_connection(slot, ErrorKind::bad_framing, now);
    }
    if (event == Event::head) {
      look_for_redirect(slot, begins, bytes.data());
      if (keeper_.is_running_for(slot)) keeper_.add_head(slot, {came_, static_cast<std::size_t>(bytes.data() - came_)});
      const Expectation& expectation = expectation_at(slot);
      if (!expectation.to_head && expectation.accepts_status(connection.parser.head().status))
        body_check_.begin(slot, expectation);
    } else if (event == Event::body) {
      take_piece(slot);
    } else {
      const ResponseParser& parser = connection.parser;
      const bool more_bytes = !bytes.empty() && connection.count == 1;
      if (!finish_answer(slot, {parser.head().status, parser.body_bytes(), parser.keep_alive(), more_bytes}, now))
        return;
    }
  }
  if (connection.count == 0 && !bytes.empty()) {
    ++totals_.stray;
    return drop_connection(slot, ErrorKind::bad_framing, now);
  }
  after_bytes(slot, now);
}

// Nearly every answer has the header block of the one before and lies whole in what was read: then its parser has nothing to do,
// which is most of what an answer costs here when they are pipelined.
std::optional<std::uint64_t> Worker::take_whole(Slot slot, const HeaderMemo& memo, std::string_view& bytes) {
  if (connections_[slot].parser.has_begun()) return {};
  came_ = bytes.data();
  const Expectation& expectation = expectation_at(slot);
  if (expectation.to_head) return {};
  const std::optional<std::string_view> body = memo.whole_body(bytes);
  if (!body) return {};
  bytes.remove_prefix(memo.size() + body->size());
  if (!expectation.accepts_status(memo.head().status)) {
    unexpected_.piece(slot, 0, *body);
  } else {
    if (body_check_.begin(slot, expectation)) body_check_.piece(*body);
    if (begin_keeping(slot, expectation)) {
      keeper_.add_head(slot, {came_, memo.size()});
      keeper_.add_body(slot, *body);
    }
  }
  return body->size();
}

bool Worker::begin_keeping(std::uint32_t owner, const Expectation& expectation) {
  return expectation.rules != nullptr && keeper_.begin(owner, *expectation.rules);
}

void Worker::keep_cut_answer(Slot slot) {
  if (!keeper_.is_running_for(slot)) return;
  if (connections_[slot].parser.is_in_head())
    keeper_.add_head(slot, {came_, static_cast<std::size_t>(came_end_ - came_)});
  keeper_.settle(slot);
}

void Worker::take_piece(Slot slot) {
  const ResponseParser& parser = connections_[slot].parser;
  if (keeper_.is_running_for(slot)) keeper_.add_body(slot, parser.piece());
  if (body_check_.is_running_for(slot)) body_check_.piece(parser.piece());
  else if (!expectation_at(slot).accepts_status(parser.head().status))
    unexpected_.piece(slot, parser.body_bytes() - parser.piece().size(), parser.piece());
}

void Worker::after_bytes(Slot slot, std::int64_t now) {
  Connection& connection = connections_[slot];
  if (connection.count <= pipeline_ / 2 || !http2_.empty()) {
    connection.free_since_ns = wake_ns_;
    put_to_use(slot, now);
  }
  if (spec_.open_loop && pacer_.due_ns() <= now) dispatch_due(now);  // not only after the whole batch of events
}

bool Worker::finish_answer(Slot slot, const Ended& ended, std::int64_t now) {
  Connection& connection = connections_[slot];
  const InFlight done = pop_oldest(slot);
  connection.has_answered = connection.is_fruitful = true;
  judge(done, slot, ended, now);
  if (ended.more_bytes) {
    drop_connection(slot, ErrorKind::reset, now);
    return false;
  }
  if (!ended.keep_alive || is_used_up(connection)) {
    fail_all(slot, ErrorKind::reset);  // what was pipelined behind a last answer
    await_end(slot, now);
    return false;
  }
  deadlines_ns_[slot] = kNever;
  if (connection.count != 0) watch_oldest(slot);
  return true;
}

void Worker::fail_all(Slot slot, ErrorKind kind) {
  for (std::uint32_t place = 0; !http2_.empty() && place < pipeline_; ++place) {
    InFlight& one = in_flight_[slot * pipeline_ + place];
    if (one.sent_ns == 0) continue;
    if (body_check_.is_running_for(slot * pipeline_ + place)) body_check_.abandon();
    keeper_.end(slot * pipeline_ + place);
    const InFlight failed = std::exchange(one, InFlight());
    --connections_[slot].count;
    --in_flight_count_;
    fail_one(failed, kind);
    end_step(slot * pipeline_ + place, false);
  }
  while (connections_[slot].count != 0) {
    fail_one(pop_oldest(slot), kind);
    end_step(slot, false);
  }
}

void Worker::drop_connection(Slot slot, ErrorKind kind, std::int64_t now) {
  if (body_check_.is_running_for(slot)) body_check_.abandon();
  if (http2_.empty()) keeper_.end(slot);
  cut_head_.abandon(slot);
  if (connections_[slot].count == 0) transport_->leave(slot);
  fail_all(slot, kind);
  transport_->close(slot);
  reopen(slot, kind, now);
}

void Worker::on_end(Slot slot, int error) {
  const std::int64_t now = monotonic_ns();
  if (subscribers_.owns(slot)) return subscribers_.on_end(slot, now);
  came_ = came_end_ = nullptr;
  end_error_ = error;
  Connection& connection = connections_[slot];
  if (connection.link == Link::connecting || connection.link == Link::upgrading) return fail_connect(slot, now, error);
  if (connection.link == Link::ending) missed_ends_ = 0;
  if (connection.count == 0) return drop_connection(slot, ErrorKind::reset, now);  // ended while idle: nothing was lost
  ErrorKind kind = ErrorKind::reset;
  if (error == 0 && connection.parser.has_begun()) {
    // An answer without a length ends with its connection; any other was cut off.
    if (connection.parser.end_of_input() == ResponseParser::Event::complete) {
      const ResponseParser& parser = connection.parser;
      finish_answer(slot, {parser.head().status, parser.body_bytes(), false}, now);
      return drop_connection(slot, ErrorKind::reset, now);
    }
    kind = ErrorKind::bad_framing;
    note_refused(connection.parser.error(), {}, 0);
  }
  drop_connection(slot, kind, now);
}

// What is late was not there when the sockets were last looked at: what came while this thread did something else, or nothing, waits
// to be read, and is no fault of the server.
void Worker::scan_deadlines(std::int64_t now) {
  next_scan_ns_ = now + kScanEveryNs;
  came_ = came_end_ = nullptr;
  end_error_ = 0;
  open_next(now);
  if (!subscribers_.is_empty()) subscribers_.scan_deadlines(now);
  for (Slot slot = 0; slot < deadlines_ns_.size(); ++slot) {
    if (deadlines_ns_[slot] > looked_ns_) continue;
    Connection& connection = connections_[slot];
    if (connection.link == Link::backing_off) {
      open_slot(slot, now);
    } else if (connection.link == Link::connecting || connection.link == Link::upgrading) {
      const std::string_view words = waiting_words(connection.link);
      transport_->close(slot);
      fail_connect(slot, now, ETIMEDOUT, words);
    } else if (connection.link == Link::ending) {
      // Those of one moment count once: a server that stalls has not left them to us.
      if (now - missed_at_ns_ >= kEndNs) ++missed_ends_;
      missed_at_ns_ = now;
      leave(slot, now);
    } else if (http2_.empty() || has_late_stream(slot)) {
      drop_connection(slot, ErrorKind::timeout, now);
    }
  }
}

}  // namespace dyno::loadgen

// What a worker does on its connections when they speak HTTP/2: streams instead of a row of requests, answers in any order.
#include <algorithm>
#include <utility>

#include "runners/load/remarks.h"
#include "runners/load/worker.h"

namespace dyno::loadgen {
namespace {

bool has_session(const Connection& connection) {
  return connection.link == Link::open || connection.link == Link::upgrading;
}

}  // namespace

void Worker::begin_streams(Slot slot) {
  http2_[slot].begin();
  connections_[slot].link = Link::upgrading;  // its deadline is still that of the connect
  connections_[slot].room = 0;
  flush_streams(slot);
}

void Worker::await_settings(Slot slot, bool good, std::int64_t now) {
  const Http2Session& session = http2_[slot].session;
  flush_streams(slot);
  const bool speaks = good && session.is_alive();
  if (!speaks || session.is_ending()) {
    transport_->close(slot);
    return fail_connect(slot, now, 0, speaks ? "it says goodbye at once" : "it does not speak HTTP/2");
  }
  make_room(slot);
  if (connections_[slot].room > 0) become_open(slot, now);
}

void Worker::make_room(Slot slot) {
  const Http2Session& session = http2_[slot].session;
  const std::uint32_t allowed = session.streams_allowed();
  connections_[slot].room = session.is_ending() ? 0 : std::min(pipeline_, allowed);
  if (allowed != 0) result_.remarks.streams_allowed = std::min(result_.remarks.streams_allowed, allowed);
}

void Worker::send_streams(Slot slot, std::uint32_t count, std::int64_t due_ns, std::int64_t now) {
  Connection& connection = connections_[slot];
  connection.was_asked = true;
  for (std::uint32_t i = 0; i < count; ++i) {
    // The place after the one used last is free but for answers out of order.
    while (in_flight_[slot * pipeline_ + connection.first].sent_ns != 0)
      connection.first = (connection.first + 1) % pipeline_;
    const std::uint32_t place = connection.first;
    const std::uint32_t at = slot * pipeline_ + place;
    const RequestSet::Drawn drawn =
        draw_request(at, request_buffers_ ? request_buffers_.get() + at * buffer_bytes_ : nullptr, false);
    in_flight_[at] = {due_ns, now, drawn.index};
    answers_[at] = {};
    ++connection.sent;
    ++connection.count;
    ++in_flight_count_;
    ++totals_.sent;
    if (spec_.open_loop) record_send(connection, due_ns, now);
    if (deadlines_ns_[slot] == kNever) deadlines_ns_[slot] = now + spec_.timeout_ns;
    if (http2_[slot].session.submit(requests_.http2(drawn.index), drawn.bytes, source_.fields.data(), drawn.body,
                                    place))
      continue;
    const InFlight refused = std::exchange(in_flight_[at], InFlight());
    --connection.count;
    --in_flight_count_;
    fail_one(refused, ErrorKind::reset);
    end_step(at, false);
  }
  flush_streams(slot);
}

void Worker::flush_streams(Slot slot) {
  Http2End& end = http2_[slot];
  std::string& half = end.out[static_cast<std::size_t>(end.filling)];
  http2_slot_ = slot;
  end.session.take_output(half, *this);
  // While the half before is still on its way this one grows; on_sent tries again.
  if (half.empty() || !transport_->has_sent(slot) || !has_session(connections_[slot])) return;
  totals_.bytes_out += static_cast<std::int64_t>(half.size());
  end.filling ^= 1;
  end.out[static_cast<std::size_t>(end.filling)].clear();
  transport_->send(slot, half);
  if (spec_.open_loop) transport_->submit();
}

void Worker::on_streams(Slot slot, std::string_view bytes) {
  const std::int64_t now = monotonic_ns();
  totals_.bytes_in += static_cast<std::int64_t>(bytes.size());
  http2_slot_ = slot;
  http2_now_ = now;
  came_ = came_end_ = nullptr;
  end_error_ = 0;
  Connection& connection = connections_[slot];
  Http2Session& session = http2_[slot].session;
  const bool good = session.feed(bytes, *this);
  if (connection.link == Link::upgrading) return await_settings(slot, good, now);
  if (!good) return drop_connection(slot, ErrorKind::bad_framing, now);
  make_room(slot);
  if (connection.count == 0) deadlines_ns_[slot] = kNever;
  if (!session.is_ending()) after_bytes(slot, now);
  const std::uint32_t before = connection.count;
  flush_streams(slot);
  if (connection.count < before && !session.is_ending())
    after_bytes(slot, now);  // what we gave up ended as it went out
  leave_if_told(slot, now);
}

void Worker::on_sent(Slot slot) {
  if (http2_.empty() || !has_session(connections_[slot])) return;
  flush_streams(slot);
  leave_if_told(slot, monotonic_ns());
}

void Worker::leave_if_told(Slot slot, std::int64_t now) {
  if (connections_[slot].count == 0 && http2_[slot].session.is_ending()) drop_connection(slot, ErrorKind::reset, now);
}

void Worker::on_head(std::uint32_t place, int status) {
  const std::uint32_t at = http2_slot_ * pipeline_ + place;
  answers_[at].status = status;
  const Expectation& expectation = requests_.expectation(in_flight_[at].request);
  answers_[at].is_unexpected = !expectation.accepts_status(status);
  if (answers_[at].is_unexpected) return;
  if (!expectation.to_head) body_check_.begin(at, expectation);
  begin_keeping(at, expectation);
}

bool Worker::on_body(std::uint32_t place, std::string_view piece) {
  const std::uint32_t at = http2_slot_ * pipeline_ + place;
  if (answers_[at].is_unexpected) unexpected_.piece(at, answers_[at].body_bytes, piece);
  const auto most = static_cast<std::uint64_t>(spec_.max_body_bytes);
  const bool was_too_long = answers_[at].body_bytes > most;
  answers_[at].body_bytes += piece.size();
  if (body_check_.is_running_for(at)) body_check_.piece(piece);
  if (keeper_.is_running_for(at)) {
    keeper_.add_body(at, piece);
    keeper_.settle(at);  // whatever nghttp2 does with it next
  }
  if (was_too_long || answers_[at].body_bytes <= most) return true;
  note_refused(ParseError::body_too_large, piece, 0);
  return false;
}

void Worker::on_field(std::uint32_t place, std::string_view name, std::string_view value) {
  const std::uint32_t at = http2_slot_ * pipeline_ + place;
  if (keeper_.is_running_for(at)) {
    field_.assign(name).append(": ").append(value).append("\r\n");
    keeper_.add_head(at, field_);
    keeper_.settle(at);
  }
  const Http2Answer& answer = answers_[at];
  if (name == "location" && answer.status / 100 == 3 && answer.is_unexpected)
    note_redirect(answer.status, visible_location(value));
}

void Worker::on_answer(std::uint32_t place, StreamEnd end) {
  const std::uint32_t at = http2_slot_ * pipeline_ + place;
  Connection& connection = connections_[http2_slot_];
  const InFlight done = std::exchange(in_flight_[at], InFlight());
  --connection.count;
  --in_flight_count_;
  connection.has_answered = connection.has_answered || end != StreamEnd::not_taken;
  if (end == StreamEnd::whole) {
    connection.is_fruitful = true;
    if (answers_[at].status / 100 == 3 && answers_[at].is_unexpected) note_redirect(answers_[at].status, {});
    Ended ended;
    ended.status = answers_[at].status;
    ended.body_bytes = answers_[at].body_bytes;
    return judge(done, at, ended, http2_now_);
  }
  if (body_check_.is_running_for(at)) body_check_.abandon();
  keeper_.end(at);
  // A server that takes nothing at all is no better on the next connection.
  if (end == StreamEnd::not_taken && (connection.is_fruitful || connection.fruitless == 0)) return take_back(done);
  const bool is_too_long = answers_[at].body_bytes > static_cast<std::uint64_t>(spec_.max_body_bytes);
  fail_one(done, is_too_long ? ErrorKind::bad_framing : ErrorKind::reset);
  end_step(at, false);
}

// No server has seen it: as if it had never been sent. It is due since it was.
void Worker::take_back(const InFlight& request) {
  // Behind the window of a closed loop nothing is sent any more.
  if (!spec_.open_loop && !is_generating()) return fail_one(request, ErrorKind::reset);
  --totals_.sent;
  ++totals_.resent;
  if (!spec_.open_loop) ++left_;
  else if (!queue_.push(request.due_ns)) fail_one({request.due_ns, 0, 0}, ErrorKind::dropped);
}

// The deadline of a connection is that of a stream which may be done by now: look for the oldest that is not.
bool Worker::has_late_stream(Slot slot) {
  std::int64_t oldest = kNever;
  for (std::uint32_t place = 0; place < pipeline_; ++place) {
    const std::int64_t sent = in_flight_[slot * pipeline_ + place].sent_ns;
    if (sent != 0) oldest = std::min(oldest, sent);
  }
  deadlines_ns_[slot] = oldest == kNever ? kNever : oldest + spec_.timeout_ns;
  return deadlines_ns_[slot] <= looked_ns_;
}

}  // namespace dyno::loadgen

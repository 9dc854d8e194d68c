// What a worker does on its connections when they are WebSockets: the upgrade, the frames, pongs.
#include "base/check.h"
#include "runners/load/remarks.h"
#include "runners/load/websocket/frames.h"
#include "runners/load/worker.h"

namespace dyno::loadgen {

void Worker::begin_upgrade(Slot slot) {
  WebSocketEnd& end = websockets_[slot];
  end.upgrade.begin(has_header(spec_.stream.headers, "Sec-WebSocket-Protocol"));
  end.frames = FrameReader(static_cast<std::uint64_t>(spec_.max_body_bytes));
  end.pong.clear();
  connections_[slot].link = Link::upgrading;  // its deadline is still that of the connect
  transport_->send(slot, stream_.draw(source_, nullptr).bytes);
}

bool Worker::take_upgrade(Slot slot, std::string_view& bytes, std::int64_t now) {
  WebSocketEnd& end = websockets_[slot];
  switch (end.upgrade.next(bytes)) {
    case UpgradeReader::Event::need_more: return false;
    case UpgradeReader::Event::refused:
      transport_->close(slot);
      fail_connect(slot, now, 0,
                   "it did not agree to the upgrade: \"" + excerpt(end.upgrade.head(), 0) + "\"" +
                       pointing_words(end.upgrade.head()));
      return false;
    case UpgradeReader::Event::accepted: become_open(slot, now); return !bytes.empty();
  }
  return false;
}

void Worker::on_frames(Slot slot, std::string_view bytes) {
  using Event = FrameReader::Event;
  const std::int64_t now = monotonic_ns();
  totals_.bytes_in += static_cast<std::int64_t>(bytes.size());
  const std::string_view all = bytes;
  came_ = bytes.data();
  came_end_ = came_ + bytes.size();
  end_error_ = 0;
  if (connections_[slot].link == Link::upgrading && !take_upgrade(slot, bytes, now)) return;
  WebSocketEnd& end = websockets_[slot];
  for (Event event = end.frames.next(bytes); event != Event::need_more; event = end.frames.next(bytes)) {
    switch (event) {
      case Event::head:
        if (connections_[slot].count == 0) break;
        body_check_.begin(slot, expectation_at(slot));
        begin_keeping(slot, expectation_at(slot));
        break;
      case Event::piece:
        if (body_check_.is_running_for(slot)) body_check_.piece(end.frames.piece());
        if (keeper_.is_running_for(slot)) keeper_.add_body(slot, end.frames.piece());
        break;
      case Event::message:
        if (!take_message(slot, now)) return;
        break;
      case Event::ping: {
        end.pong.resize(kMaxFrameHeader + end.frames.ping().size());
        char* const last = write_frame(end.pong.data(), Opcode::pong, end.frames.ping(), 0x9d3c51e7);
        end.pong.resize(static_cast<std::size_t>(last - end.pong.data()));
        break;
      }
      case Event::closed: return drop_connection(slot, ErrorKind::reset, now);
      case Event::error:
        if (end.frames.is_too_long()) note_refused(ParseError::body_too_large, all, all.size() - bytes.size());
        return drop_connection(slot, ErrorKind::bad_framing, now);
      case Event::need_more: break;
    }
  }
  if (keeper_.is_running_for(slot)) keeper_.settle(slot);
  after_bytes(slot, now);
  // With messages under way a pong travels in front of the next one; without, nothing is being sent, and it goes alone.
  if (end.pong.empty() || connections_[slot].count != 0 || connections_[slot].link != Link::open) return;
  char* const buffer = next_buffer(slot);
  std::copy(end.pong.begin(), end.pong.end(), buffer);
  transport_->send(slot, {buffer, end.pong.size()});
  end.pong.clear();
}

bool Worker::take_message(Slot slot, std::int64_t now) {
  const FrameReader& frames = websockets_[slot].frames;
  if (connections_[slot].count == 0) {
    ++totals_.stray;
    drop_connection(slot, ErrorKind::bad_framing, now);
    return false;
  }
  const Expectation& expectation = expectation_at(slot);
  const Opcode wanted = expectation.is_binary ? Opcode::binary : Opcode::text;
  Ended ended;
  ended.status = expectation.status == 0 ? 200 : expectation.status;
  if (!expectation.statuses.empty()) ended.status = expectation.statuses.front().from;  // messages have none
  ended.body_bytes = frames.message_bytes();
  ended.is_good = frames.opcode() == wanted;
  return finish_answer(slot, ended, now);
}

}  // namespace dyno::loadgen

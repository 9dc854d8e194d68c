#include "runners/load/subscribers.h"

#include <fmt/format.h>

#include "runners/load/remarks.h"
#include "runners/load/sse/stamp.h"

namespace dyno::loadgen {
namespace {

constexpr int kConnectingAtOnce = 128;  // below the usual listen backlog, or the kernel's retries take a second
constexpr std::int64_t kBackOffNs = 50'000'000;  // after a refusal: a dead server is not to be hammered

// The one request of the set, which holds nothing drawn.
std::string_view only_request(const RequestSet& set) {
  DrawSource none(0);
  return set.draw(none, nullptr).bytes;
}

}  // namespace

Subscribers::Subscribers(const LoadSpec& spec, const RequestSet& stream, const WorkerShare& share, const Edges& edges,
                         Transport& transport)
    : timeout_ns_(spec.timeout_ns),
      max_event_bytes_(static_cast<std::size_t>(spec.max_body_bytes)),
      message_bytes_(static_cast<std::size_t>(spec.requests.front().body_bytes)),
      request_(only_request(stream)),
      first_(static_cast<Slot>(share.connections)),
      publishers_(static_cast<std::size_t>(share.workers)),
      edges_(edges),
      transport_(transport),
      streams_(static_cast<std::size_t>(share.subscribers)),
      seen_(streams_.size() * publishers_) {}

void Subscribers::connect(std::int64_t now) {
  if (open_ + connecting_ == static_cast<int>(streams_.size())) return;
  for (Slot i = 0; i < streams_.size() && connecting_ < kConnectingAtOnce; ++i) {
    Stream& one = streams_[i];
    const bool is_due = one.link == Link::closed || (one.link == Link::backing_off && one.deadline_ns <= now);
    if (!is_due) continue;
    one.link = Link::connecting;
    one.has_spoken = false;
    one.deadline_ns = now + timeout_ns_;
    one.parser.begin(false, kAnyBodyBytes);
    one.events.begin(max_event_bytes_);
    ++connecting_;
    transport_.open(first_ + i);
  }
}

void Subscribers::on_open(Slot slot) {
  stream(slot).link = Link::subscribing;
  transport_.send(slot, request_);
}

ParseError Subscribers::on_bytes(Slot slot, std::string_view& bytes, std::int64_t now) {
  using Event = ResponseParser::Event;
  const std::string_view all = bytes;
  const ResponseParser& parser = stream(slot).parser;
  ParseError why = ParseError::none;
  while (true) {
    const Event event = stream(slot).parser.next(bytes, memo_);
    if (event == Event::need_more) return ParseError::none;
    if (event == Event::head) {
      if (!take_head(slot, all.substr(0, all.size() - bytes.size()), now)) return ParseError::none;
      continue;
    }
    if (event == Event::body) {
      if (take_body(slot, parser.piece(), now)) continue;
      why = ParseError::body_too_large;
    } else if (event == Event::error) {
      why = parser.error();
    }
    transport_.close(slot);
    lose(slot, now,
         event == Event::complete ? "its answer to a subscriber ended without an event"
                                  : "what it sent a subscriber is no answer");
    return why;
  }
}

bool Subscribers::take_head(Slot slot, std::string_view head, std::int64_t now) {
  Stream& one = stream(slot);
  const int status = one.parser.head().status;
  if (status != 200) {
    transport_.close(slot);
    lose(slot, now, fmt::format("it answered a subscriber with {}{}", status, pointing_words(head)));
    return false;
  }
  one.link = Link::open;
  one.deadline_ns = kNever;
  --connecting_;
  ++open_;
  return true;
}

bool Subscribers::take_body(Slot slot, std::string_view bytes, std::int64_t now) {
  while (true) {
    switch (stream(slot).events.next(bytes)) {
      case EventReader::Event::need_more: return true;
      case EventReader::Event::data: take_event(slot, stream(slot).events.data(), now); break;
      case EventReader::Event::too_long: return false;
    }
  }
}

void Subscribers::take_event(Slot slot, std::string_view data, std::int64_t now) {
  stream(slot).has_spoken = true;
  const auto stamp = read_stamp(data, message_bytes_);
  if (!stamp || stamp->publisher >= publishers_) {
    if (in_window_) ++deliveries_.bad;
    return;
  }
  // By the time it was due, as for every open loop: a message belongs to the window whenever it arrives.
  const bool measured = stamp->due_ns >= edges_.begin_ns.load(std::memory_order_relaxed) &&
                        stamp->due_ns < edges_.end_ns.load(std::memory_order_relaxed);
  const bool is_new = seen_[(slot - first_) * publishers_ + stamp->publisher].take(stamp->number);
  if (!measured) return;
  if (!is_new) {
    ++deliveries_.doubled;
    return;
  }
  ++deliveries_.good;
  if (in_window_) ++deliveries_.in_window;
  delays_.record(now - stamp->due_ns);
}

void Subscribers::lose(Slot slot, std::int64_t now, const std::string& why) {
  Stream& one = stream(slot);
  if (one.link == Link::open) {
    --open_;
    if (in_window_) ++deliveries_.lost_streams;
  } else {
    --connecting_;
  }
  if (!one.has_spoken) {  // a page, which any server answers with 200, is no stream
    ++refused_;
    if (refusal_.empty()) refusal_ = why;
  }
  one.link = Link::backing_off;
  one.deadline_ns = now + kBackOffNs;
}

void Subscribers::on_end(Slot slot, std::int64_t now) { lose(slot, now, "it ended the connection of a subscriber"); }

void Subscribers::scan_deadlines(std::int64_t now) {
  for (Slot i = 0; i < streams_.size(); ++i) {
    const Link link = streams_[i].link;
    if (streams_[i].deadline_ns > now || (link != Link::connecting && link != Link::subscribing)) continue;
    transport_.close(first_ + i);
    lose(first_ + i, now, "a subscriber got no answer");
  }
  connect(now);
}

}  // namespace dyno::loadgen

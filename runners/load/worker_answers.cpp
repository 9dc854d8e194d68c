// What becomes of a request: whether its answer is a good one, and what is counted and kept of it, of one that failed and of one that
// was never answered.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "runners/load/worker.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kKeptOfBadBody = 512;

}  // namespace

void Worker::judge(const InFlight& done, std::uint32_t owner, const Ended& ended, std::int64_t now) {
  const Expectation& expectation = requests_.expectation(done.request);
  statuses_.count(ended.status);
  const bool is_compared = body_check_.is_running_for(owner);
  const bool is_kept = expectation.rules != nullptr && keeper_.is_running_for(owner);
  const bool body_good = body_is_good(done, owner, expectation, ended);
  bool is_good = false;
  if (!expectation.accepts_status(ended.status)) {
    if (ended.status / 100 == 3) ++totals_.redirects;
    fail_one(done, ErrorKind::bad_status, ended.status,
             ended.body_bytes > 0 ? unexpected_.of(owner) : std::string_view());
  } else if (ended.more_bytes) {
    fail_one(done, ErrorKind::bad_framing, ended.status);  // longer than it promised
  } else if (!body_good) {
    fail_one(done, ErrorKind::bad_body, ended.status, is_compared ? body_check_.captured() : std::string_view());
  } else if (!is_kept || rules_are_kept(done, owner, ended)) {
    record_good(done, now);
    is_good = true;
  }
  if (is_kept) keeper_.end(owner);
  if (!sessions_.empty()) end_step(owner, is_good);
}

bool Worker::body_is_good(const InFlight& done, std::uint32_t owner, const Expectation& expectation,
                          const Ended& ended) {
  const bool checked = body_check_.is_running_for(owner);
  if (checked) ++totals_.bodies_checked;
  const bool equal = !checked || body_check_.end();
  const bool length_good = expectation.to_head || expectation.accepts_length(ended.body_bytes);
  if (equal && length_good && ended.is_good) return true;
  if (!expectation.accepts_status(ended.status)) return false;
  if (BadBody* const bad = keep_bad_body(result_.bad_bodies, done.request, -1))
    bad->bytes = checked ? body_check_.captured() : fmt::format("(not kept; {} bytes)", ended.body_bytes);
  return false;
}

bool Worker::rules_are_kept(const InFlight& done, std::uint32_t owner, const Ended& ended) {
  const AnswerRules& rules = *requests_.expectation(done.request).rules;
  const SeenAnswer seen = keeper_.seen(owner);
  scratch_.begin();
  if (rules.has_rules() && keeper_.is_sample(owner) && keeper_.is_whole(owner)) {
    ++totals_.bodies_checked;
    if (const std::optional<std::size_t> rule = rules.broken(seen, scratch_)) {
      if (BadBody* const bad = keep_bad_body(result_.bad_bodies, done.request, static_cast<std::int64_t>(*rule))) {
        bad->why = rules.words(*rule, seen, scratch_);
        bad->bytes = seen.body.substr(0, kKeptOfBadBody);
      }
      fail_one(done, ErrorKind::bad_body, ended.status, seen.body);
      return false;
    }
  }
  return sessions_.empty() || takes_are_there(done, owner, seen, ended.status);
}

bool Worker::takes_are_there(const InFlight& done, std::uint32_t owner, const SeenAnswer& seen, int status) {
  const AnswerRules& rules = *requests_.expectation(done.request).rules;
  std::string* const values = taken_.data() + owner * requests_.taken_names().size();
  for (std::size_t i = 0; i < rules.takes(); ++i) {
    const std::size_t name = requests_.taken_by(done.request, i);
    const bool is_there = keeper_.is_whole(owner) && rules.take_into(values[name], i, seen, scratch_);
    if (is_there && requests_.may_send(name, values[name])) continue;
    if (BadBody* const bad = keep_bad_body(result_.bad_bodies, done.request, -1, rules.take(i).name)) {
      bad->why = fmt::format("step {}: {}", done.request + 1, missing_words(rules.take(i), is_there));
      bad->bytes = seen.body.substr(0, kKeptOfBadBody);
    }
    fail_one(done, ErrorKind::bad_body, status, seen.body);
    return false;
  }
  return true;
}

void Worker::record_good(const InFlight& done, std::int64_t now) {
  ++totals_.good;
  good_so_far_.store(good_so_far_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  const std::int64_t service = now - done.sent_ns;
  const std::int64_t response = now - done.due_ns;
  if (is_generating()) {
    Second& second = seconds_.current();
    ++second.good;
    second.times.record(spec_.open_loop ? response : service);
  } else if (was_sent_before_the_end(done)) {
    ++result_.answered_late;
  }
  if (!is_measured(done.due_ns)) return;
  result_.service.record(service);
  result_.service_sum_ns += service;
  if (!spec_.open_loop) return;
  result_.response.record(response);
  --measured_open_;
}

void Worker::fail_one(const InFlight& failed, ErrorKind kind, int status, std::string_view body) {
  ++totals_.error(kind);
  if (stage_ == Stage::measuring) keep_example(kind, failed.request, status, body);
  if (stage_ == Stage::draining && status != 0 && was_sent_before_the_end(failed)) ++result_.answered_late;
  if (is_generating()) ++seconds_.current().errors;
  if (kind != ErrorKind::dropped && is_due_in_window(failed.due_ns)) result_.deliveries.expected -= spec_.subscribers;
  if (!is_measured(failed.due_ns)) return;
  if (spec_.open_loop) --measured_open_;
  if (kind == ErrorKind::timeout) {
    // Streams end with their connection, whose oldest it was that waited too long: the younger ones prove nothing.
    const std::int64_t waited_ns = std::min(monotonic_ns() - failed.sent_ns, spec_.timeout_ns);
    if (http2_.empty() || waited_ns == spec_.timeout_ns) record_unanswered(failed, failed.sent_ns + waited_ns);
  } else if (kind == ErrorKind::reset && stage_ == Stage::draining) {
    record_unanswered(failed, drain_until_ns_);  // as if the server had not given up before
  }
}

// The first of its kind. What a person looks for is the body; where there is none, or no answer that could be read, all of it.
void Worker::keep_example(ErrorKind kind, std::uint32_t request, int status, std::string_view body) {
  ErrorExample& example = result_.examples[static_cast<std::size_t>(kind)];
  if (example.is_known) return;
  example.is_known = true;
  example.request = request;
  example.status = status;
  if (kind == ErrorKind::connect || kind == ErrorKind::reset) example.error = end_error_;
  if (!body.empty()) return example.keep_bytes(body);
  if (kind == ErrorKind::timeout || kind == ErrorKind::reset || kind == ErrorKind::bad_status) return;
  const std::string_view came(came_, static_cast<std::size_t>(came_end_ - came_));
  if (kind == ErrorKind::bad_body && came.empty())
    return example.keep_bytes(result_.bad_bodies.empty() ? "" : result_.bad_bodies.back().bytes);
  if (came.empty()) return;
  const std::size_t head_end = status != 0 ? came.find("\r\n\r\n") : std::string_view::npos;
  example.keep_bytes(head_end == std::string_view::npos ? came : came.substr(head_end + 4));
}

// Its service time counts where it was sent before the window's end: what was sent later had less time to be answered in.
void Worker::record_unanswered(const InFlight& waiting, std::int64_t until_ns) {
  ++result_.unanswered;
  const auto record = [&](stats::Histogram& times, std::int64_t since_ns) {
    times.record(until_ns - since_ns);
    result_.waited_least_ns = std::min(result_.waited_least_ns, until_ns - since_ns);
  };
  if (spec_.open_loop) record(result_.response, waiting.due_ns);
  if (waiting.sent_ns == 0 || !was_sent_before_the_end(waiting)) return;
  record(result_.service, waiting.sent_ns);
  result_.service_sum_ns += until_ns - waiting.sent_ns;
}

void Worker::count_unanswered() {
  for (Slot slot = 0; slot < connections_.size(); ++slot) {
    const Connection& connection = connections_[slot];
    // Streams lie in any of their places, other requests one after the other in their ring.
    for (std::uint32_t i = 0; i < (http2_.empty() ? connection.count : pipeline_); ++i) {
      const InFlight& one = in_flight_[slot * pipeline_ + (http2_.empty() ? (connection.first + i) % pipeline_ : i)];
      if (one.sent_ns != 0 && is_measured(one.due_ns)) record_unanswered(one, drain_until_ns_);
    }
  }
  while (!queue_.empty()) {
    const std::int64_t due = queue_.pop();
    if (is_measured(due)) record_unanswered({due, 0, 0}, drain_until_ns_);
  }
}

void Worker::count_unserved() {
  for (const Connection& connection : connections_) {
    if (connection.was_asked) ++result_.connections_asked;
    if (connection.was_asked && !connection.has_answered) ++result_.connections_unserved;
  }
}

}  // namespace dyno::loadgen

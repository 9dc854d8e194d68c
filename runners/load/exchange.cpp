#include "runners/load/modes.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "runners/load/clock.h"
#include "runners/load/load_spec.h"
#include "runners/load/place.h"
#include "runners/load/plain_connection.h"
#include "runners/load/plain_stream.h"
#include "runners/load/protocol_io.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMaxAwaited = 64 * 1024 * 1024;

struct ExchangeSpec {
  std::vector<std::string> pieces;
  std::int64_t pause_ns = 0;
  std::int64_t timeout_ns = 10 * kSecondNs;
  bool new_connection = true;
  bool expect_body = true;
  bool await_close = false;  // waits up to a second for the server to close
  bool together = false;     // with the exchange before it, each on a connection of its own
  int answers = 1;
  bool is_stream = false;  // one answer that goes on
  std::string first;       // what the stream must say before anything further is sent
  std::string last;        // what ends it; empty: the server does
  std::string goodbye;     // sent when the stream has so many bytes, or half the time is over
  std::int64_t goodbye_after = 0;
};

struct Specs {
  Target target;
  std::vector<ExchangeSpec> exchanges;
};

Status read_line(const Line& line, Specs& specs) {
  LineReader reader(line);
  if (line.word() == "target") {
    const Result<Target> target = read_target(line);
    if (!target) return fail(target.error());
    specs.target = *target;
    return {};
  }
  if (line.word() == "exchange") {
    ExchangeSpec spec;
    spec.new_connection = reader.integer_or("new_connection", 1, 0, 1) == 1;
    spec.expect_body = reader.integer_or("expect_body", 1, 0, 1) == 1;
    spec.await_close = reader.integer_or("await_close", 0, 0, 1) == 1;
    spec.together = reader.integer_or("together", 0, 0, 1) == 1;
    spec.answers = static_cast<int>(reader.integer_or("answers", 1, 0, 10'000));
    spec.timeout_ns = reader.integer_or("timeout_ns", spec.timeout_ns, 1, 3600 * kSecondNs);
    spec.pause_ns = reader.integer_or("pause_ns", 0, 0, 60 * kSecondNs);
    spec.is_stream = reader.integer_or("stream", 0, 0, 1) == 1;
    spec.first = reader.text_or("first", "");
    spec.last = reader.text_or("last", "");
    spec.goodbye = reader.text_or("goodbye", "");
    spec.goodbye_after = reader.integer_or("goodbye_after", 0, 0, kMaxAwaited);
    if (!spec.is_stream && !spec.goodbye.empty()) return fail(ErrorCode::protocol, "only a stream has a goodbye");
    if (spec.is_stream && spec.answers != 1) return fail(ErrorCode::protocol, "a stream is one answer");
    specs.exchanges.push_back(std::move(spec));
  } else if (line.word() == "piece" && !specs.exchanges.empty()) {
    specs.exchanges.back().pieces.push_back(reader.text("bytes"));
  } else {
    return fail(ErrorCode::protocol, fmt::format("\"{}\" is not known here in an exchange", line.word()));
  }
  return reader.finish();
}

void tell_answer(std::size_t number, const PlainAnswer& answer) {
  put(Line("answer").add("exchange", number).add("status", answer.status).add("body", answer.body).text());
  for (const auto& [name, value] : answer.headers) put(Line("header").add("name", name).add("value", value).text());
}

Status connect(const ExchangeSpec& spec, const SocketAddress& address, PlainConnection& connection,
               std::int64_t deadline_ns) {
  if (!spec.new_connection && connection.is_open()) return {};
  return connection.connect(address, deadline_ns);
}

// The error; empty when all went out.
std::string send_pieces(const ExchangeSpec& spec, PlainConnection& connection, PlainStream& stream,
                        std::int64_t deadline_ns) {
  for (std::size_t i = 0; i < spec.pieces.size(); ++i) {
    if (i > 0 && spec.pause_ns > 0) {
      const std::int64_t until = std::min(monotonic_ns() + spec.pause_ns, deadline_ns);
      const timespec when{until / kSecondNs, until % kSecondNs};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
    }
    const Status sent = connection.send(spec.pieces[i], deadline_ns);
    if (!sent) return sent.error().message;
    if (!spec.is_stream || i > 0) continue;
    const Status opened = stream.open(connection, spec.first, deadline_ns);
    if (!opened) return opened.error().message;
    // A refusal is an answer like any other: nothing further is sent after it.
    if (stream.has_ended()) return {};
  }
  return {};
}

// Empty, too, when the stream has ended before it or said less than was awaited: what came of it shows that.
std::string say_goodbye(const ExchangeSpec& spec, PlainConnection& connection, PlainStream& stream,
                        std::int64_t deadline_ns) {
  const std::int64_t halfway = deadline_ns - spec.timeout_ns / 2;
  const Status read = stream.read_bytes(connection, static_cast<std::size_t>(spec.goodbye_after), halfway);
  if (!read && read.error().code != ErrorCode::timed_out) return read.error().message;
  if (stream.has_ended()) return "";
  const Status sent = connection.send(spec.goodbye, deadline_ns);
  return sent ? "" : sent.error().message;
}

// The error of a stream, with what had arrived of it.
std::string read_stream(const ExchangeSpec& spec, std::size_t number, PlainConnection& connection, PlainStream& stream,
                        const std::string& send_error, std::int64_t deadline_ns) {
  std::string error = send_error;
  if (error.empty() && !spec.goodbye.empty()) error = say_goodbye(spec, connection, stream, deadline_ns);
  if (error.empty()) {
    const Status read = stream.read_to(connection, spec.last, deadline_ns);
    if (!read) error = read.error().message;
  }
  if (stream.answer().status != 0) tell_answer(number, stream.answer());
  return error;
}

// The error of the exchange, empty when all its answers came. An error of sending is told only when no answer explains it: a
// server may answer and close before it has read all.
std::string read_answers(const ExchangeSpec& spec, std::size_t number, PlainConnection& connection, PlainStream& stream,
                         const std::string& send_error, std::int64_t deadline_ns) {
  if (spec.is_stream) return read_stream(spec, number, connection, stream, send_error, deadline_ns);
  for (int i = 0; i < spec.answers; ++i) {
    const Result<PlainAnswer> answer = connection.read_answer(!spec.expect_body, deadline_ns);
    if (!answer) return send_error.empty() ? answer.error().message : send_error;
    tell_answer(number, *answer);
  }
  return connection.has_stray_bytes() ? "bad_framing: bytes behind the last answer" : "";
}

void finish(const ExchangeSpec& spec, std::size_t number, PlainConnection& connection, const std::string& error) {
  const bool closed = connection.ends_by(spec.await_close && error.empty() ? monotonic_ns() + kSecondNs : 0);
  put(Line("exchanged").add("exchange", number).add("closed", closed ? 1 : 0).add("error", error).text());
  if (closed || !error.empty()) connection.close();
}

void perform(const ExchangeSpec& spec, std::size_t number, const SocketAddress& address, PlainConnection& connection) {
  const std::int64_t deadline = monotonic_ns() + spec.timeout_ns;
  const Status connected = connect(spec, address, connection, deadline);
  std::string error = connected ? "" : connected.error().message;
  if (connected) {
    PlainStream stream;
    const std::string send_error = send_pieces(spec, connection, stream, deadline);
    error = read_answers(spec, number, connection, stream, send_error, deadline);
  }
  finish(spec, number, connection, error);
}

// Exchanges [first, end) at once: all connections are open before anything is sent, and all is sent before any answer is read.
void perform_together(const std::vector<ExchangeSpec>& specs, std::size_t first, std::size_t end,
                      const SocketAddress& address) {
  struct Member {
    std::unique_ptr<PlainConnection> connection = std::make_unique<PlainConnection>();
    PlainStream stream;
    std::string connect_error;
    std::string send_error;
    std::int64_t deadline_ns = 0;
  };
  std::vector<Member> members(end - first);
  for (std::size_t i = first; i < end; ++i) {
    const Status connected = members[i - first].connection->connect(address, monotonic_ns() + specs[i].timeout_ns);
    if (!connected) members[i - first].connect_error = connected.error().message;
  }
  for (std::size_t i = first; i < end; ++i) {
    Member& member = members[i - first];
    member.deadline_ns = monotonic_ns() + specs[i].timeout_ns;
    if (!member.connect_error.empty()) continue;
    member.send_error = send_pieces(specs[i], *member.connection, member.stream, member.deadline_ns);
  }
  for (std::size_t i = first; i < end; ++i) {
    Member& member = members[i - first];
    const std::string error =
        member.connect_error.empty()
            ? read_answers(specs[i], i, *member.connection, member.stream, member.send_error, member.deadline_ns)
            : member.connect_error;
    finish(specs[i], i, *member.connection, error);
  }
}

}  // namespace

Status exchange_mode() {
  LineInput input(STDIN_FILENO);
  const auto lines = read_until(input, "go");
  if (!lines) return fail(lines.error());
  Specs specs;
  for (const Line& line : *lines) {
    Status status = read_line(line, specs);
    if (!status) return status;
  }
  const Result<SocketAddress> address = socket_address(specs.target);
  if (!address) return fail(address.error());
  Status placed = enter_network_namespace(specs.target.netns);
  if (!placed) return placed;

  // Those that are made together need them at once; without them the server would be blamed.
  Status allowed = allow_descriptors(specs.exchanges.size() + 32);
  if (!allowed) return allowed;

  PlainConnection connection;
  for (std::size_t i = 0; i < specs.exchanges.size();) {
    if (input.has_ended()) return fail(ErrorCode::cancelled, "standard input has ended");
    std::size_t end = i + 1;
    while (end < specs.exchanges.size() && specs.exchanges[end].together) ++end;
    if (end == i + 1) perform(specs.exchanges[i], i, *address, connection);
    else perform_together(specs.exchanges, i, end, *address);
    i = end;
  }
  put(Line("done").text());
  return {};
}

}  // namespace dyno::loadgen

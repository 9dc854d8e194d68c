// What a worker counts, and the kinds of error. Values; how they add up is in worker_result.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {

enum class ErrorKind : std::uint8_t { connect, reset, timeout, bad_status, bad_framing, bad_body, dropped };
constexpr std::array<std::string_view, 7> kErrorNames = {"connect",     "reset",    "timeout", "bad_status",
                                                         "bad_framing", "bad_body", "dropped"};
using ErrorCounts = std::array<std::int64_t, kErrorNames.size()>;

struct Counts {
  std::int64_t sent = 0;
  std::int64_t good = 0;
  ErrorCounts errors{};  // connect and dropped belong to no sent request
  std::int64_t due = 0;  // open loop: requests that became due
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
  std::int64_t reconnects = 0;  // connections opened after the first of each slot
  std::int64_t stray = 0;       // connections closed because bytes came that nobody had asked for
  std::int64_t bodies_checked = 0;
  // What the remarks of the report count.
  std::array<std::int64_t, kParseErrors> refused{};  // answers by reason, part of bad_framing; event streams
  std::int64_t redirects = 0;                        // answers, where no redirect was expected; part of bad_status
  std::int64_t closed_early = 0;                     // connections ended before any answer, beyond the first in a row
  std::int64_t resent = 0;                           // HTTP/2: requests that a goodbye left out
  std::int64_t rounds = 0;                           // sessions that came to their end

  std::int64_t& error(ErrorKind kind) { return errors[static_cast<std::size_t>(kind)]; }
  std::int64_t all_errors() const {
    std::int64_t sum = 0;
    for (const std::int64_t count : errors) sum += count;
    return sum;
  }
  std::int64_t errors_of_sent() const {
    return all_errors() - errors[static_cast<std::size_t>(ErrorKind::connect)] -
           errors[static_cast<std::size_t>(ErrorKind::dropped)];
  }

  Counts& operator+=(const Counts& other) { return apply(other, 1); }
  Counts& operator-=(const Counts& other) { return apply(other, -1); }

 private:
  Counts& apply(const Counts& other, std::int64_t sign) {
    sent += sign * other.sent;
    good += sign * other.good;
    for (std::size_t i = 0; i < errors.size(); ++i) errors[i] += sign * other.errors[i];
    due += sign * other.due;
    bytes_in += sign * other.bytes_in;
    bytes_out += sign * other.bytes_out;
    reconnects += sign * other.reconnects;
    stray += sign * other.stray;
    bodies_checked += sign * other.bodies_checked;
    for (std::size_t i = 0; i < refused.size(); ++i) refused[i] += sign * other.refused[i];
    redirects += sign * other.redirects;
    closed_early += sign * other.closed_early;
    resent += sign * other.resent;
    rounds += sign * other.rounds;
    return *this;
  }
};

// What subscribers received (protocol sse), of the messages that were due inside the window.
struct Deliveries {
  std::int64_t expected = 0;  // messages that were sent and not refused × subscribers
  std::int64_t good = 0;
  std::int64_t in_window = 0;  // of them, arrived before the window's end
  std::int64_t doubled = 0;
  std::int64_t bad = 0;  // arrived inside the window and is not what was sent
  std::int64_t lost_streams = 0;

  Deliveries& operator+=(const Deliveries& other) {
    expected += other.expected;
    good += other.good;
    in_window += other.in_window;
    doubled += other.doubled;
    bad += other.bad;
    lost_streams += other.lost_streams;
    return *this;
  }
  std::int64_t missed() const { return expected > good ? expected - good : 0; }
  // As every form of the report for programs names them.
  std::array<std::pair<std::string_view, std::int64_t>, 7> named() const {
    return {{{"expected", expected},
             {"good", good},
             {"in_window", in_window},
             {"missed", missed()},
             {"doubled", doubled},
             {"bad", bad},
             {"lost_streams", lost_streams}}};
  }
};

}  // namespace dyno::loadgen

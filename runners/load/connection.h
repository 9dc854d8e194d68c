// What a worker knows about one of its connections, and about a request in flight on it. Values of one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "runners/load/http/response_parser.h"
#include "runners/load/http2/session.h"
#include "runners/load/websocket/frames.h"
#include "runners/load/websocket/upgrade.h"

namespace dyno::loadgen {

// ending: its last answer is here and the server may close it; see Transport::leave. upgrading: becoming a WebSocket, or waiting for
// the settings of HTTP/2, so that no request is sent before it is known how many may be.
enum class Link : std::uint8_t { closed, connecting, upgrading, open, ending, backing_off };

struct InFlight {
  std::int64_t due_ns = 0;
  std::int64_t sent_ns = 0;
  std::uint32_t request = 0;
};
struct Connection {
  ResponseParser parser;
  std::int64_t free_since_ns = 0;
  std::uint32_t first = 0;  // of its ring in in_flight_
  std::uint32_t count = 0;
  Link link = Link::closed;
  std::uint32_t sent = 0;      // requests on this connection so far
  std::uint32_t room = 1;      // streams it may have at once; 1 where it has none
  std::uint8_t fruitless = 0;  // connections of this slot in a row that ended without an answer
  bool is_fruitful = false;    // this one has answered
  bool second_buffer = false;  // which half of its request buffer comes next
  bool was_opened = false;
  bool was_asked = false;  // since the window opened, or something was under way then; and whether an answer has come
  bool has_answered = false;
};

// An answer that has ended, in whatever protocol it came.
struct Ended {
  int status = 200;
  std::uint64_t body_bytes = 0;
  bool keep_alive = true;
  bool more_bytes = false;  // behind it, although nothing else was asked for
  bool is_good = true;      // as far as its protocol can tell
};

// Where a session is. The values it has taken stand elsewhere.
struct Session {
  std::uint32_t step = 0;  // the next to be sent, or under way
  std::size_t row = 0;     // of the table, for this round
};

// What a WebSocket connection has in addition.
struct WebSocketEnd {
  UpgradeReader upgrade;
  FrameReader frames;
  std::string pong;  // owed to the server, goes out in front of the next message
};

// What an HTTP/2 connection has in addition, and the answer in each of its places.
struct Http2End {
  Http2End(std::uint32_t places, MemoryPool& memory, bool wants_fields) : session(places, memory, wants_fields) {}
  void begin() {
    session.begin();
    for (std::string& half : out) half.clear();
  }
  Http2Session session;
  std::array<std::string, 2> out;  // one half is on its way while the other is filled
  int filling = 0;
};
struct Http2Answer {
  std::uint64_t body_bytes = 0;
  int status = 0;
  bool is_unexpected = false;
};

}  // namespace dyno::loadgen

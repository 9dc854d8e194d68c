// What a worker knows of one of its connections, and of a request that is under way on it. Values of one thread.
#pragma once

#include <cstdint>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {

// ending: its last answer is here and the server is to close it. Whoever closes first keeps the port busy for a minute; on our
// side that would use them all up within seconds.
enum class Link : std::uint8_t { closed, connecting, open, ending, backing_off };

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
  bool second_buffer = false;  // which half of its request buffer comes next
  bool was_opened = false;
};

}  // namespace dyno::loadgen

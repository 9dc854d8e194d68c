// Drives the response parser over bytes cut at given places and sums up what it said, so that two ways of cutting compare equal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {

struct Parsed {
  std::vector<int> statuses;
  std::vector<std::string> bodies;
  bool keep_alive = true;  // of the last answer
  ParseError error = ParseError::none;
  std::string left;  // input behind the last complete answer that was asked for
  bool whole = false;

  bool operator==(const Parsed&) const = default;
};

// Reads up to `answers` answers from the pieces, whole ones past the parser where the memo knows them, as a worker does; then the end
// of the connection when `ends` says so.
inline Parsed parse_all(const std::vector<std::string_view>& pieces, int answers, bool ends, bool to_head,
                        HeaderMemo& memo) {
  using Event = ResponseParser::Event;
  Parsed parsed;
  ResponseParser parser;
  parser.begin(to_head);
  std::string body;
  const auto finish = [&] {
    parsed.statuses.push_back(parser.head().status);
    parsed.bodies.push_back(body);
    parsed.keep_alive = parser.keep_alive();
    body.clear();
    parser.begin(to_head);
  };
  for (std::string_view piece : pieces) {
    bool more = true;
    while (more) {
      if (static_cast<int>(parsed.statuses.size()) == answers) {
        parsed.left += piece;
        break;
      }
      const auto known = to_head || parser.has_begun() ? std::nullopt : memo.whole_body(piece);
      if (known) {
        parsed.statuses.push_back(memo.head().status);
        parsed.bodies.emplace_back(*known);
        parsed.keep_alive = memo.head().keep_alive;
        piece.remove_prefix(memo.size() + known->size());
        continue;
      }
      switch (parser.next(piece, memo)) {
        case Event::need_more: more = false; break;
        case Event::head: break;
        case Event::body: body += parser.piece(); break;
        case Event::complete: finish(); break;
        case Event::error: parsed.error = parser.error(); return parsed;
      }
    }
  }
  if (static_cast<int>(parsed.statuses.size()) < answers && ends && parser.has_begun()) {
    if (parser.end_of_input() == Event::complete) finish();
    else parsed.error = parser.error();
  }
  parsed.whole = static_cast<int>(parsed.statuses.size()) == answers;
  return parsed;
}

}  // namespace dyno::loadgen

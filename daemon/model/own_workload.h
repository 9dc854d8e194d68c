// Requests of somebody's own, as a workload's file describes them. Values only; read by `stackfile`, turned into checks and load by
// `contract`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/answer_rules.h"
#include "model/enum_text.h"

namespace dyno::model {

// mix: each request is drawn by its weight. session: they are steps, sent in order on one connection, again and again.
enum class OwnWorkloadKind { mix, session };
template <>
struct EnumNames<OwnWorkloadKind> {
  static constexpr std::array<std::string_view, 2> names{"mix", "session"};
};

// sse: the request is answered by events that are read to the stream's end. ws: `body` is a message, each answered by one.
enum class OwnProtocol { http, http2, ws, sse };
template <>
struct EnumNames<OwnProtocol> {
  static constexpr std::array<std::string_view, 4> names{"http", "http2", "ws", "sse"};
};

struct OwnHeader {
  std::string name;
  std::string value;
};

// In target, header values and body stand for something drawn: {1..500}, {column} of the workload's table, {uuid}, {seq} (1, 2, 3 …
// over all connections), {name} of a value taken by an earlier step. In a body other braces stay as they are.
struct OwnRequest {
  std::string name;  // for messages: "list orders"; as the file says, else method and target
  std::string method = "GET";
  std::string target = "/";
  std::vector<OwnHeader> headers{};
  std::string body{};
  std::int64_t body_bytes = 0;  // above 0: a generated body of this length instead
  double weight = 1;            // of a mix
  AnswerRules expect{};
  std::vector<Capture> takes{};  // of a session's step
  int line = 0;                  // in the file, for messages
};

// Rows from which each request, or each round of a session, draws one.
struct ValueTable {
  std::string file{};  // as named in the workload; empty: there is none
  std::string csv{};   // its bytes; the first line names the columns
};

struct OwnWorkload {
  std::string name;
  OwnWorkloadKind kind = OwnWorkloadKind::mix;
  OwnProtocol protocol = OwnProtocol::http;
  std::vector<OwnRequest> requests{};  // never none
  ValueTable table{};
  std::string file{};  // where it was read from
};

}  // namespace dyno::model

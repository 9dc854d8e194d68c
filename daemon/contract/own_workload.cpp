#include "contract/own_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/check.h"
#include "base/csv.h"
#include "base/text.h"
#include "contract/answer_judge.h"
#include "contract/drawn_text.h"
#include "contract/websocket.h"

namespace dyno::contract {
namespace {

using model::OwnProtocol;
using model::OwnRequest;
using model::OwnWorkload;

// A session's steps take their time one after the other; a message's answer comes or does not.
constexpr Nanos kMessageTimeout = std::chrono::seconds(5);
constexpr std::int64_t kSmallestFrame = 2;
constexpr const char* kGoodbye = "\x03\xE8";  // 1000, big-endian
// Both ends of each range, the first and the last row, and something in between.
constexpr std::array<RangeEnd, 3> kRounds{RangeEnd::low, RangeEnd::high, RangeEnd::any};

// One drawing of all parts of a request or a session.
struct Round {
  RangeEnd end = RangeEnd::any;
  std::int64_t sequence = 1;
  std::uint64_t seed = 0;
  NamedValues row{};
};

bool has_drawn_parts(const OwnRequest& request) {
  return count_drawn(drawn_parts(request.target)) + count_drawn(drawn_parts(request.body)) > 0 ||
         std::any_of(request.headers.begin(), request.headers.end(),
                     [](const model::OwnHeader& header) { return count_drawn(drawn_parts(header.value)) > 0; });
}

NamedValues row_of(const CsvTable& table, RangeEnd end, Draw& draw) {
  NamedValues row;
  if (table.rows.empty()) return row;
  const auto last = static_cast<std::int64_t>(table.rows.size()) - 1;
  const std::int64_t at = end == RangeEnd::low ? 0 : end == RangeEnd::high ? last : draw.between(0, last);
  const auto& values = table.rows[static_cast<std::size_t>(at)];
  for (std::size_t i = 0; i < table.names.size(); ++i) row.emplace(table.names[i], values[i]);
  return row;
}

// What is drawn once is asked for three times in full, and once in every trial.
std::vector<Round> rounds_of(const OwnWorkload& own, bool has_drawn, Asking& asking) {
  CsvTable table;
  if (!own.table.csv.empty()) {
    auto read = read_csv(own.table.csv, own.table.file);
    CHECK(read.has_value(), "a workload's table was read before");
    table = std::move(*read);
  }
  std::vector<Round> rounds;
  const bool once = !has_drawn || asking.depth == Depth::quick;
  for (std::size_t i = once ? kRounds.size() - 1 : 0; i < kRounds.size(); ++i) {
    Round round{kRounds[i],
                static_cast<std::int64_t>(rounds.size()) + 1,
                static_cast<std::uint64_t>(asking.draw.between(0, 1LL << 40U)),
                {}};
    round.row = row_of(table, round.end, asking.draw);
    rounds.push_back(std::move(round));
  }
  return rounds;
}

// A request with its drawn parts filled; the same for the same round and values.
struct Filled {
  Request request;
  std::string host;  // where the request names one itself; else empty
  std::string named() const { return fmt::format("{} {}", request.method, request.target); }
};

Filled filled_request(const OwnRequest& own, const Round& round, const NamedValues& values) {
  Draw draw(round.seed);
  const DrawnFor drawn{values, round.end, round.sequence};
  Filled filled;
  filled.request.method = own.method;
  filled.request.target = fill(own.target, drawn, draw);
  for (const model::OwnHeader& header : own.headers) {
    std::string value = fill(header.value, drawn, draw);
    if (same_ignoring_case(header.name, "Host")) filled.host = std::move(value);
    else filled.request.headers.emplace_back(header.name, std::move(value));
  }
  filled.request.body =
      own.body_bytes > 0 ? std::string(static_cast<std::size_t>(own.body_bytes), 'x') : fill(own.body, drawn, draw);
  return filled;
}

ports::Exchange exchange_for(const Filled& filled, const std::string& host) {
  return exchange_of(filled.request, filled.host.empty() ? host : filled.host);
}

Check check_named(const OwnWorkload& own, const std::string& request) {
  Check check;
  check.name = request.empty() ? own.name : fmt::format("{}: {}", own.name, request);
  check.kind = "workload";
  return check;
}

CheckFailure failure_of(Difference found) {
  return {.check = "", .expected = std::move(found.expected), .got = std::move(found.got)};
}

// ---- a mix: each request by itself ----

Check check_request(const OwnWorkload& own, const OwnRequest& request, Asking& asking) {
  Check check = check_named(own, own.requests.size() > 1 ? request.name : "");
  std::vector<std::string> named;
  for (const Round& round : rounds_of(own, has_drawn_parts(request), asking)) {
    const Filled filled = filled_request(request, round, round.row);
    check.steps.push_back({.exchange = exchange_for(filled, asking.host)});
    named.push_back(filled.named());
  }
  check.ruling = [named = std::move(named), &request](Outcomes outcomes) {
    Judgement judgement;
    for (std::size_t i = 0; i < outcomes.size() && !judgement.failure; ++i) {
      if (auto found = broken_rule(named[i], request.expect, outcomes[i]))
        judgement.failure = failure_of(std::move(*found));
    }
    return judgement;
  };
  return check;
}

// ---- a session: each step follows from the answers before it ----

// What is known of a session after some of its answers: the values that were taken, or what was wrong.
struct Walked {
  NamedValues values;
  std::optional<Difference> failure{};
};

Walked walk(const OwnWorkload& own, const Round& round, Outcomes outcomes) {
  Walked walked{round.row};
  for (std::size_t i = 0; i < outcomes.size() && !walked.failure; ++i) {
    const OwnRequest& step = own.requests[i];
    const std::string named = filled_request(step, round, walked.values).named();
    walked.failure = broken_rule(named, step.expect, outcomes[i]);
    for (std::size_t c = 0; c < step.takes.size() && !walked.failure; ++c) {
      const ports::Answer& answer = outcomes[i].answers.front();
      if (auto value = captured(step.takes[c], answer)) walked.values[step.takes[c].name] = std::move(*value);
      else walked.failure = not_captured(named, step.expect, step.takes[c], answer);
    }
  }
  return walked;
}

Check check_session(const OwnWorkload& own, const Round& round, const std::string& host) {
  Check check = check_named(own, "session");
  for (const OwnRequest& step : own.requests) {
    check.steps.push_back({.follows = [&own, &step, round, host](Outcomes before) -> std::optional<ports::Exchange> {
      const Walked walked = walk(own, round, before);
      if (walked.failure) return std::nullopt;
      return exchange_for(filled_request(step, round, walked.values), host);
    }});
  }
  check.ruling = [&own, round](Outcomes outcomes) {
    Judgement judgement;
    if (auto failure = walk(own, round, outcomes).failure) judgement.failure = failure_of(std::move(*failure));
    return judgement;
  };
  return check;
}

// ---- a message through a WebSocket ----

Request upgrade_request(const Filled& filled) {
  Request request = filled.request;
  request.body.clear();
  for (const auto& [name, value] :
       std::array<std::pair<const char*, const char*>, 4>{{{"Connection", "Upgrade"},
                                                           {"Upgrade", "websocket"},
                                                           {"Sec-WebSocket-Version", "13"},
                                                           {"Sec-WebSocket-Key", "c3RhY2tkeW5vLWtleS0wMQ=="}}})
    request.headers.emplace_back(name, value);
  return request;
}

// The first message that came, as a body to be judged.
std::optional<Difference> broken_message(const std::string& named, const OwnRequest& own,
                                         const ports::ExchangeOutcome& outcome) {
  model::AnswerRules rules = own.expect;
  rules.statuses = {{101, 101}};
  if (outcome.answers.empty() || outcome.answers.front().status != 101) return broken_rule(named, rules, outcome);
  ports::Answer answer = outcome.answers.front();
  const auto messages = server_messages(answer.body);
  const auto is_message = [](const Message& one) {
    return one.kind == FrameKind::text || one.kind == FrameKind::binary;
  };
  if (messages) {
    const auto first = std::find_if(messages->begin(), messages->end(), is_message);
    if (first != messages->end()) {
      answer.body = first->payload;
      return broken_rule(named, rules, answer);
    }
  }
  return Difference{fmt::format("{}: a message ({}:{})", named, rules.file, rules.line),
                    messages ? "none" : visible(messages.error().message, 200)};
}

Check check_message(const OwnWorkload& own, const OwnRequest& request, Asking& asking) {
  Check check = check_named(own, own.requests.size() > 1 ? request.name : "");
  std::vector<std::string> named;
  for (const Round& round : rounds_of(own, has_drawn_parts(request), asking)) {
    const Filled filled = filled_request(request, round, round.row);
    const Filled upgrade{upgrade_request(filled), filled.host};
    ports::Exchange exchange = exchange_for(upgrade, asking.host);
    exchange.pieces.push_back(client_frame(FrameKind::text, filled.request.body));
    exchange.is_stream = true;
    exchange.stream_goodbye = client_frame(FrameKind::close, kGoodbye);
    exchange.stream_goodbye_after = kSmallestFrame;
    exchange.timeout = kMessageTimeout;
    check.steps.push_back({.exchange = std::move(exchange)});
    named.push_back("message to " + filled.request.target);
  }
  check.ruling = [named = std::move(named), &request](Outcomes outcomes) {
    Judgement judgement;
    for (std::size_t i = 0; i < outcomes.size() && !judgement.failure; ++i) {
      if (auto found = broken_message(named[i], request, outcomes[i]))
        judgement.failure = failure_of(std::move(*found));
    }
    return judgement;
  };
  return check;
}

std::vector<Check> checks_of(const OwnWorkload& own, Asking& asking) {
  std::vector<Check> checks;
  if (own.kind == model::OwnWorkloadKind::session) {
    const bool has_drawn = std::any_of(own.requests.begin(), own.requests.end(), has_drawn_parts);
    for (const Round& round : rounds_of(own, has_drawn, asking))
      checks.push_back(check_session(own, round, asking.host));
    return checks;
  }
  for (const OwnRequest& request : own.requests) {
    checks.push_back(own.protocol == OwnProtocol::ws ? check_message(own, request, asking)
                                                     : check_request(own, request, asking));
  }
  return checks;
}

// ---- the load ----

ports::RequestTemplate load_request(const OwnRequest& own) {
  ports::RequestTemplate request;
  request.method = own.method;
  request.target = own.target;
  for (const model::OwnHeader& header : own.headers) request.headers.emplace_back(header.name, header.value);
  request.body = own.body;
  request.body_bytes = own.body_bytes;
  request.weight = own.weight;
  request.expected_status = 0;
  request.fills_body = true;
  request.rules = own.expect;
  request.takes = own.takes;
  return request;
}

std::vector<ports::RequestTemplate> load_requests_of(const OwnWorkload& own) {
  std::vector<ports::RequestTemplate> requests;
  for (const OwnRequest& request : own.requests) requests.push_back(load_request(request));
  return requests;
}

LoadStream stream_of(const OwnWorkload& own) {
  if (own.protocol == OwnProtocol::http2) return {.protocol = ports::LoadProtocol::http2};
  const OwnRequest& first = own.requests.front();
  ports::RequestTemplate upgrade;
  upgrade.target = first.target;
  for (const model::OwnHeader& header : first.headers) upgrade.headers.emplace_back(header.name, header.value);
  return {.protocol = ports::LoadProtocol::websocket, .request = std::move(upgrade)};
}

}  // namespace

Workload own_workload(const OwnWorkload& own) {
  Workload workload{.name = own.name,
                    .checks = [&own](Asking& asking) { return checks_of(own, asking); },
                    .requests = [&own](const Setting&, const RightBodies&) { return load_requests_of(own); },
                    .is_session = own.kind == model::OwnWorkloadKind::session,
                    .table_csv = own.table.csv};
  // Events are the body of an answer like any other, which is read to its end.
  if (own.protocol == OwnProtocol::http2 || own.protocol == OwnProtocol::ws)
    workload.stream = [&own](const Setting&) { return stream_of(own); };
  return workload;
}

}  // namespace dyno::contract

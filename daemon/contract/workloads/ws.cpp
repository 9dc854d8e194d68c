// ws: the upgrade, what comes back unchanged, and the end. Every exchange says goodbye itself, when what it waits for should have come,
// and reads until the server has ended the connection, so that a message too many is seen as well as one too few.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "contract/websocket.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShownBytes = 60;
constexpr int kClients = 16;
constexpr int kMessagesEach = 8;
constexpr std::size_t kLargest = 64 * 1024;
constexpr std::string_view kNormalEnd = "\x03\xE8";  // 1000

// The key and its answer are those of RFC 6455, 1.3. The extension is offered for it to be refused.
constexpr const char* kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr const char* kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

Request upgrade() {
  Request request = get("/ws");
  request.headers = {{"Connection", "Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", kKey},
                     {"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}};
  return request;
}

std::optional<Difference> upgraded(const ports::Answer& answer) {
  if (answer.status != 101) return Difference{"status 101", fmt::format("status {}", answer.status)};
  const auto header = [&](std::string_view name) { return single_header(answer, name).value_or(""); };
  if (lower(header("Upgrade")) != "websocket")
    return Difference{"Upgrade: websocket", fmt::format("Upgrade: {}", visible(header("Upgrade"), kShownBytes))};
  if (header("Sec-WebSocket-Accept") != kAccept)
    return Difference{fmt::format("Sec-WebSocket-Accept: {}", kAccept),
                      visible(header("Sec-WebSocket-Accept"), kShownBytes)};
  if (const auto agreed = single_header(answer, "Sec-WebSocket-Extensions"))
    return Difference{"no extension", fmt::format("Sec-WebSocket-Extensions: {}", visible(*agreed, kShownBytes))};
  return std::nullopt;
}

std::string shown(const Message& message) {
  const std::string_view kinds[] = {"a continuation", "the text", "the bytes", "", "", "", "", "",
                                    "the goodbye",    "a ping",   "the pong"};
  if (message.payload.size() > kShownBytes)
    return fmt::format("{} of {} bytes", kinds[static_cast<int>(message.kind)], message.payload.size());
  return fmt::format("{} \"{}\"", kinds[static_cast<int>(message.kind)], visible(message.payload, kShownBytes));
}

std::vector<Message> of_kinds(const std::vector<Message>& messages, std::initializer_list<FrameKind> kinds) {
  std::vector<Message> chosen;
  std::copy_if(messages.begin(), messages.end(), std::back_inserter(chosen), [&](const Message& message) {
    return std::find(kinds.begin(), kinds.end(), message.kind) != kinds.end();
  });
  return chosen;
}

std::optional<Difference> first_difference(const std::vector<Message>& wanted, const std::vector<Message>& got) {
  for (std::size_t i = 0; i < std::max(wanted.size(), got.size()); ++i) {
    if (i < wanted.size() && i < got.size() && wanted[i] == got[i]) continue;
    return Difference{i < wanted.size() ? shown(wanted[i]) : "no further message",
                      i < got.size() ? shown(got[i]) : "no further message"};
  }
  return std::nullopt;
}

// A pong may overtake a message (RFC 6455, 5.4), so the two are compared apart.
std::optional<Difference> echoed(const std::vector<Message>& wanted, const ports::Answer& answer) {
  if (auto found = upgraded(answer)) return found;
  const auto got = server_messages(answer.body);
  if (!got) return Difference{"frames of RFC 6455", got.error().message};
  const auto data = {FrameKind::text, FrameKind::binary};
  if (auto found = first_difference(of_kinds(wanted, data), of_kinds(*got, data))) return found;
  if (auto found = first_difference(of_kinds(wanted, {FrameKind::pong}), of_kinds(*got, {FrameKind::pong})))
    return found;
  if (got->empty() || got->back().kind != FrameKind::close)
    return Difference{"a goodbye in answer to one", got->empty() ? "nothing" : shown(got->back())};
  return std::nullopt;
}

struct Conversation {
  std::vector<std::string> frames{};  // as they are sent, each by itself
  std::vector<Message> wanted{};      // back

  void say(FrameKind kind, const std::string& payload) {
    frames.push_back(client_frame(kind, payload));
    wanted.push_back({kind == FrameKind::ping ? FrameKind::pong : kind, payload});
  }
};

Step step_of(const Conversation& conversation, const std::string& host, bool together) {
  ports::Exchange exchange = exchange_of(upgrade(), host);
  for (const std::string& frame : conversation.frames) exchange.pieces.push_back(frame);
  exchange.is_stream = true;
  exchange.stream_goodbye = client_frame(FrameKind::close, kNormalEnd);
  for (const Message& message : conversation.wanted)
    exchange.stream_goodbye_after += server_frame_bytes(message.payload.size());
  exchange.together = together;
  exchange.timeout = 5s;
  return {Nanos(0), std::move(exchange)};
}

Check conversations(const Asking& asking, std::string name, const std::vector<Conversation>& all) {
  Check check;
  check.name = std::move(name);
  std::vector<std::vector<Message>> wanted;
  for (const Conversation& one : all) {
    check.steps.push_back(step_of(one, asking.host, !check.steps.empty()));
    wanted.push_back(one.wanted);
  }
  check.ruling = [wanted = std::move(wanted)](Outcomes outcomes) {
    Judgement judgement;
    for (std::size_t i = 0; i < outcomes.size() && !judgement.failure; ++i) {
      const ports::ExchangeOutcome& outcome = outcomes[i];
      auto found = outcome.answers.empty() ? std::nullopt : echoed(wanted[i], outcome.answers.front());
      if (!found && (!outcome.error.empty() || outcome.answers.empty()))
        found = Difference{"the end of the connection after the goodbye", visible(outcome.error, kShownBytes)};
      if (found) judgement.failure = CheckFailure{"", "GET /ws: " + found->expected, found->got};
    }
    return judgement;
  };
  return check;
}

std::string bytes_of(Draw& draw, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(draw.between(0, 255));
  return bytes;
}

Conversation in_fragments(Draw& draw) {
  const std::string text = draw.word(60);
  Conversation conversation;
  conversation.frames = {client_frame(FrameKind::text, text.substr(0, 10), false),
                         client_frame(FrameKind::ping, "between"),
                         client_frame(FrameKind::continuation, text.substr(10, 20), false),
                         client_frame(FrameKind::continuation, text.substr(30))};
  conversation.wanted = {{FrameKind::pong, "between"}, {FrameKind::text, text}};
  return conversation;
}

std::vector<Check> checks_for(Asking& asking) {
  Conversation first;
  first.say(FrameKind::text, asking.draw.word(30) + " \xE2\x9C\x93");
  first.say(FrameKind::binary, bytes_of(asking.draw, 300));
  std::vector<Check> checks{conversations(asking, "ws: echoes text and bytes", {first})};
  if (asking.depth == Depth::quick) return checks;
  Conversation large;
  large.say(FrameKind::text, "");
  large.say(FrameKind::binary, bytes_of(asking.draw, kLargest));
  large.say(FrameKind::text, asking.draw.word(kLargest));
  checks.push_back(conversations(asking, "ws: echoes nothing, and 64 KiB", {large}));
  Conversation pinged;
  pinged.say(FrameKind::ping, asking.draw.word(20));
  pinged.say(FrameKind::ping, "");
  checks.push_back(conversations(asking, "ws: answers pings", {pinged}));
  checks.push_back(conversations(asking, "ws: joins fragments", {in_fragments(asking.draw)}));
  std::vector<Conversation> clients(kClients);
  for (Conversation& client : clients) {
    for (int i = 0; i < kMessagesEach; ++i) client.say(FrameKind::text, asking.draw.word(40));
  }
  checks.push_back(conversations(
      asking, fmt::format("ws: {} at once, none lost, duplicated or delivered to another client", kClients), clients));
  checks.push_back(deserted(asking, "ws", upgrade(), request_bytes(upgrade(), asking.host).size()));
  return checks;
}

std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies&) {
  ports::RequestTemplate message;
  message.body_bytes = setting["bytes"];
  return {message};
}

}  // namespace

Workload ws_workload() {
  return {.name = "ws",
          .params = {{.name = "bytes", .least = 1, .most = 64 * 1024, .fallback = 64}},
          .checks = checks_for,
          .requests = load_of,
          .stream = [](const Setting&) {
            return LoadStream{ports::LoadProtocol::websocket, load_get("/ws"), 0};
          }};
}

}  // namespace dyno::contract

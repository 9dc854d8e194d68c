#include "runners/load/load_spec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/options.h"
#include "runners/load/sse/stamp.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::max();
constexpr double kAnyNumber = std::numeric_limits<double>::max();

// Whether it is said at all, for texts that may be empty.
std::optional<std::string> text_if_said(const Line& line, LineReader& reader, std::string_view key) {
  const auto is_it = [key](const auto& field) { return field.first == key; };
  if (std::none_of(line.fields().begin(), line.fields().end(), is_it)) return std::nullopt;
  return reader.text(key);
}
std::optional<double> number_if_said(const Line& line, LineReader& reader, std::string_view key) {
  const auto text = text_if_said(line, reader, key);
  return text ? std::optional(reader.number(key, -kAnyNumber, kAnyNumber)) : std::nullopt;
}
std::optional<std::int64_t> integer_if_said(const Line& line, LineReader& reader, std::string_view key) {
  const auto text = text_if_said(line, reader, key);
  return text ? std::optional(reader.integer(key, 0, kAnyInteger)) : std::nullopt;
}

// In the range of the option of that meaning; `none` is allowed as well, and what holds without the key.
std::int64_t integer_or(LineReader& line, std::string_view key, std::int64_t none, Opt id) {
  const takes::Integer& range = integers_of(id);
  return line.integer_or(key, none, std::min(none, range.low), range.high);
}
std::int64_t time_or(LineReader& line, std::string_view key, std::int64_t none, Opt id) {
  const takes::Duration& range = durations_of(id);
  return line.integer_or(key, none, std::min(none, range.low.count()), range.high.count());
}

// One of the listed words as the enumerator at its place.
template <class Enum>
Result<Enum> choice(const std::string& text, std::span<const std::string_view> words) {
  int place = 0;
  for (const std::string_view word : words) {
    if (word == text) return static_cast<Enum>(place);
    ++place;
  }
  return fail(ErrorCode::protocol, fmt::format("\"{}\" is none of {}", visible(text, 40), fmt::join(words, ", ")));
}
template <class Enum>
Result<Enum> choice(const std::string& text, std::initializer_list<std::string_view> words) {
  return choice<Enum>(text, std::span(words.begin(), words.size()));
}

Status read_workers(LineReader& line, LoadSpec& spec) {
  auto cpus = read_cpu_list(line);
  const auto transport = choice<TransportKind>(line.text_or("transport", "auto"), {"auto", "epoll", "io_uring"});
  const auto wait = choice<WaitMode>(line.text_or("wait", "sleep"), {"sleep", "hybrid"});
  if (!cpus) return fail(cpus.error());
  if (!transport) return fail(transport.error(), "transport");
  if (!wait) return fail(wait.error(), "wait");
  spec.cpus = std::move(*cpus);
  spec.transport = *transport;
  spec.wait = *wait;
  return {};
}

Status read_load(LineReader& line, LoadSpec& spec) {
  const auto open = choice<bool>(line.text("loop"), {"closed", "open"});
  const auto arrivals = choice<Arrivals>(line.text_or("arrivals", "even"), {"even", "poisson"});
  if (!open) return fail(open.error(), "loop");
  if (!arrivals) return fail(arrivals.error(), "arrivals");
  const auto protocol = choice<Protocol>(line.text_or("protocol", "http1"), {"http1", "websocket", "sse", "http2"});
  if (!protocol) return fail(protocol.error(), "protocol");
  const std::string points = line.text_or("curve", "");
  const auto curve = points.empty() ? std::vector<RatePoint>() : read_curve(points);
  if (!curve) {
    return fail(ErrorCode::protocol,
                fmt::format("curve={}: it must be {}", visible(points, 60), wanted(takes::Curve())));
  }
  spec.open_loop = *open;
  spec.protocol = *protocol;
  spec.is_session = line.integer_or("session", 0, 0, 1) == 1;
  spec.curve = *curve;
  spec.arrivals = *arrivals;
  const takes::Integer& connections = integers_of(Opt::connections);
  spec.connections = static_cast<int>(line.integer("connections", connections.low, connections.high));
  spec.rate_per_s = line.number_or("rate", 0, 0, numbers_of(Opt::rate).high);
  for (const RatePoint& point : spec.curve) spec.rate_per_s = std::max(spec.rate_per_s, point.per_s);
  spec.subscribers = static_cast<int>(integer_or(line, "subscribers", 0, Opt::subscribers));
  spec.requests_limit = integer_or(line, "requests", 0, Opt::count);
  spec.error_limit =
      line.number_or("error_limit", 1, numbers_of(Opt::error_limit).low, numbers_of(Opt::error_limit).high);
  spec.queue_limit = line.integer_or("queue", 0, 0, 100'000'000);
  spec.pipeline = static_cast<int>(integer_or(line, "pipeline", 1, Opt::pipeline));
  spec.requests_per_connection = integer_or(line, "requests_per_connection", 0, Opt::per_connection);
  spec.seed =
      static_cast<std::uint64_t>(line.integer_or("seed", 0, std::numeric_limits<std::int64_t>::min(), kAnyInteger));
  return {};
}

void read_times(LineReader& line, LoadSpec& spec) {
  const takes::Duration& window = durations_of(Opt::duration);
  spec.warm_up_ns = time_or(line, "warm_up_ns", 0, Opt::warm_up);
  spec.warm_up_max_ns = time_or(line, "warm_up_max_ns", 0, Opt::warm_up);
  spec.measure_ns = line.integer("measure_ns", window.low.count(), window.high.count());
  spec.timeout_ns = time_or(line, "timeout_ns", spec.timeout_ns, Opt::timeout);
}

Status read_request(LineReader& line, RequestSpec& request) {
  request.method = line.text_or("method", request.method);
  request.target = line.text_or("target", request.target);
  request.body = line.text_or("body", "");
  request.fills_body = line.integer_or("fill_body", 0, 0, 1) == 1;
  request.body_bytes = line.integer_or("body_bytes", 0, 0, sizes_of(Opt::body_bytes).high);
  request.is_binary = line.integer_or("binary", 0, 0, 1) == 1;
  request.weight = line.number_or("weight", 1, 0, 1e9);
  request.expected_status = static_cast<int>(line.integer_or("status", 200, 0, integers_of(Opt::status).high));
  const std::string statuses = line.text_or("statuses", "");
  if (statuses.empty()) return {};
  const auto ranges = read_statuses(statuses);
  if (!ranges)
    return fail(ErrorCode::protocol, fmt::format("statuses={} is no list of statuses", visible(statuses, 60)));
  request.statuses = *ranges;
  return {};
}

Status read_rule(const Line& line, RequestSpec& request) {
  LineReader reader(line);
  AnswerRule rule;
  const auto kind = choice<RuleKind>(reader.text("kind"), kRuleKinds);
  const std::string type = reader.text_or("type", "");
  const auto typed = type.empty() ? JsonType::absent : choice<JsonType>(type, kJsonTypes);
  if (!kind) return fail(kind.error(), "kind");
  if (!typed) return fail(typed.error(), "type");
  if (type == kJsonTypes.front()) return fail(ErrorCode::protocol, "no value is said by present=0");
  rule.kind = *kind;
  rule.type = *typed;
  rule.name = reader.text_or("name", "");
  rule.value = text_if_said(line, reader, "value");
  rule.matches = reader.text_or("matches", "");
  rule.present = reader.integer_or("present", 1, 0, 1) == 1;
  rule.least = number_if_said(line, reader, "least");
  rule.most = number_if_said(line, reader, "most");
  rule.length_least = integer_if_said(line, reader, "length_least");
  rule.length_most = integer_if_said(line, reader, "length_most");
  request.rules.push_back(std::move(rule));
  return reader.finish();
}

Status read_take(const Line& line, RequestSpec& request) {
  LineReader reader(line);
  Take take;
  take.name = reader.text("name");
  const auto from = choice<TakeFrom>(reader.text("from"), kTakeSources);
  if (!from) return fail(from.error(), "from");
  take.from = *from;
  take.where = reader.text("where");
  request.takes.push_back(std::move(take));
  return reader.finish();
}

Status read_tls(LineReader& line, LoadSpec& spec) {
  const auto version = choice<TlsVersion>(line.text_or("version", "any"), {"any", "1.2", "1.3"});
  if (!version) return fail(version.error(), "version");
  spec.tls.is_used = true;
  spec.tls.verify = line.integer_or("verify", 1, 0, 1) == 1;
  spec.tls.resume = line.integer_or("resume", 1, 0, 1) == 1;
  spec.tls.version = *version;
  spec.tls.host = line.text_or("host", spec.target.address);
  spec.tls.ca_file = line.text_or("ca_file", "");
  return {};
}

Status read_table(LineReader& line, LoadSpec& spec) {
  auto table = read_csv(line.text("csv"), "table");
  if (!table) return fail(table.error());
  spec.table = std::move(*table);
  return {};
}

// A line that belongs to the request before it.
Status read_request_part(const Line& line, RequestSpec* request) {
  constexpr std::array<std::string_view, 4> kWords{"header", "accept", "rule", "take"};
  if (std::find(kWords.begin(), kWords.end(), line.word()) == kWords.end())
    return fail(ErrorCode::protocol, fmt::format("\"{}\" is not known in a load spec", line.word()));
  if (request == nullptr)
    return fail(ErrorCode::protocol, fmt::format("\"{}\" stands before any request", line.word()));
  if (line.word() == "rule") return read_rule(line, *request);
  if (line.word() == "take") return read_take(line, *request);
  LineReader reader(line);
  if (line.word() == "header") request->headers.emplace_back(reader.text("name"), reader.text("value"));
  else request->accepted_bodies.push_back(reader.text("body"));
  return reader.finish();
}

// `request` is that of the line before which `header` and `accept` lines may follow; null: none yet.
Status read_spec_line(const Line& line, LoadSpec& spec, RequestSpec*& request) {
  LineReader reader(line);
  Status read;
  if (line.word() == "target") {
    const Result<Target> target = read_target(line);
    if (!target) return fail(target.error());
    spec.target = *target;
    return {};
  }
  if (line.word() == "workers") {
    read = read_workers(reader, spec);
  } else if (line.word() == "load") {
    read = read_load(reader, spec);
  } else if (line.word() == "times") {
    read_times(reader, spec);
  } else if (line.word() == "check") {
    spec.body_sample_ratio = reader.number_or("sample", spec.body_sample_ratio, 0, 1);
    spec.body_sample_least = reader.integer_or("least", spec.body_sample_least, 0, kAnyInteger);
  } else if (line.word() == "request") {
    spec.requests.emplace_back();
    request = &spec.requests.back();
    read = read_request(reader, *request);
  } else if (line.word() == "stream") {
    request = &spec.stream;
    read = read_request(reader, *request);
  } else if (line.word() == "tls") {
    read = read_tls(reader, spec);
  } else if (line.word() == "table") {
    read = read_table(reader, spec);
  } else {
    return read_request_part(line, request);
  }
  return read ? reader.finish() : read;
}

// What belongs to one protocol only.
Status check_protocol(const LoadSpec& spec) {
  for (const RequestSpec& request : spec.requests) {
    if (spec.protocol == Protocol::http2 && request.headers.size() > 24)
      return fail(ErrorCode::protocol, "more than 24 headers of one request in HTTP/2");
    if (spec.protocol != Protocol::sse) continue;
    if (request.body_bytes < static_cast<std::int64_t>(kStampBytes) || request.body_bytes > 1024) {
      return fail(ErrorCode::protocol,
                  fmt::format("a published message is generated and has body_bytes={} to 1024", kStampBytes));
    }
    if (request.body_bytes != spec.requests.front().body_bytes)
      return fail(ErrorCode::protocol, "published messages have one length");
  }
  return {};
}

}  // namespace

std::string describe(const Target& target) {
  if (!target.unix_path.empty()) return "the socket " + target.unix_path;
  std::string addresses = target.address;
  for (const std::string& further : target.further) addresses += " or " + further;
  return fmt::format("{} port {}", addresses, target.port);
}

Result<std::vector<int>> read_cpu_list(LineReader& line) {
  const std::string list = line.text_or("cpus", "");
  if (list.empty()) return std::vector<int>();
  auto cpus = read_cpus(list);
  if (cpus) return std::move(*cpus);
  return fail(ErrorCode::protocol, fmt::format("cpus={} is no list of CPU numbers", visible(list, 40)));
}

Result<Target> read_target(const Line& line) {
  LineReader reader(line);
  Target target;
  target.address = reader.text("address");
  target.port = static_cast<int>(reader.integer("port", 1, 65535));
  target.netns = reader.text_or("netns", "");
  const Status status = reader.finish();
  if (!status) return fail(status.error());
  in6_addr address{};
  if (inet_pton(AF_INET, target.address.c_str(), &address) != 1 &&
      inet_pton(AF_INET6, target.address.c_str(), &address) != 1) {
    return fail(ErrorCode::protocol, fmt::format("address={} is not an IP address", visible(target.address, 60)));
  }
  return target;
}

Result<LoadSpec> read_load_spec(const std::vector<Line>& lines) {
  LoadSpec spec;
  spec.needs_all_connections = true;
  RequestSpec* request = nullptr;
  for (const Line& line : lines) {
    const Status status = read_spec_line(line, spec, request);
    if (!status) return fail(status.error());
  }
  const Status checked = check_load_spec(spec);
  if (!checked) return fail(checked.error());
  return spec;
}

Status check_load_spec(const LoadSpec& spec) {
  const auto bad = [](std::string_view why) { return fail(ErrorCode::protocol, std::string(why)); };
  if (!spec.target.is_known()) return bad("no target");
  if (spec.measure_ns == 0) return bad("no times");
  if (spec.requests.empty()) return bad("no request");
  if (spec.open_loop && spec.rate_per_s <= 0) return bad("an open loop needs a rate");
  if (!spec.open_loop && spec.rate_per_s > 0) return bad("a closed loop has no rate");
  if (spec.open_loop && spec.pipeline > 1 && spec.protocol != Protocol::http2)
    return bad("pipelining belongs to the closed loop");
  if (spec.is_session && spec.pipeline > 1 && spec.protocol != Protocol::http2)
    return bad("a step of a session waits for the answer to the one before: it is not pipelined");
  if (spec.is_session && spec.protocol == Protocol::sse) return bad("published messages are no session");
  if (spec.requests_per_connection > 0 && spec.pipeline > 1) return bad("pipelined connections are kept");
  if (spec.requests_per_connection > 0 && (spec.protocol == Protocol::websocket || spec.protocol == Protocol::http2))
    return bad("WebSocket and HTTP/2 connections are kept");
  if ((spec.protocol == Protocol::sse) != (spec.subscribers > 0))
    return bad("subscribers and the protocol sse belong together");
  double weights = 0;
  for (const RequestSpec& request : spec.requests) {
    weights += request.weight;
    if (request.accepted_bodies.size() > 64) return bad("more than 64 accepted bodies for one request");
    if (request.body_bytes > 0 && !request.body.empty()) return bad("a body is given or generated, not both");
  }
  return weights > 0 ? check_protocol(spec) : bad("all requests have weight 0");
}

}  // namespace dyno::loadgen

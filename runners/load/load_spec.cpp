#include "runners/load/load_spec.h"

#include <algorithm>
#include <limits>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/sse/stamp.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;
// A profile measures up to a day; background load outlasts the warm-up and the end of its phase.
constexpr std::int64_t kLongestWindow = 26 * kHour;
constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::max();

// One of the listed words as the enumerator at its place.
template <class Enum>
Result<Enum> choice(const std::string& text, std::initializer_list<std::string_view> words) {
  int place = 0;
  for (const std::string_view word : words) {
    if (word == text) return static_cast<Enum>(place);
    ++place;
  }
  return fail(ErrorCode::protocol, fmt::format("\"{}\" is none of {}", visible(text, 40), fmt::join(words, ", ")));
}

Status read_workers(LineReader& line, LoadSpec& spec) {
  const auto cpus = read_cpus(line.text_or("cpus", ""));
  const auto transport = choice<TransportKind>(line.text_or("transport", "auto"), {"auto", "epoll", "io_uring"});
  const auto wait = choice<WaitMode>(line.text_or("wait", "sleep"), {"sleep", "hybrid"});
  if (!cpus) return fail(cpus.error());
  if (!transport) return fail(transport.error(), "transport");
  if (!wait) return fail(wait.error(), "wait");
  spec.cpus = *cpus;
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
  const auto curve = read_curve(line.text_or("curve", ""));
  if (!curve) return fail(curve.error());
  spec.open_loop = *open;
  spec.protocol = *protocol;
  spec.curve = *curve;
  spec.arrivals = *arrivals;
  spec.connections = static_cast<int>(line.integer("connections", 1, 65'000));
  spec.rate_per_s = line.number_or("rate", 0, 0, 1e8);
  for (const RatePoint& point : spec.curve) spec.rate_per_s = std::max(spec.rate_per_s, point.per_s);
  spec.subscribers = static_cast<int>(line.integer_or("subscribers", 0, 0, 65'000));
  spec.requests_limit = line.integer_or("requests", 0, 0, kAnyInteger);
  spec.error_limit = line.number_or("error_limit", 1, 0, 1);
  spec.queue_limit = line.integer_or("queue", 0, 0, 100'000'000);
  spec.pipeline = static_cast<int>(line.integer_or("pipeline", 1, 1, 1024));
  spec.requests_per_connection = line.integer_or("requests_per_connection", 0, 0, kAnyInteger);
  spec.seed =
      static_cast<std::uint64_t>(line.integer_or("seed", 0, std::numeric_limits<std::int64_t>::min(), kAnyInteger));
  return {};
}

void read_times(LineReader& line, LoadSpec& spec) {
  spec.warm_up_ns = line.integer_or("warm_up_ns", 0, 0, kHour);
  spec.warm_up_max_ns = line.integer_or("warm_up_max_ns", 0, 0, kHour);
  spec.measure_ns = line.integer("measure_ns", 1'000'000, kLongestWindow);
  spec.timeout_ns = line.integer_or("timeout_ns", spec.timeout_ns, 1'000'000, kHour);
}

RequestSpec read_request(LineReader& line) {
  RequestSpec request;
  request.method = line.text_or("method", request.method);
  request.target = line.text_or("target", request.target);
  request.body = line.text_or("body", "");
  request.fills_body = line.integer_or("fill_body", 0, 0, 1) == 1;
  request.body_bytes = line.integer_or("body_bytes", 0, 0, 1 << 30);
  request.is_binary = line.integer_or("binary", 0, 0, 1) == 1;
  request.weight = line.number_or("weight", 1, 0, 1e9);
  request.expected_status = static_cast<int>(line.integer_or("status", 200, 0, 999));
  return request;
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
    spec.requests.push_back(read_request(reader));
    request = &spec.requests.back();
  } else if (line.word() == "stream") {
    spec.stream = read_request(reader);
    request = &spec.stream;
  } else if (line.word() == "tls") {
    read = read_tls(reader, spec);
  } else if (line.word() == "table") {
    read = read_table(reader, spec);
  } else if (line.word() == "header" || line.word() == "accept") {
    if (request == nullptr)
      return fail(ErrorCode::protocol, fmt::format("\"{}\" stands before any request", line.word()));
    if (line.word() == "header") request->headers.emplace_back(reader.text("name"), reader.text("value"));
    else request->accepted_bodies.push_back(reader.text("body"));
  } else {
    return fail(ErrorCode::protocol, fmt::format("\"{}\" is not known in a load spec", line.word()));
  }
  return read ? reader.finish() : read;
}

// What belongs to one protocol only.
Status check_protocol(const LoadSpec& spec) {
  for (const RequestSpec& request : spec.requests) {
    if ((spec.protocol == Protocol::websocket || spec.protocol == Protocol::http2) && request.fills_body)
      return fail(ErrorCode::protocol, "a message, or a body in HTTP/2, is given or generated, not filled");
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

Result<std::vector<int>> read_cpus(const std::string& text) {
  std::vector<int> cpus;
  if (text.empty()) return cpus;
  for (const std::string_view part : split(text, ',')) {
    const auto cpu = parse_int(part);
    if (!cpu || *cpu < 0 || *cpu > 4095)
      return fail(ErrorCode::protocol, fmt::format("cpus={} is no list of CPU numbers", visible(text, 40)));
    cpus.push_back(static_cast<int>(*cpu));
  }
  return cpus;
}

Result<std::vector<RatePoint>> read_curve(const std::string& text) {
  std::vector<RatePoint> curve;
  if (text.empty()) return curve;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t colon = part.find(':');
    const auto at = parse_duration(part.substr(0, colon));
    const auto rate = colon == std::string_view::npos ? std::nullopt : parse_double(part.substr(colon + 1));
    if (!at || !rate || at->count() < 0 || *rate < 0 || *rate > 1e8) {
      return fail(ErrorCode::protocol, fmt::format("\"{}\" is no moment and rate such as 10s:5000", visible(part, 40)));
    }
    if (!curve.empty() && at->count() < curve.back().at_ns)
      return fail(ErrorCode::protocol, fmt::format("the curve goes back in time at \"{}\"", visible(part, 40)));
    curve.push_back({at->count(), *rate});
  }
  return curve;
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
  if (spec.target.port == 0) return bad("no target");
  if (spec.measure_ns == 0) return bad("no times");
  if (spec.requests.empty()) return bad("no request");
  if (spec.open_loop && spec.rate_per_s <= 0) return bad("an open loop needs a rate");
  if (!spec.open_loop && spec.rate_per_s > 0) return bad("a closed loop has no rate");
  if (spec.open_loop && spec.pipeline > 1 && spec.protocol != Protocol::http2)
    return bad("pipelining belongs to the closed loop");
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

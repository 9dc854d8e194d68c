#include "runners/load/load_spec.h"

#include <algorithm>
#include <limits>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::int64_t kHour = 3'600'000'000'000;
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
  spec.open_loop = *open;
  spec.arrivals = *arrivals;
  spec.connections = static_cast<int>(line.integer("connections", 1, 65'000));
  spec.rate_per_s = line.number_or("rate", 0, 0, 1e8);
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
  spec.measure_ns = line.integer("measure_ns", 1'000'000, 24 * kHour);
  spec.timeout_ns = line.integer_or("timeout_ns", spec.timeout_ns, 1'000'000, kHour);
}

void read_request(LineReader& line, LoadSpec& spec) {
  RequestSpec request;
  request.method = line.text_or("method", request.method);
  request.target = line.text_or("target", request.target);
  request.body = line.text_or("body", "");
  request.weight = line.number_or("weight", 1, 0, 1e9);
  request.expected_status = static_cast<int>(line.integer_or("status", 200, 0, 999));
  spec.requests.push_back(std::move(request));
}

Status read_spec_line(const Line& line, LoadSpec& spec) {
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
    read_request(reader, spec);
  } else if ((line.word() == "header" || line.word() == "accept") && spec.requests.empty()) {
    return fail(ErrorCode::protocol, fmt::format("\"{}\" stands before any request", line.word()));
  } else if (line.word() == "header") {
    spec.requests.back().headers.emplace_back(reader.text("name"), reader.text("value"));
  } else if (line.word() == "accept") {
    spec.requests.back().accepted_bodies.push_back(reader.text("body"));
  } else {
    return fail(ErrorCode::protocol, fmt::format("\"{}\" is not known in a load spec", line.word()));
  }
  return read ? reader.finish() : read;
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
  for (const Line& line : lines) {
    const Status status = read_spec_line(line, spec);
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
  if (spec.open_loop && spec.pipeline > 1) return bad("pipelining belongs to the closed loop");
  if (spec.requests_per_connection > 0 && spec.pipeline > 1) return bad("pipelined connections are kept");
  if (!spec.cpus.empty() && spec.connections < static_cast<int>(spec.cpus.size()))
    return bad("fewer connections than workers");
  double weights = 0;
  for (const RequestSpec& request : spec.requests) {
    weights += request.weight;
    if (request.accepted_bodies.size() > 64) return bad("more than 64 accepted bodies for one request");
  }
  return weights > 0 ? Status() : bad("all requests have weight 0");
}

}  // namespace dyno::loadgen

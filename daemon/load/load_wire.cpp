#include "load/load_wire.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::load {
namespace {

constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

std::int64_t count(LineReader& reader, std::string_view key) { return reader.integer(key, 0, kAny); }

std::string greeting() { return Line("dyno-load").add("protocol", kLoadProtocol).text(); }

std::string target_line(const ports::LoadTarget& target) {
  Line line("target");
  line.add("address", target.address).add("port", target.port);
  if (target.netns_pid > 0) line.add("netns", fmt::format("/proc/{}/ns/net", target.netns_pid));
  return line.text();
}

std::string cpu_list(const std::vector<int>& cpus) { return fmt::format("{}", fmt::join(cpus, ",")); }

// One worker on each CPU, but none without a connection of its own.
std::vector<int> worker_cpus(const ports::LoadSpec& spec) {
  const auto workers = static_cast<std::ptrdiff_t>(std::max(spec.connections, 1));
  const auto all = static_cast<std::ptrdiff_t>(spec.cpus.size());
  return {spec.cpus.begin(), spec.cpus.begin() + std::min(workers, all)};
}

std::string_view to_string(ports::LoadProtocol protocol) {
  switch (protocol) {
    case ports::LoadProtocol::http1: return "http1";
    case ports::LoadProtocol::websocket: return "websocket";
    case ports::LoadProtocol::sse: return "sse";
    case ports::LoadProtocol::http2: return "http2";
  }
  return "";
}

std::string statuses_text(const std::vector<model::StatusRange>& statuses) {
  std::string text;
  for (const model::StatusRange& range : statuses)
    text += fmt::format("{}{}..{}", text.empty() ? "" : ",", range.from, range.to);
  return text;
}

// A rule as dyno-load is told it, and the line of its expectation.
struct RuleLine {
  Line line;
  int of_file = 0;
};

Line rule_line(std::string_view kind) {
  Line line("rule");
  line.add("kind", kind);
  return line;
}

RuleLine json_rule_line(const model::JsonRule& rule) {
  Line line = rule_line("json");
  line.add("name", rule.pointer);
  if (!rule.present) line.add("present", 0);
  if (rule.type) line.add("type", model::to_string(*rule.type));
  if (!rule.equals.empty()) line.add("value", rule.equals);
  if (!rule.matches.empty()) line.add("matches", rule.matches);
  if (rule.least) line.add("least", *rule.least);
  if (rule.most) line.add("most", *rule.most);
  if (rule.length_least) line.add("length_least", *rule.length_least);
  if (rule.length_most) line.add("length_most", *rule.length_most);
  return {line, rule.line};
}

// In the order in which an answer is judged; dyno-load names a rule by its place here.
std::vector<RuleLine> rule_lines(const model::AnswerRules& rules) {
  std::vector<RuleLine> lines;
  if (!rules.content_type.empty())
    lines.push_back({rule_line("content_type").add("value", rules.content_type), rules.line});
  for (const model::HeaderRule& rule : rules.headers) {
    Line line = rule_line("header").add("name", rule.name);
    if (!rule.value.empty()) line.add("value", rule.value);
    if (!rule.matches.empty()) line.add("matches", rule.matches);
    lines.push_back({line, rule.line});
  }
  if (rules.bytes_least || rules.bytes_most) {
    Line line = rule_line("size");
    if (rules.bytes_least) line.add("length_least", *rules.bytes_least);
    if (rules.bytes_most) line.add("length_most", *rules.bytes_most);
    lines.push_back({line, rules.line});
  }
  if (rules.body) lines.push_back({rule_line("body").add("value", *rules.body), rules.line});
  for (const std::string& part : rules.contains)
    lines.push_back({rule_line("contains").add("value", part), rules.line});
  if (!rules.matches.empty()) lines.push_back({rule_line("matches").add("matches", rules.matches), rules.line});
  for (const model::JsonRule& rule : rules.json) lines.push_back(json_rule_line(rule));
  return lines;
}

std::string request_lines(std::string word, const ports::RequestTemplate& request) {
  Line line(std::move(word));
  line.add("method", request.method)
      .add("target", request.target)
      .add("body", request.body)
      .add("weight", request.weight)
      .add("status", request.expected_status);
  if (request.body_bytes > 0) line.add("body_bytes", request.body_bytes);
  if (request.is_binary) line.add("binary", 1);
  if (request.fills_body) line.add("fill_body", 1);
  if (request.rules) line.add("statuses", statuses_text(request.rules->statuses));
  std::string text = line.text();
  for (const auto& [name, value] : request.headers) text += Line("header").add("name", name).add("value", value).text();
  for (const std::string& body : request.accepted_bodies) text += Line("accept").add("body", body).text();
  if (request.rules) {
    for (const RuleLine& rule : rule_lines(*request.rules)) text += rule.line.text();
  }
  for (const model::Capture& take : request.takes)
    text +=
        Line("take").add("name", take.name).add("from", model::to_string(take.from)).add("where", take.where).text();
  return text;
}

tl::unexpected<Error> unknown(const Line& line) {
  return fail(ErrorCode::protocol,
              fmt::format("dyno-load said \"{}\", which is not known here", visible(line.word(), 40)));
}

}  // namespace

std::string probe_request(const ports::ProbeSpec& spec) {
  Line probe("probe");
  probe.add("path", spec.path);
  if (!spec.deep_path.empty()) probe.add("deep_path", spec.deep_path);
  probe.add("cpus", cpu_list(spec.cpus));
  return greeting() + target_line(spec.target) + probe.text() + "go\n";
}

std::string exchange_request(const ports::LoadTarget& target, const std::vector<ports::Exchange>& exchanges) {
  std::string text = greeting() + target_line(target);
  for (const ports::Exchange& exchange : exchanges) {
    Line line("exchange");
    if (exchange.is_stream) line.add("stream", 1).add("first", exchange.stream_first).add("last", exchange.stream_last);
    if (!exchange.stream_goodbye.empty())
      line.add("goodbye", exchange.stream_goodbye).add("goodbye_after", exchange.stream_goodbye_after);
    text += line.add("new_connection", exchange.new_connection ? 1 : 0)
                .add("expect_body", exchange.expect_body ? 1 : 0)
                .add("await_close", exchange.await_close ? 1 : 0)
                .add("together", exchange.together ? 1 : 0)
                .add("answers", exchange.answers)
                .add("timeout_ns", exchange.timeout.count())
                .add("pause_ns", exchange.pause_between.count())
                .text();
    for (const std::string& piece : exchange.pieces) text += Line("piece").add("bytes", piece).text();
  }
  return text + "go\n";
}

std::string load_request(const ports::LoadSpec& spec) {
  const bool open = spec.loop == model::Loop::open;
  Line load("load");
  load.add("loop", model::to_string(spec.loop)).add("connections", spec.connections);
  if (spec.protocol != ports::LoadProtocol::http1) load.add("protocol", to_string(spec.protocol));
  if (spec.subscribers > 0) load.add("subscribers", spec.subscribers);
  if (spec.pipeline > 1) load.add("pipeline", spec.pipeline);
  if (open) load.add("rate", spec.rate.per_s);
  if (spec.arrivals == ports::Arrivals::poisson) load.add("arrivals", "poisson");
  if (spec.is_session) load.add("session", 1);
  load.add("seed", static_cast<std::int64_t>(spec.seed));
  // Spinning up to each due time is exact but takes a core, so it needs one of its own.
  const std::string_view wait = spec.cpus.empty() || spec.shares_cpus ? "sleep" : "hybrid";
  std::string text = greeting() + target_line(spec.target) +
                     Line("workers").add("cpus", cpu_list(worker_cpus(spec))).add("wait", wait).text() + load.text() +
                     Line("times")
                         .add("warm_up_ns", spec.warm_up.count())
                         .add("warm_up_max_ns", spec.warm_up_max.count())
                         .add("measure_ns", spec.measure.count())
                         .add("timeout_ns", spec.request_timeout.count())
                         .text() +
                     Line("check").add("sample", spec.body_sample_ratio).text();
  if (!spec.table_csv.empty()) text += Line("table").add("csv", spec.table_csv).text();
  const bool has_stream = spec.protocol == ports::LoadProtocol::websocket || spec.protocol == ports::LoadProtocol::sse;
  if (has_stream) text += request_lines("stream", spec.stream);
  for (const ports::RequestTemplate& request : spec.requests) text += request_lines("request", request);
  return text + "go\n";
}

void place_bad_answers(const ports::LoadSpec& spec, std::vector<ports::BadAnswer>& answers) {
  for (ports::BadAnswer& answer : answers) {
    if (answer.request >= spec.requests.size()) continue;
    const ports::RequestTemplate& request = spec.requests[answer.request];
    if (answer.status != 0) {
      const std::string wanted =
          request.rules ? statuses_text(request.rules->statuses) : std::to_string(request.expected_status);
      answer.why = fmt::format("expected status {}, got {}", wanted, answer.status);
    }
    if (!request.rules) continue;
    answer.file = request.rules->file;
    answer.line = request.rules->line;
    const std::vector<RuleLine> rules = rule_lines(*request.rules);
    if (answer.rule && *answer.rule < rules.size()) answer.line = rules[*answer.rule].of_file;
    for (const model::Capture& take : request.takes) {
      if (take.name == answer.take && take.line > 0) answer.line = take.line;
    }
  }
}

Status check_greeting(const Line& line) {
  LineReader reader(line);
  if (line.word() == "error") return fail(read_error(line));
  if (line.word() != "dyno-load") return fail(ErrorCode::protocol, "the program that was started is not dyno-load");
  reader.integer("protocol", kLoadProtocol, kLoadProtocol);
  reader.text("version");
  return reader.finish();
}

ports::LoadFault load_fault_of(ErrorCode code) {
  if (code == ErrorCode::unavailable) return ports::LoadFault::refused;
  if (code == ErrorCode::exhausted) return ports::LoadFault::starved;
  if (code == ErrorCode::cancelled) return ports::LoadFault::cancelled;
  return ports::LoadFault::broken;
}

Error read_error(const Line& line) {
  LineReader reader(line);
  const std::string code = reader.text("code");
  const std::string message = reader.text("message");
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    if (to_string(static_cast<ErrorCode>(i)) == code) return {static_cast<ErrorCode>(i), message};
  }
  return {ErrorCode::protocol, message};
}

Result<Step> read_probe_line(const Line& line, ports::ProbeOutcome& outcome) {
  LineReader reader(line);
  const std::string& word = line.word();
  if (word == "error") return fail(read_error(line));
  if (word == "connected" || word == "good" || word == "deep") {
    const MonotonicTime at = monotonic_from_ns(count(reader, "t_ns"));
    (word == "connected" ? outcome.connected : word == "good" ? outcome.good : outcome.deep) = at;
    if (word != "connected") {
      const Nanos gap(count(reader, "gap_ns"));
      (word == "good" ? outcome.good_gap : outcome.deep_gap) = gap;
    }
  } else if (word == "trouble" || word == "done" || word == "stopped") {
    outcome.attempts = count(reader, "attempts");
    outcome.last_status = static_cast<int>(reader.integer("last_status", 0, 999));
    outcome.last_error = reader.text("last_error");
  } else {
    return unknown(line);
  }
  Status status = reader.finish();
  if (!status) return fail(status.error());
  return word == "done" || word == "stopped" ? Step::done : Step::more;
}

Result<Step> ExchangeReader::take(const Line& line) {
  LineReader reader(line);
  if (line.word() == "error") return fail(read_error(line));
  if (line.word() == "done") return Step::done;
  if (line.word() == "answer") {
    count(reader, "exchange");
    ports::Answer answer;
    answer.status = static_cast<int>(reader.integer("status", 0, 999));
    answer.body = reader.text("body");
    current_.answers.push_back(std::move(answer));
  } else if (line.word() == "header" && !current_.answers.empty()) {
    std::string name = reader.text("name");
    current_.answers.back().headers.emplace_back(std::move(name), reader.text("value"));
  } else if (line.word() == "exchanged") {
    count(reader, "exchange");
    current_.closed_by_server = reader.integer("closed", 0, 1) == 1;
    current_.error = reader.text("error");
    outcomes_.push_back(std::exchange(current_, {}));
  } else {
    return unknown(line);
  }
  Status status = reader.finish();
  if (!status) return fail(status.error());
  return Step::more;
}

Result<Step> LoadReader::take(const Line& line) {
  LineReader reader(line);
  const std::string& word = line.word();
  Status status;
  if (word == "error") return fail(read_error(line));
  if (word == "done") {
    if (!has_result_) return fail(ErrorCode::protocol, "dyno-load exited without a result");
    return Step::done;
  }
  if (word == "second") status = take_second(line);
  else if (word == "result") status = take_result(line);
  else if (word == "errors") status = take_errors(line);
  else if (word == "loader") status = take_loader(line);
  else if (word == "unanswered") status = take_unanswered(line);
  else if (word == "open") status = take_open(line);
  else if (word == "deliveries") status = take_deliveries(line);
  else if (word == "bad_body" || word == "bad_status") status = take_bad_answer(line);
  else {
    if (word == "ready") {
      outcome_.transport = reader.text("transport");
      outcome_.timer_mode = reader.text("timer");
      count(reader, "connections");
    } else if (word == "planned") {
      count(reader, "begin_ns");
      count(reader, "end_ns");
    } else if (word == "begin" || word == "end") {
      const MonotonicTime at = monotonic_from_ns(count(reader, "t_ns"));
      const auto& tell = word == "begin" ? listener_.window_begin : listener_.window_end;
      if (tell) tell(at);
    } else if (word == "histogram") {
      std::string kind = reader.text("kind");
      outcome_.histograms.push_back({std::move(kind), reader.text("v2")});
    } else {
      return unknown(line);
    }
    status = reader.finish();
  }
  if (!status) return fail(status.error());
  return Step::more;
}

Status LoadReader::take_second(const Line& line) {
  LineReader reader(line);
  ports::LoadSecond second;
  second.warming_up = reader.integer("warming_up", 0, 1) == 1;
  second.point.second =
      static_cast<std::int32_t>(reader.integer("number", 0, std::numeric_limits<std::int32_t>::max()));
  second.point.good = count(reader, "good");
  second.point.errors = count(reader, "errors");
  count(reader, "length_ns");
  reader.number("busy", 0, 1e6);
  const std::int64_t p50 = reader.integer_or("p50_ns", -1, 0, kAny);
  const std::int64_t p99 = reader.integer_or("p99_ns", -1, 0, kAny);
  Status status = reader.finish();
  if (!status) return status;
  if (p50 >= 0) second.point.p50_ns = p50;
  if (p99 >= 0) second.point.p99_ns = p99;
  if (second.warming_up) {
    outcome_.warm_up_good += second.point.good;
    outcome_.warm_up_errors += second.point.errors;
  } else {
    outcome_.seconds.push_back(second.point);
  }
  if (listener_.second) listener_.second(second);
  return {};
}

Status LoadReader::take_result(const Line& line) {
  LineReader reader(line);
  has_result_ = true;
  outcome_.window_begin = monotonic_from_ns(count(reader, "begin_ns"));
  outcome_.window_end = monotonic_from_ns(count(reader, "end_ns"));
  outcome_.steady = reader.integer("steady", 0, 1) == 1;
  reader.text("ended");
  outcome_.good = count(reader, "good");
  outcome_.sent = count(reader, "sent");
  outcome_.in_flight = count(reader, "in_flight");
  outcome_.bytes_received = count(reader, "bytes_in");
  count(reader, "bytes_out");
  count(reader, "reconnects");
  count(reader, "stray");
  outcome_.bodies_checked = count(reader, "bodies_checked");
  outcome_.service_time_mean = Nanos(count(reader, "service_mean_ns"));
  return reader.finish();
}

Status LoadReader::take_errors(const Line& line) {
  LineReader reader(line);
  model::ErrorCounts& errors = outcome_.errors;
  errors.connect = count(reader, "connect");
  errors.reset = count(reader, "reset");
  errors.timeout = count(reader, "timeout");
  errors.bad_status = count(reader, "bad_status");
  errors.bad_framing = count(reader, "bad_framing");
  errors.bad_body = count(reader, "bad_body");
  errors.dropped = count(reader, "dropped");
  return reader.finish();
}

Status LoadReader::take_loader(const Line& line) {
  LineReader reader(line);
  outcome_.loader_cpu = Nanos(count(reader, "cpu_ns"));
  count(reader, "spin_ns");
  outcome_.loader_cpu_all = Nanos(count(reader, "cpu_all_ns"));
  outcome_.loader_busy_ratio = reader.number("busy_peak", 0, 1e6);
  outcome_.context_switches = count(reader, "context_switches");
  outcome_.run_queue_wait = Nanos(count(reader, "run_queue_wait_ns"));
  return reader.finish();
}

Status LoadReader::take_unanswered(const Line& line) {
  LineReader reader(line);
  outcome_.unanswered = count(reader, "requests");
  outcome_.waited_least = Nanos(count(reader, "waited_least_ns"));
  count(reader, "answered_late");
  outcome_.connections_asked = count(reader, "connections");
  outcome_.connections_unserved = count(reader, "connections_unserved");
  return reader.finish();
}

Status LoadReader::take_open(const Line& line) {
  LineReader reader(line);
  count(reader, "due");
  count(reader, "queued_begin");
  outcome_.queued = count(reader, "queued_end");
  count(reader, "unanswered");  // as the line of that name has it
  count(reader, "waited_least_ns");
  outcome_.late_ratio = reader.number("late_ratio", 0, 1);
  count(reader, "lag_p50_ns");
  outcome_.lag_p99 = Nanos(count(reader, "lag_p99_ns"));
  return reader.finish();
}

Status LoadReader::take_deliveries(const Line& line) {
  LineReader reader(line);
  ports::Deliveries& deliveries = outcome_.deliveries.emplace();
  count(reader, "subscribers");
  deliveries.expected = count(reader, "expected");
  deliveries.good = count(reader, "good");
  deliveries.in_window = count(reader, "in_window");
  deliveries.missed = count(reader, "missed");
  deliveries.doubled = count(reader, "doubled");
  deliveries.bad = count(reader, "bad");
  deliveries.lost_streams = count(reader, "lost_streams");
  return reader.finish();
}

Status LoadReader::take_bad_answer(const Line& line) {
  LineReader reader(line);
  ports::BadAnswer answer;
  answer.request = static_cast<std::size_t>(count(reader, "request"));
  if (line.word() == "bad_status") {
    answer.status = static_cast<int>(reader.integer("status", 100, 999));
  } else {
    const std::int64_t rule = reader.integer_or("rule", -1, 0, kAny);
    if (rule >= 0) answer.rule = static_cast<std::size_t>(rule);
    answer.take = reader.text_or("take", "");
    answer.why = reader.text("why");
  }
  answer.bytes = reader.text("bytes");
  if (answer.status == 0 && outcome_.first_bad_body.empty()) outcome_.first_bad_body = answer.bytes;
  outcome_.bad_answers.push_back(std::move(answer));
  return reader.finish();
}

}  // namespace dyno::load

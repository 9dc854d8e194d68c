#include "runners/load/report/json_report.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "runners/load/report/known_times.h"

namespace dyno::loadgen {
namespace {

using Json = nlohmann::ordered_json;

// Bytes that are no UTF-8 stand for the characters U+0080 to U+00FF.
std::string utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string characters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) characters += byte < 0xc0 ? '\xc2' : '\xc3';
    characters += static_cast<char>(byte < 0x80 ? byte : 0x80 | (byte & 0x3f));
  }
  return characters;
}

double rounded(double value, int digits) {
  const double unit = std::pow(10, digits);
  return std::round(value * unit) / unit;
}

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::http1: return "http1";
    case Protocol::websocket: return "websocket";
    case Protocol::sse: return "sse";
    case Protocol::http2: return "http2";
  }
  return "";
}

Json options_json(const LoadSpec& spec) {
  Json curve = Json::array();
  for (const RatePoint& point : spec.curve)
    curve.push_back({{"at_ns", point.at_ns}, {"rate_per_s", rounded(point.per_s, 6)}});
  Json requests = Json::array();
  for (const RequestSpec& request : spec.requests)
    requests.push_back({{"method", utf8(request.method)}, {"target", utf8(request.target)}});
  return {{"protocol", name_of(spec.protocol)},
          {"connections", spec.connections},
          {"pipeline", spec.pipeline},
          {"workers", std::max<std::size_t>(spec.cpus.size(), 1)},
          {"duration_ns", spec.measure_ns},
          {"warm_up_ns", spec.warm_up_ns},
          {"timeout_ns", spec.timeout_ns},
          {"requests", spec.requests_limit},
          {"requests_per_connection", spec.requests_per_connection},
          {"error_limit", rounded(spec.error_limit, 6)},
          {"subscribers", spec.subscribers},
          {"rate_per_s", rounded(spec.rate_per_s, 6)},
          {"arrivals", spec.arrivals == Arrivals::poisson ? "poisson" : "even"},
          {"curve", std::move(curve)},
          {"session", spec.is_session},
          {"asks", std::move(requests)}};
}

Json given_json(const About& about) {
  Json json = Json::array();
  for (const auto& [name, value] : about.given) json.push_back({{"name", name}, {"value", utf8(value)}});
  return json;
}

Json times_json(const Times& times) {
  Json json = {{"n", times.values.count()}};
  if (times.has_known_mean()) json["mean_ns"] = std::llround(times.values.mean_ns());
  Json withheld = Json::array();
  for (const double percent : kPercents) {
    const std::string name = percent_name(percent) + "_ns";
    const Known known = times.known(percent);
    if (known == Known::yes) json[name] = times.values.percentile_ns(percent);
    if (known == Known::unanswered) withheld.push_back(name);
  }
  json["withheld"] = std::move(withheld);
  json["hdr_v2"] = times.values.encode();
  return json;
}

Json statuses_json(const StatusCounts& statuses) {
  Json json = Json::object();
  for (int status = 0; status < StatusCounts::kCodes; ++status) {
    if (statuses.of(status) != 0) json[std::to_string(status)] = statuses.of(status);
  }
  return json;
}

Json errors_json(const ErrorCounts& errors) {
  Json json;
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) json[std::string(kErrorNames[i])] = errors[i];
  return json;
}

Json examples_json(const LoadSpec& spec, const ErrorExamples& examples) {
  Json json = Json::array();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const ErrorExample& example = examples[i];
    if (!example.is_known) continue;
    Json& one = json.emplace_back(Json{{"kind", kErrorNames[i]}});
    if (static_cast<ErrorKind>(i) != ErrorKind::connect && example.request < spec.requests.size()) {
      one["method"] = utf8(spec.requests[example.request].method);
      one["target"] = utf8(spec.requests[example.request].target);
    }
    if (example.status != 0) one["status"] = example.status;
    if (example.error != 0) one["errno"] = example.error;
    if (example.size != 0) one["first_bytes"] = utf8(example.text());
  }
  return json;
}

Json bad_bodies_json(const LoadSpec& spec, const std::vector<BadBody>& bodies) {
  Json json = Json::array();
  for (const BadBody& bad : bodies) {
    Json& one = json.emplace_back(Json::object());
    if (bad.request < spec.requests.size()) {
      one["method"] = utf8(spec.requests[bad.request].method);
      one["target"] = utf8(spec.requests[bad.request].target);
    }
    if (bad.rule >= 0) one["rule"] = bad.rule;
    if (!bad.take.empty()) one["take"] = utf8(bad.take);
    if (!bad.why.empty()) one["why"] = utf8(bad.why);
    one["first_bytes"] = utf8(bad.bytes);
  }
  return json;
}

Json seconds_json(const LoadReport& report) {
  Json json = Json::array();
  for (const SecondReport& second : report.seconds) {
    Json& one = json.emplace_back(Json{
        {"number", second.number}, {"length_ns", second.length_ns}, {"good", second.good}, {"errors", second.errors}});
    if (second.times == 0) continue;
    one["p50_ns"] = second.p50_ns;
    one["p99_ns"] = second.p99_ns;
  }
  return json;
}

Json deliveries_json(const LoadReport& report) {
  Json json = {{"subscribers", report.subscribers}};
  for (const auto& [name, count] : report.all.deliveries.named()) json[std::string(name)] = count;
  json["delay"] = times_json(complete(report.all.delivery));
  return json;
}

void add_counts(const LoadReport& report, Json& json) {
  const WorkerResult& all = report.all;
  const Account account = account_of(all);
  json["good"] = account.good;
  json["sent"] = account.sent;
  json["in_flight"] = account.unanswered;
  json["unanswered"] = all.unanswered;
  json["answered_late"] = all.answered_late;
  if (all.unanswered > 0) json["waited_least_ns"] = all.waited_least_ns;
  json["connections_asked"] = all.connections_asked;
  json["connections_unserved"] = all.connections_unserved;
  json["bytes_in"] = all.window.bytes_in;
  json["bytes_out"] = all.window.bytes_out;
  json["reconnects"] = all.window.reconnects;
  json["bodies_checked"] = all.window.bodies_checked;
  json["session_rounds"] = all.window.rounds;
  json["statuses"] = statuses_json(all.statuses);
  json["errors"] = errors_json(all.window.errors);
}

Json remarks_json(const LoadSpec& spec, const LoadReport& report) {
  const Remarks& remarks = report.all.remarks;
  const Counts& window = report.all.window;
  Json json = {{"connections_never_opened", remarks.never_opened},
               {"closed_early", window.closed_early},
               {"redirects", window.redirects},
               {"sent_again", window.resent}};
  if (!remarks.connect.empty()) json["first_connect_error"] = utf8(remarks.connect);
  if (!remarks.redirect.empty()) json["first_redirect"] = utf8(remarks.redirect);
  if (had_fewer_streams(spec, remarks)) json["streams_allowed"] = remarks.streams_allowed;
  Json& refused = json["refused"] = Json::array();
  for (std::size_t i = 0; i < remarks.refused.size(); ++i) {
    if (window.refused[i] == 0) continue;
    refused.push_back({{"why", to_string(static_cast<ParseError>(i))},
                       {"count", window.refused[i]},
                       {"first_bytes", utf8(remarks.refused[i])}});
  }
  return json;
}

void add_times(const LoadSpec& spec, const LoadReport& report, Json& json) {
  const WorkerResult& all = report.all;
  if (report.subscribers > 0) json["deliveries"] = deliveries_json(report);
  if (report.open_loop) {
    json["rate_per_s"] = rounded(spec.rate_per_s, 6);
    json["due"] = all.window.due;
    json["queued_end"] = all.queued_end;
    json["late"] = all.late;
    json["latency"] = times_json(response_of(report));
    json["send_error"] = times_json(complete(all.send_error));
    json["lag"] = times_json(complete(all.lag));
  }
  json["service_time"] = times_json(service_of(report));
}

}  // namespace

std::string report_json(const LoadSpec& spec, const LoadReport& report, const About& about) {
  Json json = {{"format", "dyno-load report 1"},
               {"version", about.version},
               {"date", about.date},
               {"host", utf8(about.host)},
               {"url", utf8(about.url)},
               {"given", given_json(about)},
               {"options", options_json(spec)},
               {"loop", report.open_loop ? "open" : "closed"},
               {"transport", report.transport},
               {"timer", report.timer_mode},
               {"tls", report.security},
               {"connections", report.connections},
               {"ended", to_string(report.ended)},
               {"window_s", rounded(report.window_s(), 6)},
               {"throughput_per_s", rounded(report.throughput_per_s(), 3)}};
  add_counts(report, json);
  json["error_examples"] = examples_json(spec, report.all.examples);
  json["remarks"] = remarks_json(spec, report);
  if (!report.all.bad_bodies.empty()) json["first_bad_body"] = utf8(report.all.bad_bodies.front().bytes);
  json["bad_bodies"] = bad_bodies_json(spec, report.all.bad_bodies);
  json["generator"] = {{"cpu_ns", report.cpu_all_ns},
                       {"spin_ns", report.all.spin_ns},
                       {"busy_ratio", rounded(report.busy_ratio(), 4)},
                       {"context_switches", report.all.context_switches}};
  add_times(spec, report, json);
  json["seconds"] = seconds_json(report);
  return json.dump() + "\n";
}

}  // namespace dyno::loadgen

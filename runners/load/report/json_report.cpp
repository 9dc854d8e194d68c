#include "runners/load/report/json_report.h"

#include "runners/load/report/json.h"
#include "runners/load/report/known_times.h"

namespace dyno::loadgen {
namespace {

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::http1: return "http1";
    case Protocol::websocket: return "websocket";
    case Protocol::sse: return "sse";
    case Protocol::http2: return "http2";
  }
  return "";
}

std::string options_json(const LoadSpec& spec) {
  JsonObject json;
  json.add("protocol", name_of(spec.protocol))
      .add("connections", spec.connections)
      .add("pipeline", spec.pipeline)
      .add("workers", std::max<std::size_t>(spec.cpus.size(), 1))
      .add("duration_ns", spec.measure_ns)
      .add("warm_up_ns", spec.warm_up_ns)
      .add("timeout_ns", spec.timeout_ns)
      .add("requests", spec.requests_limit)
      .add("requests_per_connection", spec.requests_per_connection)
      .add("error_limit", spec.error_limit, 6)
      .add("subscribers", spec.subscribers)
      .add("rate_per_s", spec.rate_per_s, 6)
      .add("arrivals", spec.arrivals == Arrivals::poisson ? "poisson" : "even");
  JsonArray curve;
  for (const RatePoint& point : spec.curve)
    curve.raw(JsonObject().add("at_ns", point.at_ns).add("rate_per_s", point.per_s, 6).text());
  json.raw("curve", curve.text());
  JsonArray requests;
  for (const RequestSpec& request : spec.requests)
    requests.raw(JsonObject().add("method", request.method).add("target", request.target).text());
  return json.raw("asks", requests.text()).text();
}

std::string given_json(const About& about) {
  JsonArray json;
  for (const auto& [name, value] : about.given) json.raw(JsonObject().add("name", name).add("value", value).text());
  return json.text();
}

std::string times_json(const Times& times) {
  JsonObject json;
  json.add("n", times.values.count());
  if (times.has_known_mean()) json.add("mean_ns", times.values.mean_ns(), 0);
  JsonArray withheld;
  for (const double percent : kPercents) {
    const std::string name = percent_name(percent) + "_ns";
    const Known known = times.known(percent);
    if (known == Known::yes) json.add(name, times.values.percentile_ns(percent));
    if (known == Known::unanswered) withheld.raw(json_text(name));
  }
  return json.raw("withheld", withheld.text()).add("hdr_v2", times.values.encode()).text();
}

std::string statuses_json(const StatusCounts& statuses) {
  JsonObject json;
  for (int status = 0; status < StatusCounts::kCodes; ++status) {
    if (statuses.of(status) != 0) json.add(fmt::format("{}", status), statuses.of(status));
  }
  return json.text();
}

std::string examples_json(const LoadSpec& spec, const ErrorExamples& examples) {
  JsonArray json;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const ErrorExample& example = examples[i];
    if (!example.is_known) continue;
    JsonObject one;
    one.add("kind", kErrorNames[i]);
    if (static_cast<ErrorKind>(i) != ErrorKind::connect && example.request < spec.requests.size()) {
      one.add("method", spec.requests[example.request].method).add("target", spec.requests[example.request].target);
    }
    if (example.status != 0) one.add("status", example.status);
    if (example.error != 0) one.add("errno", example.error);
    if (example.size != 0) one.add("first_bytes", example.text());
    json.raw(one.text());
  }
  return json.text();
}

std::string seconds_json(const LoadReport& report) {
  JsonArray json;
  for (const SecondReport& second : report.seconds) {
    JsonObject one;
    one.add("number", second.number)
        .add("length_ns", second.length_ns)
        .add("good", second.good)
        .add("errors", second.errors);
    if (second.times > 0) one.add("p50_ns", second.p50_ns).add("p99_ns", second.p99_ns);
    json.raw(one.text());
  }
  return json.text();
}

std::string deliveries_json(const LoadReport& report) {
  JsonObject json;
  json.add("subscribers", report.subscribers);
  for (const auto& [name, count] : report.all.deliveries.named()) json.add(name, count);
  return json.raw("delay", times_json(complete(report.all.delivery))).text();
}

void add_counts(const LoadReport& report, JsonObject& json) {
  const WorkerResult& all = report.all;
  const Account account = account_of(all);
  json.add("good", account.good)
      .add("sent", account.sent)
      .add("in_flight", account.unanswered)
      .add("unanswered", all.unanswered)
      .add("answered_late", all.answered_late);
  if (all.unanswered > 0) json.add("waited_least_ns", all.waited_least_ns);
  json.add("connections_asked", all.connections_asked)
      .add("connections_unserved", all.connections_unserved)
      .add("bytes_in", all.window.bytes_in)
      .add("bytes_out", all.window.bytes_out)
      .add("reconnects", all.window.reconnects)
      .add("bodies_checked", all.window.bodies_checked)
      .raw("statuses", statuses_json(all.statuses));
  JsonObject errors;
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) errors.add(kErrorNames[i], all.window.errors[i]);
  json.raw("errors", errors.text());
}

std::string remarks_json(const LoadSpec& spec, const LoadReport& report) {
  const Remarks& remarks = report.all.remarks;
  const Counts& window = report.all.window;
  JsonObject json;
  json.add("connections_never_opened", remarks.never_opened)
      .add("closed_early", window.closed_early)
      .add("redirects", window.redirects)
      .add("sent_again", window.resent);
  if (!remarks.connect.empty()) json.add("first_connect_error", remarks.connect);
  if (!remarks.redirect.empty()) json.add("first_redirect", remarks.redirect);
  if (had_fewer_streams(spec, remarks)) json.add("streams_allowed", remarks.streams_allowed);
  JsonArray refused;
  for (std::size_t i = 0; i < remarks.refused.size(); ++i) {
    if (window.refused[i] == 0) continue;
    refused.raw(JsonObject()
                    .add("why", to_string(static_cast<ParseError>(i)))
                    .add("count", window.refused[i])
                    .add("first_bytes", remarks.refused[i])
                    .text());
  }
  return json.raw("refused", refused.text()).text();
}

void add_times(const LoadSpec& spec, const LoadReport& report, JsonObject& json) {
  const WorkerResult& all = report.all;
  if (report.subscribers > 0) json.raw("deliveries", deliveries_json(report));
  if (report.open_loop) {
    json.add("rate_per_s", spec.rate_per_s, 6)
        .add("due", all.window.due)
        .add("queued_end", all.queued_end)
        .add("late", all.late)
        .raw("latency", times_json(response_of(report)))
        .raw("send_error", times_json(complete(all.send_error)))
        .raw("lag", times_json(complete(all.lag)));
  }
  json.raw("service_time", times_json(service_of(report)));
}

}  // namespace

std::string report_json(const LoadSpec& spec, const LoadReport& report, const About& about) {
  JsonObject json;
  json.add("format", "dyno-load report 1")
      .add("version", about.version)
      .add("date", about.date)
      .add("host", about.host)
      .add("url", about.url)
      .raw("given", given_json(about))
      .raw("options", options_json(spec))
      .add("loop", report.open_loop ? "open" : "closed")
      .add("transport", report.transport)
      .add("timer", report.timer_mode)
      .add("tls", report.security)
      .add("connections", report.connections)
      .add("ended", to_string(report.ended))
      .add("window_s", report.window_s(), 6)
      .add("throughput_per_s", report.throughput_per_s(), 3);
  add_counts(report, json);
  json.raw("error_examples", examples_json(spec, report.all.examples));
  json.raw("remarks", remarks_json(spec, report));
  if (!report.all.first_bad_body.empty()) json.add("first_bad_body", report.all.first_bad_body);
  json.raw("generator", JsonObject()
                            .add("cpu_ns", report.cpu_all_ns)
                            .add("spin_ns", report.all.spin_ns)
                            .add("busy_ratio", report.busy_ratio(), 4)
                            .add("context_switches", report.all.context_switches)
                            .text());
  add_times(spec, report, json);
  return json.raw("seconds", seconds_json(report)).text() + "\n";
}

}  // namespace dyno::loadgen

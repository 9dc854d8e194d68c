#include "runners/load/report.h"

#include <array>

#include <fmt/format.h>

#include "base/line_protocol.h"
#include "base/quantity.h"
#include "runners/load/clock.h"

namespace dyno::loadgen {
namespace {

// ---- lines of the protocol ----
std::string histogram_line(std::string_view kind, const stats::Histogram& histogram) {
  return Line("histogram").add("kind", kind).add("v2", histogram.encode()).text();
}

std::string result_line(const LoadReport& report) {
  const WorkerResult& all = report.all;
  const auto times = static_cast<std::int64_t>(all.service.count());
  return Line("result")
      .add("begin_ns", all.begin_ns)
      .add("end_ns", all.end_ns)
      .add("steady", report.steady ? 1 : 0)
      .add("ended", to_string(report.ended))
      .add("good", all.window.good)
      // What was under way when the window opened is part of what it saw: sent = good + errors + in flight.
      .add("sent", all.window.sent + all.in_flight_begin)
      .add("in_flight", all.in_flight_end)
      .add("bytes_in", all.window.bytes_in)
      .add("bytes_out", all.window.bytes_out)
      .add("reconnects", all.window.reconnects)
      .add("stray", all.window.stray)
      .add("bodies_checked", all.window.bodies_checked)
      .add("service_mean_ns", times == 0 ? 0 : all.service_sum_ns / times)
      .text();
}

std::string loader_line(const LoadReport& report) {
  return Line("loader")
      .add("cpu_ns", report.all.cpu_ns)
      .add("spin_ns", report.all.spin_ns)
      .add("cpu_all_ns", report.cpu_all_ns)
      .add("busy_peak", report.busy_peak_ratio)
      .add("context_switches", report.all.context_switches)
      .add("run_queue_wait_ns", report.all.run_queue_wait_ns)
      .text();
}

std::string deliveries_line(const LoadReport& report) {
  const Deliveries& deliveries = report.all.deliveries;
  return Line("deliveries")
      .add("subscribers", report.subscribers)
      .add("expected", deliveries.expected)
      .add("good", deliveries.good)
      .add("in_window", deliveries.in_window)
      .add("missed", deliveries.missed())
      .add("doubled", deliveries.doubled)
      .add("bad", deliveries.bad)
      .add("lost_streams", deliveries.lost_streams)
      .text();
}

std::string unanswered_line(const LoadReport& report) {
  const WorkerResult& all = report.all;
  return Line("unanswered")
      .add("requests", all.unanswered)
      .add("waited_least_ns", all.waited_least_ns)
      .add("answered_late", all.answered_late)
      .add("connections", all.connections_asked)
      .add("connections_unserved", all.connections_unserved)
      .text();
}

std::string open_loop_line(const LoadReport& report) {
  const WorkerResult& all = report.all;
  const auto sends = static_cast<double>(all.lag.count());
  return Line("open")
      .add("due", all.window.due)
      .add("queued_begin", all.queued_begin)
      .add("queued_end", all.queued_end)
      .add("unanswered", all.unanswered)
      .add("waited_least_ns", all.waited_least_ns)
      .add("late_ratio", sends == 0 ? 0.0 : static_cast<double>(all.late) / sends)
      .add("lag_p50_ns", all.lag.percentile_ns(50))
      .add("lag_p99_ns", all.lag.percentile_ns(99))
      .text();
}

// ---- for a person, and as JSON ----
constexpr std::array<double, 6> kPercents = {50, 90, 99, 99.9, 99.99, 100};

std::string percent_name(double percent) { return percent == 100 ? "max" : fmt::format("p{:g}", percent); }

// A tail needs ten values beyond it to be more than one of them, and no request in it that was never answered: those waited at
// least `unknown_from_ns`, and would have taken any time.
bool is_known(const stats::Histogram& histogram, double percent, std::int64_t unknown_from_ns) {
  const bool is_counted =
      percent == 100 ? histogram.count() > 0 : static_cast<double>(histogram.count()) * (100 - percent) / 100 >= 9.99;
  return is_counted && histogram.percentile_ns(percent) < unknown_from_ns;
}

std::string times_text(std::string_view title, const stats::Histogram& histogram, std::int64_t unknown_from_ns) {
  std::string text = fmt::format("  {:<14}", title);
  for (const double percent : kPercents) {
    if (!is_known(histogram, percent, unknown_from_ns)) continue;
    text += fmt::format("{} {}   ", percent_name(percent), format_duration(Nanos(histogram.percentile_ns(percent))));
  }
  return text + fmt::format("(n = {})\n", histogram.count());
}

std::string times_json(const stats::Histogram& histogram, std::int64_t unknown_from_ns) {
  std::string text = fmt::format("{{\"n\":{},\"mean_ns\":{:.0f}", histogram.count(), histogram.mean_ns());
  for (const double percent : kPercents) {
    if (is_known(histogram, percent, unknown_from_ns))
      text += fmt::format(",\"{}_ns\":{}", percent_name(percent), histogram.percentile_ns(percent));
  }
  return text + fmt::format(",\"hdr_v2\":\"{}\"}}", histogram.encode());
}

std::int64_t unknown_from_ns(const WorkerResult& all) { return all.unanswered > 0 ? all.waited_least_ns : kNever; }

std::string unanswered_text(const WorkerResult& all) {
  std::string text;
  if (all.unanswered > 0) {
    text += fmt::format(
        "  {:<14}{} requests had no answer until 2 s after the window or their timeout: counted as {} or more, the "
        "time "
        "they waited;\n{:16}percentiles that reach them are left out\n",
        "never answered", all.unanswered, format_duration(Nanos(all.waited_least_ns)), "");
  }
  if (all.connections_unserved > 0) {
    text += fmt::format("  {:<14}{} of {} never had an answer\n", "connections", all.connections_unserved,
                        all.connections_asked);
  }
  return text;
}

double busy_ratio(const LoadReport& report) {
  if (report.window_s() <= 0) return 0;
  return static_cast<double>(report.all.cpu_ns - report.all.spin_ns) / (report.window_s() * 1e9);
}

}  // namespace

std::string greeting_line() {
  return Line("dyno-load").add("protocol", kLoadProtocol).add("version", DYNO_VERSION).text();
}

std::string ready_line(const LoadReport& report) {
  return Line("ready")
      .add("transport", report.transport)
      .add("timer", report.timer_mode)
      .add("connections", report.connections)
      .text();
}

std::string planned_line(std::int64_t begin_ns, std::int64_t end_ns) {
  return Line("planned").add("begin_ns", begin_ns).add("end_ns", end_ns).text();
}

std::string second_line(const SecondReport& second) {
  Line line("second");
  line.add("warming_up", second.warming_up ? 1 : 0)
      .add("number", second.number)
      .add("length_ns", second.length_ns)
      .add("good", second.good)
      .add("errors", second.errors)
      .add("busy", second.busy_ratio);
  if (second.times > 0) line.add("p50_ns", second.p50_ns).add("p99_ns", second.p99_ns);
  return line.text();
}

std::string report_lines(const LoadReport& report) {
  Line errors("errors");
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) errors.add(kErrorNames[i], report.all.window.errors[i]);
  std::string text = result_line(report) + errors.text() + unanswered_line(report) + loader_line(report);
  if (report.open_loop) text += open_loop_line(report);
  if (report.subscribers > 0) text += deliveries_line(report);
  if (!report.all.first_bad_body.empty()) text += Line("bad_body").add("bytes", report.all.first_bad_body).text();
  if (report.open_loop)
    text += histogram_line("response", report.all.response) + histogram_line("send_error", report.all.send_error);
  text += histogram_line("service", report.all.service);
  if (report.subscribers > 0) text += histogram_line("delivery", report.all.delivery);
  return text + Line("done").text();
}

std::string error_line(const Error& error) {
  return Line("error").add("code", to_string(error.code)).add("message", error.message).text();
}

std::string report_text(const LoadSpec& spec, const LoadReport& report) {
  const WorkerResult& all = report.all;
  std::string text = fmt::format("{} connections, {:.1f} s, {} over {}\n", report.connections, report.window_s(),
                                 report.open_loop ? fmt::format("open loop at {:g}/s", spec.rate_per_s) : "closed loop",
                                 report.transport);
  if (!report.security.empty()) text += fmt::format("  {:<14}{}\n", "TLS", report.security);
  text += fmt::format("  {:<14}{:.1f}/s   {} good answers, {} in\n", "throughput", report.throughput_per_s(),
                      all.window.good, format_bytes({all.window.bytes_in}));
  if (report.subscribers > 0) {
    const Deliveries& deliveries = all.deliveries;
    text += fmt::format(
        "  {:<14}{:.1f}/s to {} subscribers   {} expected, {} missed, {} doubled, {} bad, {} streams lost\n",
        "deliveries", static_cast<double>(deliveries.in_window) / report.window_s(), report.subscribers,
        deliveries.expected, deliveries.missed(), deliveries.doubled, deliveries.bad, deliveries.lost_streams);
    text += times_text("delivery", all.delivery, kNever);
  }
  if (report.open_loop) {
    text += times_text("latency", all.response, unknown_from_ns(all));
    text += times_text("service time", all.service, unknown_from_ns(all));
    text += times_text("send error", all.send_error, kNever);
    text += fmt::format("  {:<14}{} due, {} waiting at the end, {} never answered; timer {}\n", "arrivals",
                        all.window.due, all.queued_end, all.unanswered, report.timer_mode);
  } else {
    text += times_text("service time", all.service, unknown_from_ns(all));
    text += "                (a closed loop waits for the server: this is not the latency at a given rate, see -r)\n";
  }
  text += unanswered_text(all);
  text += fmt::format("  {:<14}", "errors");
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) {
    if (all.window.errors[i] != 0) text += fmt::format("{} {}   ", kErrorNames[i], all.window.errors[i]);
  }
  text += fmt::format("{} in all, {} bodies compared\n", all.window.all_errors(), all.window.bodies_checked);
  text += fmt::format("  {:<14}{:.0f} % of a core (spinning not counted), {:.2f} CPU-µs/request, {} context switches\n",
                      "generator", 100 * busy_ratio(report),
                      all.window.good == 0 ? 0.0
                                           : static_cast<double>(report.cpu_all_ns - report.spin_all_ns) / 1e3 /
                                                 static_cast<double>(all.window.good),
                      all.context_switches);
  return text;
}

std::string report_json(const LoadSpec& spec, const LoadReport& report) {
  const WorkerResult& all = report.all;
  std::string text = fmt::format(
      "{{\"loop\":\"{}\",\"transport\":\"{}\",\"timer\":\"{}\",\"connections\":{},\"window_s\":{:.6f},\"throughput_per_"
      "s\":{:.3f},"
      "\"good\":{},\"sent\":{},\"in_flight\":{},\"bytes_in\":{},\"bytes_out\":{},\"reconnects\":{},\"bodies_checked\":{"
      "}",
      report.open_loop ? "open" : "closed", report.transport, report.timer_mode, report.connections, report.window_s(),
      report.throughput_per_s(), all.window.good, all.window.sent + all.in_flight_begin, all.in_flight_end,
      all.window.bytes_in, all.window.bytes_out, all.window.reconnects, all.window.bodies_checked);
  text += ",\"errors\":{";
  for (std::size_t i = 0; i < kErrorNames.size(); ++i) {
    text += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", kErrorNames[i], all.window.errors[i]);
  }
  text += fmt::format("}},\"generator\":{{\"cpu_ns\":{},\"spin_ns\":{},\"busy_ratio\":{:.4f},\"context_switches\":{}}}",
                      report.cpu_all_ns, all.spin_ns, busy_ratio(report), all.context_switches);
  text += fmt::format(",\"ended\":\"{}\",\"tls\":\"{}\"", to_string(report.ended), report.security);
  if (report.subscribers > 0) {
    const Deliveries& deliveries = all.deliveries;
    text += fmt::format(
        ",\"deliveries\":{{\"subscribers\":{},\"expected\":{},\"good\":{},\"in_window\":{},\"missed\":{},\"doubled\":{}"
        ","
        "\"bad\":{},\"lost_streams\":{},\"delay\":{}}}",
        report.subscribers, deliveries.expected, deliveries.good, deliveries.in_window, deliveries.missed(),
        deliveries.doubled, deliveries.bad, deliveries.lost_streams, times_json(all.delivery, kNever));
  }
  if (report.open_loop) {
    text += fmt::format(",\"rate_per_s\":{},\"due\":{},\"queued_end\":{},\"unanswered\":{},\"late\":{}",
                        spec.rate_per_s, all.window.due, all.queued_end, all.unanswered, all.late);
    text += ",\"latency\":" + times_json(all.response, unknown_from_ns(all)) +
            ",\"send_error\":" + times_json(all.send_error, kNever) + ",\"lag\":" + times_json(all.lag, kNever);
  }
  return text + ",\"service_time\":" + times_json(all.service, unknown_from_ns(all)) + "}\n";
}

}  // namespace dyno::loadgen

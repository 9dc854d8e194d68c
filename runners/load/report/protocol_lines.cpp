#include "runners/load/report/protocol_lines.h"

#include "base/line_protocol.h"

namespace dyno::loadgen {
namespace {

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
  Line line("deliveries");
  line.add("subscribers", report.subscribers);
  for (const auto& [name, count] : report.all.deliveries.named()) line.add(name, count);
  return line.text();
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

std::string bad_body_line(const BadBody& bad) {
  Line line("bad_body");
  line.add("request", bad.request);
  if (bad.rule >= 0) line.add("rule", bad.rule);
  if (!bad.take.empty()) line.add("take", bad.take);
  return line.add("why", bad.why).add("bytes", bad.bytes).text();
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
  for (const BadBody& bad : report.all.bad_bodies) text += bad_body_line(bad);
  const ErrorExample& bad_status = report.all.examples[static_cast<std::size_t>(ErrorKind::bad_status)];
  if (bad_status.is_known) {
    text += Line("bad_status")
                .add("request", bad_status.request)
                .add("status", bad_status.status)
                .add("bytes", bad_status.text())
                .text();
  }
  if (report.open_loop)
    text += histogram_line("response", report.all.response) + histogram_line("send_error", report.all.send_error);
  text += histogram_line("service", report.all.service);
  if (report.subscribers > 0) text += histogram_line("delivery", report.all.delivery);
  return text + Line("done").text();
}

std::string error_line(const Error& error) {
  return Line("error").add("code", to_string(error.code)).add("message", error.message).text();
}

}  // namespace dyno::loadgen

// How a trial learns that its app is ready, by an answer, a connection, or a line of its log; and what it says where it is not.
#include <fmt/format.h>

#include <algorithm>

#include "base/pattern.h"
#include "base/quantity.h"
#include "base/text.h"
#include "run/trial.h"

namespace dyno::run {

using model::TrialFailure;

namespace {

// Of user-defined networks: its name server listens in every container of them, on a port of its own.
constexpr std::string_view kEngineResolver = "127.0.0.11";
constexpr Nanos kReadinessSlice = std::chrono::milliseconds(200);

}  // namespace

// Where nobody took a connection it is said where the server listens instead.
TrialEnd Trial::end_unready(const std::string& why) const {
  const ports::LoadTarget target = scene_.target();
  const auto listeners = scene_.rig.host.sampler().listeners(target.netns_pid);
  std::string ports;
  std::string loopback;
  for (const ports::Listener& one : listeners.value_or(std::vector<ports::Listener>{})) {
    if (one.address == kEngineResolver) continue;
    const bool is_loopback = one.address.starts_with("127.") || one.address == "::1";
    if (one.port == target.port && is_loopback) loopback = one.address;
    if (one.port != target.port) ports += fmt::format("{}{}", ports.empty() ? "" : ", ", one.port);
  }
  if (!loopback.empty())
    return {TrialFailure::never_ready, fmt::format("{}; it listens on {} only, not on 0.0.0.0", why, loopback)};
  if (ports.empty()) return {TrialFailure::never_ready, why};
  return {TrialFailure::port_mismatch,
          fmt::format("it listens on port{} {}, not on {} ({})", ports.find(',') == std::string::npos ? "" : "s", ports,
                      target.port, is_own(scene_.the_case().stack) ? "run.port of its stack.yaml" : "PORT")};
}

// By TCP and by a line of the log it is asked without a path: whether it takes connections.
ports::ProbeSpec Trial::probe_spec() const {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const bool by_http = readiness.by == model::ReadyBy::http;
  return {.target = scene_.target(),
          .path = by_http ? readiness.path : "",
          .deep_path = by_http ? readiness.deep_path : "",
          .cpus = scene_.input.plan.placement.load_cpus};
}

TrialEnd Trial::end_without_answer(const ports::ProbeOutcome& outcome) const {
  const model::Stack& stack = scene_.the_case().stack;
  const model::Readiness& readiness = stack.readiness;
  const std::string within = format_duration(readiness.timeout);
  if (readiness.by != model::ReadyBy::http) {
    const std::string line = line_at_ ? "the line of its log came, but " : "";
    return end_unready(
        fmt::format("{}port {} (run.port of its stack.yaml) took no connection within {}; last attempt: {}", line,
                    stack.run.port, within, outcome.last_error));
  }
  const std::string path = outcome.good ? readiness.deep_path : readiness.path;
  // An attempt that still waits for its answer has no error; that of the one before tells of a time before the server listened.
  const bool is_silent = outcome.connected && outcome.last_error.starts_with("connect");
  const std::string& error = outcome.last_error;
  const std::string last = outcome.last_status > 0 ? fmt::format("last answer: status {}", outcome.last_status)
                           : is_silent             ? "it took the connection and said nothing"
                                                   : fmt::format("last attempt: {}", error.empty() ? "none" : error);
  const std::string key = !is_own(stack) ? ""
                          : outcome.good ? " (readiness.deep_path of its stack.yaml)"
                                         : " (readiness.path of its stack.yaml)";
  const std::string why =
      fmt::format("{}{} did not answer 2xx on port {} within {}; {}", path, key, stack.run.port, within, last);
  return outcome.connected ? TrialEnd{TrialFailure::never_ready, why} : end_unready(why);
}

TrialEnd Trial::end_without_line(std::int64_t lines, const std::string& last) const {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const std::string seen =
      lines == 0 ? "it wrote nothing"
                 : fmt::format("it wrote {} line{}, the last: {}", lines, lines == 1 ? "" : "s", visible(last, 200));
  return {TrialFailure::never_ready,
          fmt::format("no line of its output matched \"{}\" (readiness.pattern of its stack.yaml) within {}; {}",
                      readiness.pattern, format_duration(readiness.timeout), seen)};
}

// The line's time is the engine's, which reads it as soon as it is written; where that cannot be, because the engine's clock is another,
// it is that of our reading.
TrialStatus Trial::await_line() {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  const auto pattern = Pattern::compile(readiness.pattern);
  if (!pattern) return end_trial(TrialFailure::never_ready, "readiness.pattern: " + pattern.error().message);
  Clock& clock = scene_.rig.host.clock();
  std::int64_t lines = 0;
  std::string last;
  const auto on_line = [&](const ports::LoggedLine& line) {
    ++lines;
    last = line.text;
    if (!pattern->is_found_in(line.text)) return true;
    const MonotonicTime now = clock.now();
    const MonotonicTime at = now - (clock.wall_now() - line.at);
    line_at_ = at < marks_.start_call || at > now ? now : at;
    return false;
  };
  const Nanos left = marks_.start_call + readiness.timeout - clock.now();
  const auto followed =
      scene_.rig.host.engine().follow_log(scene_.app->id(), on_line, std::max(left, kReadinessSlice), scene_.stop);
  if (line_at_) return {};
  if (scene_.stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
  if (auto seen = scene_.see_app(followed.has_value()); !seen) return seen;
  if (!followed && followed.error().code != ErrorCode::timed_out)
    return scene_.machine_end_or(end_by_engine(followed.error(), TrialFailure::engine_lost).value());
  return scene_.machine_end_or(end_without_line(lines, last));
}

TrialStatus Trial::await_ready(ports::Probe& probe, std::optional<Nanos> known_before) {
  const model::Readiness& readiness = scene_.the_case().stack.readiness;
  if (readiness.by == model::ReadyBy::log) {
    if (auto done = await_line(); !done) return done;
  }
  const MonotonicTime deadline = marks_.start_call + readiness.timeout;
  while (true) {
    auto outcome = probe.await(std::min(deadline, scene_.rig.host.clock().now() + kReadinessSlice), scene_.stop);
    if (!outcome) return scene_.machine_end_or(end_by_loader(outcome.error()).value());
    marks_.listen = outcome->connected;
    marks_.first_good = outcome->good && line_at_ ? line_at_ : outcome->good;
    StartWindow& window = evidence_.start;
    if (outcome->good && !window.ready) {
      window.ready = scene_.read_host();
      const auto known = known_cpu(probe);
      if (known && known_before) window.known_cpu = *known - *known_before;
    }
    // A line of the log is told with its time: nothing is missed between two looks.
    if (!line_at_) window.probe_gap = outcome->good_gap;
    window.deep_gap = outcome->deep_gap;
    marks_.first_deep = outcome->deep;
    if (outcome->good && (outcome->deep || readiness.deep_path.empty())) return {};
    if (scene_.stop.stop_requested()) return end_trial(TrialFailure::cancelled, "cancelled");
    if (auto end = scene_.app_verdict()) return tl::unexpected<TrialEnd>(std::move(*end));
    if (scene_.rig.host.clock().now() < deadline) continue;
    return scene_.machine_end_or(end_without_answer(*outcome));
  }
}

}  // namespace dyno::run

#include "run/trial_readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/quantity.h"
#include "run/gates.h"
#include "run/reading_list.h"

namespace dyno::run {
namespace {

using model::GateName;
using M = model::MetricName;

constexpr auto kNoStamp = "the sandbox was not told the process start";

struct Arrow {
  M metric;
  std::optional<MonotonicTime> from;
  std::optional<MonotonicTime> to;
  std::string no_to;  // why there is no end
};

std::string why_no_stamp(const TrialEvidence& e) { return e.no_stamp.empty() ? kNoStamp : e.no_stamp; }

// Kinds of start are different quantities and must not mix: a metric without a kind in its name means the warm one.
std::vector<Arrow> arrows_of(const TrialEvidence& e) {
  const model::StartupMarks& m = *e.marks;
  const std::string never = "no good answer came";
  if (m.kind == model::StartKind::cache_cold) {
    return {{M::app_startup_cache_cold_ns, m.exec, m.first_good, never},
            {M::startup_cache_cold_ns, m.start_call, m.first_good, never}};
  }
  if (m.kind != model::StartKind::warm) return {};
  std::vector<Arrow> arrows{{M::app_startup_ns, m.exec, m.first_good, never},
                            {M::startup_ns, m.start_call, m.first_good, never},
                            {M::create_to_good_ns, m.create_call, m.first_good, never},
                            {M::listen_ns, m.exec, m.listen, "no connection was accepted"},
                            {M::engine_ns, m.start_call, m.exec, why_no_stamp(e)}};
  if (e.has_deep_path) arrows.push_back({M::db_ready_ns, m.exec, m.first_deep, "no good deep answer came"});
  return arrows;
}

void add_start(ReadingList& list, const TrialEvidence& e) {
  if (!e.marks) return;
  for (const Arrow& arrow : arrows_of(e)) {
    if (arrow.from && arrow.to) list.put(arrow.metric, *arrow.to - *arrow.from);
    else list.put_absent(arrow.metric, arrow.to ? why_no_stamp(e) : arrow.no_to);
  }
  if (e.marks->kind == model::StartKind::warm) list.put(M::sandbox_ns, e.marks->sandbox);
}

struct MemoryMetrics {
  M pss;
  M private_bytes;
  M docker_equivalent;
  M cgroup_peak;
  std::string_view without_peak;
};
constexpr MemoryMetrics kIdle{M::idle_pss_bytes, M::idle_private_bytes, M::idle_docker_equivalent_bytes,
                              M::idle_cgroup_peak_bytes, "this kernel does not report it"};
constexpr MemoryMetrics kRetained{
    M::retained_pss_bytes, M::retained_private_bytes, M::retained_docker_equivalent_bytes,
    M::retained_cgroup_peak_bytes,
    "this kernel does not report it, or not from a moment on (cgroup v2 before Linux 6.12)"};

void add_memory(ReadingList& list, const MemoryMetrics& metrics, const QuietMoment& moment,
                const std::string& not_reached) {
  if (!moment.memory) {
    for (const M metric : {metrics.pss, metrics.private_bytes, metrics.docker_equivalent, metrics.cgroup_peak})
      list.put_absent(metric, not_reached);
    return;
  }
  const model::MemoryReading& m = *moment.memory;
  list.put_or(metrics.pss, m.pss, "it could not be read: it needs root or CAP_SYS_PTRACE");
  list.put_or(metrics.private_bytes, m.private_bytes, "this kernel does not report it");
  list.put_or(metrics.docker_equivalent, m.docker_equivalent, "this kernel does not report it");
  list.put_or(metrics.cgroup_peak, m.cgroup_peak, std::string(metrics.without_peak));
}

double share(Nanos part, Nanos whole) {
  return whole.count() > 0 ? static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0;
}

// The host's counters tick every 10 ms, and a start may take less: what is less than three ticks says nothing.
constexpr Nanos kResolution = std::chrono::milliseconds(30);

struct ProbedAnswer {
  const char* name;
  std::optional<MonotonicTime> at;
  std::optional<Nanos> gap;
  model::MetricSet ends;  // the metrics that end with it
};

// What an answer can have waited unseen; a twentieth of the whole time is no matter.
void probe_gate(GateList& gates, const model::StartupMarks& marks, const ProbedAnswer& answer) {
  if (!answer.at || !answer.gap || 20 * *answer.gap <= *answer.at - marks.exec.value_or(marks.start_call)) return;
  gates.check(GateName::start_probe, static_cast<double>(answer.gap->count()),
              fmt::format("The start was probed {} before its {} and not in between", format_duration(*answer.gap),
                          answer.name),
              answer.ends);
}

void start_gates(GateList& gates, const TrialEvidence& e) {
  const StartWindow& s = e.start;
  const model::MetricSet deep{M::db_ready_ns};
  const model::MetricSet all = rule_of(GateName::start_probe).judges;
  if (s.before && s.ready && s.ready->at > s.before->at) {
    const Nanos stolen = s.ready->steal - s.before->steal;
    const double steal = share(stolen, s.ready->at - s.before->at) / s.cpus;
    if (stolen >= kResolution)
      gates.check(GateName::start_steal, steal,
                  fmt::format("The hypervisor took {:.1f} % of the CPU time during the start", 100 * steal));
  }
  // All that the app has used by now counts as its own, so that this is the least that others used.
  if (s.started && s.ready && s.app_cpu && s.known_cpu && s.ready->at > s.started->at) {
    const Nanos foreign = s.ready->busy - s.started->busy - *s.app_cpu - *s.known_cpu;
    const double cores = share(foreign, s.ready->at - s.started->at);
    if (foreign >= kResolution)
      gates.check(GateName::start_foreign_load, cores,
                  fmt::format("Other processes used {:.2f} cores during the start", cores));
  }
  if (e.marks) {
    probe_gate(gates, *e.marks, {"first good answer", e.marks->first_good, s.probe_gap, all - deep});
    probe_gate(gates, *e.marks, {"first good deep answer", e.marks->first_deep, s.deep_gap, deep});
  }
  gates.check(GateName::start_clock, static_cast<double>(s.wall_shift.count()),
              fmt::format("The wall clock moved by {} against the monotonic clock during the start",
                          format_duration(s.wall_shift)));
}

void quiet_gate(GateList& gates, GateName gate, const QuietMoment& moment, const char* after) {
  if (!moment.memory) return;
  const Nanos late = moment.waited - moment.asked;
  gates.check(gate, static_cast<double>(late.count()),
              fmt::format("Memory was read {} after {} instead of {}", format_duration(moment.waited), after,
                          format_duration(moment.asked)));
}

}  // namespace

TrialReadings read_trial(const TrialEvidence& e) {
  ReadingList list;
  add_start(list, e);
  const std::string not_reached =
      e.cut_short.empty() ? std::string("it was not read") : fmt::format("the trial ended before it: {}", e.cut_short);
  if (e.kind == model::TrialKind::load) {
    add_memory(list, kIdle, e.idle, not_reached);
    add_memory(list, kRetained, e.retained, not_reached);
  }
  // A forced stop counts with the time that it took: to leave it out would make the stack that ignores SIGTERM look quick.
  list.put_or(M::stop_ns, e.stop, e.cut_short.empty() ? std::string("the stop failed") : not_reached);
  TrialReadings result;
  result.readings = std::move(list).take();
  GateList gates;
  start_gates(gates, e);
  quiet_gate(gates, GateName::idle_late, e.idle, "the first good answer");
  quiet_gate(gates, GateName::retained_late, e.retained, "the last phase");
  result.verdict = std::move(gates).mark(result.readings, model::Bound::none);
  return result;
}

}  // namespace dyno::run

#include <array>

#include "api/parameters.h"
#include "api/wire.h"
#include "api/wire_json.h"

namespace dyno::api::wire {
namespace {

// A duration since the create call, or the reason why there is none.
void put_mark(Json& startup, const char* name, const model::StartupMarks& marks,
              const std::optional<MonotonicTime>& mark) {
  if (mark) {
    startup["marks"][name] = (*mark - marks.create_call).count();
  } else {
    startup["absent"][name] = "not seen";
  }
}

Json startup_json(const model::StartupMarks& marks) {
  Json json{{"kind", word(marks.kind)},
            {"marks", Json::object()},
            {"sandbox_ns", marks.sandbox.count()},
            {"absent", Json::object()}};
  put_mark(json, "start_call_ns", marks, marks.start_call);
  put_mark(json, "exec_ns", marks, marks.exec);
  put_mark(json, "listen_ns", marks, marks.listen);
  put_mark(json, "first_good_ns", marks, marks.first_good);
  put_mark(json, "first_deep_ns", marks, marks.first_deep);
  return json;
}

Json memory_json(const model::MemoryReading& reading) {
  Json json = Json::object();
  Json absent = Json::object();
  const auto put = [&](const char* name, const std::optional<Bytes>& bytes) {
    put_bytes(json, name, bytes);
    if (!bytes) absent[name] = "not readable on this machine";
  };
  put("pss_bytes", reading.pss);
  put("private_bytes", reading.private_bytes);
  put("docker_equivalent_bytes", reading.docker_equivalent);
  put("cgroup_peak_bytes", reading.cgroup_peak);
  json["absent"] = std::move(absent);
  return json;
}

Json numbers_json(const std::vector<model::Reading>& readings) {
  Json json = Json::object();
  for (const model::Reading& reading : readings) {
    if (reading.value) put_number(json, word(reading.metric), *reading.value);
  }
  return json;
}

Json absences_json(const std::vector<model::Reading>& readings) {
  Json json = Json::object();
  for (const model::Reading& reading : readings) {
    if (!reading.value) json[word(reading.metric)] = reading.absent;
  }
  return json;
}

// Each with a standing of its own; what its gates say is in the verdict's `gates`, by name.
Json readings_json(const std::vector<model::Reading>& readings) {
  Json rows = Json::array();
  for (const model::Reading& reading : readings) {
    Json row{{"metric", word(reading.metric)}, {"unit", model::metric_of(reading.metric).unit}};
    if (reading.value) put_number(row, "value", *reading.value);
    put_text(row, "absent", reading.absent);
    row["validity"] = word(reading.validity);
    row["bound"] = word(reading.bound);
    row["gates"] = Json::array();
    for (const model::GateName gate : reading.gates) row["gates"].push_back(word(gate));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json verdict_json(const model::Verdict& verdict) {
  return {{"validity", word(verdict.validity)}, {"bound", word(verdict.bound)}, {"gates", gates_json(verdict.gates)}};
}

Json trial_json(const model::Trial& t, const std::vector<std::string>& metrics) {
  Json json{{"id", t.id},          {"run", t.run_id},  {"index", t.index},     {"block", t.block},
            {"case", t.case_name}, {"stack", t.stack}, {"kind", word(t.kind)}, {"state", word(t.state)}};
  json["attempt"] = t.attempt;
  if (t.failure != model::TrialFailure::none) json["failure"] = word(t.failure);
  put_text(json, "reason", t.reason);
  json["started_at"] = format_instant(t.started_at);
  put_instant(json, "finished_at", t.finished_at);
  if (t.startup) json["startup"] = startup_json(*t.startup);
  if (t.idle) json["idle"] = memory_json(*t.idle);
  if (t.retained) json["retained"] = memory_json(*t.retained);
  put_ns(json, "stop_ns", t.stop);
  json["stop_forced"] = t.stop_forced;
  json["phases"] = t.phases;
  std::vector<model::Reading> readings = t.readings;
  std::erase_if(readings, [&](const model::Reading& one) { return !passes(metrics, word(one.metric)); });
  json["metrics"] = numbers_json(readings);
  json["readings"] = readings_json(readings);
  json["verdict"] = verdict_json(t.verdict);
  json["links"] = {{"self", "/api/v1/trials/" + t.id}, {"run", "/api/v1/runs/" + t.run_id}};
  return json;
}

Json errors_json(const model::ErrorCounts& e) {
  return {
      {"connect", e.connect},         {"reset", e.reset},       {"timeout", e.timeout}, {"bad_status", e.bad_status},
      {"bad_framing", e.bad_framing}, {"bad_body", e.bad_body}, {"dropped", e.dropped}, {"total", e.total()}};
}

std::optional<std::int64_t> since_create(const model::Trial& trial, MonotonicTime at) {
  if (!trial.startup) return std::nullopt;
  return (at - trial.startup->create_call).count();
}

std::string loop_of(const model::PhaseResult& phase) { return phase.offered_per_s ? "open" : "closed"; }

Json measurement_json(const model::Trial& trial, const model::PhaseResult& p, const std::vector<std::string>& kinds) {
  Json json{{"phase", p.phase}, {"loop", loop_of(p)}};
  if (const auto begin = since_create(trial, p.window_begin)) json["begin_ns"] = *begin;
  if (const auto end = since_create(trial, p.window_end)) json["end_ns"] = *end;
  json["window_ns"] = (p.window_end - p.window_begin).count();
  if (p.offered_per_s) put_number(json, "offered_per_s", *p.offered_per_s);
  json["counts"] = {{"good", p.good},
                    {"sent", p.sent},
                    {"in_flight", p.in_flight},
                    {"bytes_received", p.bytes_received},
                    {"errors", errors_json(p.errors)}};
  json["metrics"] = numbers_json(p.readings);
  json["absent"] = absences_json(p.readings);
  json["readings"] = readings_json(p.readings);
  json["verdict"] = verdict_json(p.verdict);
  json["histograms"] = kinds;
  json["transport"] = p.transport;
  json["timer_mode"] = p.timer_mode;
  return json;
}

struct Columns {
  Json min = Json::array();
  Json max = Json::array();
  Json last = Json::array();

  void add(const store::Spread& spread) {
    min.push_back(spread.min);
    max.push_back(spread.max);
    last.push_back(spread.last);
  }
  Json json() { return {{"min", std::move(min)}, {"max", std::move(max)}, {"last", std::move(last)}}; }
};

Json histogram_head(const HistogramView& view) {
  return {{"trial", view.trial_id}, {"phase", view.phase}, {"kind", view.kind}, {"count", view.histogram.count()}};
}

// A percentile is told only where enough values stand above it to tell it: ten at least. Counted in millionths, because
// 1 − 0.9995 is not exactly 0.0005 in binary.
bool is_supported(double percent, std::uint64_t count) {
  const auto millionths_above = static_cast<std::uint64_t>(std::llround((100 - percent) * 1e4));
  return percent == 0 || millionths_above * count >= 10'000'000;
}

}  // namespace

// The create call where it is known, else the first sample.
MonotonicTime origin_of(const model::Trial& trial, const std::vector<store::SampleSeries>& series) {
  if (trial.startup) return trial.startup->create_call;
  for (const store::SampleSeries& one : series) {
    if (!one.buckets.empty()) return one.buckets.front().at;
  }
  return series.empty() ? MonotonicTime() : series.front().window_begin;
}

std::string trial(const model::Trial& trial) {
  Json json = trial_json(trial, {});
  put_text(json, "last_output", trial.last_output);
  return text_of(json);
}

std::string trials(const std::vector<model::Trial>& trials, const std::vector<std::string>& metrics) {
  Json items = Json::array();
  for (const model::Trial& trial : trials) items.push_back(trial_json(trial, metrics));
  return text_of({{"items", std::move(items)}});
}

std::string measurements(const model::Trial& trial, const std::vector<model::PhaseResult>& phases,
                         const std::map<std::string, std::vector<std::string>>& histogram_kinds) {
  Json rows = Json::array();
  for (const model::PhaseResult& phase : phases) {
    const auto kinds = histogram_kinds.find(phase.phase);
    rows.push_back(
        measurement_json(trial, phase, kinds == histogram_kinds.end() ? std::vector<std::string>{} : kinds->second));
  }
  return text_of({{"trial", trial.id}, {"run", trial.run_id}, {"case", trial.case_name}, {"phases", std::move(rows)}});
}

std::string samples(const model::Trial& trial, const std::vector<store::SampleSeries>& series, Nanos resolution) {
  const MonotonicTime origin = origin_of(trial, series);
  Json phases = Json::array();
  Json at = Json::array();
  Json cpu = Json::array();
  Json throttled = Json::array();
  Columns private_bytes;
  Columns docker_equivalent;
  std::optional<store::SampleBucket> first;
  for (const store::SampleSeries& one : series) {
    phases.push_back({{"phase", one.phase},
                      {"begin_ns", (one.window_begin - origin).count()},
                      {"end_ns", (one.window_end - origin).count()}});
    for (const store::SampleBucket& bucket : one.buckets) {
      if (!first) first = bucket;
      at.push_back((bucket.at - origin).count());
      private_bytes.add(bucket.private_bytes);
      docker_equivalent.add(bucket.docker_equivalent);
      cpu.push_back(bucket.cpu_ns - first->cpu_ns);
      throttled.push_back(bucket.throttled_ns - first->throttled_ns);
    }
  }
  return text_of({{"trial", trial.id},
                  {"case", trial.case_name},
                  {"origin", trial.startup ? "create_call" : "first_sample"},
                  {"resolution_ns", resolution.count()},
                  {"phases", std::move(phases)},
                  {"at_ns", std::move(at)},
                  {"private_bytes", private_bytes.json()},
                  {"docker_equivalent_bytes", docker_equivalent.json()},
                  {"cpu_ns", std::move(cpu)},
                  {"throttled_ns", std::move(throttled)}});
}

std::string seconds(const model::Trial& trial, const std::vector<store::SecondSeries>& series,
                    const std::vector<model::PhaseResult>& phases) {
  Json rows = Json::array();
  for (const store::SecondSeries& one : series) {
    const auto phase =
        std::find_if(phases.begin(), phases.end(), [&](const model::PhaseResult& p) { return p.phase == one.phase; });
    if (phase == phases.end()) continue;
    Json row{{"phase", one.phase}, {"loop", loop_of(*phase)}};
    if (const auto begin = since_create(trial, phase->window_begin)) row["begin_ns"] = *begin;
    row["seconds"] = Json::array();
    for (const model::SecondPoint& point : one.seconds) {
      Json second{{"second", point.second}, {"good", point.good}, {"errors", point.errors}};
      if (point.p50_ns) second["p50_ns"] = *point.p50_ns;
      if (point.p99_ns) second["p99_ns"] = *point.p99_ns;
      row["seconds"].push_back(std::move(second));
    }
    rows.push_back(std::move(row));
  }
  return text_of({{"trial", trial.id}, {"case", trial.case_name}, {"phases", std::move(rows)}});
}

std::vector<Percentile> percentiles_of(const stats::Histogram& histogram) {
  constexpr std::array kPercents{0.0,  5.0,  10.0, 15.0, 20.0, 25.0, 30.0,  35.0,  40.0,  45.0,   50.0,   55.0,
                                 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0,  92.5,  95.0,  96.0,   97.0,   98.0,
                                 98.5, 99.0, 99.3, 99.5, 99.7, 99.9, 99.95, 99.97, 99.99, 99.995, 99.999, 99.9999};
  std::vector<Percentile> rows;
  if (histogram.count() == 0) return rows;
  for (const double percent : kPercents) {
    if (!is_supported(percent, histogram.count())) break;
    rows.push_back({percent, percent == 0 ? histogram.min_ns() : histogram.percentile_ns(percent)});
  }
  return rows;
}

std::string histogram_percentiles(const HistogramView& view) {
  Json json = histogram_head(view);
  if (view.histogram.count() > 0) {
    json["min_ns"] = view.histogram.min_ns();
    json["max_ns"] = view.histogram.max_ns();
    json["mean_ns"] = view.histogram.mean_ns();
    json["percentiles"] = Json::array();
    for (const Percentile& row : percentiles_of(view.histogram))
      json["percentiles"].push_back({{"percent", row.percent}, {"value_ns", row.value_ns}});
  }
  return text_of(json);
}

std::string histogram_v2(const HistogramView& view) {
  Json json = histogram_head(view);
  json["v2"] = view.histogram.encode();
  return text_of(json);
}

}  // namespace dyno::api::wire

#include "store/phase_rows.h"

#include "base/encoding.h"
#include "record/record.h"
#include "record/series_codec.h"
#include "store/payload_rows.h"
#include "store/reading_rows.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kInsertPhase = R"sql(
  INSERT INTO phase (phase_key, event_id, trial_key, ordinal, name, window_begin_ns, window_end_ns, offered_per_s, good, sent, in_flight, connect_errors,
                     reset_errors, timeout_errors, bad_status_errors, bad_framing_errors, bad_body_errors, dropped_errors, received_bytes,
                     validity, bound, transport, timer_mode)
  VALUES (?1, ?1, ?2, (SELECT count(*) FROM phase WHERE trial_key = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
          ?17, ?18, ?19, ?20, ?21)
)sql";

constexpr auto kInsertHistogram = "INSERT INTO histogram (phase_key, ordinal, kind) VALUES (?, ?, ?)";

constexpr auto kSelectPhases = R"sql(
  SELECT t.trial_key, p.phase_key, t.id, p.name, p.window_begin_ns, p.window_end_ns, p.offered_per_s, p.good, p.sent, p.in_flight, p.connect_errors,
         p.reset_errors, p.timeout_errors, p.bad_status_errors, p.bad_framing_errors, p.bad_body_errors, p.dropped_errors, p.received_bytes,
         p.validity, p.bound, p.transport, p.timer_mode
  FROM phase p JOIN trial t ON t.trial_key = p.trial_key
  WHERE t.run_key = ?1 AND (?2 = 0 OR t.trial_key = ?2)
)sql";
constexpr auto kInOrder = " ORDER BY t.plan_index, t.attempt, p.ordinal";

// Measured first: by the first trial, and by its place in that. What a stack does not offer is told as closed, whatever its loop.
constexpr auto kCountPhases = R"sql(
  SELECT p.name, max(p.offered_per_s IS NOT NULL), count(DISTINCT t.case_name), count(*)
  FROM trial t JOIN phase p ON p.trial_key = t.trial_key
  WHERE t.run_key = ? AND t.state <> 'interrupted'
  GROUP BY p.name ORDER BY min(t.plan_index * 100000 + p.ordinal)
)sql";

constexpr auto kSelectWindows = R"sql(
  SELECT name, window_begin_ns, window_end_ns, event_id FROM phase WHERE trial_key = ? ORDER BY ordinal
)sql";

constexpr auto kSelectMoments = "SELECT moment, event_id FROM memory_reading WHERE trial_key = ? ORDER BY moment";

constexpr auto kSelectHistograms = R"sql(
  SELECT h.kind, h.ordinal, p.event_id FROM histogram h JOIN phase p ON p.phase_key = h.phase_key
  WHERE p.trial_key = ? AND p.name = ? ORDER BY h.ordinal
)sql";

struct KeyedPhase {
  std::int64_t trial_key = 0;
  std::int64_t phase_key = 0;
  std::string trial_id;
  model::PhaseResult result;
};

model::ErrorCounts errors_of(Query& q) {
  model::ErrorCounts errors;
  errors.connect = q.integer();
  errors.reset = q.integer();
  errors.timeout = q.integer();
  errors.bad_status = q.integer();
  errors.bad_framing = q.integer();
  errors.bad_body = q.integer();
  errors.dropped = q.integer();
  return errors;
}

KeyedPhase phase_of(Query& q) {
  KeyedPhase keyed;
  model::PhaseResult& result = keyed.result;
  keyed.trial_key = q.integer();
  keyed.phase_key = q.integer();
  keyed.trial_id = q.text();
  result.phase = q.text();
  result.window_begin = q.monotonic();
  result.window_end = q.monotonic();
  result.offered_per_s = q.maybe_real();
  result.good = q.integer();
  result.sent = q.integer();
  result.in_flight = q.integer();
  result.errors = errors_of(q);
  result.bytes_received = q.integer();
  result.verdict.validity = q.word<model::Validity>();
  result.verdict.bound = q.word<model::Bound>();
  result.transport = q.text();
  result.timer_mode = q.text();
  return keyed;
}

Result<std::vector<model::Sample>> samples_at(SQLite::Database& connection, std::int64_t event_id,
                                              std::string_view pointer) {
  const std::string bytes = select_attachment(connection, event_id, pointer);
  if (bytes.empty()) return std::vector<model::Sample>();
  return record::unpack_samples(bytes);
}

}  // namespace

void insert_phase(SQLite::Database& connection, std::int64_t trial_key, std::int64_t event_id,
                  const model::PhaseResult& r) {
  const model::ErrorCounts& e = r.errors;
  Query(connection, kInsertPhase, event_id, trial_key, r.phase, r.window_begin, r.window_end, r.offered_per_s, r.good,
        r.sent, r.in_flight, e.connect, e.reset, e.timeout, e.bad_status, e.bad_framing, e.bad_body, e.dropped,
        r.bytes_received, r.verdict.validity, r.verdict.bound, r.transport, r.timer_mode)
      .run();
  insert_readings(connection, trial_key, event_id, r.readings, r.verdict.gates);
  int ordinal = 0;
  for (const model::EncodedHistogram& h : r.histograms)
    Query(connection, kInsertHistogram, event_id, ordinal++, h.kind).run();
}

std::map<std::string, std::vector<model::PhaseResult>> select_phases(SQLite::Database& connection, std::int64_t run_key,
                                                                     std::int64_t trial_key,
                                                                     const PhaseSelection& selection) {
  const std::vector<std::string>& names = selection.names;
  ReadingMap readings =
      select_readings(connection, {run_key, trial_key, ReadingScope::phases, names, selection.metrics});
  std::map<std::string, std::vector<model::PhaseResult>> by_trial;
  const std::string named = names.empty() ? "" : "AND p.name IN (" + marks(names.size()) + ")";
  Query q(connection, kSelectPhases + named + kInOrder, run_key, trial_key);
  int i = 2;
  for (const std::string& name : names) q.bind_at(++i, name);
  while (q.next()) {
    KeyedPhase keyed = phase_of(q);
    StoredReadings& stored = readings[{keyed.trial_key, keyed.phase_key}];
    keyed.result.readings = std::move(stored.readings);
    keyed.result.verdict.gates = std::move(stored.gates);
    by_trial[keyed.trial_id].push_back(std::move(keyed.result));
  }
  return by_trial;
}

std::vector<PhaseCount> count_phases(SQLite::Database& connection, std::int64_t run_key) {
  std::vector<PhaseCount> counts;
  Query q(connection, kCountPhases, run_key);
  while (q.next()) {
    PhaseCount& count = counts.emplace_back();
    count.phase = q.text();
    count.is_open = q.flag();
    count.cases = q.number();
    count.trials = q.number();
  }
  return counts;
}

Result<std::vector<SampleSeries>> select_samples(SQLite::Database& connection, std::int64_t trial_key,
                                                 Nanos resolution) {
  std::vector<SampleSeries> all;
  Query q(connection, kSelectWindows, trial_key);
  while (q.next()) {
    SampleSeries& series = all.emplace_back();
    series.phase = q.text();
    series.window_begin = q.monotonic();
    series.window_end = q.monotonic();
    const auto samples = samples_at(connection, q.integer(), record::kPhaseTimeline);
    if (!samples) return fail(samples.error());
    series.buckets = bucket_samples(*samples, resolution);
  }
  Query moments(connection, kSelectMoments, trial_key);
  while (moments.next()) {
    const std::string moment = moments.text();
    const auto samples = samples_at(connection, moments.integer(), record::kMemorySamples);
    if (!samples) return fail(samples.error());
    if (samples->empty()) continue;
    all.push_back({moment, samples->front().at, samples->back().at, bucket_samples(*samples, resolution)});
  }
  return all;
}

Result<std::vector<SecondSeries>> select_seconds(SQLite::Database& connection, std::int64_t trial_key) {
  std::vector<SecondSeries> all;
  Query q(connection, kSelectWindows, trial_key);
  while (q.next()) {
    SecondSeries& series = all.emplace_back();
    series.phase = q.text();
    q.skip(2);
    const std::string bytes = select_attachment(connection, q.integer(), record::kPhaseSeconds);
    if (bytes.empty()) continue;
    Result<std::vector<model::SecondPoint>> seconds = record::unpack_seconds(bytes);
    if (!seconds) return fail(seconds.error());
    series.seconds = std::move(*seconds);
  }
  return all;
}

std::vector<model::EncodedHistogram> select_histograms(SQLite::Database& connection, std::int64_t trial_key,
                                                       const std::string& phase) {
  std::vector<model::EncodedHistogram> histograms;
  Query q(connection, kSelectHistograms, trial_key, phase);
  while (q.next()) {
    model::EncodedHistogram& histogram = histograms.emplace_back();
    histogram.kind = q.text();
    const auto ordinal = static_cast<std::size_t>(q.integer());
    histogram.v2 = to_base64(select_attachment(connection, q.integer(), record::histogram_pointer(ordinal)));
  }
  return histograms;
}

}  // namespace dyno::store

#include "store/reading_rows.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "store/codes.h"
#include "store/rows.h"

namespace dyno::store {
namespace {

constexpr auto kNameMetric = "INSERT INTO metric (name) VALUES (?) ON CONFLICT (name) DO NOTHING";
constexpr auto kNameAbsence = "INSERT INTO absence (reason) VALUES (?) ON CONFLICT (reason) DO NOTHING";
constexpr auto kInsertReading = R"sql(
  INSERT INTO reading (trial_key, phase_key, metric_key, value, absence_key, validity, bound)
  VALUES (?1, ?2, (SELECT metric_key FROM metric WHERE name = ?3), ?4, (SELECT absence_key FROM absence WHERE reason = ?5), ?6, ?7)
)sql";
constexpr auto kInsertGate = R"sql(
  INSERT INTO gate_result (trial_key, phase_key, ordinal, gate, validity, text) VALUES (?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kInsertLink = R"sql(
  INSERT INTO reading_gate (trial_key, phase_key, metric_key, gate_ordinal)
  VALUES (?1, ?2, (SELECT metric_key FROM metric WHERE name = ?3), ?4)
)sql";

// The rows of a trial are next to each other, its own first: one walk of the key per trial, or one per phase that is asked for. What
// phase_key has to be is added in select_from.
#define DYNO_OF_RUN "WHERE t.run_key = ?1 AND (?2 = 0 OR t.trial_key = ?2) AND "
constexpr auto kSelectReadings = R"sql(
  SELECT v.trial_key, v.phase_key, m.name, v.value, a.reason, v.validity, v.bound
  FROM trial t JOIN reading v ON v.trial_key = t.trial_key JOIN metric m ON m.metric_key = v.metric_key
    LEFT JOIN absence a ON a.absence_key = v.absence_key
)sql" DYNO_OF_RUN "v.phase_key ";
constexpr auto kSelectGates = R"sql(
  SELECT g.trial_key, g.phase_key, g.gate, g.validity, g.text
  FROM trial t JOIN gate_result g ON g.trial_key = t.trial_key
)sql" DYNO_OF_RUN "g.phase_key ";
constexpr auto kSelectLinks = R"sql(
  SELECT l.trial_key, l.phase_key, m.name, g.gate
  FROM trial t JOIN reading_gate l ON l.trial_key = t.trial_key JOIN metric m ON m.metric_key = l.metric_key
    JOIN gate_result g ON g.trial_key = l.trial_key AND g.phase_key = l.phase_key AND g.ordinal = l.gate_ordinal
)sql" DYNO_OF_RUN "l.phase_key ";
#undef DYNO_OF_RUN

model::Reading* find(StoredReadings& stored, model::MetricName metric) {
  const auto found = std::lower_bound(stored.readings.begin(), stored.readings.end(), metric,
                                      [](const model::Reading& r, model::MetricName name) { return r.metric < name; });
  return found == stored.readings.end() || found->metric != metric ? nullptr : &*found;
}

model::Reading reading_of(Query& q) {
  model::Reading reading;
  reading.metric = q.word<model::MetricName>();
  reading.value = q.maybe_real();
  reading.absent = q.maybe_text().value_or("");
  reading.validity = coded<model::Validity>(q);
  reading.bound = coded<model::Bound>(q);
  return reading;
}

void insert_reading(SQLite::Database& connection, std::int64_t trial_key, std::int64_t phase_key,
                    const model::Reading& r) {
  // NaN and infinity were not measured.
  const bool is_measured = r.value && std::isfinite(*r.value);
  std::optional<std::string> absent;
  if (!is_measured) absent = !r.absent.empty() ? r.absent : r.value ? "not a finite number" : "not measured";
  Query(connection, kNameMetric, r.metric).run();
  if (absent) Query(connection, kNameAbsence, *absent).run();
  Query insert(connection, kInsertReading, trial_key, phase_key, r.metric, std::nullopt, absent, code_of(r.validity),
               code_of(r.bound));
  if (is_measured) insert.bind_at(4, *r.value);
  insert.run();
}

// `sql` ends with the name of its phase_key; `values` are those of `rest`.
Query select_from(SQLite::Database& connection, const std::string& sql, const ReadingSelection& selection,
                  std::string_view rest = {}, std::span<const std::string> values = {}) {
  std::string which = selection.scope == ReadingScope::trial ? "= 0" : "> 0";
  if (!selection.phases.empty()) {
    which = "IN (SELECT p.phase_key FROM phase p WHERE p.trial_key = t.trial_key AND p.name IN (" +
            marks(selection.phases.size()) + "))";
  }
  Query q(connection, (sql + which).append(rest), selection.run_key, selection.trial_key);
  int i = 2;
  for (const std::string& phase : selection.phases) q.bind_at(++i, phase);
  for (const std::string& value : values) q.bind_at(++i, value);
  return q;
}

// Before the names are looked up: most of a walk are rows that nobody asked for.
std::string among_metrics(std::size_t count) {
  if (count == 0) return {};
  return " AND v.metric_key IN (SELECT metric_key FROM metric WHERE name IN (" + marks(count) + "))";
}

}  // namespace

void insert_readings(SQLite::Database& connection, std::int64_t trial_key, std::int64_t phase_key,
                     const std::vector<model::Reading>& readings, const std::vector<model::GateResult>& gates) {
  for (const model::Reading& reading : readings) insert_reading(connection, trial_key, phase_key, reading);
  for (std::size_t i = 0; i < gates.size(); ++i) {
    const model::GateResult& g = gates[i];
    const auto ordinal = static_cast<std::int64_t>(i);
    Query(connection, kInsertGate, trial_key, phase_key, ordinal, g.gate, g.validity, g.text).run();
    for (const model::Reading& reading : readings) {
      if (std::find(reading.gates.begin(), reading.gates.end(), g.gate) != reading.gates.end())
        Query(connection, kInsertLink, trial_key, phase_key, reading.metric, ordinal).run();
    }
  }
}

ReadingMap select_readings(SQLite::Database& connection, const ReadingSelection& selection) {
  ReadingMap map;
  const auto place = [&](Query& q) -> StoredReadings& {
    const std::int64_t trial = q.integer();
    return map[{trial, q.integer()}];
  };
  Query readings =
      select_from(connection, kSelectReadings, selection, among_metrics(selection.metrics.size()), selection.metrics);
  while (readings.next()) {
    StoredReadings& stored = place(readings);
    stored.readings.push_back(reading_of(readings));
  }
  for (auto& [key, stored] : map) {
    std::sort(stored.readings.begin(), stored.readings.end(),
              [](const model::Reading& a, const model::Reading& b) { return a.metric < b.metric; });
  }
  Query gates = select_from(connection, kSelectGates, selection, " ORDER BY g.trial_key, g.phase_key, g.ordinal");
  while (gates.next()) {
    StoredReadings& stored = place(gates);
    model::GateResult& gate = stored.gates.emplace_back();
    gate.gate = gates.word<model::GateName>();
    gate.validity = gates.word<model::Validity>();
    gate.text = gates.text();
  }
  Query links = select_from(connection, kSelectLinks, selection, " ORDER BY l.trial_key, l.phase_key, l.gate_ordinal");
  while (links.next()) {
    StoredReadings& stored = place(links);
    model::Reading* const reading = find(stored, links.word<model::MetricName>());
    if (reading != nullptr) reading->gates.push_back(links.word<model::GateName>());
  }
  return map;
}

}  // namespace dyno::store

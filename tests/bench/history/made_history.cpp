#include "history/made_history.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/random.h"
#include "store/codes.h"
#include "store/rows.h"
#include "store/run_rows.h"
#include "store/summary_rows.h"

namespace dyno::bench {
namespace {

using model::MetricName;
using store::Query;

constexpr std::int64_t kFirstNight = 1'136'169'000'000'000'000;  // 2006-01-02T02:30Z
constexpr std::int64_t kDay = 86'400'000'000'000;

constexpr std::array kPhases{"json/c64", "json/c64/r60%json_cap", "fortunes/c64"};
constexpr std::array kOfPhase{MetricName::throughput_per_s, MetricName::latency_p99_ns,
                              MetricName::app_cpu_ns_per_request, MetricName::loaded_private_median_bytes};
constexpr std::array kOfTrial{MetricName::app_startup_ns, MetricName::startup_ns,         MetricName::listen_ns,
                              MetricName::idle_pss_bytes, MetricName::retained_pss_bytes, MetricName::stop_ns};
constexpr std::array kRuntimes{"go", "node", "python", "rust"};
constexpr std::size_t kOriginals = 40;  // nights with readings of their own
constexpr int kNightsAtOnce = 10;       // in one transaction
constexpr std::size_t kOfStart = 3;     // the first of them are what a trial that only starts has

constexpr auto kInsertTrial = R"sql(
  INSERT INTO trial (id, run_key, plan_index, attempt, block, case_name, stack, kind, state, failure, reason, last_output,
                     started_at_ns, finished_at_ns, stop_ns, stop_forced)
  VALUES (?, ?, ?, 1, ?, ?, ?, ?, 'succeeded', 'none', '', '', ?, ?, NULL, 0) RETURNING trial_key
)sql";
constexpr auto kInsertPhase = R"sql(
  INSERT INTO phase (trial_key, ordinal, name, window_begin_ns, window_end_ns, offered_per_s, good, sent, in_flight, connect_errors,
                     reset_errors, timeout_errors, bad_status_errors, bad_framing_errors, bad_body_errors, dropped_errors, received_bytes,
                     validity, bound, transport, timer_mode)
  VALUES (?, ?, ?, 0, 10000000000, NULL, 200000, 200000, 64, 0, 0, 0, 0, 0, 0, 0, 30000000, 'valid', 'server', 'epoll', 'none')
  RETURNING phase_key
)sql";
constexpr auto kNameMetric = "INSERT INTO metric (name) VALUES (?) ON CONFLICT (name) DO NOTHING";
constexpr auto kFindMetric = "SELECT metric_key FROM metric WHERE name = ?";
constexpr auto kInsertReading = R"sql(
  INSERT INTO reading (trial_key, phase_key, metric_key, value, absence_key, validity, bound) VALUES (?, ?, ?, ?, NULL, ?, ?)
)sql";

// A night whose readings are those of an earlier one (?1), under the keys and the time of its own (?2): SQLite copies in a tenth of the time that it
// takes to make them. ?3 and ?4 are added to the keys of trials and phases, ?5 to times.
constexpr auto kCopyTrials = R"sql(
  INSERT INTO trial (trial_key, id, run_key, plan_index, attempt, block, case_name, stack, kind, state, failure, reason, last_output,
                     started_at_ns, finished_at_ns, stop_ns, stop_forced)
  SELECT trial_key + ?3, format('%08x-%04x', ((started_at_ns + ?5) / 1000000) >> 16, ((started_at_ns + ?5) / 1000000) & 65535) || substr(id, 14),
         ?2, plan_index, attempt, block, case_name, stack, kind, state, failure, reason, last_output, started_at_ns + ?5, finished_at_ns + ?5,
         stop_ns, stop_forced
  FROM trial WHERE run_key = ?1 AND ?4 > 0 ORDER BY trial_key
)sql";
constexpr auto kCopyPhases = R"sql(
  INSERT INTO phase (phase_key, trial_key, ordinal, name, window_begin_ns, window_end_ns, offered_per_s, good, sent, in_flight, connect_errors,
                     reset_errors, timeout_errors, bad_status_errors, bad_framing_errors, bad_body_errors, dropped_errors, received_bytes,
                     validity, bound, transport, timer_mode)
  SELECT p.phase_key + ?4, p.trial_key + ?3, p.ordinal, p.name, window_begin_ns, window_end_ns, offered_per_s, good, sent, in_flight,
         connect_errors, reset_errors, timeout_errors, bad_status_errors, bad_framing_errors, bad_body_errors, dropped_errors, received_bytes,
         validity, bound, transport, timer_mode
  FROM trial t JOIN phase p ON p.trial_key = t.trial_key WHERE t.run_key = ?1 AND ?2 + ?5 > 0 ORDER BY p.phase_key
)sql";
constexpr auto kCopyReadings = R"sql(
  INSERT INTO reading (trial_key, phase_key, metric_key, value, absence_key, validity, bound)
  SELECT v.trial_key + ?3, CASE WHEN v.phase_key = 0 THEN 0 ELSE v.phase_key + ?4 END, v.metric_key, v.value, v.absence_key, v.validity, v.bound
  FROM trial t JOIN reading v ON v.trial_key = t.trial_key WHERE t.run_key = ?1 AND ?2 + ?5 > 0
  ORDER BY v.trial_key, v.phase_key, v.metric_key
)sql";
constexpr auto kNameTreatments = R"sql(
  INSERT OR IGNORE INTO treatment (stack_class, stack_hash, image_id, profile_hash)
  SELECT s.stack_class, s.hash, s.image_id, r.profile_hash FROM run r JOIN run_stack s ON s.run_key = r.run_key WHERE r.run_key = ?
)sql";
constexpr auto kNameCells = R"sql(
  INSERT OR IGNORE INTO cell (series_key, environment_key)
  SELECT c.series_key, r.environment_key FROM run r, summary s JOIN cell c ON c.cell_key = s.cell_key WHERE s.run_key = ? AND r.run_key = ?
)sql";
constexpr auto kCopySummaries = R"sql(
  INSERT INTO summary (run_key, cell_key, readings)
  SELECT r.run_key, o.cell_key, s.readings
  FROM run r, summary s JOIN cell c ON c.cell_key = s.cell_key
    JOIN cell o ON o.series_key = c.series_key AND o.environment_key = r.environment_key
  WHERE s.run_key = ? AND r.run_key = ?
)sql";
constexpr auto kCopyPoints = R"sql(
  INSERT INTO point (cell_key, at_ns, run_key, treatment_key, n, value, spread, low, high, validity, bound)
  SELECT o.cell_key, r.created_at_ns, r.run_key, e.treatment_key, p.n, p.value, p.spread, p.low, p.high, p.validity, p.bound
  FROM run a, run r, summary s JOIN cell c ON c.cell_key = s.cell_key JOIN series x ON x.series_key = c.series_key
    JOIN point p ON p.cell_key = c.cell_key AND p.at_ns = a.created_at_ns AND p.run_key = a.run_key
    JOIN cell o ON o.series_key = c.series_key AND o.environment_key = r.environment_key
    JOIN run_stack k ON k.run_key = r.run_key AND k.name = x.stack
    JOIN treatment e ON e.stack_class = k.stack_class AND e.stack_hash = k.hash AND e.image_id = k.image_id AND e.profile_hash = r.profile_hash
  WHERE s.run_key = a.run_key AND a.run_key = ? AND r.run_key = ?
)sql";
constexpr auto kSetRules =
    "UPDATE run SET summary_rules = (SELECT summary_rules FROM run WHERE run_key = ?) WHERE run_key = ?";
constexpr auto kSelectMade = "SELECT run_key, created_at_ns FROM run WHERE profile = 'standard' ORDER BY run_key";
constexpr auto kFirstKeys = R"sql(
  SELECT (SELECT max(trial_key) FROM trial), (SELECT max(phase_key) FROM phase), min(t.trial_key), min(p.phase_key), r.created_at_ns
  FROM run r JOIN trial t ON t.run_key = r.run_key JOIN phase p ON p.trial_key = t.trial_key WHERE r.run_key = ?
)sql";

class Maker {
 public:
  Maker(SQLite::Database& connection, const Shape& shape, int night)
      : connection_(connection),
        shape_(shape),
        night_(night),
        random_(shape.seed + static_cast<std::uint64_t>(night) * 7919) {}

  std::int64_t make() {
    const WallTime at = wall_from_ns(kFirstNight + night_ * kDay);
    make_run(at);
    int index = 0;
    for (int block = 1; block <= shape_.blocks; ++block) {
      for (int which = 0; which < shape_.cases; ++which) {
        make_trial(which, block, index++, true);
        for (int start = 0; start < starts_in(block); ++start) make_trial(which, block, index++, false);
      }
    }
    store::update_state(connection_, run_key_, at + std::chrono::hours(4), {model::RunState::succeeded, {}});
    store::write_summaries(connection_, run_key_);
    return index;
  }

  // As another night was, except for the time, the machine and the images.
  std::int64_t make_like(std::int64_t other) {
    const WallTime at = wall_from_ns(kFirstNight + night_ * kDay);
    make_run(at);
    std::int64_t to_trial = 0;
    std::int64_t to_phase = 0;
    std::int64_t later = 0;
    {
      Query q(connection_, kFirstKeys, other);
      q.next();
      to_trial = q.integer() + 1;
      to_phase = q.integer() + 1;
      to_trial -= q.integer();
      to_phase -= q.integer();
      later = to_ns(at) - q.integer();
    }
    for (const char* const sql : {kCopyTrials, kCopyPhases, kCopyReadings})
      Query(connection_, sql, other, run_key_, to_trial, to_phase, later).run();
    store::update_state(connection_, run_key_, at + std::chrono::hours(4), {model::RunState::succeeded, {}});
    Query(connection_, kNameTreatments, run_key_).run();
    for (const char* const sql : {kNameCells, kCopySummaries, kCopyPoints, kSetRules})
      Query(connection_, sql, other, run_key_).run();
    return trials_of_night(shape_);
  }
  std::int64_t run_key() const { return run_key_; }

 private:
  static std::string stack_of(int which) { return fmt::format("stack-{:02}", which); }
  int starts_in(int block) const {
    return shape_.extra_starts / shape_.blocks + (block <= shape_.extra_starts % shape_.blocks ? 1 : 0);
  }

  void make_run(WallTime at) {
    id_ = new_id(at);
    model::RunQueued queued;
    queued.request.profile = "standard";
    queued.request.schedule = "nightly";
    queued.request.trigger = model::Trigger::schedule;
    queued.request.nominal_at = at;
    queued.profile_hash = fmt::format("sha256:{}", night_ / 1'500);  // somebody edits it every four years
    queued.blocks = shape_.blocks;
    if (night_ % 97 == 0) queued.request.note = "after the update of the kernel";
    run_key_ = store::put_run(connection_, id_, at, queued);
    std::vector<model::RunStack> stacks;
    for (int which = 0; which < shape_.cases; ++which) {
      model::RunStack& stack = stacks.emplace_back();
      stack.name = stack_of(which);
      stack.stack_class = which % 5 == 4 ? "tuned" : "production";
      stack.runtime = kRuntimes[static_cast<std::size_t>(which) % kRuntimes.size()];
      stack.hash = fmt::format("sha256:{}-{}", which, night_ / (60 + which));
      stack.image_id = stack.hash;
    }
    store::insert_stacks(connection_, run_key_, stacks);
    // A new machine every three years, and a week on another one now and then.
    const int machine = night_ % 400 < 7 ? 99 : night_ / 1'100;
    store::replace_environment(
        connection_, run_key_,
        {{{{"cpu_model", fmt::format("machine {}", machine), true}}, fmt::format("e1:{:016x}", machine)}, {}});
  }

  void make_trial(int which, int block, int index, bool is_load) {
    const std::int64_t at = kFirstNight + night_ * kDay + index * std::int64_t{10'000'000'000};
    std::int64_t trial = 0;
    {
      Query q(connection_, kInsertTrial, new_id(wall_from_ns(at)), run_key_, index, block, stack_of(which) + "/single",
              stack_of(which), is_load ? model::TrialKind::load : model::TrialKind::startup, at,
              at + std::int64_t{9'000'000'000});
      q.next();
      trial = q.integer();
    }
    for (std::size_t i = 0; i < (is_load ? kOfTrial.size() : kOfStart); ++i) add_reading(trial, 0, kOfTrial[i], which);
    if (!is_load) return;
    for (std::size_t p = 0; p < kPhases.size(); ++p) {
      std::int64_t phase = 0;
      {
        Query q(connection_, kInsertPhase, trial, static_cast<int>(p), kPhases[p]);
        q.next();
        phase = q.integer();
      }
      for (const MetricName metric : kOfPhase) add_reading(trial, phase, metric, which);
    }
  }

  // Two per cent of noise about a level that is the case's own, moves slowly and jumps with a new image.
  void add_reading(std::int64_t trial, std::int64_t phase, MetricName metric, int which) {
    const double noise = random_.unit() + random_.unit() + random_.unit() - 1.5;
    const double level =
        (1 + which) * 1e6 * (1 + 0.05 * std::sin(night_ / 200.0 + which)) * (1 + 0.02 * ((night_ / (60 + which)) % 5));
    const std::uint64_t luck = random_.below(1'000);
    const auto validity = luck < 5    ? model::Validity::invalid
                          : luck < 25 ? model::Validity::degraded
                                      : model::Validity::valid;
    Query(connection_, kInsertReading, trial, phase, key_of(metric), level * (1 + 0.04 * noise),
          store::code_of(validity), store::code_of(model::Bound::server))
        .run();
  }

  std::int64_t key_of(MetricName metric) {
    std::int64_t& key = metrics_[static_cast<std::size_t>(metric)];
    if (key != 0) return key;
    Query(connection_, kNameMetric, metric).run();
    Query found(connection_, kFindMetric, metric);
    found.next();
    return key = found.integer();
  }

  SQLite::Database& connection_;
  const Shape& shape_;
  const int night_;
  Random random_;
  std::string id_;
  std::int64_t run_key_ = 0;
  std::array<std::int64_t, model::kMetricCount> metrics_{};
};

}  // namespace

Result<Made> make_history(store::Database& database, const Shape& shape) {
  Made made;
  std::vector<std::int64_t> originals;
  int night = 0;
  const Status known = database.write("looking for nights", [&](SQLite::Database& connection) -> Status {
    Query q(connection, kSelectMade);
    while (q.next()) {
      const std::int64_t key = q.integer();
      if (originals.size() < kOriginals) originals.push_back(key);
      night = static_cast<int>((to_ns(q.wall()) - kFirstNight) / kDay) + 1;
      ++made.nights;
    }
    return {};
  });
  if (!known) return fail(known.error());
  while (made.nights < shape.nights) {
    const Status done = database.write("making nights", [&](SQLite::Database& connection) -> Status {
      for (int i = 0; i < kNightsAtOnce && made.nights < shape.nights; ++night) {
        if (night % 53 == 11) continue;  // the machine was off
        Maker maker(connection, shape, night);
        const std::size_t like = static_cast<std::size_t>(made.nights) % kOriginals;
        made.trials += originals.size() < kOriginals ? maker.make() : maker.make_like(originals[like]);
        if (originals.size() < kOriginals) originals.push_back(maker.run_key());
        ++made.nights;
        ++i;
      }
      return {};
    });
    if (!done) return fail(done.error());
  }
  // The keys of what the journal adds are ids of events: they come after the ones that were made here.
  const Status reserved = database.write("reserving ids", [](SQLite::Database& connection) -> Status {
    Query(connection, "DELETE FROM sqlite_sequence WHERE name = 'event'").run();
    Query(connection,
          "INSERT INTO sqlite_sequence (name, seq) SELECT 'event', max((SELECT max(phase_key) FROM phase), (SELECT "
          "max(trial_key) FROM trial))")
        .run();
    return {};
  });
  if (!reserved) return fail(reserved.error());
  return made;
}

}  // namespace dyno::bench

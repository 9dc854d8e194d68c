#include "history/made_history.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <string>

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
constexpr std::size_t kOfStart = 3;  // the first of them are what a trial that only starts has

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
      stack.stack_class = "production";
      stack.runtime = "go";
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
  for (int night = 0; made.nights < shape.nights; ++night) {
    if (night % 53 == 11) continue;  // the machine was off
    const Status done = database.write("making a night", [&](SQLite::Database& connection) -> Status {
      made.trials += Maker(connection, shape, night).make();
      return {};
    });
    if (!done) return fail(done.error());
    ++made.nights;
  }
  // The keys of what the journal adds are ids of events: they come after the ones that were made here.
  const Status reserved = database.write("reserving ids", [](SQLite::Database& connection) -> Status {
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

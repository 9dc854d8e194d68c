#include "run/trial_readings.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

using model::GateName;
using model::Validity;
using std::chrono::milliseconds;
using std::chrono::seconds;
using M = model::MetricName;

ports::HostReading host(int at_ms, int busy_ms, int steal_ms = 0) {
  return {monotonic_from_ns(at_ms * std::int64_t{1'000'000}), milliseconds(busy_ms), milliseconds(steal_ms)};
}

// Created at 100 ms, started at 200, exec 500, listening 900, good at 1000; calm all the while.
TrialEvidence calm() {
  TrialEvidence e;
  model::StartupMarks& m = e.marks.emplace();
  const auto at = [](int ms) { return monotonic_from_ns(ms * std::int64_t{1'000'000}); };
  m.create_call = at(100);
  m.start_call = at(200);
  m.exec = at(500);
  m.listen = at(900);
  m.first_good = at(1000);
  m.sandbox = milliseconds(77);
  e.start.before = host(90, 0);
  e.start.started = host(500, 300);
  e.start.ready = host(1000, 700);
  e.start.app_cpu = milliseconds(380);
  e.start.known_cpu = milliseconds(10);
  e.idle = {model::MemoryReading{mib(3), mib(2), mib(4), mib(5)}, seconds(2), seconds(2) + milliseconds(3)};
  e.retained = {model::MemoryReading{mib(6), mib(5), mib(7), mib(8)}, seconds(5), seconds(5)};
  e.stop = milliseconds(42);
  return e;
}

std::vector<M> names_of(const std::vector<model::Reading>& readings) {
  std::vector<M> names;
  for (const model::Reading& r : readings) names.push_back(r.metric);
  return names;
}

double ms(const TrialReadings& own, M metric) { return value_of(own.readings, metric).value_or(-1e6) / 1e6; }

TEST(TrialReadings, AreTheDifferencesOfTheMarks) {
  const auto own = read_trial(calm());
  EXPECT_EQ(ms(own, M::app_startup_ns), 500);
  EXPECT_EQ(ms(own, M::startup_ns), 800);
  EXPECT_EQ(ms(own, M::create_to_good_ns), 900);
  EXPECT_EQ(ms(own, M::listen_ns), 400);
  EXPECT_EQ(ms(own, M::engine_ns), 300);
  EXPECT_EQ(ms(own, M::sandbox_ns), 77);
  EXPECT_EQ(ms(own, M::stop_ns), 42);
  EXPECT_EQ(value_of(own.readings, M::idle_pss_bytes), 3 << 20);
  EXPECT_EQ(value_of(own.readings, M::retained_cgroup_peak_bytes), 8 << 20);
  EXPECT_EQ(find_reading(own.readings, M::db_ready_ns), nullptr) << "the stack has no deep path";
  EXPECT_EQ(own.verdict.validity, Validity::valid);
}

TEST(TrialReadings, SayWhyThereIsNoNumber) {
  auto e = calm();
  e.has_deep_path = true;
  e.marks->exec.reset();
  e.idle.memory->pss.reset();
  e.idle.memory->cgroup_peak.reset();
  e.stop.reset();
  const auto own = read_trial(e);
  const std::string no_stamp = "the sandbox was not told the process start";
  EXPECT_EQ(absence_of(own.readings, M::app_startup_ns), no_stamp);
  EXPECT_EQ(absence_of(own.readings, M::engine_ns), no_stamp);
  EXPECT_EQ(ms(own, M::startup_ns), 800) << "it needs no stamp";
  EXPECT_EQ(absence_of(own.readings, M::db_ready_ns), "no good deep answer came");
  EXPECT_EQ(absence_of(own.readings, M::idle_pss_bytes), "it could not be read: it needs root or CAP_SYS_PTRACE");
  EXPECT_EQ(absence_of(own.readings, M::idle_cgroup_peak_bytes), "this kernel does not report it");
  EXPECT_EQ(absence_of(own.readings, M::stop_ns), "the stop failed");
}

// Issue 14, row 7.
TEST(TrialReadings, Row7SayWhyTheStampDoesNotCount) {
  auto e = calm();
  e.marks->exec.reset();
  e.no_stamp = "the sandbox was told two process starts";
  for (const M metric : {M::app_startup_ns, M::engine_ns, M::listen_ns})
    EXPECT_EQ(absence_of(read_trial(e).readings, metric), e.no_stamp) << to_string(metric);
}

TEST(TrialReadings, OfAFailedTrialKeepThoseItHas) {
  auto e = calm();
  e.retained = {};
  e.stop.reset();
  e.cut_short = "crashed";
  const auto own = read_trial(e);
  EXPECT_EQ(ms(own, M::app_startup_ns), 500);
  EXPECT_EQ(value_of(own.readings, M::idle_pss_bytes), 3 << 20);
  EXPECT_EQ(absence_of(own.readings, M::retained_pss_bytes), "the trial ended before it: crashed");
  EXPECT_EQ(absence_of(own.readings, M::stop_ns), "the trial ended before it: crashed");
}

TEST(TrialReadings, OfAnExtraStartAreTheStartAndTheStop) {
  auto e = calm();
  e.kind = model::TrialKind::startup;
  EXPECT_EQ(names_of(read_trial(e).readings), (std::vector{M::app_startup_ns, M::startup_ns, M::create_to_good_ns,
                                                           M::listen_ns, M::engine_ns, M::sandbox_ns, M::stop_ns}));
}

TEST(TrialReadings, KeepColdStartsOutOfTheWarmOnes) {
  auto e = calm();
  e.kind = model::TrialKind::startup;
  e.marks->kind = model::StartKind::cache_cold;
  const auto own = read_trial(e);
  EXPECT_EQ(names_of(own.readings), (std::vector{M::app_startup_cache_cold_ns, M::startup_cache_cold_ns, M::stop_ns}));
  EXPECT_EQ(ms(own, M::app_startup_cache_cold_ns), 500);
  EXPECT_EQ(ms(own, M::startup_cache_cold_ns), 800);
}

struct GateCase {
  GateName gate;
  Validity validity;
  M judged;
  M left;
  void (*spoil)(TrialEvidence&);
};

TEST(TrialVerdict, EachGateStrikesOutWhatItsFaultMakesWrong) {
  const GateCase cases[] = {
      {GateName::start_steal, Validity::degraded, M::app_startup_ns, M::idle_pss_bytes,
       [](TrialEvidence& e) { e.start.ready->steal = milliseconds(40); }},
      {GateName::start_steal, Validity::invalid, M::engine_ns, M::stop_ns,
       [](TrialEvidence& e) { e.start.ready->steal = milliseconds(200); }},
      {GateName::start_foreign_load, Validity::degraded, M::app_startup_ns, M::engine_ns,
       [](TrialEvidence& e) { e.start.ready->busy += milliseconds(200); }},
      {GateName::start_probe, Validity::degraded, M::startup_ns, M::engine_ns,
       [](TrialEvidence& e) { e.start.probe_gap = milliseconds(40); }},
      {GateName::start_clock, Validity::invalid, M::app_startup_ns, M::idle_pss_bytes,
       [](TrialEvidence& e) { e.start.wall_shift = seconds(7); }},
      {GateName::idle_late, Validity::degraded, M::idle_pss_bytes, M::retained_pss_bytes,
       [](TrialEvidence& e) { e.idle.waited = seconds(60); }},
      {GateName::retained_late, Validity::degraded, M::retained_private_bytes, M::idle_pss_bytes,
       [](TrialEvidence& e) { e.retained.waited = seconds(60); }},
  };
  for (const GateCase& c : cases) {
    auto e = calm();
    c.spoil(e);
    const auto own = read_trial(e);
    ASSERT_EQ(own.verdict.gates.size(), 1U) << to_string(c.gate);
    EXPECT_EQ(own.verdict.gates[0].gate, c.gate);
    EXPECT_EQ(own.verdict.gates[0].validity, c.validity) << own.verdict.gates[0].text;
    EXPECT_EQ(own.verdict.validity, c.validity);
    EXPECT_EQ(find_reading(own.readings, c.judged)->validity, c.validity) << to_string(c.gate);
    EXPECT_EQ(find_reading(own.readings, c.left)->validity, Validity::valid) << to_string(c.gate);
  }
}

TEST(TrialVerdict, SaysNothingOfWhatIsBelowTheResolutionOfTheCounters) {
  auto e = calm();
  e.marks->first_good = *e.marks->exec + milliseconds(10);
  e.start.before = host(490, 0);
  e.start.started = host(500, 0);
  e.start.ready = host(510, 20, 10);  // two ticks of ten milliseconds
  e.start.app_cpu = milliseconds(2);
  EXPECT_TRUE(read_trial(e).verdict.gates.empty());
}

TEST(TrialVerdict, CountsNothingAsForeignThatTheAppMayHaveUsed) {
  auto e = calm();
  e.start.app_cpu.reset();
  e.start.ready->busy += seconds(1);
  EXPECT_TRUE(read_trial(e).verdict.gates.empty()) << "what the app used is not known";
  e = calm();
  e.start.known_cpu.reset();
  e.start.ready->busy += seconds(1);
  EXPECT_TRUE(read_trial(e).verdict.gates.empty()) << "what a service used is not known";
}

TEST(TrialVerdict, DoesNotTakeTheRigAndItsServicesForOthers) {
  auto e = calm();
  e.start.ready->busy += milliseconds(200);
  EXPECT_FALSE(read_trial(e).verdict.gates.empty());
  *e.start.known_cpu += milliseconds(200);
  EXPECT_TRUE(read_trial(e).verdict.gates.empty());
}

TEST(TrialVerdict, JudgesEachFirstAnswerByItsOwnProbes) {
  auto e = calm();
  e.has_deep_path = true;
  e.marks->first_deep = *e.marks->first_good + milliseconds(60);
  e.start.deep_gap = milliseconds(40);
  auto own = read_trial(e);
  EXPECT_EQ(find_reading(own.readings, M::db_ready_ns)->validity, Validity::degraded);
  EXPECT_EQ(find_reading(own.readings, M::app_startup_ns)->validity, Validity::valid);
  EXPECT_EQ(own.verdict.gates.at(0).text,
            "The start was probed 40.0 ms before its first good deep answer and not in between (limit 2.00 ms).");
  e.start.probe_gap = std::exchange(e.start.deep_gap, std::nullopt);
  own = read_trial(e);
  EXPECT_EQ(find_reading(own.readings, M::db_ready_ns)->validity, Validity::valid);
  EXPECT_EQ(find_reading(own.readings, M::app_startup_ns)->validity, Validity::degraded);
}

TEST(TrialVerdict, DoesNotMindALongProbeOfALongStart) {
  auto e = calm();
  e.start.probe_gap = milliseconds(10);
  EXPECT_TRUE(read_trial(e).verdict.gates.empty());
}

TEST(TrialVerdict, IsInWords) {
  auto e = calm();
  e.idle.waited = seconds(60);
  EXPECT_EQ(read_trial(e).verdict.gates[0].text,
            "Memory was read 1 min after the first good answer instead of 2.00 s (limit 1.00 s).");
}

}  // namespace
}  // namespace dyno::run

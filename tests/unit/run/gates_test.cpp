#include "run/gates.h"

#include <gtest/gtest.h>

#include "fakes/reading.h"
#include "run/reading_list.h"

namespace dyno::run {
namespace {

using fakes::reading;
using model::Bound;
using model::GateName;
using model::Validity;
using M = model::MetricName;

// What the rig reports about itself is the evidence that gates read, so that no gate judges it.
bool is_evidence(M metric) {
  return model::MetricSet{M::loader_cpu_ratio,  M::loader_lag_p99_ns, M::loader_late_ratio, M::send_error_p50_ns,
                          M::send_error_p99_ns, M::control_ns,        M::little_ratio}
      .has(metric);
}

TEST(Gates, EveryNumberIsJudgedByOne) {
  for (const model::Metric& metric : model::metrics()) {
    bool judged = false;
    for (const GateRule& rule : gate_rules()) judged = judged || rule.judges.has(metric.metric);
    const bool expected = !is_evidence(metric.metric) && metric.metric != M::sandbox_ns && metric.metric != M::stop_ns;
    EXPECT_EQ(judged, expected) << metric.name;
  }
}

TEST(Gates, JudgeTheNumbersThatTheirFaultMakesWrong) {
  struct Row {
    GateName gate;
    M judged;
    M left;
  };
  const Row rows[] = {
      {GateName::loader_cpu, M::throughput_per_s, M::app_cpu_ns_per_request},
      {GateName::loader_cpu, M::service_time_p99_ns, M::loaded_private_peak_bytes},
      {GateName::loader_late, M::latency_p99_ns, M::app_cpu_ns_per_request},
      {GateName::loader_lag, M::latency_p50_ns, M::throughput_per_s},
      {GateName::errors, M::loaded_private_peak_bytes, M::error_ratio},
      {GateName::unanswered, M::latency_p50_ns, M::throughput_per_s},
      {GateName::unanswered, M::service_time_mean_ns, M::delivery_p50_ns},
      {GateName::deliveries, M::deliveries_per_s, M::delivery_fault_ratio},
      {GateName::service_lost, M::error_ratio, M::loader_cpu_ratio},
      {GateName::sampler, M::loaded_private_median_bytes, M::throughput_per_s},
      {GateName::sampler, M::loaded_private_peak_bytes, M::loaded_cgroup_peak_bytes},
      {GateName::cpu_edges, M::app_cpu_cores, M::latency_p99_ns},
      {GateName::control, M::app_cpu_ns_per_request, M::loaded_private_peak_bytes},
      {GateName::steal, M::latency_p999_ns, M::loaded_private_peak_bytes},
      {GateName::pids_exhausted, M::throughput_per_s, M::error_ratio},
      {GateName::log_flood, M::latency_p99_ns, M::error_ratio},
      {GateName::leaked, M::loaded_private_median_bytes, M::throughput_per_s},
      {GateName::throttling, M::throughput_per_s, M::app_cpu_ns_per_request},
      {GateName::start_foreign_load, M::app_startup_ns, M::idle_pss_bytes},
      {GateName::idle_late, M::idle_pss_bytes, M::retained_pss_bytes},
  };
  for (const Row& row : rows) {
    EXPECT_TRUE(rule_of(row.gate).judges.has(row.judged)) << to_string(row.gate) << " " << to_string(row.judged);
    EXPECT_FALSE(rule_of(row.gate).judges.has(row.left)) << to_string(row.gate) << " " << to_string(row.left);
  }
}

TEST(Gates, GiveEachReadingTheWorstOfThoseThatJudgeIt) {
  std::vector<model::Reading> readings{reading(M::throughput_per_s, 1), reading(M::app_cpu_ns_per_request, 2),
                                       reading(M::loaded_private_peak_bytes, 3)};
  GateList list;
  list.say(GateName::steal, Validity::degraded, "a");
  list.say(GateName::loader_cpu, Validity::invalid, "b");
  const model::Verdict verdict = std::move(list).mark(readings, Bound::loader);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(readings[0].validity, Validity::invalid);
  EXPECT_EQ(readings[0].gates, (std::vector{GateName::steal, GateName::loader_cpu}));
  EXPECT_EQ(readings[0].bound, Bound::loader);
  EXPECT_EQ(readings[1].validity, Validity::degraded);
  EXPECT_EQ(readings[1].bound, Bound::none) << "the cost of an answer has no pace";
  EXPECT_EQ(readings[2].validity, Validity::valid);
  EXPECT_TRUE(readings[2].gates.empty());
}

TEST(Gates, JudgeFewerNumbersWhereTheFactIsAboutFewer) {
  std::vector<model::Reading> readings{reading(M::app_startup_ns, 1), reading(M::listen_ns, 2),
                                       reading(M::db_ready_ns, 3)};
  GateList list;
  list.check(GateName::start_probe, 4e6, "One", model::MetricSet{M::listen_ns});
  list.check(GateName::start_probe, 4e6, "Two", model::MetricSet{M::db_ready_ns});
  const model::Verdict verdict = std::move(list).mark(readings, Bound::none);
  ASSERT_EQ(verdict.gates.size(), 1U);
  EXPECT_EQ(verdict.gates[0].text, "One (limit 2.00 ms). Two (limit 2.00 ms).");
  EXPECT_TRUE(readings[0].gates.empty());
  EXPECT_EQ(readings[1].validity, Validity::degraded);
  EXPECT_EQ(readings[2].validity, Validity::degraded);
}

TEST(Gates, SayTheLimitThatWasPassed) {
  model::GateLimits limits;
  limits.load_worker_max = 0.8;
  GateList list(limits);
  list.check(GateName::loader_cpu, 0.5, "calm");
  list.check(GateName::loader_starved, 0.2, "The load generator waited");
  list.check(GateName::loader_cpu, 0.92, "The load generator was busy");
  list.check(GateName::throttling, 3e6, "The app was throttled");
  list.check(GateName::foreign_load, 1.6, "Other processes used 1.60 cores");
  list.check(GateName::no_answers, 1, "The phase had no good answer");
  const auto said = std::move(list).take();
  ASSERT_EQ(said.size(), 5U);
  EXPECT_EQ(said[0].text, "The load generator waited (limit 10 %).");
  EXPECT_EQ(said[0].validity, Validity::degraded);
  EXPECT_EQ(said[1].text, "The load generator was busy (limit 80 %).");
  EXPECT_EQ(said[1].validity, Validity::invalid);
  EXPECT_EQ(said[2].text, "The app was throttled.");
  EXPECT_EQ(said[3].text, "Other processes used 1.60 cores (limit 0.05 of a core).");
  EXPECT_EQ(said[4].text, "The phase had no good answer.");
}

TEST(Gates, AreListedOnceEach) {
  GateList list;
  list.say(GateName::service_lost, Validity::degraded, "One.");
  list.say(GateName::service_lost, Validity::invalid, "Two.");
  const auto said = std::move(list).take();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0], (model::GateResult{GateName::service_lost, Validity::invalid, "One. Two."}));
}

TEST(ReadingList, OrdersByMetricAndKeepsNoNonNumber) {
  ReadingList list;
  list.put(M::stop_ns, Nanos(5));
  list.put(M::throughput_per_s, std::numeric_limits<double>::quiet_NaN());
  list.put_or(M::idle_pss_bytes, std::optional<Bytes>(), "no rights");
  const auto readings = std::move(list).take();
  ASSERT_EQ(readings.size(), 3U);
  EXPECT_EQ(readings[0], fakes::absent(M::throughput_per_s, "not a finite number"));
  EXPECT_EQ(readings[1], fakes::absent(M::idle_pss_bytes, "no rights"));
  EXPECT_EQ(readings[2], reading(M::stop_ns, 5));
}

}  // namespace
}  // namespace dyno::run

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/run_event.h"
#include "run/phase_readings.h"
#include "stats/histogram.h"

namespace dyno::run {
namespace {

using model::Bound;
using model::GateName;
using model::Validity;
using M = model::MetricName;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonotonicTime kBegin = monotonic_from_ns(1'000'000'000'000);

std::string histogram_of(std::int64_t value_ns, std::uint64_t count) {
  stats::Histogram h;
  h.record_many(value_ns, count);
  return h.encode();
}

// A calm closed-loop phase: 10 s, 100 000 good answers of 320 µs over 32 connections, one core of one full.
PhaseReadings calm() {
  PhaseReadings r;
  r.phase.name = "json/c32";
  r.phase.connections = 32;
  r.load.window_begin = kBegin;
  r.load.window_end = kBegin + seconds(10);
  r.load.good = 100'000;
  r.load.sent = 100'032;
  r.load.in_flight = 32;
  r.load.service_time_mean = Nanos(3'200'000);
  r.load.histograms = {{"service", histogram_of(3'200'000, 100'000)}};
  r.load.loader_cpu = seconds(3);
  r.load.loader_cpu_all = seconds(3);
  r.load.loader_busy_ratio = 0.3;
  r.begin.cpu = ports::CpuReading{kBegin, seconds(5), {}, 0};
  r.end.cpu = ports::CpuReading{kBegin + seconds(10), seconds(14) + milliseconds(800), {}, 0};
  r.begin.host = ports::HostReading{kBegin, seconds(100), seconds(1)};
  r.end.host = ports::HostReading{kBegin + seconds(10), seconds(100) + seconds(13), seconds(1)};
  for (int i = 0; i < 100; ++i) r.samples.push_back({kBegin + milliseconds(100 * i), mib(30), mib(40), 0, 0});
  r.sample_every = milliseconds(100);
  r.cgroup_peak = mib(50);
  r.sampler = {.cpu = {}, .ticks = 100, .late_ticks = 0};
  r.control_before = milliseconds(10);
  r.control_after = milliseconds(10) + std::chrono::microseconds(400);
  return r;
}

// The same with a service on the loader's CPU that used `cores` of it, 50 and later 80 MiB.
PhaseReadings with_service(double cores) {
  auto r = calm();
  const auto used = Nanos(static_cast<std::int64_t>(cores * 10e9));
  ServiceReadings service;
  service.name = "store";
  service.beside_loader = true;
  service.begin = ports::CpuReading{kBegin, seconds(2), {}, 0};
  service.end = ports::CpuReading{kBegin + seconds(10), seconds(2) + used, {}, 0};
  for (int i = 0; i < 100; ++i)
    service.samples.push_back({kBegin + milliseconds(100 * i), mib(i < 60 ? 50 : 80), mib(90), 0, 0});
  service.sampler = {.cpu = {}, .ticks = 100, .late_ticks = 0};
  r.services = {service};
  r.end.host->busy += used;
  return r;
}

PhaseReadings calm_open() {
  auto r = calm();
  r.phase.loop = model::Loop::open;
  r.offered = Rate{10'000};
  r.load.histograms.push_back({"response", histogram_of(400'000, 100'000)});
  r.load.histograms.push_back({"send_error", histogram_of(2'000, 100'000)});
  return r;
}

double metric(const model::PhaseResult& result, M name) { return value_of(result.readings, name).value_or(-1); }
std::string absent(const model::PhaseResult& result, M name) { return absence_of(result.readings, name); }

model::PhaseResult judged(const PhaseReadings& r) {
  model::PhaseResult result = measure_phase(r);
  judge_phase(r, {}, result);
  return result;
}

model::Verdict judge(const PhaseReadings& r) { return judged(r).verdict; }

bool says(const model::Verdict& verdict, GateName gate, Validity validity) {
  for (const auto& g : verdict.gates) {
    if (g.gate == gate) return g.validity == validity;
  }
  return false;
}

// 100 messages to 500 subscribers, each after 4 ms.
PhaseReadings fanned_out() {
  auto r = calm_open();
  r.load.deliveries = ports::Deliveries{
      .expected = 50'000, .good = 50'000, .in_window = 49'900, .missed = 0, .doubled = 0, .bad = 0, .lost_streams = 0};
  r.load.histograms.push_back({"delivery", histogram_of(4'000'000, 50'000)});
  return r;
}

TEST(PhaseMetrics, TellWhatSubscribersReceived) {
  const auto result = measure_phase(fanned_out());
  EXPECT_NEAR(metric(result, M::deliveries_per_s), 4990, 0.1);
  EXPECT_NEAR(metric(result, M::delivery_p99_ns), 4e6, 4e4);
  EXPECT_EQ(metric(result, M::delivery_fault_ratio), 0);
  EXPECT_EQ(metric(measure_phase(calm_open()), M::deliveries_per_s), -1) << "nobody subscribed";
}

// A server that takes 30 s for each 333rd answer: 58 of 10 800 had waited 2 to 8 s when the load generator gave up.
TEST(PhaseMetrics, AreWithheldWhereRequestsWereNeverAnswered) {
  stats::Histogram times;
  times.record_many(400'000, 10'742);
  times.record_many(5'000'000'000, 57);
  times.record_many(2'100'000'000, 1);
  auto r = calm_open();
  r.load.good = 10'742;
  r.offered = Rate{1'080};
  r.load.histograms = {{"service", times.encode()}, {"response", times.encode()}};
  r.load.unanswered = 58;
  r.load.waited_least = milliseconds(2'100);
  const auto result = judged(r);
  EXPECT_NEAR(metric(result, M::latency_p99_ns), 4e5, 4e3);
  EXPECT_NEAR(metric(result, M::service_time_p99_ns), 4e5, 4e3);
  for (const M withheld : {M::latency_p999_ns, M::latency_max_ns, M::service_time_p999_ns, M::service_time_mean_ns})
    EXPECT_EQ(absent(result, withheld), "58 requests were never answered") << to_string(withheld);
  EXPECT_TRUE(says(result.verdict, GateName::unanswered, Validity::degraded));
  EXPECT_EQ(find_reading(result.readings, M::latency_p99_ns)->validity, Validity::degraded);
  EXPECT_EQ(find_reading(result.readings, M::throughput_per_s)->validity, Validity::valid);
}

// In a closed loop as well: a server that serves 2 of 64 connections and lets the others wait is fast for the two.
TEST(PhaseMetrics, AreWithheldInAClosedLoopToo) {
  stats::Histogram times;
  times.record_many(400'000, 10'000);
  times.record_many(5'000'000'000, 62);
  auto r = calm();
  r.load.histograms = {{"service", times.encode()}};
  r.load.unanswered = 62;
  r.load.waited_least = milliseconds(4'900);
  r.load.connections_asked = 64;
  r.load.connections_unserved = 62;
  const auto result = judged(r);
  EXPECT_NEAR(metric(result, M::service_time_p99_ns), 4e5, 4e3);
  for (const M withheld : {M::service_time_p999_ns, M::service_time_mean_ns, M::little_ratio})
    EXPECT_EQ(absent(result, withheld), "62 requests were never answered") << to_string(withheld);
  ASSERT_TRUE(says(result.verdict, GateName::unanswered, Validity::degraded));
  EXPECT_EQ(result.verdict.gates.front().text,
            "The app never answered 62 of the phase's requests, and 62 of 64 connections had no answer at all.");
}

TEST(PhaseMetrics, KeepServiceTimesWhereRequestsOnlyWaitedForAConnection) {
  auto r = calm_open();
  r.load.unanswered = 3;
  r.load.waited_least = milliseconds(2'100);
  EXPECT_NE(metric(measure_phase(r), M::service_time_mean_ns), -1);
  EXPECT_NE(metric(measure_phase(r), M::service_time_p99_ns), -1);
}

TEST(PhaseMetrics, AreToldInALineWithWhatSubscribersReceived) {
  model::PhaseFinished finished;
  finished.result = measure_phase(fanned_out());
  EXPECT_THAT(describe(finished), testing::HasSubstr(", deliveries 4990/s, delivery p99 4.0"));
  finished.result = measure_phase(calm_open());
  EXPECT_THAT(describe(finished), testing::Not(testing::HasSubstr("deliver")));
}

TEST(PhaseVerdict, AMessageThatManyMissedIsNoDelivery) {
  auto r = fanned_out();
  r.load.deliveries->missed = 60;
  const auto verdict = judge(r);
  EXPECT_EQ(verdict.validity, Validity::invalid);
  EXPECT_EQ(verdict.gates.at(0).text, "0.12 % of the deliveries were missed, duplicated or changed (limit 0.1 %).");
  r = fanned_out();
  r.load.deliveries->lost_streams = 2;
  EXPECT_EQ(judge(r).gates.at(0).text, "The server ended the streams of 2 subscribers.");
}

TEST(PhaseMetrics, CountsGoodAnswersPerSecondOfTheWindow) {
  EXPECT_DOUBLE_EQ(metric(measure_phase(calm()), M::throughput_per_s), 10'000);
}

TEST(PhaseMetrics, TakesTheControlFromBothSidesOfThePhaseOrNotAtAll) {
  auto r = calm();
  EXPECT_DOUBLE_EQ(metric(measure_phase(r), M::control_ns), 10'200'000);
  r.control_after.reset();
  EXPECT_EQ(metric(measure_phase(r), M::control_ns), -1);
  EXPECT_NE(absent(measure_phase(r), M::control_ns), "");
  EXPECT_FALSE(says(judge(r), GateName::control, Validity::degraded));
}

TEST(PhaseMetrics, DividesTheAppsCpuTimeByGoodAnswers) {
  EXPECT_NEAR(metric(measure_phase(calm()), M::app_cpu_ns_per_request), 98'000, 1);
  EXPECT_NEAR(metric(measure_phase(calm()), M::app_cpu_cores), 0.98, 1e-9);
}

TEST(PhaseMetrics, BringsLateReadingsToTheLengthOfTheWindow) {
  auto r = calm();
  r.end.cpu->at += milliseconds(100);
  r.end.cpu->cpu += milliseconds(98);
  EXPECT_NEAR(metric(measure_phase(r), M::app_cpu_ns_per_request), 98'000, 1);
}

TEST(PhaseMetrics, NeverCallsAClosedLoopsTimesLatency) {
  const auto result = measure_phase(calm());
  EXPECT_EQ(metric(result, M::latency_p50_ns), -1);
  EXPECT_NE(absent(result, M::latency_p99_ns), "");
  EXPECT_NEAR(metric(result, M::service_time_p50_ns), 3'200'000, 3'200);
}

TEST(PhaseMetrics, WithholdsPercentilesThatTooFewAnswersSupport) {
  auto r = calm();
  r.load.histograms = {{"service", histogram_of(3'200'000, 999)}};
  const auto result = measure_phase(r);
  EXPECT_EQ(metric(result, M::service_time_p99_ns), -1);
  EXPECT_EQ(absent(result, M::service_time_p99_ns), "999 answers; 1000 are needed");
  EXPECT_NE(metric(result, M::service_time_p90_ns), -1);
}

TEST(PhaseMetrics, GivesLatencyFromTheDueTimeInAnOpenLoop) {
  EXPECT_NEAR(metric(measure_phase(calm_open()), M::latency_p99_ns), 400'000, 400);
}

TEST(PhaseMetrics, WithholdsLatencyWhenTheOfferedRateWasNotAnswered) {
  auto r = calm_open();
  r.offered = Rate{10'200};
  const auto result = measure_phase(r);
  EXPECT_EQ(metric(result, M::latency_p50_ns), -1);
  EXPECT_EQ(absent(result, M::latency_p50_ns), "saturated: 98.0 % of the offered rate was answered");
}

TEST(PhaseMetrics, SaysOfEveryMetricWhyItIsMissing) {
  auto r = calm_open();
  r.offered = Rate{20'000};
  r.load.histograms.clear();
  const auto saturated = measure_phase(r);
  EXPECT_EQ(absent(saturated, M::latency_max_ns), "saturated: 50.0 % of the offered rate was answered");
  EXPECT_EQ(absent(saturated, M::send_error_p99_ns), "no histogram came from the load generator");
  r.offered = Rate{10'000};
  EXPECT_EQ(absent(measure_phase(r), M::latency_max_ns), "no histogram came from the load generator");
  r = calm();
  r.load.good = 0;
  const auto silent = measure_phase(r);
  for (const M metric : {M::service_time_mean_ns, M::little_ratio, M::app_cpu_ns_per_request})
    EXPECT_EQ(absent(silent, metric), "no good answer");
}

TEST(PhaseMetrics, DropsMemoryWhenTheSamplerWasLate) {
  auto r = calm();
  r.sampler.late_ticks = 6;
  const auto result = measure_phase(r);
  EXPECT_EQ(metric(result, M::loaded_private_median_bytes), -1);
  EXPECT_EQ(absent(result, M::loaded_private_median_bytes), "6 of 100 samples were late by a period");
}

TEST(PhaseMetrics, LeavesAbsentWhatWasNotRead) {
  auto r = calm();
  r.begin.cpu.reset();
  r.cgroup_peak.reset();
  const auto result = measure_phase(r);
  EXPECT_EQ(metric(result, M::app_cpu_ns_per_request), -1);
  EXPECT_NE(absent(result, M::app_cpu_ns_per_request), "");
  EXPECT_NE(absent(result, M::loaded_cgroup_peak_bytes), "");
}

// Issue 14, row 45: the number has one scope, or there is none.
TEST(PhaseMetrics, Row45ThePeakIsThatOfTheWindowOrAbsent) {
  auto r = calm();  // reset when the window began
  EXPECT_EQ(metric(measure_phase(r), M::loaded_cgroup_peak_bytes), mib(50).value);
  r.earlier_peak = mib(49);  // not reset, and risen
  EXPECT_EQ(metric(measure_phase(r), M::loaded_cgroup_peak_bytes), mib(50).value);
  r.earlier_peak = mib(50);
  const auto result = measure_phase(r);
  EXPECT_EQ(metric(result, M::loaded_cgroup_peak_bytes), -1);
  EXPECT_EQ(absent(result, M::loaded_cgroup_peak_bytes),
            "not above 50.0 MiB, the container's peak before the window, which this kernel cannot reset");
}

TEST(PhaseMetrics, ShowsWhatTheServicesUsedApartFromTheApp) {
  const auto result = measure_phase(with_service(0.4));
  EXPECT_NEAR(metric(result, M::service_cpu_ns_per_request), 40'000, 1);
  EXPECT_NEAR(metric(result, M::service_cpu_cores), 0.4, 1e-9);
  EXPECT_DOUBLE_EQ(metric(result, M::service_private_median_bytes), static_cast<double>(mib(50).value));
  EXPECT_DOUBLE_EQ(metric(result, M::service_private_peak_bytes), static_cast<double>(mib(80).value));
  EXPECT_NEAR(metric(result, M::app_cpu_ns_per_request), 98'000, 1);
  const auto alone = measure_phase(calm());
  EXPECT_EQ(model::find_reading(alone.readings, M::service_cpu_cores), nullptr);
}

TEST(PhaseMetrics, SaysWhyAServicesFiguresAreMissing) {
  auto r = with_service(0.4);
  r.services[0].end.reset();
  r.services[0].sampler.late_ticks = 6;
  const auto result = measure_phase(r);
  EXPECT_EQ(absent(result, M::service_cpu_ns_per_request), "a service's CPU counter could not be read");
  EXPECT_EQ(absent(result, M::service_private_peak_bytes), "6 of 100 samples of store were late by a period");
  EXPECT_EQ(metric(result, M::service_cpu_cores), -1);
}

TEST(PhaseVerdict, IsValidAndServerBoundWhenTheAppFillsItsCpu) {
  const auto verdict = judge(calm());
  EXPECT_EQ(verdict.validity, Validity::valid) << (verdict.gates.empty() ? "" : verdict.gates[0].text);
  EXPECT_EQ(verdict.bound, Bound::server);
}

TEST(PhaseVerdict, SaysLoaderWhenTheLoaderIsFull) {
  auto r = calm();
  r.load.loader_busy_ratio = 0.85;
  EXPECT_EQ(judge(r).bound, Bound::loader);
  EXPECT_TRUE(says(judge(r), GateName::loader_cpu, Validity::invalid));
  r.load.loader_busy_ratio = 0.65;
  EXPECT_TRUE(says(judge(r), GateName::loader_cpu, Validity::degraded));
}

TEST(PhaseVerdict, SaysSingleCoreWhenOneThreadIsFullAndTheOthersAreNot) {
  auto r = calm();
  r.app_cpus = 2;
  r.begin.threads = ThreadCpu{{1, seconds(5)}, {2, seconds(1)}};
  r.end.threads = ThreadCpu{{1, seconds(14)}, {2, seconds(1)}};
  EXPECT_EQ(judge(r).bound, Bound::single_core);
}

TEST(PhaseVerdict, SaysWaitingWhenNobodyIsFull) {
  auto r = calm();
  r.end.cpu->cpu = seconds(8);
  EXPECT_EQ(judge(r).bound, Bound::waiting);
}

TEST(PhaseVerdict, SaysDatabaseWhenTheServicesAndTheLoaderFillTheirCpu) {
  EXPECT_EQ(judge(with_service(0.55)).bound, Bound::server);
  EXPECT_EQ(judge(with_service(0.65)).bound, Bound::database);
  EXPECT_EQ(judge(with_service(0.65)).validity, Validity::valid) << "its CPU is no foreign load";
  auto apart = with_service(0.65);
  apart.services[0].beside_loader = false;
  EXPECT_EQ(judge(apart).bound, Bound::server);
  apart = with_service(0.95);
  apart.services[0].beside_loader = false;
  EXPECT_EQ(judge(apart).bound, Bound::database);
}

TEST(PhaseVerdict, DoesNotBlameAServiceThatTheLoaderLeftNothing) {
  auto r = with_service(0.05);
  r.load.loader_cpu_all = seconds(9);
  EXPECT_EQ(judge(r).bound, Bound::server);
  r = with_service(0.5);
  r.load.loader_busy_ratio = 0.85;
  EXPECT_EQ(judge(r).bound, Bound::loader) << "the loader's own limit comes first";
}

// Without the samples from `from` to `to`, both from the window's begin.
void stand_still(PhaseReadings& r, Nanos from, Nanos to) {
  std::erase_if(r.samples, [&](const model::Sample& s) { return s.at >= kBegin + from && s.at < kBegin + to; });
}

TEST(PhaseVerdict, SeesThatTheDaemonStoodStill) {
  struct Row {
    const char* what;
    bool seen;
    void (*spoil)(PhaseReadings&);
  };
  const Row rows[] = {
      {"in the middle", true, [](PhaseReadings& r) { stand_still(r, seconds(4), seconds(6)); }},
      {"to the end", true, [](PhaseReadings& r) { stand_still(r, seconds(8), seconds(10)); }},
      {"but for one sample", true, [](PhaseReadings& r) { stand_still(r, milliseconds(100), seconds(10)); }},
      {"over the whole window", true, [](PhaseReadings& r) { stand_still(r, {}, seconds(10)); }},
      {"over a window of less than a second, so that its edges were read when it went on", true,
       [](PhaseReadings& r) {
         r.load.window_end = kBegin + milliseconds(300);
         stand_still(r, {}, seconds(10));
         r.begin.cpu->at = kBegin + seconds(60);
         r.end.cpu->at = kBegin + seconds(60) + milliseconds(1);
       }},
      {"a short window without a sample", false,
       [](PhaseReadings& r) {
         r.load.window_end = kBegin + milliseconds(300);
         stand_still(r, {}, seconds(10));
         r.end.cpu->at = r.load.window_end;
       }},
      {"half a second", false, [](PhaseReadings& r) { stand_still(r, seconds(4), milliseconds(4500)); }},
      {"the app's end, which is not the daemon's", false,
       [](PhaseReadings& r) {
         stand_still(r, seconds(5), seconds(10));
         r.app_lost = "The app is gone";
       }},
      {"sampled but once a second", false,
       [](PhaseReadings& r) {
         r.sample_every = seconds(1);
         std::erase_if(r.samples, [](const model::Sample& s) { return (s.at - kBegin) % seconds(1) != Nanos(0); });
       }},
  };
  for (const Row& row : rows) {
    auto r = calm();
    row.spoil(r);
    EXPECT_EQ(says(judge(r), GateName::clock, Validity::invalid), row.seen) << row.what;
  }
}

struct GateCase {
  GateName gate;
  Validity validity;
  void (*spoil)(PhaseReadings&);
};

// Issue 14, row 10.
TEST(PhaseVerdict, Row10SaysNothingOfFewProcessesAndLittleOutput) {
  auto r = calm();
  r.pids = {63, 64, 0};
  r.logged = kib(10);
  EXPECT_TRUE(judge(r).gates.empty());
  r.pids = {1000, std::nullopt, 0};
  EXPECT_TRUE(judge(r).gates.empty()) << "no limit";
  r.pids = {64, 64, 300};
  r.logged = mib(2);
  const auto said = judge(r).gates;
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[0].text, "The app had 64 of 64 processes and threads, and was refused 300 more.");
  r.pids = {64, std::nullopt, 3};  // refused by a limit above the container's own
  EXPECT_EQ(judge(r).gates.front().text, "The app had 64 processes and threads, and was refused 3 more.");
  EXPECT_EQ(said[1].text, "The app wrote 2.00 MiB of output or more during the phase (limit 512 KiB).");
}

// As an app that keeps so much each second takes it, in pages and by bursts.
void grow(PhaseReadings& r, Bytes per_s) {
  for (std::size_t i = 0; i < r.samples.size(); ++i) {
    const auto steps = static_cast<std::int64_t>(i / 5);  // of half a second
    r.samples[i].private_bytes.value += steps * per_s.value / 2 + static_cast<std::int64_t>(i * 7919 % 100) * 4096;
  }
}

// Fault catalogue, F-20.
TEST(PhaseVerdict, SaysByHowMuchAnAppLeaksAndLeavesAHeapThatIsCollectedAlone) {
  PhaseReadings r = calm();
  grow(r, mib(1));
  const auto gates = judge(r).gates;
  ASSERT_EQ(gates.size(), 1U);
  EXPECT_EQ(gates[0].gate, GateName::leaked);
  char unit = 0;
  double rate = 0;
  ASSERT_EQ(std::sscanf(gates[0].text.c_str(), "The app's memory grew by %lf %ciB per second all through the phase",
                        &rate, &unit),
            2)
      << gates[0].text;
  EXPECT_NEAR(unit == 'K' ? rate / 1024 : rate, 1, 0.05) << gates[0].text;
  PhaseReadings slow = calm();
  grow(slow, kib(128));
  EXPECT_TRUE(judge(slow).gates.empty());
  PhaseReadings collected = calm();
  for (std::size_t i = 0; i < collected.samples.size(); ++i)
    collected.samples[i].private_bytes = mib(30 + static_cast<std::int64_t>(i % 25));
  EXPECT_TRUE(judge(collected).gates.empty());
  PhaseReadings warmed_up = calm();
  for (std::size_t i = 0; i < warmed_up.samples.size(); ++i)
    warmed_up.samples[i].private_bytes = mib(30 + static_cast<std::int64_t>(std::min<std::size_t>(i, 40)));
  EXPECT_TRUE(judge(warmed_up).gates.empty()) << "it has what it needs";
  PhaseReadings brief = calm();
  grow(brief, mib(1));
  brief.load.window_end = brief.load.window_begin + seconds(9);
  for (const auto& gate : judge(brief).gates) EXPECT_NE(gate.gate, GateName::leaked);
}

TEST(PhaseVerdict, GatesMarkWhatSpoilsANumber) {
  const GateCase cases[] = {
      {GateName::errors, Validity::invalid, [](PhaseReadings& r) { r.load.errors.bad_status = 200; }},
      {GateName::no_answers, Validity::invalid, [](PhaseReadings& r) { r.load.good = 0; }},
      {GateName::app_lost, Validity::invalid, [](PhaseReadings& r) { r.app_lost = "The app is gone"; }},
      {GateName::oom, Validity::invalid, [](PhaseReadings& r) { r.oom_kills = 1; }},
      // Issue 14, row 10.
      {GateName::pids_exhausted, Validity::invalid,
       [](PhaseReadings& r) {
         r.pids = {64, 64, std::nullopt};
       }},
      {GateName::pids_exhausted, Validity::invalid,
       [](PhaseReadings& r) {
         r.pids = {12, 64, 5};
       }},
      {GateName::log_flood, Validity::invalid, [](PhaseReadings& r) { r.logged = mib(2); }},
      {GateName::log_flood, Validity::degraded, [](PhaseReadings& r) { r.logged = kib(100); }},
      {GateName::leaked, Validity::degraded, [](PhaseReadings& r) { grow(r, mib(1)); }},
      {GateName::beside, Validity::invalid, [](PhaseReadings& r) { r.load.beside_per_s = 0; }},
      {GateName::beside, Validity::degraded,
       [](PhaseReadings& r) {
         r.load.beside_per_s = 5;
         r.load.beside_errors = 1;
       }},
      {GateName::service_lost, Validity::invalid,
       [](PhaseReadings& r) {
         r = with_service(0.3);
         r.services[0].lost = true;
       }},
      {GateName::foreign_load, Validity::degraded,
       [](PhaseReadings& r) {
         r = with_service(0.3);
         r.services[0].begin.reset();  // what is not known to be a service's is foreign
       }},
      {GateName::throttling, Validity::degraded, [](PhaseReadings& r) { r.end.cpu->throttled = milliseconds(3); }},
      {GateName::steal, Validity::invalid, [](PhaseReadings& r) { r.end.host->steal += seconds(2); }},
      {GateName::steal, Validity::degraded, [](PhaseReadings& r) { r.end.host->steal += milliseconds(400); }},
      {GateName::foreign_load, Validity::degraded, [](PhaseReadings& r) { r.end.host->busy += seconds(1); }},
      {GateName::little, Validity::degraded, [](PhaseReadings& r) { r.load.service_time_mean = Nanos(2'900'000); }},
      {GateName::sampler, Validity::degraded, [](PhaseReadings& r) { r.sampler.late_ticks = 50; }},
      {GateName::no_steady_state, Validity::degraded, [](PhaseReadings& r) { r.load.steady = false; }},
      {GateName::loader_starved, Validity::degraded, [](PhaseReadings& r) { r.load.run_queue_wait = seconds(2); }},
      {GateName::control, Validity::degraded, [](PhaseReadings& r) { r.control_after = Nanos(10'600'000); }},
      {GateName::control, Validity::degraded, [](PhaseReadings& r) { r.control_before = Nanos(11'100'000); }},
      {GateName::clock, Validity::degraded, [](PhaseReadings& r) { r.wall_shift = milliseconds(60); }},
      {GateName::clock, Validity::invalid, [](PhaseReadings& r) { r.wall_shift = seconds(2); }},
      {GateName::cpu_edges, Validity::degraded, [](PhaseReadings& r) { r.end.cpu->at += milliseconds(300); }},
  };
  for (const auto& c : cases) {
    auto r = calm();
    c.spoil(r);
    EXPECT_TRUE(says(judge(r), c.gate, c.validity)) << to_string(c.gate);
    EXPECT_GE(judge(r).validity, c.validity) << to_string(c.gate);
  }
}

TEST(PhaseVerdict, JudgesTheLoadersLatenessInAnOpenLoop) {
  auto r = calm_open();
  EXPECT_EQ(judge(r).validity, Validity::valid);
  r.load.late_ratio = 0.02;
  EXPECT_TRUE(says(judge(r), GateName::loader_late, Validity::invalid));
  r = calm_open();
  r.load.lag_p99 = milliseconds(2);
  EXPECT_TRUE(says(judge(r), GateName::loader_lag, Validity::degraded));
}

}  // namespace
}  // namespace dyno::run

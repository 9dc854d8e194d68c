#include <gtest/gtest.h>

#include <string>

#include "stackfile/files.h"

namespace dyno::stackfile {
namespace {

using model::MetricName;
using model::ObjectiveLoad;

std::string stack_with(const std::string& sentence) {
  return "schema: stack/1\ncontract: own\nname: orders\nimage: nginx\nrun: {port: 80}\n"
         "workloads:\n  list-orders: {path: /orders}\n  checkout-mix: {path: /checkout}\nobjectives:\n  - " +
         sentence + "\n";
}

struct Row {
  const char* sentence;
  MetricName metric;
  const char* workload;
  ObjectiveLoad load;
  double at;
  bool is_ceiling;
  double limit;
};

TEST(Objectives, SentencesAreRead) {
  const Row rows[] = {
      {"p99 of list-orders at 200/s < 20 ms", MetricName::latency_p99_ns, "list-orders", ObjectiveLoad::rate, 200, true,
       20e6},
      {"p99.9 of list-orders at 30 % of capacity < 1.5s", MetricName::latency_p999_ns, "list-orders",
       ObjectiveLoad::share, 0.3, true, 1.5e9},
      {"p50 of list-orders at 60% of capacity<5ms", MetricName::latency_p50_ns, "list-orders", ObjectiveLoad::share,
       0.6, true, 5e6},
      {"idle memory < 120 MiB", MetricName::idle_pss_bytes, "", ObjectiveLoad::none, 0, true, 120 * 1048576.0},
      {"start-up < 800 ms", MetricName::app_startup_ns, "", ObjectiveLoad::none, 0, true, 800e6},
      {"capacity of checkout-mix > 300/s", MetricName::throughput_per_s, "checkout-mix", ObjectiveLoad::capacity, 0,
       false, 300},
      {"capacity of checkout-mix with p99 < 50 ms > 300/s", MetricName::latency_p99_ns, "checkout-mix",
       ObjectiveLoad::rate, 300, true, 50e6},
      {"errors of list-orders at 200/s < 0.1 %", MetricName::error_ratio, "list-orders", ObjectiveLoad::rate, 200, true,
       0.001},
      {"cpu time of list-orders < 2 ms", MetricName::app_cpu_ns_per_request, "list-orders", ObjectiveLoad::capacity, 0,
       true, 2e6},
  };
  for (const Row& row : rows) {
    const auto parsed = parse_stack(stack_with(row.sentence), "stack.yaml");
    ASSERT_TRUE(parsed.value) << row.sentence << ": " << parsed.problems.front().message;
    ASSERT_EQ(parsed.value->objectives.size(), 1U);
    const model::Objective& one = parsed.value->objectives[0];
    EXPECT_EQ(one.text, row.sentence);
    EXPECT_EQ(one.metric, row.metric) << row.sentence;
    EXPECT_EQ(one.workload, row.workload) << row.sentence;
    EXPECT_EQ(one.load, row.load) << row.sentence;
    EXPECT_DOUBLE_EQ(one.at, row.at) << row.sentence;
    EXPECT_EQ(one.is_ceiling, row.is_ceiling) << row.sentence;
    EXPECT_DOUBLE_EQ(one.limit, row.limit) << row.sentence;
    EXPECT_EQ(one.file, "stack.yaml");
    EXPECT_EQ(one.line, 10);
  }
}

TEST(Objectives, WhatNoneCanMeanIsToldAtItsColumn) {
  struct Bad {
    const char* sentence;
    int column;  // the sentence begins at 5
    const char* message;
  };
  const Bad rows[] = {
      {"p98 of list-orders at 200/s < 20 ms", 5, "no figure is called p98; did you mean p90?"},
      {"p99 of list-order at 200/s < 20 ms", 12, "no workload is called list-order; did you mean list-orders?"},
      {"p99 at 200/s < 20 ms", 9, "p99 needs a workload: p99 of list-orders"},
      {"p99 of list-orders < 20 ms", 24, "p99 depends on the load: at 200/s, or at 30 % of capacity"},
      {"p99 of list-orders at 200 < 20 ms", 27, "\"200\" is no load; write 200/s, or 30 % of capacity"},
      {"p99 of list-orders at 200/s > 20 ms", 33, "of this figure less is better: write <"},
      {"p99 of list-orders at 200/s <= 20 ms", 34, "\"=20ms\" is no limit of this figure; write one such as 20 ms"},
      {"p99 of list-orders at 200/s < 20", 35, "\"20\" is no limit of this figure; write one such as 20 ms"},
      {"p99 of list-orders at 200/s", 32, "a limit follows here: < 20 ms"},
      {"p99 of list-orders at 200/s < 20 ms with luck", 41,
       "the sentence ends after the limit; what does \"with luck\" mean?"},
      {"idle memory of list-orders < 120 MiB", 17, "idle memory is that of the whole service, of no workload"},
      {"capacity of checkout-mix at 200/s > 300/s", 30, "capacity has no load"},
      {"capacity of checkout-mix with memory < 50 MiB > 300/s", 42,
       "the condition is a latency, such as with p99 < 50 ms"},
      {"\"p98 of list-orders at 200/s < 20 ms\"", 6, "no figure is called p98; did you mean p90?"},
      {"< 20 ms", 5, "an objective begins with a figure"},
  };
  for (const Bad& row : rows) {
    const auto parsed = parse_stack(stack_with(row.sentence), "stack.yaml");
    ASSERT_EQ(parsed.problems.size(), 1U) << row.sentence;
    const model::Problem& problem = parsed.problems[0];
    EXPECT_TRUE(problem.message.starts_with(row.message)) << row.sentence << ": " << problem.message;
    EXPECT_EQ(problem.line, 10) << row.sentence;
    EXPECT_EQ(problem.column, row.column) << row.sentence << ": " << problem.message;
    EXPECT_EQ(problem.pointer, "/objectives/0");
  }
}

TEST(Objectives, OfASharedFileComeWithItsWorkloads) {
  StackFiles files;
  files.shared = [](const std::string&) -> Result<std::string> {
    return "schema: workload/1\nworkloads: {ping: {path: /ping}}\nobjectives: [p99 of ping at 100/s < 5 ms]\n";
  };
  const std::string text = stack_with("p99 of ping at 50/s < 4 ms") + "shared_workloads: [common]\n";
  const auto parsed = parse_stack(text, "stack.yaml", files);
  ASSERT_TRUE(parsed.value) << parsed.problems.front().message;
  ASSERT_EQ(parsed.value->objectives.size(), 2U);
  EXPECT_EQ(parsed.value->objectives[0].at, 50);
  EXPECT_EQ(parsed.value->objectives[1].file, "workloads/common.yaml");
  EXPECT_EQ(parsed.value->objectives[1].line, 3);
}

}  // namespace
}  // namespace dyno::stackfile

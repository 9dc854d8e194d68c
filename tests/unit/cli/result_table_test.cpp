#include "cli/result_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dyno::cli {
namespace {

ShownSummary summary(const std::string& stack, const std::string& phase, const std::string& metric,
                     const std::string& unit, double value) {
  ShownSummary s;
  s.case_name = stack + "/single";
  s.stack = stack;
  s.phase = phase;
  s.metric = metric;
  s.unit = unit;
  s.value = value;
  s.n = 2;
  s.range = ShownInterval{value * 0.99, value * 1.01};
  s.validity = "valid";
  s.bound = phase.empty() ? "none" : "server";
  return s;
}

ShownResult some_result() {
  ShownResult result;
  result.run.id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
  result.run.state = "succeeded";
  result.run.profile = "quick";
  result.run.seed = "42";
  result.run.co_located = true;
  result.run.stacks = {{"go", "stand_in", 12 * 1024 * 1024, ""},
                       {"py", "official", std::nullopt, ""},
                       {"flask", "", std::nullopt, "build failed at step 4"}};
  for (const auto& [stack, rate] : {std::pair("py", 6120.0), std::pair("go", 38210.0)}) {
    result.summaries.push_back(summary(stack, "json/c32", "throughput_per_s", "1/s", rate));
    result.summaries.push_back(summary(stack, "json/c32", "service_time_p50_ns", "ns", 1.32e6));
    result.summaries.push_back(summary(stack, "json/c32", "app_cpu_ns_per_request", "ns", 45100));
    result.summaries.push_back(summary(stack, "json/c32", "error_ratio", "1", 0));
    result.summaries.push_back(summary(stack, "json/c32", "loaded_private_median_bytes", "B", 30e6));
    result.summaries.push_back(summary(stack, "json/c32/r60%", "throughput_per_s", "1/s", rate * 0.6));
    result.summaries.push_back(summary(stack, "json/c32/r60%", "offered_per_s", "1/s", rate * 0.6));
    result.summaries.push_back(summary(stack, "json/c32/r60%", "latency_p99_ns", "ns", 2.5e6));
    result.summaries.push_back(summary(stack, "json/c32/r60%", "loaded_private_median_bytes", "B", 40e6));
    result.summaries.push_back(summary(stack, "", "app_startup_ns", "ns", 6.1e6));
  }
  result.trials = {{"py/single", 2, "failed", "never_ready", "no good answer within 60 s"},
                   {"py/single", 1, "succeeded", "", ""}};
  result.facts = {{"cpu_model", "EPYC"}, {"cpus", "2"}};
  return result;
}

TEST(ResultTable, KeepsServiceTimeAndLatencyApart) {
  const auto tables = phase_tables(some_result());
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_NE(tables[0].caption.find("service time"), std::string::npos);
  EXPECT_NE(tables[1].caption.find("latency"), std::string::npos);
  EXPECT_EQ(tables[0].rows[0][0], "json/c32");
  EXPECT_EQ(tables[1].rows[0][0], "json/c32/r60%");
}

TEST(ResultTable, ShowsTheFastestFirstWithSpreadAndCount) {
  const auto rows = phase_tables(some_result())[0].rows;
  EXPECT_EQ(rows[0], (std::vector<std::string>{"json/c32", "go/single", "38.2 k/s", "(37.8 k/s … 38.6 k/s)", "2",
                                               "1.32 ms", "–", "45.1 µs", "(44.6 µs … 45.6 µs)", "0", "server"}));
  EXPECT_EQ(rows[1][1], "py/single");
}

TEST(ResultTable, TellsTheTimeAndHowMuchOfItWasMeasured) {
  ShownResult result = some_result();
  const auto has_time = [&] {
    const auto lines = footer_lines(result, "http://x");
    return std::count(lines.begin(), lines.end(), "time      50.0 min, 72 % of it in measured phases (36.0 min)");
  };
  EXPECT_EQ(has_time(), 0);
  result.run.started_at = "2026-11-25T01:00:00.000Z";
  result.run.finished_at = "2026-11-25T01:50:00.000Z";
  result.run.measured_ns = 36LL * 60 * 1'000'000'000;
  EXPECT_EQ(has_time(), 1);
}

TEST(ResultTable, WhatADatabaseLimitedComesLast) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) {
    if (s.stack == "go" && s.phase == "json/c32") s.bound = "database";
  }
  const auto rows = phase_tables(result)[0].rows;
  EXPECT_EQ(rows[0][1], "py/single");
  EXPECT_EQ(rows[1][1], "go/single");
  EXPECT_EQ(rows[1].back(), "database");
}

TEST(ResultTable, ShowsWhatServicesUsedInATableOfTheirOwn) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "http://x", Format::table).find("Services"), std::string::npos);
  result.summaries.push_back(summary("go", "json/c32", "service_cpu_ns_per_request", "ns", 81200));
  result.summaries.push_back(summary("go", "json/c32", "service_cpu_cores", "1", 0.62));
  result.summaries.push_back(summary("go", "json/c32", "service_private_median_bytes", "B", 150 * 1024 * 1024));
  const std::string text = result_text(result, "http://x", Format::table);
  EXPECT_NE(text.find("Services (beside the stack: a database)"), std::string::npos) << text;
  EXPECT_NE(text.find("81.2 µs  (80.4 µs … 82.0 µs)  2   0.62  150 MiB     –"), std::string::npos) << text;
}

TEST(ResultTable, ShowsWhatSubscribersReceivedInATableOfItsOwn) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "http://x", Format::table).find("Deliveries"), std::string::npos);
  result.summaries.push_back(summary("go", "sse/c4/r10", "deliveries_per_s", "1/s", 5000));
  result.summaries.push_back(summary("go", "sse/c4/r10", "delivery_p50_ns", "ns", 2.5e6));
  result.summaries.push_back(summary("go", "sse/c4/r10", "delivery_p99_ns", "ns", 8e6));
  result.summaries.push_back(summary("go", "sse/c4/r10", "delivery_fault_ratio", "1", 0));
  const std::string text = result_text(result, "http://x", Format::table);
  EXPECT_NE(text.find("Deliveries to subscribers"), std::string::npos) << text;
  EXPECT_NE(text.find("(4.95 k/s … 5.05 k/s)  2  2.50 ms  8.00 ms  (7.92 ms … 8.08 ms)       0"), std::string::npos)
      << text;
}

TEST(ResultTable, AnEmptyCellSaysWhy) {
  ShownResult result = some_result();
  result.gaps = {{"flask/single", "json/c32/r60%", "the stack does not offer json"},
                 {"flask/single", "ws/c8", "the stack does not offer ws"}};
  const auto tables = phase_tables(result);
  ASSERT_EQ(tables[0].rows.size(), 3U);
  EXPECT_EQ(tables[0].rows[2][0], "ws/c8") << "no case has a number of it";
  ASSERT_EQ(tables[1].rows.size(), 3U);
  EXPECT_EQ(tables[1].rows[2][1], "flask/single");
  EXPECT_EQ(tables[1].rows[2][2], "–");
  EXPECT_EQ(tables[1].rows[2].back(), "the stack does not offer json");
}

TEST(ResultTable, AnIntervalIsWrittenOtherwiseThanARange) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) s.ci95 = ShownInterval{100, 200};
  EXPECT_EQ(phase_tables(result)[0].rows[0][3], "[100 /s – 200 /s]");
}

TEST(ResultTable, WhatIsNotValidIsMarked) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) s.validity = "degraded";
  EXPECT_EQ(phase_tables(result)[0].rows[0].back(), "degraded, server");
}

TEST(ResultTable, WhatWasNotMeasuredIsNoZero) {
  const Table table = case_table(some_result());
  const auto py =
      std::find_if(table.rows.begin(), table.rows.end(), [](const auto& row) { return row[0] == "py/single"; });
  ASSERT_NE(py, table.rows.end());
  EXPECT_EQ(*py,
            (std::vector<std::string>{"py/single", "6.10 ms", "(6.04 ms … 6.16 ms)", "2", "–", "38.1 MiB", "–", "–"}));
}

TEST(ResultTable, ShowsCacheColdStartsWithSpreadAndCountWhereThereAreAny) {
  ShownResult result = some_result();
  const std::size_t plain = case_table(result).columns.size();
  result.summaries.push_back(summary("go", "", "app_startup_cache_cold_ns", "ns", 2.2e7));
  const Table table = case_table(result);
  EXPECT_EQ(table.columns.size(), plain + 3);
  for (const auto& row : table.rows) {
    const std::vector<std::string> cold(row.begin() + 4, row.begin() + 7);
    if (row[0] == "go/single") {
      EXPECT_EQ(cold, (std::vector<std::string>{"22.0 ms", "(21.8 ms … 22.2 ms)", "2"}));
    } else {
      EXPECT_EQ(cold, (std::vector<std::string>{"–", "–", "0"}));
    }
  }
}

TEST(ResultTable, SaysWhatFailedAndUnderWhichCircumstances) {
  const std::string text = result_text(some_result(), "http://127.0.0.1:8080", Format::table);
  for (const char* const words :
       {"flask: build failed at step 4", "py/single, block 2: never_ready: no good answer within 60 s",
        "machine   EPYC, 2 CPUs", "n = 2, co-located",
        "official images (py); stand-ins made on this machine, not the official images (go)",
        "profile   quick, seed 42", "http://127.0.0.1:8080/runs/019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  EXPECT_NE(result_text(some_result(), "", Format::markdown).find("| ---: |"), std::string::npos);
}

TEST(ResultTable, SetsTunedStacksApart) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "", Format::table).find("tuned"), std::string::npos);
  result.run.stacks[0].tuned = true;
  EXPECT_NE(result_text(result, "", Format::table).find("tuned     go: not to be ranked among the others"),
            std::string::npos);
}

TEST(ResultTable, ARunWithoutResultsIsStillTold) {
  ShownResult result;
  result.run.id = "x";
  result.run.state = "failed";
  result.run.reason = "no engine answers";
  EXPECT_NE(result_text(result, "", Format::table).find("run       x failed: no engine answers"), std::string::npos);
}

TEST(ResultTable, CsvHasBareNumbers) {
  const Table table = summary_table(some_result());
  EXPECT_EQ(table.rows[0][5], "6120");
  EXPECT_EQ(table.rows[0][4], "1/s");
  EXPECT_EQ(table.rows[0][7], "");
}

TEST(ResultTable, ThreeDigitsAndTheUnit) {
  EXPECT_EQ(format_rate(0), "0.00 /s");
  EXPECT_EQ(format_rate(999.4), "999 /s");
  EXPECT_EQ(format_rate(999.6), "1.00 k/s");
  EXPECT_EQ(format_rate(21840), "21.8 k/s");
  EXPECT_EQ(format_rate(1234567), "1.23 M/s");
  EXPECT_EQ(format_value(0.0123456, "1"), "0.0123");
}

}  // namespace
}  // namespace dyno::cli

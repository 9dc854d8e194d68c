#include "cli/result_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "shown_figure.h"

namespace dyno::cli {
namespace {

ShownSummary summary(const std::string& stack, const std::string& phase, const std::string& metric,
                     const std::string& unit, double value) {
  ShownSummary s = bare_figure(stack, phase, metric, unit, value, 2);
  s.range = ShownInterval{value * 0.99, value * 1.01};
  return s;
}

ShownResult some_result() {
  ShownResult result;
  result.run.id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
  result.run.state = "succeeded";
  result.run.profile = "quick";
  result.run.seed = "42";
  result.run.co_located = true;
  result.run.stacks = {{"go", "net/http (Go)", "stand_in", 12 * 1024 * 1024, ""},
                       {"py", "FastAPI (Python)", "official", std::nullopt, ""},
                       {"flask", "", "", std::nullopt, "build failed at step 4"}};
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
  result.run.warnings = {{"load", "the load average was 0.67"}};
  result.facts = {{"cpu_model", "EPYC"}, {"cpus", "2"}};
  return result;
}

// Whether a line of the text has these cells, whatever lies between them.
bool has_cells(const std::string& text, const std::vector<std::string>& cells) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::size_t at = 0;
    const bool all = std::all_of(cells.begin(), cells.end(), [&](const std::string& cell) {
      at = line.find(cell, at);
      return at != std::string::npos;
    });
    if (all) return true;
  }
  return false;
}

TEST(ResultTable, KeepsServiceTimeAndLatencyApart) {
  const auto tables = phase_tables(some_result());
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].caption, "JSON · 32 connections: closed loop, service time (not latency)");
  EXPECT_EQ(tables[1].caption,
            "JSON · 60 % of its own maximum: open loop, latency from the moment each request was due");
}

TEST(ResultTable, ShowsTheFastestFirstWithSpreadAndCount) {
  const auto rows = phase_tables(some_result())[0].rows;
  EXPECT_EQ(rows[0], (std::vector<std::string>{"net/http (Go)", "38 200/s", "(37 800–38 600)", "2", "1.32 ms", "–",
                                               "45.1 µs", "(44.6–45.6)", "0 %", "valid, limit: stack CPU"}));
  EXPECT_EQ(rows[1][0], "FastAPI (Python)");
}

TEST(ResultTable, TellsTheTimeAndHowMuchOfItWasMeasured) {
  ShownResult result = some_result();
  const auto has_time = [&] {
    const auto lines = footer_lines(result, "http://x");
    return std::count(lines.begin(), lines.end(), "time      6 min 50 s, of which 1 min 36 s (23 %) measured");
  };
  EXPECT_EQ(has_time(), 0);
  result.run.started_at = "2026-11-25T01:00:00.000Z";
  result.run.finished_at = "2026-11-25T01:06:50.400Z";
  result.run.measured_ns = 96LL * 1'000'000'000;
  EXPECT_EQ(has_time(), 1);
}

TEST(ResultTable, Row15ALowerBoundSaysSoAndRanksByWhatIsCertain) {
  ShownResult result = some_result();
  for (const char* const bound : {"database", "loader"}) {
    for (ShownSummary& s : result.summaries) {
      if (s.stack == "go" && s.phase == "json/c32") s.bound = bound;
    }
    const auto rows = phase_tables(result)[0].rows;
    EXPECT_EQ(rows[0][0], "net/http (Go)") << bound;
    EXPECT_EQ(rows[0][1], "≥ 38 200/s");
    EXPECT_EQ(rows[1][1], "6120/s");
  }
  for (ShownSummary& s : result.summaries) {
    if (s.stack == "go" && s.metric == "throughput_per_s") s.value = 5000;
  }
  EXPECT_EQ(phase_tables(result)[0].rows[1][1], "≥ 5000/s");
  EXPECT_EQ(phase_tables(result)[0].rows[1].back(), "valid, limit: load generator");
}

TEST(ResultTable, ShowsWhatServicesUsedInATableOfTheirOwn) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "http://x", Format::table).find("Database"), std::string::npos);
  result.summaries.push_back(summary("go", "json/c32", "service_cpu_ns_per_request", "ns", 81200));
  result.summaries.push_back(summary("go", "json/c32", "service_cpu_cores", "1", 0.62));
  result.summaries.push_back(summary("go", "json/c32", "service_private_median_bytes", "B", 150 * 1024 * 1024));
  const std::string text = result_text(result, "http://x", Format::table);
  EXPECT_NE(text.find("\nDatabase\nPHASE"), std::string::npos) << text;
  EXPECT_TRUE(has_cells(
      text, {"JSON · 32 connections", "net/http (Go)", "81.2 µs", "(80.4–82.0)", "2", "0.620", "150 MiB", "–"}))
      << text;
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
  EXPECT_TRUE(has_cells(text, {"Server-sent events · 10/s", "net/http (Go)", "5000/s", "(4950–5050)", "2", "2.50 ms",
                               "8.00 ms", "(7.92–8.08)", "0 %"}))
      << text;
}

TEST(ResultTable, AnEmptyCellSaysWhy) {
  ShownResult result = some_result();
  result.gaps = {{"flask/single", "json/c32/r60%", "the stack does not offer json"},
                 {"flask/single", "ws/c8", "the stack does not offer ws"}};
  const auto tables = phase_tables(result);
  ASSERT_EQ(tables.size(), 3U);
  EXPECT_NE(tables[1].caption.find("WebSocket · 8 connections"), std::string::npos) << "no case has a number of it";
  ASSERT_EQ(tables[2].rows.size(), 3U);
  EXPECT_EQ(tables[2].rows[2][0], "flask");
  EXPECT_EQ(tables[2].rows[2][1], "–");
  EXPECT_EQ(tables[2].rows[2].back(), "the stack does not offer json");
}

TEST(ResultTable, BracketsMarkMinimumToMaximum) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) s.ci95 = ShownInterval{s.value * 0.9, s.value * 1.1};
  EXPECT_EQ(phase_tables(result)[0].rows[0][2], "34 400–42 000");
  EXPECT_EQ(phase_tables(some_result())[0].rows[0][2], "(37 800–38 600)");
}

TEST(ResultTable, WhatIsNotValidIsMarked) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) s.validity = "degraded";
  EXPECT_EQ(phase_tables(result)[0].rows[0].back(), "degraded, limit: stack CPU");
}

TEST(ResultTable, WhatWasNotMeasuredIsNoZero) {
  const Table table = case_table(some_result());
  const auto py =
      std::find_if(table.rows.begin(), table.rows.end(), [](const auto& row) { return row[0] == "FastAPI (Python)"; });
  ASSERT_NE(py, table.rows.end());
  EXPECT_EQ(*py,
            (std::vector<std::string>{"FastAPI (Python)", "6.10 ms", "(6.04–6.16)", "2", "–", "38.1 MiB", "–", "–"}));
}

TEST(ResultTable, ShowsCacheColdStartsWithSpreadAndCountWhereThereAreAny) {
  ShownResult result = some_result();
  const std::size_t plain = case_table(result).columns.size();
  result.summaries.push_back(summary("go", "", "app_startup_cache_cold_ns", "ns", 2.2e7));
  const Table table = case_table(result);
  EXPECT_EQ(table.columns.size(), plain + 3);
  for (const auto& row : table.rows) {
    const std::vector<std::string> cold(row.begin() + 4, row.begin() + 7);
    if (row[0] == "net/http (Go)") {
      EXPECT_EQ(cold, (std::vector<std::string>{"22.0 ms", "(21.8–22.2)", "2"}));
    } else {
      EXPECT_EQ(cold, (std::vector<std::string>{"–", "–", "0"}));
    }
  }
}

TEST(ResultTable, SaysWhatFailedAndUnderWhichCircumstances) {
  const std::string text = result_text(some_result(), "http://127.0.0.1:8080", Format::table);
  for (const char* const words :
       {"flask: build failed at step 4", "FastAPI (Python), block 2: never became ready: no good answer within 60 s",
        "machine   EPYC, 2 CPUs",
        "trials    2 per stack and phase; (minimum–maximum), because a 95 % interval needs 6 trials; the load "
        "generator "
        "shares CPUs with the daemon or the database",
        "official images (py); stand-ins made on this machine, not the official images (go)",
        "profile   quick, seed 42", "warning   Busy machine: the load average was 0.67",
        "run       019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44: Finished; 2 of 3 stacks failed\n",
        "http://127.0.0.1:8080/runs/019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"}) {
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  }
  EXPECT_NE(result_text(some_result(), "", Format::markdown).find("| ---: |"), std::string::npos);
}

TEST(ResultTable, StrikesOutTheReadingThatAGateMadeInvalidAndNoOther) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "", Format::table).find("✗"), std::string::npos);
  ShownSummary& throughput = result.summaries[0];
  ASSERT_EQ(throughput.metric, "throughput_per_s");
  throughput.validity = "invalid";
  throughput.gates = {{"loader_cpu", "The load generator's busiest worker used 92 % of its core (limit 80 %)."}};
  const std::string text = result_text(result, "", Format::table);
  EXPECT_TRUE(has_cells(text, {"FastAPI (Python)", "✗ 6120/s", "1.32 ms", "45.1 µs"})) << text;
  EXPECT_EQ(text.find("✗ 1.32"), std::string::npos);
  EXPECT_NE(text.find("Struck out (✗) or degraded (~)\nFastAPI (Python), JSON · 32 connections: The load generator's "
                      "busiest worker "
                      "used 92 % of its core (limit 80 %).\n"),
            std::string::npos)
      << text;
}

// The figure of the Python stack in the closed loop.
ShownSummary& python(ShownResult& result, const std::string& metric) {
  const auto found = std::find_if(result.summaries.begin(), result.summaries.end(), [&](const ShownSummary& s) {
    return s.stack == "py" && s.phase == "json/c32" && s.metric == metric;
  });
  EXPECT_NE(found, result.summaries.end()) << metric;
  return *found;
}

TEST(ResultTable, EveryFigureHasItsOwnVerdictAndCount) {
  ShownResult result = some_result();
  python(result, "service_time_p50_ns").n = 1;
  python(result, "app_cpu_ns_per_request").validity = "degraded";
  const auto row = phase_tables(result)[0].rows[1];
  EXPECT_EQ(row[3], "2");
  EXPECT_EQ(row[4], "1.32 ms (1 trial)");
  EXPECT_EQ(row[6], "~ 45.1 µs");
  EXPECT_EQ(row.back(), "partly degraded, limit: stack CPU");
}

TEST(ResultTable, AShareHasItsUnitAndItsSpreadWhereTheTrialsDiffer) {
  ShownResult result = some_result();
  EXPECT_EQ(phase_tables(result)[0].rows[1][8], "0 %");
  ShownSummary& errors = python(result, "error_ratio");
  errors.value = 0.012;
  errors.range = ShownInterval{0.01, 0.014};
  EXPECT_EQ(phase_tables(result)[0].rows[1][8], "1.2 %, (1–1.4)");
}

TEST(ResultTable, SaysWhatTheGatesSaidOfTrialsThatWereLeftOut) {
  ShownResult result = some_result();
  python(result, "throughput_per_s").gates = {{"steal", "The hypervisor took 9 % of the CPU (limit 2 %)."}};
  EXPECT_NE(result_text(result, "", Format::table).find("JSON · 32 connections: The hypervisor took 9 %"),
            std::string::npos);
}

TEST(ResultTable, MemoryUnderLoadIsOfAPhaseThatCounts) {
  ShownResult result = some_result();
  const auto loaded = [&] { return case_table(result).rows[0][5]; };
  EXPECT_EQ(loaded(), "38.1 MiB");
  for (ShownSummary& s : result.summaries) {
    if (s.phase == "json/c32/r60%" && s.metric == "loaded_private_median_bytes") s.validity = "invalid";
  }
  EXPECT_EQ(loaded(), "28.6 MiB");
  for (ShownSummary& s : result.summaries) s.validity = "invalid";
  EXPECT_EQ(loaded(), "✗ 38.1 MiB");
}

TEST(ResultTable, CountsTheTrialsOfStruckOutFiguresToo) {
  ShownResult result = some_result();
  for (ShownSummary& s : result.summaries) s.n = 6;
  python(result, "throughput_per_s").n = 0;
  const auto lines = footer_lines(result, "");
  EXPECT_NE(lines[1].find("0 to 6 per stack and phase; (minimum–maximum) where"), std::string::npos) << lines[1];
}

TEST(ResultTable, Row14TellsTheReasonOfAWhollyFailedStackOnce) {
  ShownResult result = some_result();
  result.run.state = "partly";
  result.run.reason = "flask: build failed at step 4; py: wrong_body: GET /json";
  result.trials.clear();
  for (int block = 1; block <= 9; ++block)
    result.trials.push_back({"py/single", block, "failed", "wrong_body", "GET /json: expected a, got b"});
  const std::string text = result_text(result, "", Format::table);
  const std::string line = "FastAPI (Python), 9 trials: gave a wrong answer: GET /json: expected a, got b\n";
  ASSERT_NE(text.find(line), std::string::npos) << text;
  EXPECT_EQ(text.find("GET /json", text.find(line) + line.size()), std::string::npos) << text;
  EXPECT_NE(text.find(": Partly finished; 2 of 3 stacks failed\n"), std::string::npos) << text;
}

TEST(ResultTable, Row20ShowsTheLastOutputOfAServerThatFailed) {
  ShownResult result = some_result();
  std::string& output = result.trials[0].last_output;
  for (int i = 1; i <= 30; ++i) output += "line " + std::to_string(i) + "\n";
  output += "panic: \x1b[31mno config\n";
  const std::string text = result_text(result, "", Format::table);
  EXPECT_NE(text.find("no good answer within 60 s\n  last output of the server:\n    line 12\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("    panic: "), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ResultTable, SetsTunedStacksApart) {
  ShownResult result = some_result();
  EXPECT_EQ(result_text(result, "", Format::table).find("tuned"), std::string::npos);
  EXPECT_EQ(phase_tables(result)[0].rows[0][0], "net/http (Go)");
  result.run.stacks[0].tuned = true;
  EXPECT_EQ(phase_tables(result)[0].rows[1][0], "net/http (Go)");
  EXPECT_NE(result_text(result, "", Format::table).find("tuned     go: not ranked among the others"),
            std::string::npos);
}

TEST(ResultTable, ARunWithoutResultsIsStillShown) {
  ShownResult result;
  result.run.id = "x";
  result.run.state = "failed";
  result.run.reason = "no engine answers";
  EXPECT_NE(result_text(result, "", Format::table).find("run       x: Failed: no engine answers"), std::string::npos);
}

TEST(ResultTable, CsvHasBareNumbers) {
  const Table table = summary_table(some_result());
  EXPECT_EQ(table.rows[0][5], "6120");
  EXPECT_EQ(table.rows[0][4], "1/s");
  EXPECT_EQ(table.rows[0][7], "");
}

}  // namespace
}  // namespace dyno::cli

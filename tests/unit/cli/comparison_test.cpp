#include "cli/comparison.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "base/file.h"
#include "base/screen.h"
#include "base/text.h"
#include "cli/pull_request.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

ShownCompared row(const std::string& phase, double before, double after) {
  ShownCompared one;
  one.case_name = "go-nethttp/single";
  one.phase = phase;
  one.metric = "throughput_per_s";
  one.title = "Throughput";
  one.unit = "1/s";
  one.a = {before, 12, "valid"};
  one.b = {after, 12, "valid"};
  one.n = 12;
  one.ratio = after / before;
  one.ci95 = ShownInterval{*one.ratio - 0.01, *one.ratio + 0.01};
  one.mde_percent = 6.24;
  one.decision = "better";
  return one;
}

ShownComparison two_runs() {
  ShownComparison all;
  all.a = {{"019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"}, "", "2026-11-28T02:30:00.000Z", "standard"};
  all.b = {{"019aa3c2-7c51-7d0e-9b1c-5f2f6c1d9f00"}, "", "2026-11-29T02:30:00.000Z", "standard"};
  all.rows = {row("json/c32", 21'800, 23'600), row("fortunes/c32", 4'100, 4'000)};
  all.rows[1].decision = "inconclusive";
  all.rows[1].doubt = "spread";
  return all;
}

TEST(Comparison, SaysAChangeWithItsSign) {
  for (const auto& [ratio, text] : {std::pair{1.031, "+3.1 %"},
                                    {0.996, "−0.4 %"},
                                    {1.0001, "0.0 %"},
                                    {0.5, "−50 %"},
                                    {2.5, "+150 %"},
                                    {3.24, "3.2 times"}})
    EXPECT_EQ(change_text(ratio), text);
}

TEST(Comparison, SaysWhatWasDecidedAndWhyNot) {
  ShownCompared one;
  one.n = 2;
  for (const auto& [decision, doubt, text] : {std::tuple{"better", "", "better"},
                                              {"worse", "", "worse"},
                                              {"same", "", "no change"},
                                              {"", "", ""},
                                              {"inconclusive", "few_trials", "too few trials (2 of 10)"},
                                              {"inconclusive", "environment", "another environment"},
                                              {"inconclusive", "spread", "not decided"},
                                              {"inconclusive", "news", "news"}}) {
    one.decision = decision;
    one.doubt = doubt;
    EXPECT_EQ(verdict_text(one), text);
  }
}

TEST(Comparison, FitsEightyColumns) {
  ShownComparison all = two_runs();
  all.rows.push_back(row("json/c32/r30%json_cap", 1'230'000, 1'300'000));
  all.rows.back().decision = "inconclusive";
  all.rows.back().doubt = "few_trials";
  for (const Table& table : comparison_tables(all)) {
    const std::string text = as_text(table, 80);
    for (const std::string_view line : split(text, '\n')) EXPECT_LE(display_width(line), 80U) << text;
    EXPECT_NE(text.find("Throughput"), std::string::npos) << "no word is broken" << text;
  }
}

TEST(Comparison, HasATableForEachCaseAndPhase) {
  ShownComparison all = two_runs();
  all.rows[1].case_name = "node-fastify/single";
  const auto tables = comparison_tables(all);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].caption, "go-nethttp, JSON · 32 connections");
  EXPECT_EQ(tables[0].rows[0][0], "Throughput");
  EXPECT_EQ(tables[0].rows[0][3], "+8.3 % (+7.3 to +9.3)");
  EXPECT_EQ(tables[0].rows[0][4], "6.2 %");
}

TEST(Comparison, NamesTheConfidenceOfItsIntervals) {
  ShownComparison all = two_runs();
  EXPECT_EQ(comparison_tables(all)[0].columns[3].title, "CHANGE (95 %)");
  EXPECT_EQ(comparison_csv(all).rows[0].back(), "0.95");
  for (ShownCompared& one : all.rows) one.confidence = 0.993;
  all.look = ShownLook{10, 40};
  EXPECT_EQ(comparison_tables(all)[0].columns[3].title, "CHANGE (99.3 %)");
  EXPECT_EQ(comparison_tables(all)[1].columns[3].title, "CHANGE (99.3 %)");
  EXPECT_EQ(comparison_lines(all)[1],
            "Blocks: 10 of at most 40. Intervals: 99.3 %, so that stopping early errs no more often.");
  EXPECT_EQ(comparison_csv(all).rows[0].back(), "0.993");
}

TEST(Comparison, CountsWhatIsOpenByItsReason) {
  ::setenv("TZ", "UTC", 1);
  const auto lines = comparison_lines(two_runs());
  EXPECT_EQ(lines[0],
            "Before: run 6c1d8e44 (28 Nov 2026, 02:30). After: run 6c1d9f00 (29 Nov 2026, 02:30). Profile standard.");
  EXPECT_EQ(lines[1], "Better: 1. Worse: 0. No change: 0. Open: 1 (1 not decided).");
  EXPECT_EQ(lines[2], "The machine and the images were the same.");
}

TEST(Comparison, SaysWhatWasAnother) {
  ShownComparison all = two_runs();
  all.differences = {{"kernel_release", "", "6.1", "6.5", true},
                     {"image", "go-nethttp", "a", "b", false},
                     {"hash", "go-nethttp", "a", "b", false}};
  EXPECT_EQ(comparison_lines(all)[2],
            "Different: kernel_release 6.1 → 6.5 (not comparable); another image of go-nethttp.");
  all.differences = {{"hash", "orders@main-after", "a", "b", false},
                     {"image", "orders@main-after", "a", "b", false},
                     {"service_postgres_hash", "orders@main-after", "a", "b", false},
                     {"service_postgres_image", "orders@main-after", "a", "b", false}};
  EXPECT_EQ(comparison_lines(all)[2], "Different: another image of orders@main-after, postgres.");
}

ShownLine line_of(const std::vector<double>& values) {
  ShownLine line;
  line.series = {"7", "standard", "go-nethttp/single", "json/c32", "throughput_per_s", "Throughput", "1/s"};
  for (const double value : values)
    line.points.push_back({"2026-11-28T02:30:00.000Z", "run", 0, 5, value, std::nullopt, "valid"});
  line.in_all = static_cast<int>(values.size());
  return line;
}

TEST(History, DrawsTheLineInEightHeights) {
  EXPECT_EQ(sparkline(line_of({0, 1, 2, 3, 4, 5, 6, 7})), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(line_of({5, 5})), "▅▅") << "a flat line is in the middle";
  EXPECT_EQ(sparkline(line_of({})), "");
}

TEST(History, ShowsBreaksAndWhatIsInvalid) {
  ShownLine line = line_of({900, 1, 2, 3});
  for (std::size_t i = 1; i < 4; ++i) line.points[i].segment = 1;
  line.points[2].n = 0;
  EXPECT_EQ(sparkline(line), "█│▁×█") << "heights are those of the last segment";
}

TEST(History, SaysTheChangeSinceTheRunBefore) {
  ::setenv("TZ", "UTC", 1);
  ShownCompared same = row("json/c32", 1000, 1004);
  same.decision = "same";
  EXPECT_EQ(since_last_text(same, "2026-11-28T02:30:00.000Z"), "+0.4 % since 28 Nov 2026, 02:30: no change");
  EXPECT_EQ(since_last_text(std::nullopt, ""), "nothing to compare with");
  const std::string text = history_text({{line_of({1000, 1004}), same, "2026-11-28T02:30:00.000Z"}});
  EXPECT_EQ(text,
            "go-nethttp, profile standard\n"
            "  JSON · 32 connections: Throughput\n"
            "    ▁█  1000/s (5 trials) in the last of 2 runs\n"
            "    +0.4 % since 28 Nov 2026, 02:30: no change\n");
}

TEST(History, MarksALastValueThatIsInvalid) {
  ShownLine line = line_of({1000, 1004});
  line.points.back().n = 0;
  line.points.back().validity = "invalid";
  const std::string text = history_text({{line, std::nullopt, ""}});
  EXPECT_NE(text.find("  1000/s ✗ (0 trials) in the last of 2 runs"), std::string::npos) << text;
}

TEST(Comparison, SaysWhatADecisionNeeds) {
  ShownComparison all = two_runs();
  all.rows[1].doubt = "few_trials";
  all.rows[1].n = 2;
  EXPECT_EQ(comparison_lines(all)[2], "A decision needs 10 trials on each side; the fewest here are 2.");
}

std::string data_file(const std::string& name) {
  return read_file(std::string(DYNO_SOURCE_DIR) + "/tests/data/cli/" + name, 1 << 20).value_or("");
}

// The dashboard's test reads the files, too.
TEST(PullRequest, IsAsWritten) {
  ::setenv("TZ", "UTC", 1);
  for (const std::string name : {"pull_request", "pull_request_look"}) {
    const auto all = wire::read_comparison(data_file(name + ".json"));
    ASSERT_TRUE(all) << all.error().message;
    const std::string text = pull_request_text(*all, "http://localhost:8080", "http://localhost:8080/compare?a=x&b=y");
    if (std::getenv("DYNO_WRITE_GOLDEN") != nullptr)
      std::ofstream(std::string(DYNO_SOURCE_DIR) + "/tests/data/cli/" + name + ".md") << text;
    EXPECT_EQ(text, data_file(name + ".md"));
  }
}

TEST(PullRequest, NamesTheStackWhereThereAreSeveral) {
  ShownComparison all = two_runs();
  all.rows[0].case_name = "a|b/single";
  const std::string text = pull_request_text(all, "", "");
  EXPECT_NE(text.find("| a\\|b | JSON · 32 connections | Throughput |"), std::string::npos) << text;
  EXPECT_EQ(text.find("]("), std::string::npos) << "no link leads nowhere" << text;
}

}  // namespace
}  // namespace dyno::cli

// Issue 14, row 24: the result of a run on one screen. The golden texts are in tests/data/cli; DYNO_WRITE_GOLDEN=1 writes them anew.
#include "cli/overview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "cli/objectives.h"
#include "cli/result_table.h"
#include "shown_figure.h"

namespace dyno::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kServer = "http://127.0.0.1:8080";

ShownSummary figure(const std::string& stack, const std::string& phase, const std::string& metric,
                    const std::string& unit, double value, int n) {
  ShownSummary s = bare_figure(stack, phase, metric, unit, value, n);
  if (n > 1) s.range = ShownInterval{value * 0.97, value * 1.04};
  if (n >= 6) s.ci95 = ShownInterval{value * 0.98, value * 1.02};
  return s;
}

ShownResult bare_run(int blocks) {
  ShownResult result;
  result.run.id = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
  result.run.state = "succeeded";
  result.run.profile = "quick";
  result.run.seed = "42";
  result.run.blocks = blocks;
  result.run.started_at = "2026-11-25T01:00:00.000Z";
  result.run.finished_at = "2026-11-25T01:04:00.000Z";
  result.facts = {{"cpu_model", "EPYC"}, {"cpus", "2"}};
  return result;
}

// Two stacks, a closed and an open loop.
ShownResult two_stacks(int n = 2) {
  ShownResult result = bare_run(n);
  result.run.stacks = {{"go-nethttp", "net/http (Go)", "stand_in", std::nullopt, ""},
                       {"python-fastapi", "FastAPI (Python)", "stand_in", std::nullopt, ""}};
  for (const auto& [stack, rate] : {std::pair("python-fastapi", 6120.0), std::pair("go-nethttp", 38210.0)}) {
    result.summaries.push_back(figure(stack, "json/c32", "throughput_per_s", "1/s", rate, n));
    result.summaries.push_back(figure(stack, "json/c32", "loaded_private_median_bytes", "B", 3e11 / rate, n));
    result.summaries.push_back(figure(stack, "json/c32/r1000", "throughput_per_s", "1/s", 1000, n));
    result.summaries.push_back(figure(stack, "json/c32/r1000", "offered_per_s", "1/s", 1000, n));
    result.summaries.push_back(figure(stack, "json/c32/r1000", "latency_p99_ns", "ns", 2e10 / rate, n));
    result.summaries.push_back(figure(stack, "", "app_startup_ns", "ns", 3e11 / rate, n));
  }
  result.run.warnings = {{"load", "the load average was 0.67"}};
  return result;
}

// Twelve stacks, one of which cannot be built, twelve phases, and every mark.
ShownResult twelve_stacks() {
  ShownResult result = bare_run(6);
  result.run.state = "partly";
  const std::vector<std::string> phases{
      "plaintext/c32", "json/c32",        "items/count100/c32",    "users/c32",
      "db/c32",        "queries/n20/c32", "fortunes/c32",          "updates/n20/c32",
      "validate/c32",  "cpu/hash2/c32",   "json/c32/r30%json_cap", "sse/subscribers50/c4/r10"};
  for (int i = 1; i <= 12; ++i) {
    ShownRunStack stack;
    stack.name = "stack-" + std::to_string(i);
    stack.title = i == 3 ? "A framework whose name is long (TypeScript)" : "Stack " + std::to_string(i) + " (Go)";
    stack.tuned = i == 2;
    stack.base_kind = "official";
    if (i == 12) stack.failure = "build failed at step 4 of 9: pip exited with 1: no matching distribution for flsk";
    result.run.stacks.push_back(stack);
    if (i == 12) continue;
    for (std::size_t p = 0; p < phases.size(); ++p) {
      const double rate = 100'000.0 / (i + 3) / static_cast<double>(p + 1);
      if (i == 5 && p == 3) {
        result.gaps.push_back({"stack-5/single", phases[p], "the stack does not offer users"});
        continue;
      }
      ShownSummary rates = figure(stack.name, phases[p], "throughput_per_s", "1/s", rate, 6);
      if (i == 1 && p == 6) rates.bound = "database";
      if (i == 4 && p == 1) {
        rates.validity = "invalid";
        rates.gates = {{"loader_cpu", "The load generator's busiest worker used 92 % of its core (limit 80 %)."}};
      }
      if (i == 6) {
        rates.validity = "degraded";
        rates.gates = {{"steal", "The hypervisor took 3 % of the CPU."}};
      }
      if (i == 7 && p == 0) rates = figure(stack.name, phases[p], "throughput_per_s", "1/s", rate, 1);
      result.summaries.push_back(rates);
      if (p >= 10) result.summaries.push_back(figure(stack.name, phases[p], "offered_per_s", "1/s", rate, 6));
      if (p == 10 && i == 8)
        result.absent.push_back({"stack-8/single", phases[p], "latency_p99_ns",
                                 "withheld: 58 requests were never answered, more than 1 in 100"});
      else if (p == 10)
        result.summaries.push_back(figure(stack.name, phases[p], "latency_p99_ns", "ns", 2e10 / rate, 6));
      if (p == 11) result.summaries.push_back(figure(stack.name, phases[p], "delivery_p99_ns", "ns", 1e6 * i, 6));
    }
    result.summaries.push_back(figure(stack.name, "", "app_startup_ns", "ns", 4e6 * i, 18));
  }
  return result;
}

std::string plain(const ShownResult& result, std::size_t width = 80) {
  return overview_text(result, kServer, {width, false});
}

// On one line, wherever it was wrapped.
std::string flat(const ShownResult& result) {
  const std::string wrapped = plain(result);
  std::string text;
  for (const std::string_view line : split(wrapped, '\n')) text += (text.empty() ? "" : " ") + std::string(trim(line));
  return text;
}

std::string without_colour(std::string text) {
  for (std::size_t at = text.find('\033'); at != std::string::npos; at = text.find('\033', at))
    text.erase(at, text.find('m', at) - at + 1);
  return text;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(DYNO_SOURCE_DIR) + "/tests/data/cli/" + name;
  if (std::getenv("DYNO_WRITE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream stream(path);
  std::ostringstream golden;
  golden << stream.rdbuf();
  EXPECT_EQ(text, golden.str()) << name << "\n" << text;
}

class Row24Overview : public testing::Test {
 protected:
  Row24Overview() { std::setlocale(LC_CTYPE, "C.UTF-8"); }
};

TEST_F(Row24Overview, IsAsWrittenAt80And120Columns) {
  expect_golden("two_stacks_80.txt", plain(two_stacks(), 80));
  expect_golden("two_stacks_120.txt", plain(two_stacks(), 120));
  expect_golden("twelve_stacks_80.txt", plain(twelve_stacks(), 80));
  expect_golden("twelve_stacks_120.txt", plain(twelve_stacks(), 120));
}

TEST_F(Row24Overview, SaysWhichObjectivesAreKept) {
  ShownResult result = two_stacks();
  EXPECT_EQ(plain(result, 80).find("Objectives"), std::string::npos);
  const std::string of_case = result.summaries.front().case_name;
  result.objectives = {
      {of_case, "idle memory < 120 MiB", "kept", "", "B", 65011712.0, ShownInterval{63963136, 66060288}},
      {of_case, "p99 of list at 200/s < 20 ms", "broken", "", "ns", 24.1e6, ShownInterval{23e6, 25.3e6}}};
  EXPECT_THAT(plain(result, 80), HasSubstr("Objectives: 1 broken, 1 kept.\n"
                                           "broken     p99 of list at 200/s < 20 ms: 24.1 ms (23.0–25.3)\n"
                                           "kept       idle memory < 120 MiB: 62.0 MiB (61.0–63.0)\n"));
  EXPECT_THAT(result_text(result, kServer, Format::markdown),
              HasSubstr("**Objectives: 1 broken, 1 kept.**\n\n- broken "));
  EXPECT_TRUE(has_broken(result.objectives));
  result.objectives.pop_back();
  EXPECT_FALSE(has_broken(result.objectives));
}

TEST_F(Row24Overview, NoLineIsWiderThanTheScreenAndColourChangesNoText) {
  ShownResult crashed = two_stacks();
  crashed.run.state = "partly";
  crashed.trials = {{"python-fastapi/single", 2, "failed", "never_ready", "no good answer within 60 s", "t",
                     "panic: " + std::string(300, 'x') + " and words after it\n日本語\n"}};
  for (const ShownResult& result : {two_stacks(), twelve_stacks(), two_stacks(1), crashed}) {
    for (const std::size_t width : {80U, 100U, 120U, 200U}) {
      const std::string text = plain(result, width);
      for (const std::string_view line : split(text, '\n')) EXPECT_LE(display_width(line), width) << line;
      const std::string coloured = overview_text(result, kServer, {width, true});
      EXPECT_EQ(without_colour(coloured), text);
      EXPECT_THAT(coloured, HasSubstr("\033[1m")) << "the winner is bold";
    }
  }
  EXPECT_THAT(overview_text(crashed, kServer, {80, true}), HasSubstr("\033[31mFailed\033[0m"));
  EXPECT_THAT(overview_text(two_stacks(), kServer, {80, true}), HasSubstr("\033[2m(37 100–39 700)\033[0m"));
}

// Issue 14, row 8.
TEST_F(Row24Overview, Row8SaysWhyNoStackHasAStartUpFigure) {
  ShownResult result = two_stacks();
  const std::string reason = "the sandbox was not told the process start";
  EXPECT_THAT(flat(result), Not(HasSubstr(reason)));
  std::erase_if(result.summaries, [](const ShownSummary& s) { return s.metric == "app_startup_ns"; });
  for (const ShownRunStack& stack : result.run.stacks)
    result.absent.push_back({stack.name + "/single", "", "app_startup_ns", reason});
  EXPECT_THAT(flat(result), HasSubstr(reason));
}

TEST_F(Row24Overview, SaysThatTwoTrialsDecideNothingAndWhatWould) {
  const std::string text = plain(two_stacks());
  EXPECT_THAT(text, HasSubstr("Not a decision: 2 trials per stack and phase, a decision needs 10."));
  EXPECT_THAT(text, HasSubstr("Next (about 20 min):\n  dyno run go-nethttp python-fastapi -p quick -b 10\n"));
  EXPECT_THAT(text, HasSubstr("dyno runs show 6c1d8e44 --all"));
  EXPECT_THAT(text, HasSubstr("http://127.0.0.1:8080/runs/019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44"));
}

TEST_F(Row24Overview, DecidesWithTenTrialsWhoseIntervalsAreApart) {
  ShownResult result = two_stacks(10);
  EXPECT_THAT(flat(result), HasSubstr("Decided: JSON · 32 connections; JSON · 1000/s: the 95 % intervals"));
  EXPECT_THAT(plain(result), Not(HasSubstr("Not a decision")));
  EXPECT_THAT(plain(result), Not(HasSubstr("Next")));
  for (ShownSummary& s : result.summaries) {
    if (s.metric == "throughput_per_s" && s.phase == "json/c32") s.ci95 = ShownInterval{5000, 40000};
  }
  EXPECT_THAT(flat(result), HasSubstr("Not a decision: a tie, the 95 % intervals of the first two overlap (JSON · 32"));
  EXPECT_THAT(plain(result), HasSubstr("-b 20\n")) << "a tie asks for more than there were";
  result.run.blocks = 40;
  result.run.compare = ShownRunComparison{"go-nethttp/single", "python-fastapi/single", 10};
  // Of 40 at most only ten were measured.
  EXPECT_THAT(plain(result),
              HasSubstr("Next (about 8 min):\n  dyno compare stack:go-nethttp stack:python-fastapi -p quick "
                        "--blocks 20\n"));
  for (ShownSummary& s : result.summaries) s.validity = "degraded";
  EXPECT_THAT(flat(result), HasSubstr("Not a decision: one of the first two results is degraded"));
}

TEST_F(Row24Overview, ALowerBoundSaysSoInFigureShareAndLead) {
  ShownResult result = two_stacks();
  for (ShownSummary& s : result.summaries) {
    if (s.stack == "python-fastapi" && s.phase == "json/c32") s.bound = "database";
  }
  EXPECT_THAT(flat(result), HasSubstr("*≥6120/s")) << "it may be the first";
  EXPECT_THAT(flat(result), HasSubstr("≥ 16 %"));
  EXPECT_THAT(flat(result), HasSubstr("≤ 6.2 times"));
  EXPECT_THAT(flat(result), HasSubstr("a stack was not at its own limit and may do more (JSON · 32 connections)"));
  for (ShownSummary& s : result.summaries) {
    if (s.stack == "go-nethttp" && s.phase == "json/c32") s.bound = "loader";
  }
  EXPECT_THAT(flat(result), HasSubstr("unknown: neither of the first two was at its own limit"));
}

TEST_F(Row24Overview, OneTrialHasNoSpreadAndIsSaidToHaveNone) {
  const std::string text = plain(two_stacks(1));
  EXPECT_THAT(text, HasSubstr("1 trial each"));
  EXPECT_THAT(flat(two_stacks(1)), HasSubstr("one trial has no spread"));
  EXPECT_THAT(text, Not(HasSubstr("±")));
}

TEST_F(Row24Overview, WhatIsMissingOrStruckOutHasItsReasonBelow) {
  const std::string text = plain(twelve_stacks());
  EXPECT_THAT(text, HasSubstr("] the stack does not offer users\n"));
  EXPECT_THAT(text, HasSubstr("] withheld: 58 requests were never answered, more than 1 in 100\n"));
  EXPECT_THAT(text, HasSubstr("] struck out: Load generator short of CPU\n"));
  EXPECT_THAT(text, HasSubstr("] not compared: each stack was offered a share of its own maximum\n"));
  const std::string line = flat(twelve_stacks());
  EXPECT_THAT(line, HasSubstr("10 degraded (~), 1 struck out (✗): CPU steal (10), Load generator short of CPU (1)"));
  EXPECT_THAT(text, HasSubstr("Stack 12 (Go): build failed at step 4 of 9"));
  EXPECT_THAT(line, HasSubstr("Partly finished; 1 of 12 stacks failed"));
  EXPECT_THAT(text, HasSubstr("Stack 2 (Go), tuned"));
}

TEST_F(Row24Overview, ARunWithoutResultsAndOneUnderWayAreShown) {
  ShownResult result = bare_run(0);
  result.run.state = "failed";
  result.run.reason = "no engine answers";
  EXPECT_THAT(flat(result), HasSubstr("Failed: no engine answers."));
  EXPECT_THAT(plain(result), Not(HasSubstr("Quality")));
  result = two_stacks();
  result.run.state = "running";
  result.run.finished_at = "";
  EXPECT_THAT(plain(result), HasSubstr("Still going. Next:\n  dyno runs watch 6c1d8e44\n"));
  result.run.stacks.resize(1);
  result.summaries.erase(result.summaries.begin(), result.summaries.begin() + 6);
  result.run.state = "succeeded";
  EXPECT_THAT(flat(result), HasSubstr("Not a decision: one stack alone."));
}

}  // namespace
}  // namespace dyno::cli

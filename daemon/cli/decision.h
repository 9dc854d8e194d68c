// What a run's figures allow to be said: who leads, by how much, and whether that decides anything. The rules are those of the
// dashboard. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "cli/figures.h"
#include "cli/shown.h"

namespace dyno::cli {

// With fewer trials there is an order, but no winner.
constexpr int kTrialsToDecide = 10;

// One figure of every case that has it: the headline of a phase, or one of the trials as a whole.
struct Measure {
  std::string title;
  std::string heading{};  // its lines, above the figures
  std::string phase{};    // empty: of the trials
  std::string metric{};
  bool lower_is_better = false;
  bool is_compared = true;                     // false: each case had a rate of its own
  std::vector<const ShownSummary*> figures{};  // best first; what is struck out, and of tuned stacks, is not among them
};

// All phases with their headlines, closed loops first, then start-up and memory.
std::vector<Measure> measures_of(const ShownResult& result, const Summaries& summaries);
const ShownSummary* figure_of(const Measure& measure, const Summaries& summaries, const std::string& case_name);

enum class Standing { nothing_to_compare, few_trials, open, degraded, tie, apart };
Standing standing_of(const Measure& measure);
// The first, or not to be told from it: its spread overlaps that of the first, or it may do more than is shown. Nobody is called first
// whom another may beat.
bool may_be_best(const Measure& measure, const ShownSummary& figure);
// How far the first is ahead of the second: "12 %", "≥ 12 %", "≤ 12 %"; "–" where that cannot be said.
std::string lead_text(const Measure& measure);
// Why that cannot be said; empty where it can.
std::string lead_gap(const Measure& measure);
// "89 %", "≥ 61 %": a figure as a share of the best one; empty where that cannot be said.
std::string share_text(const Measure& measure, const ShownSummary& figure);

// "Decided: …" and "Not a decision: …", each with its reasons and, where they differ, the phases.
std::vector<std::string> decision_lines(const ShownResult& result, const std::vector<Measure>& measures);
// The command that brings a decision nearer and how long it takes, judged by this run; empty where more trials bring none.
struct NextRun {
  std::string command;
  std::string takes;
};
NextRun next_run(const ShownResult& result, const std::vector<Measure>& measures);

}  // namespace dyno::cli

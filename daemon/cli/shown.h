// The parts of the daemon's answers that the command shows. Plain values, separate from the daemon's own types: the command knows
// the REST API and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dyno::cli {

struct ShownProgress {
  int block = 0;
  int blocks = 0;
  std::string case_name;
  std::string step;
  std::string phase;
  double done_ratio = 0;
  std::string eta_at;
  bool may_end_early = false;  // so blocks are the most, and it ends by eta_at
};

struct ShownRunStack {
  std::string name;
  std::string title;
  std::string base_kind;
  std::optional<std::int64_t> image_bytes;
  std::string failure;
  bool tuned = false;
};

struct ShownWarning {
  std::string gate;
  std::string text;
};

// The nights that a decision rests on, and what is lacking for one.
struct ShownPool {
  std::string schedule{};
  std::vector<std::string> nights{};  // when each was queued, newest first
  int blocks = 0;
  int blocks_needed = 0;
  int nights_needed = 1;
  int blocks_lacking = 0;
  int nights_lacking = 0;
  std::string ready_at{};  // empty: no schedule brings it
};

// Two stacks of a run that it goes on for until they are told apart.
struct ShownRunComparison {
  std::string a_case;  // empty: no trial of it has begun
  std::string b_case;
  int blocks_measured = 0;
};

struct ShownRun {
  std::string id;
  std::string state;
  std::string trigger;
  std::string schedule;
  std::string profile;
  std::string seed;
  std::string note;
  std::vector<std::string> tags{};
  bool pinned = false;
  std::string excluded{};  // why; empty: it counts
  int blocks = 0;
  std::string created_at;
  std::string started_at;
  std::string finished_at;
  std::string reason;
  bool co_located = false;
  std::optional<ShownPool> decision{};  // of one that ended with results
  std::optional<std::int64_t> expected_ns;
  std::int64_t measured_ns = 0;
  std::vector<ShownRunStack> stacks;
  std::vector<ShownWarning> warnings;
  std::optional<ShownProgress> progress;
  std::optional<ShownRunComparison> compare{};
};

struct ShownInterval {
  double low = 0;
  double high = 0;
};

struct ShownSummary {
  std::string case_name;
  std::string stack;
  std::string phase;  // empty: of the whole trial
  std::string metric;
  std::string unit;
  double value = 0;
  int n = 0;
  std::optional<ShownInterval> ci95;
  std::optional<ShownInterval> range;
  std::string validity;
  std::string bound;
  std::vector<ShownWarning> gates{};  // of all its readings, those left out too
};

// A phase that a case was not measured in, and why.
struct ShownGap {
  std::string case_name;
  std::string phase;
  std::string reason;
};

// A figure that no trial of a case has a value of, and why.
struct ShownAbsence {
  std::string case_name;
  std::string phase;  // empty: of the trials
  std::string metric;
  std::string reason;
};

struct ShownTrial {
  std::string case_name;
  int block = 0;
  std::string state;
  std::string failure;
  std::string reason;
  std::string id{};
  std::string last_output{};  // of the server; only of the first of trials that failed alike
};

struct ShownFact {
  std::string name;
  std::string value;
};

// What a stack has to reach, and what the run says of it.
struct ShownObjective {
  std::string case_name{};
  std::string objective{};  // the sentence
  std::string state{};      // kept, broken, undecided
  std::string reason{};     // of an undecided one
  std::string unit{};
  std::optional<double> value{};
  std::optional<ShownInterval> ci95{};
  double confidence = 0.95;                 // of the interval
  std::string phase{};                      // that is judged; empty: of the trials
  std::vector<std::string> other_phases{};  // that the sentence may mean as well
};

// All that the result of one run is printed from.
struct ShownResult {
  ShownRun run;
  std::vector<ShownSummary> summaries;
  std::vector<ShownTrial> trials;
  std::vector<ShownFact> facts;
  std::vector<ShownGap> gaps{};
  std::vector<ShownAbsence> absent{};
  std::vector<ShownObjective> objectives{};
};

// An image that was or is being built for a run.
struct ShownBuild {
  std::string name;
  std::string state;  // running, succeeded, failed; empty in an event
  std::string step;
  std::int64_t lines = 0;
};

// An event, a sample or a build of the live stream.
struct ShownEvent {
  std::string name;  // state, phase, log, done, sample, build
  std::string at;
  std::string kind;
  std::string case_name;
  std::string phase;
  std::string text;
  std::string state;
  std::optional<ShownProgress> progress;
  std::optional<double> rate_per_s;
  std::optional<std::int64_t> p99_ns;
  std::optional<ShownBuild> build{};
};

// ---- across runs ----
struct ShownFigure {
  double value = 0;
  int n = 0;
  std::string validity;
};

struct ShownCompared {
  std::string case_name;
  std::string phase;  // empty: of the trials
  std::string metric;
  std::string title;
  std::string unit;
  ShownFigure a;
  ShownFigure b;
  std::optional<int> n;
  std::optional<double> ratio;
  std::optional<ShownInterval> ci95;
  std::optional<double> mde_percent;
  std::string decision;  // empty: more is neither better nor worse
  std::string doubt;
  std::string design{};      // paired: of the same blocks
  double confidence = 0.95;  // of the interval
};

struct ShownSide {
  std::vector<std::string> runs;
  std::string case_name;
  std::string created_at;
  std::string profile;
  int nights = 0;  // that are pooled; 0: a median
  int blocks = 0;
};

struct ShownDifference {
  std::string what;
  std::string stack;
  std::string a;
  std::string b;
  bool in_key = false;
};

// Of a run that went on until both sides were told apart.
struct ShownLook {
  int blocks = 0;
  int most = 0;
};

struct ShownComparison {
  ShownSide a;
  ShownSide b;
  std::vector<ShownDifference> differences;
  std::vector<ShownCompared> rows;
  std::optional<ShownLook> look{};
};

struct ShownSeries {
  std::string id;
  std::string profile;
  std::string case_name;
  std::string phase;
  std::string metric;
  std::string title;
  std::string unit;
};

struct ShownPoint {
  std::string at;
  std::string run;
  int segment = 0;
  int n = 0;
  double value = 0;
  std::optional<ShownInterval> spread;
  std::string validity;
};

struct ShownLine {
  ShownSeries series;
  int in_all = 0;
  std::vector<ShownPoint> points;
};

}  // namespace dyno::cli

// The one comparison: two runs, a run and the nights before it, two cases of one run. Cell by cell the effect with its interval, whether that
// decides anything and otherwise why not, and the least change that could have been decided. Pure functions, thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/enum_text.h"
#include "model/history.h"
#include "model/run.h"
#include "stats/comparison.h"

namespace dyno::results {

// With fewer trials on a side, or fewer pairs, nothing is decided.
inline constexpr int kTrialsToDecide = 10;
// Nights that have fewer each are pooled, and decide from so many on: two nights do not show how much nights differ.
inline constexpr int kNightsToDecide = 3;

enum class Decision { better, worse, same, inconclusive };

// Why a comparison is inconclusive.
enum class Doubt {
  environment,
  invalid,
  not_positive,
  few_trials,
  degraded,
  bound,
  spread,
  few_nights,  // fewer than three are pooled
  nights       // they differ more than chance, and as units they are too few
};

struct Compared {
  model::CellSummary a;
  model::CellSummary b;
  stats::Design design = stats::Design::unpaired;
  std::optional<stats::Factor> factor;
  double confidence = 1 - 2 * stats::kTail95;  // of the factor's interval
  double band = 0;                             // a relative difference that is none in practice
  std::optional<double> mde;                   // the least relative difference that 80 % of such comparisons decide
  std::optional<Decision> decision;            // absent: the metric is neither good nor bad
  std::optional<Doubt> doubt;                  // of an inconclusive one
};

// How the two sides belong together.
struct Matching {
  bool shared_blocks = false;    // both sides are of one run, so that their trials were measured block by block
  bool by_case = true;           // false: one case against another, matched by phase and metric alone
  double tail = stats::kTail95;  // the probability at each end of the interval of pairs
};

// What a decision rests on: the valid trials where they are enough, otherwise the degraded ones, too. Invalid ones never.
std::vector<stats::BlockValue> deciding_values(const model::Summary& summary);
int valid_trials(const model::Summary& summary);
// So many nights and trials that the side may decide.
bool has_enough_nights(const model::Summary& summary);

// The band of a metric around this value.
double band_of(model::MetricName metric, double value);

Compared compare(model::CellSummary a, model::CellSummary b, const Matching& matching);

// What both sides have, in the order of `b`; each cell of either stands once.
std::vector<Compared> compare_all(std::vector<model::CellSummary> a, std::vector<model::CellSummary> b,
                                  const Matching& matching);

// What was another on the two sides.
struct Difference {
  std::string what;     // a fact's name; profile, profile_hash; class, hash, image, reported_version of a stack
  std::string stack{};  // of one stack against another, that of side b
  std::string a{};
  std::string b{};
  bool in_key = false;  // part of the environment key: then nothing is decided
};
// One stack against another, by their names; they may be of one run.
struct StackPair {
  std::string a;
  std::string b;
};
// Of the stacks that both runs have, and of those of `pair`, whose services are compared, too.
std::vector<Difference> differences_of(const model::Run& a, const model::Run& b, const StackPair& pair = {});

}  // namespace dyno::results

template <>
struct dyno::model::EnumNames<dyno::results::Decision> {
  static constexpr std::array<std::string_view, 4> names{"better", "worse", "same", "inconclusive"};
};
template <>
struct dyno::model::EnumNames<dyno::results::Doubt> {
  static constexpr std::array<std::string_view, 9> names{
      "environment", "invalid", "not_positive", "few_trials", "degraded", "bound", "spread", "few_nights", "nights"};
};

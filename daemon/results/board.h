// Who is ahead: the cases of one metric in order, with the places that each may have, and several workloads as one. Pairs of cases are compared
// block by block where they were measured in the same runs, each pair at a level at which all of them hold together; where no pair is decided every
// place is open to everybody. Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/history.h"
#include "stats/comparison.h"

namespace dyno::results {

enum class Standing { ranked, apart, unranked };

// Why a row has no place: another class of stack than those that are ranked; a throughput of a stack that was not saturated; each case at a rate of
// its own; a number that the load generator or a database limited; no valid trial; a value without a ratio.
enum class Unplaced { stack_class, waiting, own_rate, loader, database, invalid, not_positive };

// A case, as it was in the run that its figure is of.
struct Contender {
  std::string case_name;
  std::string stack;
  std::string title;
  std::string language;
  std::string stack_class;
  std::string run_id;  // the newest of those that its figure is of
  WallTime at{};
};

struct BoardRow {
  Contender who;
  model::Summary summary;  // pooled; of several workloads its value is the geometric mean of theirs, block by block
  Standing standing = Standing::ranked;
  std::optional<Unplaced> why{};
  int best_place = 0;   // 1 + those that were decided better
  int worst_place = 0;  // the number of ranked rows − those that were decided worse
  int group = 0;        // rows of one group are ties: their places overlap, also through others; 1 is the first
  std::optional<stats::Factor> ratio;  // to the first row
};

struct Board {
  std::string phase;                // empty: metrics of the trial, or several workloads
  std::vector<std::string> phases;  // of several workloads
  model::MetricName metric = model::MetricName::throughput_per_s;
  int ranked = 0;
  std::vector<BoardRow> rows;  // best first, those without a place last
};

// The first part of a phase's name: "json" of "json/c64".
std::string workload_of(std::string_view phase);
// The last part of a case's name: "single" of "go-gin/single".
std::string mode_of(std::string_view case_name);
// An open loop has a rate in its name; a share of the case's own maximum is another one for each case.
bool is_open(std::string_view phase);
bool has_own_rate(std::string_view phase);

// `with_tuned`: stacks of any class are ranked; otherwise those of class "tuned" have no place.
Board board_of(std::string phase, model::MetricName metric, std::vector<BoardRow> rows, bool with_tuned);

// One metric over several workloads: of each the phase that most cases have. A case that lacks one of them has no row. Each block that measured all
// of them gives one value, the geometric mean; so blocks stay the unit, and place, ratio and interval are found as for one workload. Nothing where
// the boards have fewer than two workloads of which cases can be ranked.
std::optional<Board> overall_of(const std::vector<Board>& boards, model::MetricName metric, bool with_tuned);

}  // namespace dyno::results

template <>
struct dyno::model::EnumNames<dyno::results::Standing> {
  static constexpr std::array<std::string_view, 3> names{"ranked", "apart", "unranked"};
};
template <>
struct dyno::model::EnumNames<dyno::results::Unplaced> {
  static constexpr std::array<std::string_view, 7> names{"class",    "waiting", "own_rate",    "loader",
                                                         "database", "invalid", "not_positive"};
};

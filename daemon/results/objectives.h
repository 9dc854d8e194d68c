// What a run says of its stacks' objectives: kept or broken where the whole interval lies on one side of the limit, otherwise undecided, with the
// reason. The interval is that of 95 %; of a run that its own data may end, that of its last look (results/standing), because stopping
// when the figures are good would make 95 % err more often. Pure functions, thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/enum_text.h"
#include "model/objective.h"
#include "model/profile.h"
#include "model/stack.h"
#include "model/summary.h"
#include "results/summarise.h"
#include "stats/location.h"

namespace dyno::results {

// With fewer trials there is no interval; 6 at 95 %. `tail`: the probability at each of its ends.
int trials_to_judge(double tail);

enum class ObjectiveState { kept, broken, undecided };

struct JudgedObjective {
  model::Objective objective;
  std::string case_name;
  std::string stack;
  std::string phase{};                      // empty: of the trial, or the profile has no such phase
  std::vector<std::string> other_phases{};  // that the sentence may mean as well: the first of the profile is judged
  ObjectiveState state = ObjectiveState::undecided;
  std::optional<double> value{};
  int n = 0;
  std::optional<model::Interval> ci95{};
  double confidence = 1 - 2 * stats::kTail95;  // of that interval, whatever its name says
  std::string reason{};                        // of an undecided one, in words
};

// What a run found, of all its cases.
struct Findings {
  std::vector<model::Summary> summaries;
  std::vector<TrialMetrics> trials{};  // in the order of the plan
  double tail = stats::kTail95;        // the probability at each end of the summaries' intervals
};

// Those of one case, in the order of its files. `phases`: what it is asked under the profile, by the names of the results.
std::vector<JudgedObjective> judge_objectives(const model::Stack& stack, const std::string& case_name,
                                              const std::vector<model::ProfilePhase>& phases,
                                              const std::string& profile, const Findings& findings);

}  // namespace dyno::results

template <>
struct dyno::model::EnumNames<dyno::results::ObjectiveState> {
  static constexpr std::array<std::string_view, 3> names{"kept", "broken", "undecided"};
};

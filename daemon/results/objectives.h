// What a run says of its stacks' objectives: kept or broken where the whole 95 % interval lies on one side of the limit, otherwise undecided,
// with the reason. Pure functions, thread-safe.
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

namespace dyno::results {

// With fewer trials there is no interval.
inline constexpr int kTrialsToJudge = 6;

enum class ObjectiveState { kept, broken, undecided };

struct JudgedObjective {
  model::Objective objective;
  std::string case_name;
  std::string stack;
  std::string phase{};  // empty: of the trial, or the profile has no such phase
  ObjectiveState state = ObjectiveState::undecided;
  std::optional<double> value{};
  int n = 0;
  std::optional<model::Interval> ci95{};
  std::string reason{};  // of an undecided one, in words
};

// Those of one case, in the order of its files. `phases`: what it is asked under the profile, by the names of the results. `summaries` may
// be those of other cases, too.
std::vector<JudgedObjective> judge_objectives(const model::Stack& stack, const std::string& case_name,
                                              const std::vector<model::ProfilePhase>& phases,
                                              const std::string& profile, const std::vector<model::Summary>& summaries);

}  // namespace dyno::results

template <>
struct dyno::model::EnumNames<dyno::results::ObjectiveState> {
  static constexpr std::array<std::string_view, 3> names{"kept", "broken", "undecided"};
};

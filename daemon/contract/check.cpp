#include "contract/check.h"

#include <fmt/format.h>

namespace dyno::contract {

Judgement judge(const Check& check, Outcomes outcomes) {
  if (outcomes.size() == check.steps.size()) {
    Judgement judgement = check.ruling(outcomes);
    if (judgement.failure) judgement.failure->check = check.name;
    return judgement;
  }
  return {CheckFailure{check.name, fmt::format("{} exchanges", check.steps.size()), fmt::format("{}", outcomes.size())},
          {}};
}

std::vector<std::string> bodies_of(Outcomes outcomes) {
  std::vector<std::string> bodies;
  for (const auto& outcome : outcomes) {
    for (const auto& answer : outcome.answers) bodies.push_back(answer.body);
  }
  return bodies;
}

std::string describe(const CheckFailure& failure) {
  return fmt::format("contract check \"{}\": expected {}, got {}", failure.check, failure.expected, failure.got);
}

}  // namespace dyno::contract

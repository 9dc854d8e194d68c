#include "contract/check.h"

#include <fmt/format.h>

namespace dyno::contract {

Judgement judge(const Check& check, Outcomes outcomes) {
  const bool ended_early = outcomes.size() < check.steps.size() && check.steps[outcomes.size()].follows;
  Judgement judgement;
  if (ended_early || outcomes.size() == check.steps.size()) judgement = check.ruling(outcomes);
  if (!judgement.failure && outcomes.size() != check.steps.size())
    judgement.failure = {"", fmt::format("{} exchanges", check.steps.size()), fmt::format("{}", outcomes.size())};
  if (!judgement.failure) return judgement;
  judgement.failure->check = check.name;
  judgement.failure->kind = check.kind;
  return judgement;
}

std::vector<std::string> bodies_of(Outcomes outcomes) {
  std::vector<std::string> bodies;
  for (const auto& outcome : outcomes) {
    for (const auto& answer : outcome.answers) bodies.push_back(answer.body);
  }
  return bodies;
}

std::string describe(const CheckFailure& failure) {
  return fmt::format("{} \"{}\": expected {}, got {}", failure.kind, failure.check, failure.expected, failure.got);
}

}  // namespace dyno::contract

#include "run/resumption.h"

#include <fmt/format.h>

#include <algorithm>

namespace dyno::run {
namespace {

// What cuts it off so often without a finished trial would do so for ever: a stack that brings the machine down, say.
constexpr int kMostStalled = 3;

const std::string* find_fact(const model::Environment& environment, const std::string& name) {
  const auto found = std::find_if(environment.facts.begin(), environment.facts.end(),
                                  [&](const model::Fact& fact) { return fact.name == name; });
  return found == environment.facts.end() ? nullptr : &found->value;
}

}  // namespace

Resumption::Resumption(RunPast past) : past_(std::move(past)) {
  for (std::size_t i = 0; i < past_.trials.size(); ++i) {
    const auto [place, is_new] = last_.try_emplace(past_.trials[i].index, i);
    if (!is_new && past_.trials[i].attempt >= past_.trials[place->second].attempt) place->second = i;
  }
}

const model::Trial* Resumption::finished(int index) const {
  const auto found = last_.find(index);
  if (found == last_.end() || !model::is_result(past_.trials[found->second].state)) return nullptr;
  return &past_.trials[found->second];
}

int Resumption::next_attempt(int index) const {
  const auto found = last_.find(index);
  return found == last_.end() ? 1 : past_.trials[found->second].attempt + 1;
}

int Resumption::count_finished() const {
  return static_cast<int>(
      std::count_if(last_.begin(), last_.end(), [this](const auto& one) { return finished(one.first) != nullptr; }));
}

const model::RunStack* Resumption::stack(const std::string& name) const {
  if (!has_plan()) return nullptr;
  const auto found = std::find_if(past_.run.stacks.begin(), past_.run.stacks.end(),
                                  [&](const model::RunStack& stack) { return stack.name == name; });
  if (found == past_.run.stacks.end() || (found->image_id.empty() && found->failure.empty())) return nullptr;
  return &*found;
}

std::optional<ServiceImage> Resumption::service(const std::string& name) const {
  if (!has_plan()) return std::nullopt;
  const auto fact = [&](const char* what) {
    return find_fact(past_.run.environment, fmt::format("service_{}_{}", name, what));
  };
  const std::string* const id = fact("image");
  const std::string* const content = fact("hash");
  const std::string* const base_kind = fact("base_kind");
  const std::string* const bases = fact("bases");
  if (id == nullptr || content == nullptr || base_kind == nullptr || bases == nullptr) return std::nullopt;
  return ServiceImage{*id, *content, *base_kind, *bases, std::nullopt};
}

std::optional<WallTime> Resumption::last_stamp() const {
  std::optional<WallTime> last = past_.run.started_at;
  for (const model::Trial& trial : past_.trials)
    last = std::max(last, std::max(std::optional(trial.started_at), trial.finished_at));
  return last;
}

std::string Resumption::why_given_up() const {
  if (past_.run.stalled <= kMostStalled) return "";
  return fmt::format("it was cut off {} times without finishing a trial", past_.run.stalled);
}

std::string Resumption::other_machine(const model::Environment& now) const {
  if (!has_plan() || past_.run.environment.key == now.key) return "";
  std::string words;
  for (const model::Fact& fact : now.facts) {
    const std::string* const before = find_fact(past_.run.environment, fact.name);
    if (!fact.in_key || (before != nullptr && *before == fact.value)) continue;
    words += fmt::format("{}{}: {}, now {}", words.empty() ? "" : "; ", fact.name,
                         before == nullptr ? "unknown" : *before, fact.value);
  }
  return words.empty() ? "other facts than before" : words;
}

}  // namespace dyno::run

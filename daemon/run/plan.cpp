#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "base/random.h"
#include "contract/stack_workloads.h"
#include "contract/workloads/registry.h"

namespace dyno::run {
namespace {

using std::chrono::milliseconds;

// What the parts of a trial take beside its configured times, from trials on a 2-CPU machine; only the expected time rests on them.
constexpr Nanos kStart = milliseconds(1700);
constexpr Nanos kShortVerification = milliseconds(700);
constexpr Nanos kFullVerification = milliseconds(6000);
constexpr Nanos kStop = milliseconds(500);
constexpr Nanos kSettle = milliseconds(500);
// Of each service: before every trial, for the statements counted around a phase, and once for each image.
constexpr Nanos kServiceReset = milliseconds(200);
constexpr Nanos kServiceCounts = milliseconds(300);
constexpr Nanos kServiceVerification = milliseconds(8000);

std::vector<int> shuffled(std::size_t count, Random& random) {
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  return order;
}

// How many of `total` extra starts fall into block `block` (0 first) of `blocks`.
int share_of_block(int total, int block, int blocks) { return total * (block + 1) / blocks - total * block / blocks; }

void add_starts(model::Plan& plan, int block, model::StartKind kind, int rounds, Random& random) {
  for (int round = 0; round < rounds; ++round) {
    for (const int c : shuffled(plan.cases.size(), random)) {
      plan.trials.push_back({.block = block + 1,
                             .index = static_cast<int>(plan.trials.size()),
                             .case_index = c,
                             .kind = model::TrialKind::startup,
                             .start_kind = kind,
                             .attempt = 1});
    }
  }
}

std::int64_t services_of(const model::Plan& plan, const model::Stack& stack) {
  return std::count_if(plan.services.begin(), plan.services.end(),
                       [&](const std::string& name) { return stack.services.contains(name); });
}

}  // namespace

std::string why_not_asked(const model::Stack& stack, model::Mode mode, const std::string& workload) {
  if (std::find(stack.workloads.begin(), stack.workloads.end(), workload) == stack.workloads.end())
    return fmt::format("the stack does not offer {}", workload);
  const auto known = contract::find_workload(stack, workload);
  if (!known) return fmt::format("no workload is called {}", workload);
  const bool is_spread = mode == model::Mode::scaled && stack.run.command_scaled != stack.run.command;
  if (!known->why_one_process.empty() && is_spread)
    return fmt::format("scaled mode starts several processes, and {}", known->why_one_process);
  return "";
}

namespace {

// The name without own/; nothing where the phase asks the contract's workloads.
std::optional<std::string> own_name(std::string_view workload) {
  if (!workload.starts_with(model::kOwnPrefix)) return std::nullopt;
  return std::string(workload.substr(model::kOwnPrefix.size()));
}

// A phase of the profile as it is asked of one workload of the stack's own. A result is never called as one of the contract's.
model::ProfilePhase of_own(model::ProfilePhase phase, const std::string& workload) {
  const auto plain = [](const std::string& name) {
    return contract::find_workload(name) == nullptr ? name : std::string(model::kOwnPrefix) + name;
  };
  phase.workload = plain(workload);
  if (phase.beside) phase.beside->workload = plain(own_name(phase.beside->workload).value_or(phase.beside->workload));
  phase.name = model::name_of(phase);
  phase.workload = workload;
  if (phase.beside) phase.beside->workload = own_name(phase.beside->workload).value_or(phase.beside->workload);
  return phase;
}

// The phase at each rate that the stack's objectives name for the workload, but those that it is asked at already. What is measured
// beside another load answers no objective.
std::vector<model::ProfilePhase> at_objectives(const model::Stack& stack, model::ProfilePhase phase,
                                               const std::string& workload,
                                               const std::vector<model::ProfilePhase>& already) {
  std::vector<model::ProfilePhase> phases;
  for (const model::Objective& one : stack.objectives) {
    if (one.workload != workload || one.load != model::ObjectiveLoad::rate) continue;
    const auto is_same = [&](const model::ProfilePhase& other) {
      const auto* const rate = std::get_if<Rate>(&other.rate);
      return rate != nullptr && rate->per_s == one.at;
    };
    const bool is_asked = std::any_of(already.begin(), already.end(), [&](const model::ProfilePhase& other) {
      return other.workload == workload && is_same(other) && other.beside.has_value() == phase.beside.has_value();
    });
    if (is_asked || std::any_of(phases.begin(), phases.end(), is_same)) continue;
    phase.rate = Rate{one.at};
    phases.push_back(phase);
  }
  return phases;
}

// Those of a stack that brings its own. Neighbours that ask all of them go through them workload by workload, so that each is warmed
// up once.
std::vector<model::ProfilePhase> own_phases(const model::Stack& stack, const std::vector<model::ProfilePhase>& asked) {
  std::vector<model::ProfilePhase> phases;
  const auto add = [&](const model::ProfilePhase& phase, const std::string& workload) {
    phases.push_back(of_own(phase, workload));
    const auto same = [&](const model::ProfilePhase& other) { return other.name == phases.back().name; };
    const auto before = std::count_if(phases.begin(), phases.end() - 1, same);
    if (before > 0) phases.back().name += fmt::format("#{}", before + 1);
  };
  const auto ask = [&](const model::ProfilePhase& phase, const std::string& workload) {
    if (std::holds_alternative<model::RatesOfObjectives>(phase.rate)) {
      for (const model::ProfilePhase& one : at_objectives(stack, phase, workload, phases)) add(one, workload);
    } else {
      add(phase, workload);
    }
  };
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto name = own_name(asked[i].workload);
    if (!name) continue;
    if (asked[i].workload != model::kAllOwn) {
      ask(asked[i], *name);
      continue;
    }
    std::size_t end = i;
    while (end < asked.size() && asked[end].workload == model::kAllOwn) ++end;
    for (const std::string& workload : stack.workloads) {
      for (std::size_t k = i; k < end; ++k) ask(asked[k], workload);
    }
    i = end - 1;
  }
  return phases;
}

}  // namespace

std::vector<model::ProfilePhase> phases_for(const model::Stack& stack, const model::Profile& profile) {
  std::vector<model::ProfilePhase> phases;
  const auto is_asked = [&](const std::string& workload) {
    return why_not_asked(stack, profile.mode, workload).empty();
  };
  const auto& all = is_own(stack) ? own_phases(stack, profile.phases) : profile.phases;
  for (const auto& phase : all) {
    if (is_asked(phase.workload) && (!phase.beside || is_asked(phase.beside->workload))) phases.push_back(phase);
  }
  return phases;
}

std::vector<model::ProfilePhase> phases_of(const model::Plan& plan) {
  std::vector<model::ProfilePhase> phases;
  const auto add = [&phases](const model::ProfilePhase& phase) {
    if (std::none_of(phases.begin(), phases.end(), [&](const auto& other) { return other.name == phase.name; }))
      phases.push_back(phase);
  };
  for (const auto& phase : plan.profile.phases) {
    if (!own_name(phase.workload)) add(phase);
  }
  for (const auto& one : plan.cases) {
    if (!is_own(one.stack)) continue;
    for (const auto& phase : own_phases(one.stack, plan.profile.phases)) add(phase);
  }
  return phases;
}

std::set<std::string> workloads_in(const std::vector<model::ProfilePhase>& phases) {
  std::set<std::string> workloads;
  for (const auto& phase : phases) {
    workloads.insert(phase.workload);
    if (phase.beside) workloads.insert(phase.beside->workload);
  }
  return workloads;
}

Nanos warm_up_before(const std::vector<model::ProfilePhase>& phases, std::size_t index, const model::WarmUp& warm_up) {
  const bool known = index > 0 && phases[index - 1].workload == phases[index].workload;
  if (known) return kSettle;
  return warm_up.kind == model::WarmUpKind::fixed ? warm_up.each : warm_up.min;
}

Nanos window_of(const model::ProfilePhase& phase, Rate rate) {
  if (phase.measure_max <= phase.measure || rate.per_s <= 0) return phase.measure;
  constexpr double kSpare = 1.05;  // those that are under way at its ends are not in it
  const double needed_s = kSpare * static_cast<double>(kAnswersForP99) / rate.per_s;
  const double most_s = std::chrono::duration<double>(phase.measure_max).count();
  if (needed_s >= most_s) return phase.measure_max;
  return std::max<Nanos>(phase.measure, std::chrono::seconds(static_cast<int>(std::ceil(needed_s))));
}

namespace {

// A share of a maximum is known once that is measured; here it needs no longer.
Nanos expected_window(const model::ProfilePhase& phase) {
  const auto* const rate = std::get_if<Rate>(&phase.rate);
  return window_of(phase, rate == nullptr ? Rate{} : *rate);
}

Nanos expected_trial(const model::Plan& plan, const model::PlannedTrial& trial) {
  const model::Stack& stack = plan.cases[static_cast<std::size_t>(trial.case_index)].stack;
  const model::Profile& profile = plan.profile;
  const std::int64_t services = services_of(plan, stack);
  Nanos total = kStart + kStop + services * kServiceReset;
  if (trial.kind == model::TrialKind::startup) return total;
  // An image that was verified before is not verified in full again; that cannot be known here.
  const bool in_full = trial.block == 1;
  total += profile.memory.idle + profile.memory.after + (in_full ? kFullVerification : kShortVerification);
  if (in_full) total += services * kServiceVerification;
  const auto phases = phases_for(stack, profile);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    total += warm_up_before(phases, i, profile.warm_up) + expected_window(phases[i]) + services * kServiceCounts;
  }
  return total;
}

}  // namespace

std::vector<Nanos> expected_trials(const model::Plan& plan) {
  // What tells two trials of a case apart: expected_trial looks at nothing else.
  using Kind = std::tuple<int, model::TrialKind, bool>;
  std::map<Kind, Nanos> known;
  std::vector<Nanos> expected;
  expected.reserve(plan.trials.size());
  for (const auto& trial : plan.trials) {
    const auto [found, is_new] = known.try_emplace(Kind{trial.case_index, trial.kind, trial.block == 1});
    if (is_new) found->second = expected_trial(plan, trial);
    expected.push_back(found->second);
  }
  return expected;
}

std::vector<Nanos> expected_blocks(const model::Plan& plan) {
  const std::vector<Nanos> trials = expected_trials(plan);
  std::vector<Nanos> blocks;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto block = static_cast<std::size_t>(plan.trials[i].block);
    if (blocks.size() < block) blocks.resize(block);
    blocks[block - 1] += trials[i];
  }
  return blocks;
}

model::Plan make_plan(const std::vector<model::Stack>& stacks, const model::Profile& profile,
                      const model::Placement& placement, std::uint64_t seed,
                      const std::vector<model::Service>& services) {
  model::Plan plan;
  for (const auto& service : services) plan.services.push_back(service.name);
  plan.profile = profile;
  plan.placement = placement;
  plan.seed = seed;
  for (const auto& stack : stacks) {
    plan.cases.push_back(
        {.name = fmt::format("{}/{}", stack.name, to_string(profile.mode)), .stack = stack, .mode = profile.mode});
  }
  Random random(seed);
  std::vector<int> order;
  for (int block = 0; block < profile.blocks; ++block) {
    const bool mirror = block % 2 == 1 && profile.reverse_alternate_blocks;
    if (mirror) {
      std::reverse(order.begin(), order.end());
    } else if (profile.order == model::OrderKind::random) {
      order = shuffled(plan.cases.size(), random);
    } else {
      order.resize(plan.cases.size());
      std::iota(order.begin(), order.end(), 0);
    }
    for (const int c : order) {
      plan.trials.push_back({.block = block + 1,
                             .index = static_cast<int>(plan.trials.size()),
                             .case_index = c,
                             .kind = model::TrialKind::load,
                             .start_kind = model::StartKind::warm,
                             .attempt = 1});
    }
    const auto share = [&](int total) { return share_of_block(total, block, profile.blocks); };
    add_starts(plan, block, model::StartKind::warm, share(profile.startup.warm), random);
    add_starts(plan, block, model::StartKind::cache_cold, share(profile.startup.cache_cold), random);
  }
  for (const Nanos expected : expected_trials(plan)) plan.expected += expected;
  Nanos measured{};  // every block measures every case once
  for (const auto& one : plan.cases)
    for (const auto& phase : phases_for(one.stack, profile)) measured += expected_window(phase) * profile.blocks;
  if (plan.expected.count() > 0)
    plan.measured_share = static_cast<double>(measured.count()) / static_cast<double>(plan.expected.count());
  return plan;
}

Nanos expected_per_stack(const model::Profile& profile) {
  model::Stack stack;
  for (const std::string& asked : workloads_in(profile.phases)) {
    const auto own = own_name(asked);
    stack.workloads.push_back(own.value_or(asked));
    if (own) stack.contract = model::ContractKind::own;
  }
  for (const std::string& name : stack.workloads) stack.own_workloads.push_back({.name = name, .requests = {{}}});
  std::vector<model::Service> services;
  if (profile.database) {
    services.emplace_back().name = "database";
    stack.services["database"] = {};
  }
  return make_plan({stack}, profile, {}, 0, services).expected;
}

}  // namespace dyno::run

#include "run/plan.h"

#include <gtest/gtest.h>

#include <set>

namespace dyno::run {
namespace {

using model::TrialKind;

model::Stack stack(const std::string& name, std::vector<std::string> workloads = {"json"}) {
  model::Stack s;
  s.name = name;
  s.workloads = std::move(workloads);
  s.offered_modes = {model::Mode::single};
  return s;
}

model::Profile profile(int blocks) {
  model::Profile p;
  p.name = "test";
  p.blocks = blocks;
  p.startup.warm = 4;
  model::ProfilePhase json;
  json.workload = "json";
  json.name = "json/c32";
  model::ProfilePhase plaintext;
  plaintext.workload = "plaintext";
  plaintext.name = "plaintext/c32";
  p.phases = {json, plaintext};
  return p;
}

std::vector<int> load_order(const model::Plan& plan, int block) {
  std::vector<int> order;
  for (const auto& t : plan.trials) {
    if (t.block == block && t.kind == TrialKind::load) order.push_back(t.case_index);
  }
  return order;
}

TEST(RunPlan, IsTheSameForTheSameSeed) {
  const std::vector<model::Stack> stacks{stack("a"), stack("b"), stack("c"), stack("d")};
  const auto one = make_plan(stacks, profile(4), {}, 42);
  const auto two = make_plan(stacks, profile(4), {}, 42);
  for (int block = 1; block <= 4; ++block) EXPECT_EQ(load_order(one, block), load_order(two, block));
}

TEST(RunPlan, ChangesItsOrderWithTheSeed) {
  const std::vector<model::Stack> stacks{stack("a"), stack("b"), stack("c"), stack("d")};
  std::set<std::vector<int>> orders;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    orders.insert(load_order(make_plan(stacks, profile(1), {}, seed), 1));
  EXPECT_GT(orders.size(), 8U);
}

TEST(RunPlan, RunsEveryCaseOnceInEveryBlock) {
  const std::vector<model::Stack> stacks{stack("a"), stack("b"), stack("c")};
  const auto plan = make_plan(stacks, profile(5), {}, 7);
  for (int block = 1; block <= 5; ++block) {
    const auto order = load_order(plan, block);
    EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 3U);
    EXPECT_EQ(order.size(), 3U);
  }
}

TEST(RunPlan, MirrorsEachSecondBlock) {
  const auto plan = make_plan({stack("a"), stack("b"), stack("c"), stack("d")}, profile(2), {}, 3);
  auto first = load_order(plan, 1);
  std::reverse(first.begin(), first.end());
  EXPECT_EQ(first, load_order(plan, 2));
}

TEST(RunPlan, SpreadsTheExtraStartsOverTheBlocks) {
  auto p = profile(3);
  p.startup.warm = 4;
  const auto plan = make_plan({stack("a"), stack("b")}, p, {}, 3);
  std::map<int, int> starts;
  for (const auto& t : plan.trials) {
    if (t.kind == TrialKind::startup && t.case_index == 0) ++starts[t.block];
  }
  EXPECT_EQ(starts, (std::map<int, int>{{1, 1}, {2, 1}, {3, 2}}));
}

TEST(RunPlan, SpreadsCacheColdStartsBesideTheWarmOnes) {
  auto p = profile(2);
  p.startup.warm = 2;
  p.startup.cache_cold = 4;
  std::map<std::pair<int, model::StartKind>, int> starts;
  for (const auto& t : make_plan({stack("a")}, p, {}, 3).trials) {
    if (t.kind == TrialKind::startup) ++starts[{t.block, t.start_kind}];
    if (t.kind == TrialKind::load) {
      EXPECT_EQ(t.start_kind, model::StartKind::warm);
    }
  }
  using model::StartKind;
  EXPECT_EQ(starts, (std::map<std::pair<int, StartKind>, int>{{{1, StartKind::warm}, 1},
                                                              {{1, StartKind::cache_cold}, 2},
                                                              {{2, StartKind::warm}, 1},
                                                              {{2, StartKind::cache_cold}, 2}}));
}

TEST(RunPlan, NumbersTheTrialsInOrder) {
  const auto plan = make_plan({stack("a"), stack("b")}, profile(2), {}, 3);
  for (std::size_t i = 0; i < plan.trials.size(); ++i) EXPECT_EQ(plan.trials[i].index, static_cast<int>(i));
}

TEST(RunPlan, LeavesOutPhasesThatTheStackDoesNotOffer) {
  const auto phases = phases_for(stack("a", {"plaintext"}), profile(1));
  ASSERT_EQ(phases.size(), 1U);
  EXPECT_EQ(phases[0].name, "plaintext/c32");
}

TEST(RunPlan, AsksAStackForAPhaseOnlyWhenItOffersTheWorkBesideToo) {
  auto p = profile(1);
  p.phases[0].beside = model::BesideLoad{"cpu", 4, {}};
  EXPECT_EQ(phases_for(stack("a", {"json", "plaintext"}), p).size(), 1U);
  const auto both = phases_for(stack("a", {"json", "plaintext", "cpu"}), p);
  EXPECT_EQ(both.size(), 2U);
  EXPECT_EQ(workloads_in(both), (std::set<std::string>{"json", "plaintext", "cpu"}));
}

TEST(RunPlan, LeavesOutStreamsWhereScaledModeStartsOtherProcesses) {
  using model::Mode;
  auto spread = stack("a", {"sse", "ws"});
  spread.run.command = {"server"};
  spread.run.command_scaled = {"server", "--workers"};
  EXPECT_EQ(why_not_asked(spread, Mode::single, "sse"), "");
  EXPECT_EQ(why_not_asked(spread, Mode::scaled, "ws"), "");
  EXPECT_EQ(why_not_asked(spread, Mode::scaled, "sse"),
            "scaled mode starts several processes, and a message reaches only the subscribers of one");
  EXPECT_EQ(why_not_asked(spread, Mode::single, "cpu"), "the stack does not offer cpu");
  EXPECT_EQ(why_not_asked(stack("a", {"bidding"}), Mode::single, "bidding"), "no workload is called bidding");
  spread.run.command_scaled = spread.run.command;
  EXPECT_EQ(why_not_asked(spread, Mode::scaled, "sse"), "");
}

model::Stack own_stack(const std::string& name, const std::vector<std::string>& workloads) {
  model::Stack s = stack(name, workloads);
  s.contract = model::ContractKind::own;
  for (const std::string& workload : workloads) s.own_workloads.push_back({.name = workload, .requests = {{}}});
  return s;
}

// Capacity, 60 % of it and a rate for all of the stack's own, and capacity of one by its name.
model::Profile own_profile() {
  model::Profile p = profile(1);
  model::ProfilePhase cap;
  cap.workload = "own/*";
  cap.as = "cap";
  model::ProfilePhase share = cap;
  share.as.clear();
  share.loop = model::Loop::open;
  share.rate = model::ShareOfCap{0.6, "cap"};
  model::ProfilePhase named = cap;
  named.workload = "own/list";
  named.as.clear();
  p.phases.insert(p.phases.end(), {cap, share, named});
  return p;
}

std::vector<std::string> names_of(const std::vector<model::ProfilePhase>& phases) {
  std::vector<std::string> names;
  for (const auto& phase : phases) names.push_back(phase.name);
  return names;
}

TEST(RunPlan, AsksForTheRatesThatObjectivesName) {
  model::Profile p = own_profile();
  model::ProfilePhase fixed;
  fixed.workload = "own/*";
  fixed.loop = model::Loop::open;
  fixed.rate = Rate{50};
  model::ProfilePhase named = fixed;
  named.rate = model::RatesOfObjectives{};
  p.phases = {fixed, named};
  model::Stack shop = own_stack("shop", {"list", "buy"});
  EXPECT_EQ(names_of(phases_for(shop, p)), (std::vector<std::string>{"list/c32/r50", "buy/c32/r50"}));
  const auto at = [](const char* workload, double rate, model::ObjectiveLoad load = model::ObjectiveLoad::rate) {
    return model::Objective{.text = "", .workload = workload, .load = load, .at = rate};
  };
  shop.objectives = {at("list", 200), at("list", 50), at("list", 200), at("list", 0.3, model::ObjectiveLoad::share),
                     at("buy", 12.5)};
  EXPECT_EQ(names_of(phases_for(shop, p)),
            (std::vector<std::string>{"list/c32/r50", "list/c32/r200", "buy/c32/r50", "buy/c32/r12.5"}))
      << "each rate once, and not the one that is asked anyway";
  p.phases[0].beside = model::BesideLoad{"own/buy", 1, {}};
  shop.objectives = {at("list", 50)};
  EXPECT_EQ(names_of(phases_for(shop, p)),
            (std::vector<std::string>{"list/c32/r50+buy/c1", "list/c32/r50", "buy/c32/r50+buy/c1"}))
      << "what is measured beside another load answers no objective";
}

TEST(RunPlan, AsksAStackOfOnesOwnForItsWorkloadsOneByOne) {
  const auto phases = phases_for(own_stack("shop", {"list", "buy"}), own_profile());
  EXPECT_EQ(names_of(phases),
            (std::vector<std::string>{"list/c32", "list/c32/r60%cap", "buy/c32", "buy/c32/r60%cap", "list/c32#2"}));
  EXPECT_EQ(phases[0].workload, "list");
  EXPECT_EQ(phases[3].workload, "buy");
  EXPECT_EQ(workloads_in(phases), (std::set<std::string>{"list", "buy"}));
}

TEST(RunPlan, AsksNobodyForTheWorkloadsOfOthers) {
  EXPECT_EQ(names_of(phases_for(stack("a"), own_profile())), (std::vector<std::string>{"json/c32"}));
  EXPECT_EQ(names_of(phases_for(own_stack("shop", {"buy"}), own_profile())),
            (std::vector<std::string>{"buy/c32", "buy/c32/r60%cap"}));
}

TEST(RunPlan, CallsNoResultOfAnOwnWorkloadAsOneOfTheContract) {
  const auto phases = phases_for(own_stack("shop", {"json"}), own_profile());
  EXPECT_EQ(names_of(phases), (std::vector<std::string>{"own/json/c32", "own/json/c32/r60%cap"}));
  EXPECT_EQ(phases[0].workload, "json");
}

TEST(RunPlan, KnowsWhatAnyOfItsStacksMayBeAsked) {
  const auto plan =
      make_plan({stack("a"), own_stack("shop", {"list"}), own_stack("desk", {"buy"})}, own_profile(), {}, 1);
  EXPECT_EQ(names_of(phases_of(plan)),
            (std::vector<std::string>{"json/c32", "plaintext/c32", "list/c32", "list/c32/r60%cap", "list/c32#2",
                                      "buy/c32", "buy/c32/r60%cap"}));
  EXPECT_GT(expected_per_stack(own_profile()).count(), 0);
}

TEST(RunPlan, WarmsUpInFullOnlyWhenTheWorkloadIsNew) {
  auto p = profile(1);
  p.warm_up.each = std::chrono::seconds(7);
  p.phases.insert(p.phases.begin() + 1, p.phases[0]);
  EXPECT_EQ(warm_up_before(p.phases, 0, p.warm_up), std::chrono::seconds(7));
  EXPECT_LT(warm_up_before(p.phases, 1, p.warm_up), std::chrono::seconds(1));
  EXPECT_EQ(warm_up_before(p.phases, 2, p.warm_up), std::chrono::seconds(7));
}

TEST(RunPlan, MeasuresALowRateUntilAP99HasItsAnswers) {
  model::ProfilePhase phase;
  phase.measure = std::chrono::seconds(5);
  EXPECT_EQ(window_of(phase, Rate{50}), phase.measure) << "nobody allowed more";
  phase.measure_max = std::chrono::seconds(30);
  EXPECT_EQ(window_of(phase, Rate{50}), std::chrono::seconds(21));
  EXPECT_GE(50 * 21, static_cast<int>(kAnswersForP99));
  EXPECT_EQ(window_of(phase, Rate{1000}), phase.measure) << "it has them by then";
  EXPECT_EQ(window_of(phase, Rate{0.001}), phase.measure_max);
  EXPECT_EQ(window_of(phase, Rate{}), phase.measure) << "a closed loop";
}

TEST(RunPlan, ExpectsTheWindowThatAFixedRateNeeds) {
  auto short_one = profile(1);
  short_one.phases[0].loop = model::Loop::open;
  short_one.phases[0].rate = Rate{50};
  short_one.phases[0].measure = std::chrono::seconds(5);
  auto long_one = short_one;
  long_one.phases[0].measure_max = std::chrono::seconds(30);
  const auto expected = [](const model::Profile& asked) { return make_plan({stack("a")}, asked, {}, 3).expected; };
  EXPECT_EQ(expected(long_one) - expected(short_one), std::chrono::seconds(16));
}

TEST(RunPlan, ExpectsTimeForTheServicesOfThoseThatAskedForThem) {
  model::Service store;
  store.name = "store";
  auto with = stack("a");
  with.services["store"] = {};
  const auto plan = make_plan({with, stack("b")}, profile(2), {}, 3, {store});
  const auto without = make_plan({with, stack("b")}, profile(2), {}, 3);
  EXPECT_GT(plan.expected, without.expected);
  const auto expected = expected_trials(plan);
  const auto expected_without = expected_trials(without);
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const bool asked = plan.trials[i].case_index == 0;
    EXPECT_EQ(expected[i] > expected_without[i], asked) << i;
  }
}

TEST(RunPlan, ExpectsOfAStackBeforeAnyIsChosenWhatItsPlanExpects) {
  auto p = profile(3);
  const auto asked = workloads_in(p.phases);
  EXPECT_EQ(expected_per_stack(p), make_plan({stack("a", {asked.begin(), asked.end()})}, p, {}, 3).expected);
  const Nanos without = expected_per_stack(p);
  p.database.emplace();
  EXPECT_GT(expected_per_stack(p), without);
}

TEST(RunPlan, ExpectsAtLeastTheTimeOfItsMeasuredWindows) {
  const auto plan = make_plan({stack("a"), stack("b")}, profile(2), {}, 3);
  EXPECT_GT(plan.measured_share, 0.1);
  EXPECT_LT(plan.measured_share, 1.0);
}

}  // namespace
}  // namespace dyno::run

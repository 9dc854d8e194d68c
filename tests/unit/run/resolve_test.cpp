#include "run/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::run {
namespace {

model::Stack stack(const std::string& name, const std::string& workload = "json") {
  model::Stack s;
  s.name = name;
  s.offered_modes = {model::Mode::single};
  s.workloads = {workload};
  return s;
}

std::vector<model::Profile> profiles() {
  model::Profile p;
  p.name = "quick";
  p.phases.emplace_back().workload = "json";
  return {p};
}

model::RunRequest request(std::vector<std::string> stacks, const std::string& profile = "quick") {
  model::RunRequest r;
  r.stacks = std::move(stacks);
  r.profile = profile;
  return r;
}

const std::vector<model::Stack> kStacks{stack("node-fastify"), stack("go-nethttp"), stack("go-gin"),
                                        stack("odd", "ws")};

TEST(Resolve, KeepsTheOrderOfTheRequestAndNamesEachStackOnce) {
  const auto job = resolve(request({"node-fastify", "go-*", "go-gin"}), kStacks, profiles(), {});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->request.stacks, (std::vector<std::string>{"node-fastify", "go-gin", "go-nethttp"}));
}

TEST(Resolve, TakesTheNumberOfBlocksFromTheRequestWhereItSaysOne) {
  auto wish = request({"go-gin"});
  EXPECT_EQ(resolve(wish, kStacks, profiles(), {})->profile.blocks, profiles()[0].blocks);
  wish.blocks = 7;
  EXPECT_EQ(resolve(wish, kStacks, profiles(), {})->profile.blocks, 7);
  auto nightly = profiles();
  nightly[0].blocks = 5;
  nightly[0].startup = {.warm = 20, .cache_cold = 9};
  wish.blocks = 1;
  const auto block = resolve(wish, kStacks, nightly, {})->profile;
  EXPECT_EQ(block.startup.warm, 4);
  EXPECT_EQ(block.startup.cache_cold, 2);
}

TEST(Resolve, MeansVariantsOnlyWhereTheyAreAskedFor) {
  auto stacks = kStacks;
  for (const char* const name : {"go-nethttp+pq", "node-fastify@node-24", "node-fastify@node-22"})
    stacks.push_back(stack(name));
  const auto chosen = [&](std::vector<std::string> patterns) {
    const auto job = resolve(request(std::move(patterns)), stacks, profiles(), {});
    return job ? job->request.stacks : std::vector<std::string>{job.error().message};
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(chosen({"go-*", "node-*"}), (Names{"go-gin", "go-nethttp", "node-fastify"}));
  EXPECT_EQ(chosen({"go-nethttp+pq"}), (Names{"go-nethttp+pq"}));
  EXPECT_EQ(chosen({"node-*@*"}), (Names{"node-fastify@node-22", "node-fastify@node-24"}));
  EXPECT_EQ(chosen({"node-fastify@node-20"}),
            (Names{"no stack is called node-fastify@node-20; did you mean node-fastify@node-22?"}));
}

TEST(Resolve, SuggestsTheNearestName) {
  const auto job = resolve(request({"go-nethtp"}, "quik"), kStacks, profiles(), {});
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::not_found);
  EXPECT_EQ(job.error().message,
            "no stack is called go-nethtp; did you mean go-nethttp?\nno profile is called quik; did you mean quick?");
}

TEST(Resolve, SaysWhoseWorkloadsAProfileAsksFor) {
  std::vector<model::Stack> stacks(2);
  stacks[0].name = "shop";
  stacks[0].contract = model::ContractKind::own;
  stacks[0].workloads = {"list", "buy"};
  for (const std::string& name : stacks[0].workloads)
    stacks[0].own_workloads.push_back({.name = name, .requests = {{}}});
  stacks[1].name = "go-nethttp";
  stacks[1].workloads = {"json"};
  for (auto& stack : stacks) stack.offered_modes = {model::Mode::single};
  std::vector<model::Profile> asked(3);
  asked[0].name = "quick";
  asked[1].name = "service";
  asked[2].name = "pay";
  for (auto& profile : asked) profile.phases.resize(1);
  asked[0].phases[0].workload = "json";
  asked[1].phases[0].workload = "own/*";
  asked[2].phases[0].workload = "own/pay";
  const auto words = [&](const std::string& stack, const std::string& profile) {
    const auto job = resolve(request({stack}, profile), stacks, asked, {});
    return job ? "" : job.error().message;
  };
  EXPECT_EQ(words("shop", "service"), "");
  EXPECT_EQ(words("go-nethttp", "quick"), "");
  EXPECT_EQ(
      words("shop", "quick"),
      "shop offers no workload of profile quick: it has workloads of its own, which a profile such as service asks "
      "for (workload: own/*)");
  EXPECT_EQ(words("shop", "pay"), "shop offers no workload of profile pay; it has list, buy");
  EXPECT_EQ(words("go-nethttp", "service"),
            "go-nethttp offers no workload of profile service: that asks for own workloads of stacks of contract own");
}

TEST(Resolve, RefusesAStackThatTheProfileCannotAsk) {
  const auto job = resolve(request({"odd"}), kStacks, profiles(), {});
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(job.error().message, "odd offers no workload of profile quick");
}

TEST(Resolve, RefusesAWorkloadThatNobodyKnows) {
  auto all = profiles();
  all[0].phases[0].workload = "plaintexts";
  const auto job = resolve(request({"go-gin"}), kStacks, all, {});
  ASSERT_FALSE(job);
  EXPECT_THAT(job.error().message,
              testing::HasSubstr("profile quick: no workload is called plaintexts; did you mean plaintext?"));
}

TEST(Resolve, RefusesAModeThatTheStackDoesNotOffer) {
  auto all = profiles();
  all[0].mode = model::Mode::scaled;
  const auto job = resolve(request({"go-gin"}), kStacks, all, {});
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().message, "go-gin does not offer the mode scaled of profile quick");
}

TEST(Resolve, RefusesAnEmptyRequest) { EXPECT_FALSE(resolve(request({}), kStacks, profiles(), {})); }

// ---- services ----

model::Stack with_service(model::Stack s, const std::string& service, bool required = true) {
  s.services[service] = {required};
  return s;
}

model::Service service(const std::string& name, const std::string& workload) {
  model::Service s;
  s.name = name;
  s.workloads = {workload};
  return s;
}

TEST(Resolve, TakesAServiceOnlyWhenAPhaseOfAStackNeedsIt) {
  const std::vector<model::Service> services{service("store", "json"), service("postgres", "users")};
  const std::vector<model::Stack> stacks{with_service(with_service(stack("a"), "store"), "postgres"), stack("b")};
  const auto job = resolve(request({"a", "b"}), stacks, profiles(), services);
  ASSERT_TRUE(job) << job.error().message;
  ASSERT_EQ(job->services.size(), 1U);
  EXPECT_EQ(job->services[0].name, "store");
  EXPECT_TRUE(resolve(request({"b"}), stacks, profiles(), services)->services.empty());
}

TEST(Resolve, RefusesAVariantThatNoServiceKnows) {
  auto store = service("store", "json");
  store.variants = {"without_index"};
  const std::vector<model::Stack> stacks{with_service(stack("a"), "store")};
  auto all = profiles();
  all[0].database = model::DatabaseRequest{20, 10000, "without_index"};
  EXPECT_TRUE(resolve(request({"a"}), stacks, all, std::vector{store}));
  all[0].database->variant = "witout_index";
  const auto refused = resolve(request({"a"}), stacks, all, std::vector{store});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "profile quick: no service of this run knows the variant witout_index; did you mean without_index?");
}

TEST(Resolve, RefusesANumberOfUsersThatTheServiceWasNotMadeFor) {
  auto store = service("store", "json");
  store.users = {10000, 100000};
  const std::vector<model::Stack> stacks{with_service(stack("a"), "store"), stack("b")};
  auto all = profiles();
  EXPECT_TRUE(resolve(request({"a"}), stacks, all, std::vector{store})) << "10000 unless the profile says otherwise";
  all[0].database = model::DatabaseRequest{20, 5000, ""};
  const auto refused = resolve(request({"a"}), stacks, all, std::vector{store});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "profile quick: the service store has no 5000 users; it has 10000 or 100000");
  EXPECT_TRUE(resolve(request({"b"}), stacks, all, std::vector{store})) << "the run has no such service";
  all[0].database->users = 100000;
  EXPECT_TRUE(resolve(request({"a"}), stacks, all, std::vector{store}));
}

TEST(Resolve, RefusesWhatWouldTakeYears) {
  const std::vector<model::Stack> stacks{stack("a")};
  auto all = profiles();
  all[0].blocks = 365;
  all[0].phases.resize(1);
  all[0].phases[0].measure = std::chrono::hours(24);
  all[0].memory = {.idle = Nanos(0), .after = Nanos(0)};
  all[0].warm_up.each = Nanos(0);
  EXPECT_TRUE(resolve(request({"a"}), stacks, all, {}));
  all[0].blocks = 1000;
  const auto refused = resolve(request({"a"}), stacks, all, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "profile quick: 1000 blocks of 1 stacks would take 1000 days (limit 366 days)");
}

TEST(Resolve, RefusesAStackWhoseServiceIsNotDescribed) {
  const std::vector<model::Stack> stacks{with_service(stack("a"), "postgres"),
                                         with_service(stack("b"), "store", false)};
  const auto refused = resolve(request({"a"}), stacks, profiles(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().message.find("a needs the service postgres"), std::string::npos);
  EXPECT_TRUE(resolve(request({"b"}), stacks, profiles(), {}));
}

}  // namespace
}  // namespace dyno::run

#include "run/resolve.h"

#include <gtest/gtest.h>

namespace dyno::run {
namespace {

model::Stack stack(const std::string& name, model::Workload workload = model::Workload::json) {
  model::Stack s;
  s.name = name;
  s.offered_modes = {model::Mode::single};
  s.workloads = {workload};
  return s;
}

std::vector<model::Profile> profiles() {
  model::Profile p;
  p.name = "quick";
  p.phases.emplace_back();
  return {p};
}

model::RunRequest request(std::vector<std::string> stacks, const std::string& profile = "quick") {
  model::RunRequest r;
  r.stacks = std::move(stacks);
  r.profile = profile;
  return r;
}

const std::vector<model::Stack> kStacks{stack("node-fastify"), stack("go-nethttp"), stack("go-gin"),
                                        stack("odd", model::Workload::ws)};

TEST(Resolve, KeepsTheOrderOfTheRequestAndNamesEachStackOnce) {
  const auto job = resolve(request({"node-fastify", "go-*", "go-gin"}), kStacks, profiles());
  ASSERT_TRUE(job);
  EXPECT_EQ(job->request.stacks, (std::vector<std::string>{"node-fastify", "go-gin", "go-nethttp"}));
}

TEST(Resolve, SuggestsTheNearestName) {
  const auto job = resolve(request({"go-nethtp"}, "quik"), kStacks, profiles());
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::not_found);
  EXPECT_EQ(job.error().message,
            "no stack is called go-nethtp; did you mean go-nethttp?\nno profile is called quik; did you mean quick?");
}

TEST(Resolve, RefusesAStackThatTheProfileCannotAsk) {
  const auto job = resolve(request({"odd"}), kStacks, profiles());
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(job.error().message, "odd offers no workload of profile quick");
}

TEST(Resolve, RefusesAModeThatTheStackDoesNotOffer) {
  auto all = profiles();
  all[0].mode = model::Mode::scaled;
  const auto job = resolve(request({"go-gin"}), kStacks, all);
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().message, "go-gin does not offer the mode scaled of profile quick");
}

TEST(Resolve, RefusesAnEmptyRequest) { EXPECT_FALSE(resolve(request({}), kStacks, profiles())); }

}  // namespace
}  // namespace dyno::run

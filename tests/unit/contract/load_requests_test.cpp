#include "contract/load_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::contract {
namespace {

using model::Workload;
using testing::ElementsAre;

TEST(LoadRequests, AcceptsExactlyTheOnePlaintext) {
  const auto requests = load_requests(Workload::plaintext, {}, {"something else"});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].target, "/plaintext");
  EXPECT_THAT(requests[0].accepted_bodies, ElementsAre("Hello, World!"));
}

TEST(LoadRequests, AcceptsTheJsonThatWasFoundRight) {
  const auto requests = load_requests(Workload::json, {}, {R"({"message": "Hello, World!"})"});
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].target, "/json");
  EXPECT_THAT(requests[0].accepted_bodies, ElementsAre(R"({"message": "Hello, World!"})"));
}

TEST(LoadRequests, AskWhatThePhaseSays) {
  const auto target = [](Workload workload, const std::map<std::string, std::int64_t>& params) {
    return load_requests(workload, params, {}).at(0).target;
  };
  EXPECT_EQ(target(Workload::items, {}), "/items/25?m={1..9}");
  EXPECT_EQ(target(Workload::items, {{"count", 10}}), "/items/10?m={1..9}");
  EXPECT_EQ(target(Workload::users, {}), "/users/{1..10000}");
  EXPECT_EQ(target(Workload::db, {}), "/db");
  EXPECT_EQ(target(Workload::queries, {{"n", 20}}), "/queries?n=20");
  EXPECT_EQ(target(Workload::fortunes, {}), "/fortunes");
  EXPECT_EQ(target(Workload::fortunes, {{"set", 200}}), "/fortunes?set=200");
  EXPECT_EQ(target(Workload::updates, {{"n", 5}}), "/updates?n=5");
  EXPECT_EQ(target(Workload::cpu, {}), "/cpu?kind=hash&n=10000");
  EXPECT_EQ(target(Workload::cpu, {{"sieve", 1000000}}), "/cpu?kind=sieve&n=1000000");
  EXPECT_EQ(target(Workload::cpu_offload, {{"hash", 7}}), "/cpu?kind=hash&n=7&offload=1");
  EXPECT_EQ(load_requests(Workload::upload, {{"bytes", 4096}}, {}).at(0).body.size(), 4096U);
  EXPECT_EQ(load_requests(Workload::updates, {}, {}).at(0).method, "POST");
}

TEST(LoadRequests, SendNineRightOrdersToOneWrong) {
  const auto requests = load_requests(Workload::validate, {}, {});
  ASSERT_EQ(requests.size(), 10U);
  int wrong = 0;
  for (const auto& request : requests) wrong += request.expected_status == 422 ? 1 : 0;
  EXPECT_EQ(wrong, 1);
}

TEST(LoadRequests, GoThroughStreamsWhereTheWorkloadIsOne) {
  const LoadStream events = load_stream(Workload::sse, {{"subscribers", 20}});
  EXPECT_EQ(events.protocol, ports::LoadProtocol::sse);
  EXPECT_EQ(events.subscribers, 20);
  const auto published = load_requests(Workload::sse, {}, {}).at(0);
  EXPECT_EQ(published.target, events.request.target) << "published is what the subscribers listen to";
  EXPECT_EQ(published.expected_status, 202);
  EXPECT_EQ(load_stream(Workload::ws, {}).request.target, "/ws");
  EXPECT_EQ(load_requests(Workload::ws, {}, {}).at(0).body_bytes, 64);
  EXPECT_EQ(load_stream(Workload::json, {}).protocol, ports::LoadProtocol::http1);
}

TEST(LoadRequests, AreNoneForWhatHasNoLoadYet) { EXPECT_TRUE(load_requests(Workload::predict, {}, {}).empty()); }

}  // namespace
}  // namespace dyno::contract

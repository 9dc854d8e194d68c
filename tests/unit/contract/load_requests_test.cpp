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

}  // namespace
}  // namespace dyno::contract

#include "contract/own_workload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/stack_workloads.h"

namespace dyno::contract {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

model::OwnWorkload one(model::OwnRequest request, model::OwnProtocol protocol = model::OwnProtocol::http) {
  request.expect.file = "stack.yaml";
  request.expect.line = 7;
  model::OwnWorkload workload{.name = "chat", .protocol = protocol};
  workload.requests = {std::move(request)};
  return workload;
}

std::vector<Check> checks_of(const model::OwnWorkload& own, Depth depth = Depth::full) {
  Asking asking{"10.0.0.2:8080", depth, Draw(1), 0};
  return own_workload(own).checks(asking);
}

// What the check says of an answer to each of its steps.
std::string words(const Check& check, const ports::Answer& answer) {
  ports::ExchangeOutcome outcome;
  outcome.answers = {answer};
  const std::vector<ports::ExchangeOutcome> outcomes(check.steps.size(), outcome);
  const Judgement judgement = judge(check, outcomes);
  return judgement.failure ? describe(*judgement.failure) : "";
}

TEST(OwnWorkload, AsksOnceForWhatIsNotDrawnAndThreeTimesForWhatIs) {
  EXPECT_EQ(checks_of(one({.name = "look", .target = "/"})).at(0).steps.size(), 1U);
  const auto drawn = one({.name = "look", .target = "/{3..9}", .headers = {{"X", "{3..9}"}}, .body = "{\"n\":{3..9}}"});
  const auto steps = checks_of(drawn).at(0).steps;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_THAT(steps[0].exchange.pieces.at(0), StartsWith("GET /3 HTTP/1.1\r\nHost: 10.0.0.2:8080\r\nX: 3\r\n"));
  EXPECT_THAT(steps[1].exchange.pieces.at(0), testing::EndsWith("\r\n\r\n{\"n\":9}"));
  EXPECT_EQ(checks_of(drawn, Depth::quick).at(0).steps.size(), 1U);
}

TEST(OwnWorkload, SendsTheHostThatTheRequestNames) {
  const auto checks = checks_of(one({.name = "look", .target = "/", .headers = {{"host", "shop.example"}}}));
  EXPECT_THAT(checks.at(0).steps.at(0).exchange.pieces.at(0),
              StartsWith("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"));
}

TEST(OwnWorkload, ExpectsNoBodyOfAHead) {
  EXPECT_FALSE(
      checks_of(one({.name = "look", .method = "HEAD", .target = "/"})).at(0).steps.at(0).exchange.expect_body);
}

TEST(OwnWorkload, HoldsTheFirstMessageOfAWebSocketAgainstItsRules) {
  model::OwnRequest request{.name = "look", .target = "/chat", .body = "hi"};
  request.expect.contains = {"hello"};
  const auto own = one(request, model::OwnProtocol::ws);
  const auto checks = checks_of(own);
  const ports::Exchange& exchange = checks.at(0).steps.at(0).exchange;
  EXPECT_THAT(exchange.pieces.at(0), HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_EQ(exchange.pieces.size(), 2U);
  EXPECT_TRUE(exchange.is_stream);
  const std::string end("\x88\x02\x03\xE8", 4);
  EXPECT_EQ(words(checks[0], {101, {}, "\x81\x09hello you" + end}), "");
  EXPECT_EQ(words(checks[0], {101,
                              {},
                              "\x81\x03"
                              "bye" +
                                  end}),
            "workload \"chat\": expected message to /chat: a body with \"hello\" (stack.yaml:7), got the body \"bye\"");
  EXPECT_EQ(words(checks[0], {101, {}, end}),
            "workload \"chat\": expected message to /chat: a message (stack.yaml:7), got none");
  EXPECT_EQ(words(checks[0], {403, {}, "no"}),
            "workload \"chat\": expected message to /chat: status 101 (stack.yaml:7), got 403, the body \"no\"");
}

TEST(OwnWorkload, IsCarriedByItsProtocol) {
  const auto protocol = [](model::OwnProtocol of) {
    const auto own = one({.name = "look", .target = "/x", .body = "m"}, of);
    return load_stream(own_workload(own), {}).protocol;
  };
  EXPECT_EQ(protocol(model::OwnProtocol::http), ports::LoadProtocol::http1);
  EXPECT_EQ(protocol(model::OwnProtocol::sse), ports::LoadProtocol::http1);
  EXPECT_EQ(protocol(model::OwnProtocol::http2), ports::LoadProtocol::http2);
  EXPECT_EQ(protocol(model::OwnProtocol::ws), ports::LoadProtocol::websocket);
}

TEST(StackWorkloads, AreTheStacksOwnWhereItBringsThem) {
  model::Stack stack;
  EXPECT_TRUE(find_workload(stack, "json")->checks);
  EXPECT_FALSE(find_workload(stack, "chat"));
  stack.contract = model::ContractKind::own;
  stack.own_workloads = {one({.name = "look", .target = "/"})};
  EXPECT_EQ(find_workload(stack, "chat")->name, "chat");
  EXPECT_FALSE(find_workload(stack, "json"));
}

}  // namespace
}  // namespace dyno::contract

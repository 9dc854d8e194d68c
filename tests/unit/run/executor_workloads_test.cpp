// Workloads of a stack's own in a whole run on fakes: what is asked before the load, what the load generator is told, and how a wrong
// answer ends the trial.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;
using testing::ElementsAre;
using testing::HasSubstr;

model::OwnRequest asks(std::string method, std::string target, int line) {
  model::OwnRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.name = request.method + " " + request.target;
  request.line = line;
  request.expect.file = "stack.yaml";
  request.expect.line = line;
  return request;
}

// A mix of two, and a session: log in, look, pay.
class OwnWorkloadsTest : public ExecutorTest {
 protected:
  OwnWorkloadsTest() {
    model::OwnWorkload mix{.name = "browse"};
    mix.requests = {asks("GET", "/orders/{1..500}", 10), asks("GET", "/health", 14)};
    model::JsonRule id;
    id.pointer = "/id";
    id.type = model::JsonType::integer;
    id.line = 12;
    mix.requests[0].expect.json = {id};
    mix.requests[0].weight = 9;
    model::OwnWorkload session{.name = "buy", .kind = model::OwnWorkloadKind::session};
    session.requests = {asks("POST", "/login", 20), asks("GET", "/cart", 24), asks("POST", "/pay", 28)};
    session.requests[0].body = R"({"user":"{user}"})";
    session.requests[0].takes = {{"token", model::CaptureFrom::json, "/token", 22}};
    session.requests[1].headers = {{"Authorization", "Bearer {token}"}};
    session.requests[1].takes = {{"etag", model::CaptureFrom::header, "ETag", 26}};
    session.requests[2].headers = {{"Authorization", "Bearer {token}"}, {"If-Match", "{etag}"}};
    session.requests[2].expect.statuses = {{201, 201}};
    session.table = {"users.csv", "user\nann\nbob\n"};
    model::Stack& shop = job_.stacks[0];
    shop.name = "shop";
    shop.contract = model::ContractKind::own;
    shop.workloads = {"browse", "buy"};
    shop.own_workloads = {mix, session};
    shop.readiness.deep_path.clear();
    job_.stacks.resize(1);
    job_.profile.blocks = 1;
    job_.profile.startup.warm = 0;
    for (model::ProfilePhase& phase : job_.profile.phases) {
      phase.workload = "own/*";
      if (auto* share = std::get_if<model::ShareOfCap>(&phase.rate)) share->cap = "cap";
      else phase.as = "cap";
      phase.name = model::name_of(phase);
    }
    load_.answer_by([this](const ports::Exchange& exchange) { return answer(exchange.pieces.at(0)); });
  }

  // The server of the workloads: it remembers what it was asked, and lets nobody in who did not log in.
  ports::ExchangeOutcome answer(const std::string& bytes) {
    const std::string line = bytes.substr(0, bytes.find(" HTTP/"));
    asked_.push_back(line);
    ports::Answer answer{200, {{"Content-Type", "application/json"}}, "{}"};
    if (line.starts_with("GET /orders/")) answer.body = order_;
    if (line == "POST /login") answer.body = login_ + bytes.substr(bytes.size() - 5, 3) + R"("})";
    if (line == "GET /cart" || line == "POST /pay") {
      const bool is_known =
          bytes.find("Bearer t-ann") != std::string::npos || bytes.find("Bearer t-bob") != std::string::npos;
      if (!is_known) answer.status = 401;
    }
    if (line == "GET /cart") answer.headers.emplace_back("ETag", "\"v7\"");
    if (line == "POST /pay" && answer.status == 200 && bytes.find("If-Match: \"v7\"") != std::string::npos)
      answer.status = 201;
    ports::ExchangeOutcome outcome;
    outcome.answers = {answer};
    return outcome;
  }
  model::TrialFinished trial() const { return fakes::events_of<model::TrialFinished>(journal_).at(0); }
  std::vector<std::string> phases() const {
    std::vector<std::string> names;
    for (const auto& event : fakes::events_of<model::PhaseFinished>(journal_)) names.push_back(event.result.phase);
    return names;
  }

  // A second stack, which has the first workload alone.
  void add_desk() {
    model::Stack desk = job_.stacks[0];
    desk.name = "desk";
    desk.hash = "sha256:desk";
    desk.workloads = {"browse"};
    desk.own_workloads.resize(1);
    job_.stacks.push_back(desk);
  }
  std::vector<std::string> empty_cells() const {
    std::vector<std::string> empty;
    for (const auto& event : fakes::events_of<model::PhaseFinished>(journal_)) {
      const auto* reading = model::find_reading(event.result.readings, model::MetricName::throughput_per_s);
      if (reading != nullptr && !reading->value) empty.push_back(event.result.phase + ": " + reading->absent);
    }
    return empty;
  }

  std::string order_ = R"({"id":5})";
  std::string login_ = R"({"token":"t-)";
  std::vector<std::string> asked_;
};

TEST_F(OwnWorkloadsTest, AreAskedBeforeTheLoadAndMeasuredByTheirNames) {
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_THAT(phases(), ElementsAre("browse/c32", "browse/c32/r60%cap", "buy/c32", "buy/c32/r60%cap"));
  ASSERT_GE(asked_.size(), 5U);
  EXPECT_EQ(asked_[0], "GET /orders/1");
  EXPECT_EQ(asked_[1], "GET /orders/500");
  EXPECT_THAT(asked_[2], testing::StartsWith("GET /orders/"));
  EXPECT_EQ(asked_[3], "GET /health");
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "POST /pay"), 3) << "the first row, the last and one between";
}

TEST_F(OwnWorkloadsTest, GiveTheLoadGeneratorRulesRowsAndSteps) {
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  const auto specs = load_.phases();
  ASSERT_EQ(specs.size(), 4U);
  EXPECT_FALSE(specs[0].is_session);
  ASSERT_EQ(specs[0].requests.size(), 2U);
  EXPECT_EQ(specs[0].requests[0].target, "/orders/{1..500}");
  EXPECT_EQ(specs[0].requests[0].weight, 9);
  ASSERT_TRUE(specs[0].requests[0].rules);
  EXPECT_EQ(specs[0].requests[0].rules->json.at(0).pointer, "/id");
  EXPECT_EQ(specs[1].rate.per_s, 6000) << "60 % of what this workload reached";
  EXPECT_TRUE(specs[2].is_session);
  EXPECT_EQ(specs[2].table_csv, "user\nann\nbob\n");
  EXPECT_EQ(specs[2].requests.at(0).takes.at(0).name, "token");
  EXPECT_TRUE(specs[2].requests.at(0).fills_body);
}

TEST_F(OwnWorkloadsTest, EndTheTrialByAWrongJsonValueWithTheWords) {
  order_ = R"({"id":"five"})";
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trial().failure, TrialFailure::wrong_body);
  EXPECT_EQ(
      trial().reason,
      "workload \"browse: GET /orders/{1..500}\": expected GET /orders/1: /id = an integer (stack.yaml:12), got /id = "
      "\"five\"; the body \"{\"id\":\"five\"}\"");
  EXPECT_TRUE(load_.phases().empty());
}

TEST_F(OwnWorkloadsTest, EndTheTrialByAStepWhoseValueIsMissing) {
  login_ = R"({"tokens":"t-)";
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(
      trial().reason,
      "workload \"buy: session\": expected POST /login: {token} from the value at /token (stack.yaml:22), got no such "
      "value in the body \"{\"tokens\":\"t-ann\"}\"");
  EXPECT_EQ(std::count(asked_.begin(), asked_.end(), "GET /cart"), 0) << "no step is sent without its value";
}

TEST_F(OwnWorkloadsTest, EndTheTrialByAWrongStep) {
  login_ = R"({"token":"x-)";
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trial().reason,
            "workload \"buy: session\": expected GET /cart: status 2xx (stack.yaml:24), got 401, the body \"{}\"");
}

TEST_F(OwnWorkloadsTest, EndTheTrialByAnAnswerThatDidNotComeWhole) {
  load_.answer_by([](const ports::Exchange&) {
    ports::ExchangeOutcome cut;
    cut.error = "bad_framing: the connection ended inside the answer; of the body 4 bytes came: \"{\\\"id\"";
    return cut;
  });
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_THAT(trial().reason,
              HasSubstr("expected GET /orders/1: a whole answer (stack.yaml:10), got none (bad_framing: "));
}

TEST_F(OwnWorkloadsTest, EndTheTrialByAnswersThatAreWrongUnderLoadOnly) {
  fakes::LoadScript script;
  script.errors.bad_body = 20;
  script.bad_answers = {{.request = 0,
                         .why = "/id: expected an integer, got null",
                         .bytes = R"({"id":null})",
                         .file = "stack.yaml",
                         .line = 12}};
  load_.script(script);
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trial().failure, TrialFailure::wrong_body);
  EXPECT_THAT(phases(), ElementsAre("browse/c32")) << "it is kept, and no other is begun";
  EXPECT_THAT(trial().reason, HasSubstr("workload \"browse\" under load: 20 of "));
  EXPECT_THAT(trial().reason,
              HasSubstr("; GET /orders/{1..500}: /id: expected an integer, got null (stack.yaml:12), the "
                        "body \"{\"id\":null}\""));
}

TEST_F(OwnWorkloadsTest, LeaveCellsOfOtherStacksEmptyWithTheReason) {
  add_desk();
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_THAT(empty_cells(),
              ElementsAre("buy/c32: the stack does not offer buy", "buy/c32/r60%cap: the stack does not offer buy"));
}

TEST_F(OwnWorkloadsTest, LeaveCellsOfOtherObjectivesEmptyWithTheReason) {
  job_.stacks[0].workloads = {"browse"};
  job_.stacks[0].own_workloads.resize(1);
  add_desk();
  job_.stacks[1].objectives = {
      {.text = "", .workload = "browse", .load = model::ObjectiveLoad::rate, .at = 200, .limit = 20e6}};
  model::ProfilePhase named = job_.profile.phases.back();
  named.rate = model::RatesOfObjectives{};
  job_.profile.phases.push_back(named);
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_THAT(empty_cells(), ElementsAre("browse/c32/r200: none of the stack's objectives names this rate"));
}

}  // namespace
}  // namespace dyno::run

#include "contract/service_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/query_audit.h"
#include "model_stack.h"

namespace dyno::contract {
namespace {

using model::Workload;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kSeed = 20261124;
constexpr const char* kHost = "10.0.0.2:8080";
const std::set<Workload> kAll{Workload::users, Workload::db, Workload::queries, Workload::fortunes, Workload::updates};

std::string failure_of(ModelStack& stack, const Check& check) {
  const Judgement judgement = judge(check, stack.perform(check));
  return judgement.failure ? describe(*judgement.failure) : "";
}

// The whole of a live check; what failed.
std::string live(ModelStack& stack, Workload workload) {
  const auto check = live_check(workload, kHost, kSeed);
  if (!check) return "no such check";
  if (const std::string failed = failure_of(stack, check->before); !failed.empty()) return failed;
  stack.change(check->change);
  std::string failed = failure_of(stack, check->after);
  stack.change(check->undo);
  return failed.empty() ? failure_of(stack, check->before) : failed;
}

TEST(LiveCheck, PassesAStackThatAsksItsDatabase) {
  for (const Workload workload : {Workload::users, Workload::db, Workload::queries, Workload::fortunes}) {
    ModelStack stack;
    EXPECT_EQ(live(stack, workload), "") << to_string(workload);
  }
  EXPECT_FALSE(live_check(Workload::json, kHost, kSeed));
}

// Remembers every answer by its target and gives it again.
void keep_answers(ModelStack& stack) {
  stack.spoil = [kept = std::map<std::string, ports::Answer>()](const SeenRequest& request,
                                                                ports::Answer& answer) mutable {
    answer = kept.try_emplace(request.path, answer).first->second;
  };
}

TEST(LiveCheck, FindsAnAnswerThatWasKept) {
  ModelStack stack;
  keep_answers(stack);
  EXPECT_THAT(live(stack, Workload::users), HasSubstr("users: a row that has just been changed: expected GET /users/"));
  EXPECT_THAT(live(stack, Workload::fortunes), HasSubstr("fortunes: a row that has just been changed"));
}

// All rows were read once, at the start.
TEST(LiveCheck, FindsRowsThatWereReadAhead) {
  for (const Workload workload : {Workload::db, Workload::queries}) {
    ModelStack stack;
    ModelStack memory;
    stack.spoil = [&](const SeenRequest& request, ports::Answer& answer) {
      Check again;
      again.steps.push_back({{}, {}});
      again.steps[0].exchange.pieces = {"GET " + request.path + "?n=100 HTTP/1.1\r\nHost: x\r\n\r\n"};
      answer = memory.perform(again)[0].answers[0];
    };
    EXPECT_THAT(live(stack, workload), HasSubstr("rows that have just been changed: expected row "))
        << to_string(workload);
    EXPECT_THAT(live(stack, workload), HasSubstr("its new number, got")) << to_string(workload);
  }
}

TEST(LiveCheck, FindsAStackThatAvoidsChangedRows) {
  ModelStack stack;
  stack.spoil = [](const SeenRequest&, ports::Answer& answer) { set_body(answer, R"({"id":1,"randomNumber":2649})"); };
  const auto check = live_check(Workload::db, kHost, kSeed);
  ASSERT_NE(check->change.at(1), "1");
  EXPECT_THAT(live(stack, Workload::db), HasSubstr("got none of the changed ones"));
}

TEST(AuditedLoad, AsksSoManyTimesAtSixteenConnections) {
  for (const Workload workload : kAll) {
    const AuditedLoad load = audited_load(workload, kHost, kSeed);
    ModelStack stack;
    const auto outcomes = stack.perform(load.check);
    EXPECT_EQ(outcomes.size(), 16U);
    EXPECT_EQ(bodies_of(outcomes).size(), static_cast<std::size_t>(kAuditedRequests));
    EXPECT_FALSE(judge(load.check, outcomes).failure) << to_string(workload);
    for (std::size_t i = 1; i < load.check.steps.size(); ++i) EXPECT_TRUE(load.check.steps[i].exchange.together);
    EXPECT_TRUE(promised_queries(workload, load.params));
  }
  const AuditedLoad queries = audited_load(Workload::queries, kHost, kSeed);
  EXPECT_THAT(queries.check.steps[0].exchange.pieces[0],
              HasSubstr("GET /queries?n=" + std::to_string(queries.params.at("n"))));
}

TEST(WrittenCheck, ComparesWhatWasAnsweredWithWhatStandsInTheDatabase) {
  ModelStack stack;
  const Check check = written_check(kHost, kSeed);
  const auto outcomes = stack.perform(check);
  EXPECT_FALSE(judge(check, outcomes).failure);
  const auto ids = written_ids(outcomes);
  EXPECT_GE(ids.size(), 10U);
  EXPECT_FALSE(judge_written(outcomes, stack.read(ids)));
  const auto unwritten = judge_written(outcomes, ModelStack().read(ids));
  ASSERT_TRUE(unwritten);
  EXPECT_THAT(describe(*unwritten), HasSubstr("updates: rows are written: expected row "));
  EXPECT_THAT(describe(*unwritten), HasSubstr(" in the database"));
  EXPECT_THAT(describe(*judge_written(outcomes, "")), HasSubstr("got no such row"));
}

std::string outage_of(ModelStack& stack, bool hangs = false) {
  stack.database_is_away = true;
  return failure_of(stack, outage_check({kAll, hangs, {"postgres", "172.18.0.2", "s3cret"}}, kHost));
}

TEST(Outage, PassesAStackThatSaysNoMoreThanItMust) {
  ModelStack stack;
  EXPECT_EQ(outage_of(stack), "");
  EXPECT_EQ(outage_of(stack, true), "");
  EXPECT_THAT(failure_of(stack, recovered_check(kAll, kHost, kSeed)), HasSubstr("the database is back"));
  stack.database_is_away = false;
  EXPECT_EQ(failure_of(stack, recovered_check(kAll, kHost, kSeed)), "");
}

TEST(Outage, FindsEveryAnswerThatShouldNotBe) {
  const struct {
    const char* name;
    int status;
    const char* body;
    const char* said;
  } cases[] = {
      {"old rows", 200, R"({"id":1,"name":"User 1","email":"user1@example.com"})", "status 503, got 200"},
      {"a bare 500", 500, R"({"error":"Internal Server Error"})", "status 503, got 500"},
      {"the driver's words", 503, R"({"error":"Connection refused"})", "an error that does not say why"},
      {"the address", 503, R"({"error":"no answer of 172.18.0.2"})", "an error that does not say why"},
      {"the password", 503, R"({"error":"S3CRET"})", "an error that does not say why"},
      {"the database's name", 503, R"({"error":"postgres is away"})", "an error that does not say why"},
      {"a trace", 503, R"({"error":"Traceback: most recent call last"})", "an error that does not say why"},
      {"two keys", 503, R"({"error":"Unavailable","detail":"x"})", R"({"error":"<text>"})"},
      {"no JSON", 503, "Service unavailable", R"({"error":"<text>"})"},
  };
  for (const auto& c : cases) {
    ModelStack stack;
    stack.spoil = [&](const SeenRequest& request, ports::Answer& answer) {
      if (!request.path.starts_with("/users/")) return;
      answer.status = c.status;
      set_body(answer, c.body);
    };
    EXPECT_THAT(outage_of(stack), HasSubstr(c.said)) << c.name;
  }
  ModelStack unhealthy;
  unhealthy.spoil = [](const SeenRequest& request, ports::Answer& answer) {
    if (request.path == "/health") answer.status = 503;
  };
  EXPECT_THAT(outage_of(unhealthy), HasSubstr("GET /health: status 200, got 503"));
  ModelStack ready;
  ready.spoil = [](const SeenRequest& request, ports::Answer& answer) {
    if (request.path == "/ready") answer.status = 200;
  };
  EXPECT_THAT(outage_of(ready), HasSubstr("GET /ready: status 503, got 200"));
}

TEST(Outage, WantsAnAnswerInTimeAndNotesAStackThatHangsWithItsDatabase) {
  ModelStack stack;
  stack.spoil_outcome = [](const ports::Exchange& exchange, ports::ExchangeOutcome& outcome) {
    EXPECT_LE(exchange.timeout, std::chrono::milliseconds(2500));
    if (exchange.pieces[0].find("/db") == std::string::npos) return;
    outcome.answers.clear();
    outcome.error = "timeout: no whole answer in time";
  };
  EXPECT_THAT(outage_of(stack),
              HasSubstr("the database is gone: expected GET /db: status 503 within 2 s, got no answer"));
  const Check hanging = outage_check({kAll, true, {}}, kHost);
  const Judgement judgement = judge(hanging, stack.perform(hanging));
  EXPECT_FALSE(judgement.failure);
  EXPECT_THAT(judgement.notes, testing::ElementsAre(HasSubstr("GET /db: no answer")));
}

}  // namespace
}  // namespace dyno::contract

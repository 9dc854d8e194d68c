#include "contract/service_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/workloads/registry.h"
#include "model_stack.h"

namespace dyno::contract {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kSeed = 20261124;
const Examination kExamination{"10.0.0.2:8080", kSeed};

std::vector<Workload> named(const std::vector<std::string>& names) {
  std::vector<Workload> found;
  for (const std::string& name : names) found.push_back(workload_named(name));
  return found;
}
const std::vector<Workload> kAll = named({"users", "db", "queries", "fortunes", "updates"});

std::string failure_of(ModelStack& stack, const Check& check) {
  const Judgement judgement = judge(check, stack.perform(check));
  return judgement.failure ? describe(*judgement.failure) : "";
}

// The whole of a live check; what failed.
std::string live(ModelStack& stack, const std::string& workload) {
  const auto check = live_check(workload_named(workload), kExamination);
  if (!check) return "no such check";
  if (const std::string failed = failure_of(stack, check->before); !failed.empty()) return failed;
  stack.change(check->change);
  std::string failed = failure_of(stack, check->after);
  stack.change(check->undo);
  return failed.empty() ? failure_of(stack, check->before) : failed;
}

TEST(LiveCheck, PassesAStackThatAsksItsDatabase) {
  for (const std::string workload : {"users", "db", "queries", "fortunes"}) {
    ModelStack stack;
    EXPECT_EQ(live(stack, workload), "") << workload;
  }
  EXPECT_FALSE(live_check(workload_named("json"), kExamination));
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
  EXPECT_THAT(live(stack, "users"), HasSubstr("users: a row that has just been changed\": expected GET /users/"));
  EXPECT_THAT(live(stack, "fortunes"), HasSubstr("fortunes: a row that has just been changed"));
}

// All rows were read once, at the start.
TEST(LiveCheck, FindsRowsThatWereReadAhead) {
  for (const std::string workload : {"db", "queries"}) {
    ModelStack stack;
    ModelStack memory;
    stack.spoil = [&](const SeenRequest& request, ports::Answer& answer) {
      Check again;
      again.steps.push_back({{}, {}});
      again.steps[0].exchange.pieces = {"GET " + request.path + "?n=100 HTTP/1.1\r\nHost: x\r\n\r\n"};
      answer = memory.perform(again)[0].answers[0];
    };
    EXPECT_THAT(live(stack, workload), HasSubstr("rows that have just been changed\": expected row ")) << workload;
    EXPECT_THAT(live(stack, workload), HasSubstr("its new number, got")) << workload;
  }
}

TEST(LiveCheck, FindsAStackThatAvoidsChangedRows) {
  ModelStack stack;
  stack.spoil = [](const SeenRequest&, ports::Answer& answer) { set_body(answer, R"({"id":1,"randomNumber":2649})"); };
  const auto check = live_check(workload_named("db"), kExamination);
  ASSERT_NE(check->change.at(1), "1");
  EXPECT_THAT(live(stack, "db"), HasSubstr("got none of the changed ones"));
}

TEST(AuditedLoad, AsksSoManyTimesAtSixteenConnections) {
  for (const Workload& workload : kAll) {
    const auto load = audited_load(workload, kExamination);
    ASSERT_TRUE(load) << workload.name;
    ModelStack stack;
    const auto outcomes = stack.perform(load->check);
    EXPECT_EQ(outcomes.size(), 16U);
    EXPECT_EQ(bodies_of(outcomes).size(), static_cast<std::size_t>(kAuditedRequests));
    EXPECT_FALSE(judge(load->check, outcomes).failure) << workload.name;
    for (std::size_t i = 1; i < load->check.steps.size(); ++i) EXPECT_TRUE(load->check.steps[i].exchange.together);
  }
  const auto queries = audited_load(workload_named("queries"), kExamination);
  EXPECT_THAT(queries->check.steps[0].exchange.pieces[0],
              HasSubstr("GET /queries?n=" + std::to_string(queries->promise.reads)));
  EXPECT_GE(queries->promise.reads, 3);
  EXPECT_FALSE(audited_load(workload_named("json"), kExamination));
}

TEST(WrittenCheck, ComparesWhatWasAnsweredWithWhatStandsInTheDatabase) {
  ModelStack stack;
  const auto written = written_check(workload_named("updates"), kExamination);
  ASSERT_TRUE(written);
  const auto outcomes = stack.perform(written->check);
  EXPECT_FALSE(judge(written->check, outcomes).failure);
  const auto ids = written->ids(outcomes);
  EXPECT_GE(ids.size(), 10U);
  EXPECT_FALSE(written->ruling(outcomes, stack.read(ids)));
  const auto unwritten = written->ruling(outcomes, ModelStack().read(ids));
  ASSERT_TRUE(unwritten);
  EXPECT_THAT(describe(*unwritten), HasSubstr("updates: rows are written\": expected row "));
  EXPECT_THAT(describe(*unwritten), HasSubstr(" in the database"));
  EXPECT_THAT(describe(*written->ruling(outcomes, "")), HasSubstr("got no such row"));
  EXPECT_FALSE(written_check(workload_named("queries"), kExamination));
}

std::string outage_of(ModelStack& stack, bool hangs = false) {
  stack.database_is_away = true;
  return failure_of(stack, outage_check({kAll, hangs, {"postgres", "172.18.0.2", "s3cret"}}, kExamination));
}

TEST(Outage, PassesAStackThatSaysNoMoreThanItMust) {
  ModelStack stack;
  EXPECT_EQ(outage_of(stack), "");
  EXPECT_EQ(outage_of(stack, true), "");
  EXPECT_THAT(failure_of(stack, recovered_check(kAll, kExamination)), HasSubstr("the database is back"));
  stack.database_is_away = false;
  EXPECT_EQ(failure_of(stack, recovered_check(kAll, kExamination)), "");
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
              HasSubstr("the database is gone\": expected GET /db: status 503 within 2 s, got no answer"));
  const Check hanging = outage_check({kAll, true, {}}, kExamination);
  const Judgement judgement = judge(hanging, stack.perform(hanging));
  EXPECT_FALSE(judgement.failure);
  EXPECT_THAT(judgement.notes, testing::ElementsAre(HasSubstr("GET /db: no answer")));
}

}  // namespace
}  // namespace dyno::contract

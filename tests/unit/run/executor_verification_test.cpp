// What a run sees behind a stack: rows, statements and connections of the service it asks.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor_fixture.h"

namespace dyno::run {
namespace {

using model::RunState;
using model::TrialFailure;

// A service with commands for verification, and a stack that asks it: users by their name, one read each.
class VerifiedServiceTest : public ExecutorTest {
 protected:
  VerifiedServiceTest() {
    give_service();
    const auto command = [](const char* word) { return model::ServiceCommand{{word}, std::chrono::seconds(5)}; };
    job_.services[0].verification = {.watch = command("watch"),
                                     .audit = command("audit"),
                                     .change = command("change"),
                                     .read = command("read"),
                                     .restore = command("restore"),
                                     .fail = command("fail"),
                                     .stall = command("stall"),
                                     .recover = command("recover")};
    job_.services[0].workloads = {"users"};
    job_.stacks.resize(1);
    job_.stacks[0].workloads = {"users"};
    job_.profile.phases.resize(1);
    job_.profile.phases[0].workload = "users";
    job_.profile.phases[0].name = "users/c32";
    job_.profile.blocks = 1;
    engine_.on_exec([this](const fakes::FakeContainer&, const std::vector<std::string>& words) {
      commands_.push_back(words.front());
      return run(words);
    });
    answer_by_contract([this](const std::string& target, ports::Answer& answer) { answer_as_stack(target, answer); });
    load_.on_call([this](const std::string& call) {
      if (call.starts_with("run_phase")) reads_ += 30'000 * reads_a_request_;
    });
    fakes::LoadScript script;
    script.service_time = std::chrono::microseconds(3200);  // 10 000/s over 32 connections
    load_.script(script);
  }

  ports::ExecOutcome run(const std::vector<std::string>& words) {
    const std::string& word = words.front();
    if (word == "watch") reads_ = 0;
    if (word == "change") names_[words.at(2)] = words.at(3);
    if (word == "fail" || word == "stall") away_ = true;
    if (word == "recover") away_ = false;
    if (word != "audit") return {};
    return {0, fmt::format("read users {} {}\nconnections {}\n", reads_, reads_, connections_)};
  }
  void answer_as_stack(const std::string& target, ports::Answer& answer) {
    if (target == "/ready" && away_) answer.status = 503;
    if (!target.starts_with("/users/") || answer.status != 200) return;
    const std::string id = target.substr(7);
    const auto set = [&](std::string body) {
      answer.body = std::move(body);
      answer.headers[1].second = std::to_string(answer.body.size());
    };
    if (away_) {
      answer.status = 503;
      return set(fmt::format(R"({{"error":"{}"}})", error_));
    }
    reads_ += reads_a_request_;
    if (names_.contains(id) && !keeps_)
      set(fmt::format(R"({{"id":{},"name":"{}","email":"user{}@example.com"}})", id, names_[id], id));
  }
  int count(const std::string& word) const {
    return static_cast<int>(std::count(commands_.begin(), commands_.end(), word));
  }

  std::vector<std::string> commands_;
  std::map<std::string, std::string> names_;
  std::int64_t reads_ = 0;
  bool away_ = false;
  // how the stack cheats
  std::int64_t reads_a_request_ = 1;
  int connections_ = 12;
  bool keeps_ = false;
  std::string error_ = "Service unavailable";
};

TEST_F(VerifiedServiceTest, LooksBehindAStackOnceForEachImage) {
  job_.profile.blocks = 2;
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count("change"), 2) << "once there, once back";
  EXPECT_EQ(count("watch"), 3) << "in full verification, and before each phase of two trials";
  EXPECT_EQ(count("audit"), 3);
  EXPECT_EQ(count("fail"), 1);
  EXPECT_EQ(count("stall"), 1);
  EXPECT_EQ(count("recover"), 2);
  for (const auto& phase : phases()) EXPECT_EQ(phase.verdict.validity, model::Validity::valid);
  expect_clean();
}

TEST_F(VerifiedServiceTest, AsksEveryRowThatTheProfileGivesTheDatabase) {
  job_.profile.database = model::DatabaseRequest{.connections = 20, .users = 100'000};
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(load_.phases().at(0).requests.at(0).target, "/users/{1..100000}");
}

TEST_F(VerifiedServiceTest, RemembersOverRestartsAndOnlyWhatWasVerified) {
  const int once = 2;  // changes of rows in a full verification
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  EXPECT_EQ(count("change"), once);
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_EQ(count("change"), once) << "another daemon, the same work";
  job_.stacks[0].run.env["MODE"] = "fast";
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_EQ(count("change"), 2 * once) << "the same image under another environment";
  job_.profile.mode = model::Mode::scaled;
  job_.stacks[0].offered_modes.push_back(model::Mode::scaled);
  job_.stacks[0].run.command_scaled = job_.stacks[0].run.command;
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_EQ(count("change"), 3 * once) << "another mode";
  EXPECT_EQ(execute(), RunState::succeeded);
  EXPECT_EQ(count("change"), 3 * once);
}

// Fault catalogue, F-04 to F-07.
TEST_F(VerifiedServiceTest, BytesThatAreNotHttpAreTheStacksFaultHoweverBusyTheMachineIs) {
  sampler_.host(2.0, 0);
  load_.answer_by([this](const ports::Exchange& exchange) {
    ports::ExchangeOutcome outcome = fakes::answer_rightly(exchange, clock_.wall_now(), fakes::Spoil{});
    outcome.answers.clear();
    outcome.error = "bad_framing: headers too large";
    clock_.advance(std::chrono::seconds(5));
    return outcome;
  });
  execute();
  ASSERT_FALSE(trials().empty());
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body) << trials()[0].reason;
}

// Issue 14, row 9. App and service use half a CPU each.
TEST_F(VerifiedServiceTest, Row9AnAnswerThatLackedTheCpuIsTheMachinesFault) {
  struct Row {
    const char* name;
    double busy_cores;
    int status;
    TrialFailure failure;
  };
  const Row rows[] = {
      {"a database that got no CPU", 2.0, 503, TrialFailure::machine_busy},
      {"nobody else was there", 1.0, 503, TrialFailure::wrong_body},
      {"others had little", 1.4, 503, TrialFailure::wrong_body},
      {"a wrong answer is none of the machine's doing", 2.0, 404, TrialFailure::wrong_body},
  };
  job_.profile.blocks = 2;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    sampler_.host(row.busy_cores, 0);
    const std::size_t before = trials().size();
    bool fails = true;
    answer_by_contract([&](const std::string& target, ports::Answer& answer) {
      answer_as_stack(target, answer);
      if (!target.starts_with("/users/") || !std::exchange(fails, false)) return;
      clock_.advance(std::chrono::seconds(5));
      answer.status = row.status;
    });
    const RunState state = execute();
    ASSERT_GT(trials().size(), before);
    EXPECT_EQ(trials()[before].failure, row.failure) << trials()[before].reason;
    if (row.failure != TrialFailure::machine_busy) continue;
    EXPECT_NE(trials()[before].reason.find("other processes used 1.00 CPUs"), std::string::npos)
        << trials()[before].reason;
    EXPECT_EQ(state, RunState::succeeded) << "it was measured in its next trial";
    verified_.clear();
  }
}

TEST_F(VerifiedServiceTest, TakesTheDatabaseAwayOnlyAfterAllMeasurements) {
  bool measured = false;
  load_.on_call([&](const std::string& call) {
    reads_ += call.starts_with("run_phase") ? 30'000 : 0;
    measured = measured || call.starts_with("run_phase");
  });
  engine_.on_exec([&](const fakes::FakeContainer&, const std::vector<std::string>& words) {
    EXPECT_TRUE(measured || (words.front() != "fail" && words.front() != "stall"));
    return run(words);
  });
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
}

TEST_F(VerifiedServiceTest, FindsAStackThatKeepsRows) {
  keeps_ = true;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body);
  EXPECT_THAT(trials()[0].reason, testing::HasSubstr("users: a row that has just been changed"));
  EXPECT_EQ(count("change") % 2, 0) << "taken back all the same";
  EXPECT_TRUE(phases().empty());
}

TEST_F(VerifiedServiceTest, FindsAStackThatAsksMoreThanItMust) {
  reads_a_request_ = 2;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_queries);
  EXPECT_EQ(trials()[0].reason,
            "contract check \"users: statements per request\": expected 1 reads of users for each of 512 requests, got "
            "1024, 2.00 per request");
}

TEST_F(VerifiedServiceTest, FindsAStackThatHoldsTooManyConnections) {
  connections_ = 13;
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_queries);
  EXPECT_EQ(trials()[0].reason, "contract check \"users: connections\": expected at most 12 to store, got 13");
}

TEST_F(VerifiedServiceTest, FindsAStackThatSaysWhyItsDatabaseFails) {
  error_ = "store://me:secret is gone";
  EXPECT_EQ(execute(), RunState::failed);
  EXPECT_EQ(trials()[0].failure, TrialFailure::wrong_body);
  EXPECT_THAT(trials()[0].reason, testing::HasSubstr("the database is gone\": expected GET /users/"));
  EXPECT_FALSE(away_) << "the next trial needs the service";
}

TEST_F(VerifiedServiceTest, DoesNotCountAPhaseThatWasAnsweredFromMemory) {
  load_.on_call([](const std::string&) {});  // no read under load
  EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
  ASSERT_EQ(phases().size(), 1U);
  EXPECT_EQ(phases()[0].verdict.validity, model::Validity::invalid);
  const auto gates = phases()[0].verdict.gates;
  const auto found =
      std::find_if(gates.begin(), gates.end(), [](const auto& g) { return g.gate == model::GateName::statements; });
  ASSERT_NE(found, gates.end());
  EXPECT_EQ(found->validity, model::Validity::invalid);
  EXPECT_THAT(found->text, testing::HasSubstr("store counted 0, 0.00 per request"));
}

TEST_F(VerifiedServiceTest, AllowsForWhatWaitedWhenTheWindowClosed) {
  load_.on_call([this](const std::string& call) { reads_ += call.starts_with("run_phase") ? 36'000 : 0; });
  const auto is_audited_badly = [this] {
    EXPECT_EQ(execute(), RunState::succeeded) << last_reason();
    const auto gates = phases().back().verdict.gates;
    return std::any_of(gates.begin(), gates.end(), [](const auto& g) { return g.gate == model::GateName::statements; });
  };
  EXPECT_TRUE(is_audited_badly());
  fakes::LoadScript script;
  script.service_time = std::chrono::microseconds(3200);
  script.queued = 6'000;
  load_.script(script);
  EXPECT_FALSE(is_audited_badly());
}

TEST_F(VerifiedServiceTest, GivesTheDatabaseBackWhenItIsCancelledMeanwhile) {
  engine_.on_exec([this](const fakes::FakeContainer&, const std::vector<std::string>& words) {
    if (words.front() == "fail") stop_.request_stop();
    return run(words);
  });
  EXPECT_EQ(execute(), RunState::cancelled);
  EXPECT_FALSE(away_);
  expect_clean();
}

}  // namespace
}  // namespace dyno::run

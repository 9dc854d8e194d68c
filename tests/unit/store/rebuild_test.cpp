#include "store/rebuild.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sample_run.h"
#include "store/reader.h"

namespace dyno::store {
namespace {

using model::RunState;

constexpr auto kTrial = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
constexpr auto kSecond = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";

// Every row of every table, in the form in which SQL would write it.
std::map<std::string, std::vector<std::string>> dump(const Database& database) {
  std::map<std::string, std::vector<std::string>> tables;
  EXPECT_TRUE(database.read("dumping", [&](SQLite::Database& c) -> Status {
    SQLite::Statement names(c, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    while (names.executeStep()) {
      const std::string table = names.getColumn(0).getString();
      std::string columns;
      SQLite::Statement info(c, "SELECT name FROM pragma_table_info(?)");
      info.bind(1, table);
      while (info.executeStep())
        columns += (columns.empty() ? "quote(\"" : " || ', ' || quote(\"") + info.getColumn(0).getString() + "\")";
      SQLite::Statement rows(c, "SELECT " + columns + " FROM \"" + table + "\" ORDER BY 1");
      while (rows.executeStep()) tables[table].push_back(rows.getColumn(0).getString());
    }
    return {};
  }));
  return tables;
}

class RebuildTest : public testing::Test {
 protected:
  void run_sql(const std::string& sql) {
    const Status done = database_->write("a test's own change", [&](SQLite::Database& c) -> Status {
      c.exec(sql);
      return {};
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  // A run with an event of every kind; its second trial is cut by the end of the daemon.
  std::string tell_everything() {
    const std::string id = repository_.enqueue(sample_job(), at_second(0))->run_id;
    tell_trial(journal_, id, kTrial);
    const auto tell = [&](int second, const model::RunEvent& event) { must_append(journal_, id, second, event); };
    tell(40, model::ServicePrepared{"postgres", "sha256:aa", "official", std::nullopt});
    tell(40, model::BuildLogged{sample_build(), sample_build_log()});
    tell(41,
         model::TrialStarted{
             kSecond, {1, 1, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
    tell(42, model::ServiceReset{kSecond, "postgres", std::chrono::milliseconds(31)});
    tell(43, model::PhaseFinished{kSecond, sample_phase("json/c32", 2), sample_timeline(4)});
    tell(44, model::MemoryMeasured{
                 kSecond, model::MemoryMoment::retained, {mib(1), std::nullopt, {}, {}}, sample_timeline(7)});
    tell(45, model::ComparisonLooked{10, 40, 2, {"Throughput of json/c32"}});
    EXPECT_EQ(repository_.settle_unfinished(at_second(50))->resumed, std::vector<std::string>{id});
    return id;
  }

  std::unique_ptr<Database> database_ = std::move(*Database::open_in_memory());
  EventFeed feed_;
  Journal journal_{*database_, feed_};
  RunRepository repository_{*database_, feed_};
  Reader reader_{*database_};
};

TEST_F(RebuildTest, TellsEveryKindOfEvent) {
  tell_everything();
  const auto told = dump(*database_)["event_payload"].size();
  std::set<std::string> kinds;
  const auto events = reader_.events(0, "", 100);
  for (const model::EventRow& e : *events) kinds.insert(e.kind);
  EXPECT_EQ(told, events->size());
  EXPECT_EQ(kinds.size(), std::variant_size_v<model::RunEvent> - 1) << "a kind is missing above; queued is a state";
}

TEST_F(RebuildTest, GivesTheSameBytes) {
  const std::string first = tell_everything();
  const auto before = dump(*database_);
  const Result<Rebuilt> rebuilt = rebuild(*database_);
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->runs, 1);
  EXPECT_EQ(rebuilt->left, 0);
  EXPECT_EQ(dump(*database_), before);
}

TEST_F(RebuildTest, WritesEveryDerivedRowAnew) {
  const std::string id = tell_everything();
  const auto before = dump(*database_);
  run_sql(
      "UPDATE run SET state = 'queued', trigger = 'confirm', schedule = 'x', nominal_at_ns = 1, profile = 'x', "
      "profile_hash = 'x', "
      "seed = 1, note = 'x', blocks = 9, created_at_ns = 1, started_at_ns = 1, finished_at_ns = NULL, reason = 'x', "
      "environment_key = 'x', expected_ns = 1, measured_ns = 1, co_located = 0, job_hash = NULL, "
      "resumed = 9, stalled = 9");
  run_sql(
      "UPDATE trial SET plan_index = plan_index + 10, attempt = 9, block = 9, case_name = 'x', stack = 'x', kind = "
      "'startup', "
      "state = 'running', failure = 'hung', reason = 'x', last_output = 'x', started_at_ns = 1, finished_at_ns = 1, "
      "stop_ns = 1, "
      "stop_forced = 1");
  for (const char* const table : {"run_stack", "build", "environment_fact", "run_warning", "event_progress", "startup",
                                  "memory_reading", "reading_gate", "gate_result", "reading", "histogram", "phase"}) {
    run_sql(std::string("DELETE FROM ") + table);
  }
  EXPECT_NE(dump(*database_), before);
  ASSERT_TRUE(rebuild(*database_));
  for (const auto& [table, rows] : before) EXPECT_EQ(dump(*database_)[table], rows) << table;
}

TEST_F(RebuildTest, LeavesARunWithoutPayloadsAsItIs) {
  const std::string id = tell_everything();
  run_sql("DELETE FROM event_payload");
  const auto before = dump(*database_);
  const Result<Rebuilt> rebuilt = rebuild(*database_);
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(rebuilt->runs, 0);
  EXPECT_EQ(rebuilt->left, 1);
  EXPECT_EQ(dump(*database_), before);
}

// A database of schema 6, with a run of today beside its own.
TEST(RebuildOld, LeavesRunsOfAnOlderProgramAsTheyAre) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "dyno-old-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  fs::copy_file(fs::path(DYNO_SOURCE_DIR) / "tests/data/db/schema_6.db", folder / "dyno.db");
  {
    const auto database = std::move(*Database::open(folder / "dyno.db"));
    EventFeed feed;
    Journal journal(*database, feed);
    RunRepository repository(*database, feed);
    const Reader reader(*database);
    RunFilter queued;
    queued.states = {RunState::queued};
    EXPECT_EQ(reader.job(reader.runs(queued)->at(0).id).error().message,
              "reading a run's job: an older stackdyno stored it, without what was to be run");
    RunFilter all;
    all.limit = 1000;
    const auto old_runs = static_cast<int>(reader.runs(all)->size());
    tell_trial(journal, repository.enqueue(sample_job(), at_second(0))->run_id, kTrial);
    ASSERT_TRUE(summarise_runs(*database, Summaries::missing));
    const auto before = dump(*database);
    const Result<Rebuilt> rebuilt = rebuild(*database);
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_EQ(rebuilt->runs, 1);
    EXPECT_EQ(rebuilt->left, old_runs);
    EXPECT_TRUE(dump(*database) == before) << "some row changed";
  }
  fs::remove_all(folder);
}

TEST_F(RebuildTest, ChangesNothingWhenAnEventCannotBeRead) {
  tell_everything();
  run_sql("UPDATE run SET note = 'changed'");
  run_sql("UPDATE event_payload SET json = x'00' WHERE event_id = (SELECT max(event_id) FROM event_payload)");
  const auto before = dump(*database_);
  EXPECT_FALSE(rebuild(*database_));
  EXPECT_EQ(dump(*database_), before);
}

TEST_F(RebuildTest, GivesTheJobAsItWasAccepted) {
  model::Job job = sample_job();
  job.stacks[1].run.env["MODE"] = "x";
  job.request.blocks = 7;
  const std::string id = repository_.enqueue(job, at_second(0))->run_id;
  const Result<model::Job> stored = reader_.job(id);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->run_id, id);
  EXPECT_EQ(stored->request.seed, job.request.seed);
  EXPECT_EQ(stored->request.blocks, 7);
  EXPECT_EQ(stored->stacks.at(1).run.env.at("MODE"), "x");
  EXPECT_EQ(stored->profile.hash, "sha256:77aa");
  ASSERT_TRUE(repository_.enqueue(job, at_second(1)));
  EXPECT_EQ(dump(*database_)["job"].size(), 1U) << "the same work is stored once";
  job.profile.memory.idle += Nanos(1);
  ASSERT_TRUE(repository_.enqueue(job, at_second(2)));
  EXPECT_EQ(dump(*database_)["job"].size(), 2U);
}

TEST_F(RebuildTest, KeepsTheJobOfAScheduledRunWithItsDueTime) {
  model::Schedule nightly;
  nightly.name = "nightly";
  const auto id = repository_.fire(nightly, at_second(60), sample_job(), at_second(61));
  ASSERT_TRUE(id) << id.error().message;
  const auto job = reader_.job(*id);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->request.trigger, model::Trigger::schedule);
  EXPECT_EQ(job->request.schedule, "nightly");
  EXPECT_EQ(job->request.nominal_at, at_second(60));
}

}  // namespace
}  // namespace dyno::store

// What is kept across runs: a database of schema 13, written by the program of that time, is opened, and every trial of it is found again; a
// run that ends leaves its cells; rewriting changes nothing.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "history/made_history.h"
#include "results/compare.h"
#include "results/summarise.h"
#include "sample_run.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/rebuild.h"
#include "store/summary_rows.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;
using model::MetricName;
using model::RunState;

std::vector<std::string> rows_of(const Database& database, const std::string& sql) {
  std::vector<std::string> rows;
  EXPECT_TRUE(database.read("looking", [&](SQLite::Database& c) -> Status {
    SQLite::Statement q(c, sql);
    while (q.executeStep()) rows.push_back(q.getColumn(0).getString());
    return {};
  }));
  return rows;
}

const char* const kAllRows =
    "SELECT 's' || run_key || ' ' || cell_key || ' ' || hex(readings) FROM summary UNION ALL "
    "SELECT 'p' || cell_key || ' ' || at_ns || ' ' || run_key || ' ' || treatment_key || ' ' || n || ' ' || value || ' "
    "' || spread || ' ' || "
    "coalesce(low, '-') || ' ' || coalesce(high, '-') || ' ' || validity || ' ' || bound FROM point UNION ALL "
    "SELECT 'r' || run_key || ' ' || coalesce(summary_rules, '-') FROM run ORDER BY 1";

// A copy of the file of schema 13 in a folder of its own.
class OldFileTest : public testing::Test {
 protected:
  OldFileTest() {
    std::string pattern = (fs::temp_directory_path() / "dyno-schema-13-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::copy_file(fs::path(DYNO_SOURCE_DIR) / "tests/data/db/schema_13.db", folder_ / "dyno.db");
    fs::permissions(folder_ / "dyno.db", fs::perms::owner_read | fs::perms::owner_write);
  }
  ~OldFileTest() override { fs::remove_all(folder_); }
  void open() {
    auto opened = Database::open(folder_ / "dyno.db");
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  fs::path folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(OldFileTest, EveryReadingOfEveryTrialIsInASummary) {
  open();
  EXPECT_EQ(*summarise_runs(*database_, Summaries::missing), 2);
  EXPECT_EQ(*summarise_runs(*database_, Summaries::missing), 0) << "once is enough";
  EXPECT_EQ(rows_of(*database_, "SELECT count(*) FROM trial").front(), "48");
  const auto stored = rows_of(*database_, "SELECT count(*) FROM reading WHERE value IS NOT NULL").front();
  const Reader reader(*database_);
  std::size_t packed = 0;
  const auto runs = reader.past_runs({.limit = 10});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 2U);
  EXPECT_GT((*runs)[0].created_at, (*runs)[1].created_at);
  for (const PastRun& run : *runs) {
    const auto cells = reader.cells(run, {});
    for (const model::CellSummary& cell : *cells) packed += cell.summary.readings.size();
  }
  EXPECT_EQ(std::to_string(packed), stored);
}

// What the page computes from the trials, and what is kept for questions across runs, are the same numbers.
TEST_F(OldFileTest, AStoredSummaryIsTheOneMadeFromTheTrials) {
  open();
  ASSERT_TRUE(summarise_runs(*database_, Summaries::missing));
  const Reader reader(*database_);
  const PastRun run = reader.past_runs({})->front();
  const auto trials = reader.trials(run.id);
  auto phases = reader.phases_of_run(run.id);
  std::vector<results::TrialMetrics> contributions;
  for (const model::Trial& trial : *trials)
    contributions.push_back(results::contribution_of(trial, std::move((*phases)[trial.id])));
  auto made = results::summarise(contributions);
  const auto stored = reader.cells(run, {});
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->size(), made.size());
  ASSERT_GT(made.size(), 100U);
  for (const model::CellSummary& cell : *stored) {
    const model::Summary& s = cell.summary;
    const auto same = std::find_if(made.begin(), made.end(), [&](const model::Summary& one) {
      return one.case_name == s.case_name && one.phase == s.phase && one.metric == s.metric;
    });
    ASSERT_NE(same, made.end()) << s.case_name << " " << s.phase;
    EXPECT_EQ(s.value, same->value);
    EXPECT_EQ(s.readings, same->readings);
    EXPECT_EQ(s.values, same->values);
    EXPECT_EQ(s.ci95, same->ci95);
    EXPECT_EQ(s.range, same->range);
    EXPECT_EQ(s.validity, same->validity);
    EXPECT_EQ(s.bound, same->bound);
  }
}

TEST_F(OldFileTest, RewritingAndRebuildingGiveTheSameRows) {
  open();
  ASSERT_TRUE(summarise_runs(*database_, Summaries::missing));
  const auto before = rows_of(*database_, kAllRows);
  ASSERT_GT(before.size(), 200U);
  EXPECT_EQ(*summarise_runs(*database_, Summaries::all), 2);
  EXPECT_EQ(rows_of(*database_, kAllRows), before);
  const auto rebuilt = rebuild(*database_);
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->runs, 2);
  EXPECT_EQ(rows_of(*database_, kAllRows), before);
}

TEST_F(OldFileTest, ASeriesHasAPointForEachRun) {
  open();
  ASSERT_TRUE(summarise_runs(*database_, Summaries::missing));
  const Reader reader(*database_);
  const auto series = reader.series({.cells = {.phases = {"json/c32"}, .metrics = {"throughput_per_s"}}});
  ASSERT_TRUE(series);
  ASSERT_GT(series->size(), 1U);
  const auto history = reader.history(series->front().id, {});
  ASSERT_TRUE(history);
  EXPECT_EQ(history->points.size(), 2U);
  EXPECT_EQ(history->segments.size(), 1U);
  EXPECT_EQ(history->points[1].at, series->front().last_at);
  EXPECT_EQ(history->points[1].run_id, reader.past_runs({})->front().id);
  EXPECT_EQ(reader.history(99'999, {}).error().code, ErrorCode::not_found);
}

// Whether its point is shown or not: an image is what a history is watched for.
TEST(ThinnedHistory, MarksEveryNewImage) {
  const auto database = std::move(*Database::open_in_memory());
  ASSERT_TRUE(bench::make_history(*database, {.nights = 130, .cases = 1, .blocks = 1, .extra_starts = 0}));
  const Reader reader(*database);
  for (const std::size_t most : {500U, 6U}) {
    const auto history = reader.history(1, {.most = most});
    ASSERT_TRUE(history);
    std::vector<model::Annotation> images = history->annotations;
    std::erase_if(images, [](const model::Annotation& one) { return one.kind != model::AnnotationKind::image; });
    ASSERT_EQ(images.size(), 2U) << most << ": every sixty nights";
    EXPECT_EQ(reader.run(images[0].run_id)->created_at, images[0].at);
    EXPECT_TRUE(std::is_sorted(history->annotations.begin(), history->annotations.end(),
                               [](const auto& a, const auto& b) { return a.at < b.at; }));
  }
}

class MemoryTest : public testing::Test {
 protected:
  std::string tell_run(const std::string& trial, int second) {
    const std::string id = repository_.enqueue(sample_job(), at_second(second))->run_id;
    tell_trial(journal_, id, trial);
    return id;
  }
  void end(const std::string& id, RunState state = RunState::succeeded) {
    for (const RunState next : {RunState::collecting, RunState::analyzing, state})
      must_append(journal_, id, 90, model::RunStateChanged{next, {}});
  }

  std::unique_ptr<Database> database_ = std::move(*Database::open_in_memory());
  EventFeed feed_;
  Journal journal_{*database_, feed_};
  RunRepository repository_{*database_, feed_};
  Reader reader_{*database_};
};

// Statements that were run while `work` was.
int statements_of(Database& database, const std::function<void()>& work) {
  int count = 0;
  const auto watch = [&](auto mask) {
    EXPECT_TRUE(database.write("watching", [&](SQLite::Database& c) -> Status {
      const auto counted = [](unsigned, void* to, void*, void*) { return ++*static_cast<int*>(to), 0; };
      sqlite3_trace_v2(c.getHandle(), mask, counted, &count);
      return {};
    }));
  };
  watch(unsigned{SQLITE_TRACE_STMT});
  work();
  watch(0U);
  return count;
}

constexpr auto kFirst = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
constexpr auto kSecond = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e45";

TEST_F(MemoryTest, ARunHasItsSummariesFromItsEndOn) {
  const std::string id = tell_run(kFirst, 0);
  EXPECT_TRUE(reader_.past_runs({})->empty()) << "it goes on";
  end(id);
  const auto runs = reader_.past_runs({});
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ(runs->front().id, id);
  EXPECT_EQ(rows_of(*database_, "SELECT summary_rules FROM run"), std::vector{std::to_string(results::kSummaryRules)});
  const auto cells = reader_.cells(runs->front(), {.phases = {"json/c32"}, .metrics = {"throughput_per_s"}});
  ASSERT_EQ(cells->size(), 1U);
  const model::CellSummary& cell = cells->front();
  EXPECT_EQ(cell.environment_key, "e1:0123456789abcdef");
  EXPECT_EQ(cell.stack, "go-nethttp");
  EXPECT_EQ(cell.summary.readings,
            (std::vector<model::TrialValue>{{1, 21840.5, model::Validity::degraded, model::Bound::server}}));
}

TEST_F(MemoryTest, WhatIsInvalidIsKeptAndRestsOnNothing) {
  end(tell_run(kFirst, 0));
  const auto cells = reader_.cells(reader_.past_runs({})->front(), {.phases = {""}, .metrics = {"app_startup_ns"}});
  ASSERT_EQ(cells->size(), 1U);
  EXPECT_EQ(cells->front().summary.n, 0);
  EXPECT_EQ(cells->front().summary.value, 50e6);
  EXPECT_EQ(cells->front().summary.validity, model::Validity::invalid);
}

// What another program stored may not keep the daemon from starting.
TEST_F(OldFileTest, WhatIsUnknownHereIsLeftOut) {
  open();
  ASSERT_TRUE(database_->write("an older program", [](SQLite::Database& c) -> Status {
    c.exec("UPDATE metric SET name = 'speed_of_old' WHERE name = 'throughput_per_s'");
    c.exec("UPDATE trial SET stack = 'lost' WHERE stack = 'go-nethttp'");
    return {};
  }));
  const auto summarised = summarise_runs(*database_, Summaries::missing);
  ASSERT_TRUE(summarised) << summarised.error().message;
  const Reader reader(*database_);
  const auto cells = reader.cells(reader.past_runs({})->front(), {.stacks = {"lost"}});
  ASSERT_TRUE(cells);
  EXPECT_GT(cells->size(), 20U);
}

TEST_F(MemoryTest, PastRunsAreFiltered) {
  const std::string first = tell_run(kFirst, 0);
  end(first);
  const std::string second = tell_run(kSecond, 100);
  end(second);
  EXPECT_EQ(reader_.past_runs({.profiles = {"quick"}, .limit = 5})->size(), 2U);
  EXPECT_EQ(reader_.past_runs({.profiles = {"standard"}, .limit = 5})->size(), 0U);
  EXPECT_EQ(reader_.past_runs({.stacks = {"go-nethttp"}, .before = at_second(100), .limit = 5})->front().id, first);
  EXPECT_TRUE(reader_.past_runs({.stacks = {"nobody"}, .limit = 5})->empty());
  EXPECT_EQ(reader_.past_runs({.environment_key = "e1:0123456789abcdef", .limit = 5})->size(), 2U);
  EXPECT_TRUE(reader_.past_runs({.environment_key = "e1:another", .limit = 5})->empty());
  EXPECT_EQ(reader_.past_runs({.id = second})->front().id, second);
  EXPECT_EQ(reader_.past_runs({.since = at_second(101)})->size(), 0U);
  const auto newest = reader_.past_runs({.limit = 1})->front();
  const auto values = reader_.values_of(newest, *reader_.past_runs({.before = at_second(100), .limit = 30}),
                                        {.phases = {"json/c32"}, .metrics = {"throughput_per_s"}});
  ASSERT_EQ(values->size(), 1U);
  EXPECT_EQ(values->front().summary.n, 1);
  EXPECT_DOUBLE_EQ(values->front().summary.value, 21840.5);
}

// Today three for each trial and two for each run of a page.
TEST_F(MemoryTest, APageTakesAsManyStatementsWhateverItHolds) {
  const std::string small = tell_run(kFirst, 0);
  end(small);
  const std::string large = tell_run("019aa3c2-7c51-7d0e-9b1c-000000000000", 1);
  for (int i = 1; i < 30; ++i) {
    const std::string trial = "019aa3c2-7c51-7d0e-9b1c-" + std::to_string(100'000'000'000 + i);
    must_append(journal_, large, 50,
                model::TrialStarted{trial,
                                    {i / 6, i, 0, model::TrialKind::load, model::StartKind::warm, 1},
                                    "go-nethttp/single",
                                    "go-nethttp"});
    must_append(journal_, large, 51, model::StartupMeasured{trial, sample_marks()});
    must_append(journal_, large, 52, model::PhaseFinished{trial, sample_phase("json/c32", 2), sample_timeline(4)});
    model::TrialFinished finished;
    finished.trial_id = trial;
    must_append(journal_, large, 53, finished);
  }
  end(large);
  const auto page = [&](const std::string& id) {
    return statements_of(*database_, [&] {
      EXPECT_TRUE(reader_.run(id));
      EXPECT_TRUE(reader_.trials(id));
      EXPECT_TRUE(reader_.phases_of_run(id));
      EXPECT_TRUE(reader_.cells(reader_.past_runs({.id = id})->front(), {}));
    });
  };
  EXPECT_EQ(page(small), page(large));
  EXPECT_LT(page(large), 40);
  const auto list = [&](int limit) {
    return statements_of(*database_, [&] {
      RunFilter filter;
      filter.limit = limit;
      EXPECT_TRUE(reader_.runs(filter));
    });
  };
  EXPECT_EQ(list(1), list(2));
}

TEST(PackedReadings, ComeBackAsTheyWere) {
  std::vector<model::TrialValue> readings{{1, 21840.5, model::Validity::degraded, model::Bound::waiting},
                                          {1000, -0.1, model::Validity::invalid, model::Bound::none},
                                          {0, 0, model::Validity::valid, model::Bound::loader}};
  std::vector<model::TrialValue> read;
  ASSERT_TRUE(unpack_readings(pack_readings({}), 7, read));
  EXPECT_TRUE(read.empty());
  ASSERT_TRUE(unpack_readings(pack_readings(readings), 7, read));
  for (model::TrialValue& one : readings) one.night = 7;
  EXPECT_EQ(read, readings);
  EXPECT_EQ(pack_readings({{1, 1.0, model::Validity::degraded, model::Bound::server}}),
            std::string("\x01\x01\x00\x0d\x00\x00\x00\x00\x00\x00\xf0\x3f", 12));
}

TEST(PackedReadings, RefusesWhatItDoesNotKnow) {
  const std::string good = pack_readings({{1, 1.0, model::Validity::valid, model::Bound::none}});
  std::string other_version = good;
  other_version[0] = '\2';
  std::string other_mark = good;
  other_mark[3] = '\x7f';
  std::vector<model::TrialValue> read;
  for (const std::string& bytes : {std::string(), other_version, other_mark, good.substr(0, 5)})
    EXPECT_FALSE(unpack_readings(bytes, 0, read)) << bytes.size();
}

}  // namespace
}  // namespace dyno::store

// Questions across runs cost what they show, not what lies behind them: on ten times the nights they take as many steps of SQLite's machine. Counted,
// not timed; the times of years of nights are those of tests/bench/history.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "history/made_history.h"
#include "store/reader.h"

namespace dyno::store {
namespace {

class World {
 public:
  explicit World(int nights) {
    const auto made = bench::make_history(*database_, {.nights = nights, .cases = 2, .blocks = 2, .extra_starts = 1});
    EXPECT_TRUE(made) << made.error().message;
  }

  // Steps of SQLite's machine while `work` reads.
  std::int64_t steps_of(const std::function<void(const Reader&)>& work) {
    std::int64_t steps = 0;
    watch(&steps);
    work(Reader(*database_));
    watch(nullptr);
    return steps;
  }

 private:
  // In memory readers share the writer's connection.
  void watch(std::int64_t* steps) {
    EXPECT_TRUE(database_->write("watching", [&](SQLite::Database& c) -> Status {
      const auto count = [](void* to) { return ++*static_cast<std::int64_t*>(to), 0; };
      sqlite3_progress_handler(c.getHandle(), steps != nullptr ? 1 : 0, steps != nullptr ? +count : nullptr, steps);
      return {};
    }));
  }

  std::unique_ptr<Database> database_ = std::move(*Database::open_in_memory());
};

TEST(Growth, AQuestionCostsWhatItShows) {
  World few(20);
  World many(200);
  struct Row {
    const char* name;
    std::function<void(const Reader&)> ask;
    double most;  // steps on ten times the nights, as a multiple
  };
  const Row rows[] = {
      {"list of runs",
       [](const Reader& r) {
         RunFilter filter;
         filter.limit = 5;
         EXPECT_EQ(r.runs(filter)->size(), 5U);
       },
       1.1},
      {"the cells of two runs",
       [](const Reader& r) {
         const auto runs = *r.past_runs({.profiles = {"standard"}, .limit = 2});
         for (const PastRun& run : runs) EXPECT_EQ(r.cells(run, {})->size(), 36U);
       },
       1.1},
      {"the runs before",
       [](const Reader& r) {
         const auto runs = *r.past_runs({.limit = 6});
         EXPECT_EQ(r.values_of(runs.front(), {runs.begin() + 1, runs.end()}, {})->size(), 36U);
       },
       1.4},
      {"list of series", [](const Reader& r) { EXPECT_EQ(r.series({.limit = 20})->size(), 20U); }, 1.5},
      {"a line of five nights",
       [](const Reader& r) {
         const WallTime since = r.past_runs({.limit = 5})->back().created_at;
         EXPECT_EQ(r.history(1, {.since = since})->points.size(), 5U);
       },
       1.2},
      {"a whole line", [](const Reader& r) { EXPECT_GE(r.history(1, {.most = 10})->in_all, 20); }, 11},
  };
  for (const Row& row : rows) {
    const auto before = static_cast<double>(few.steps_of(row.ask));
    const auto after = static_cast<double>(many.steps_of(row.ask));
    EXPECT_LE(after, row.most * before) << row.name << ": " << before << " steps on 20 nights, " << after << " on 200";
    EXPECT_GT(before, 10) << row.name;
  }
}

// Few of a run's cells are looked up one by one, many are passed over in one statement.
TEST(Growth, ACellIsPooledAlikeAmongFewAndAmongMany) {
  const auto database = std::move(*Database::open_in_memory());
  ASSERT_TRUE(bench::make_history(*database, {.nights = 20, .cases = 12, .blocks = 5, .extra_starts = 1}));
  const Reader reader(*database);
  const auto nights = *reader.pool_of(reader.past_runs({.limit = 1})->front());
  ASSERT_GT(nights.size(), 1U);
  const auto among = [&](std::vector<std::string> metrics) {
    CellFilter filter;
    filter.metrics = std::move(metrics);
    return *reader.pooled_cells(nights, filter);
  };
  std::vector<model::CellSummary> all = among({});
  const std::vector<model::CellSummary> few = among({"app_startup_ns"});
  std::erase_if(all, [](const auto& cell) { return cell.summary.metric != model::MetricName::app_startup_ns; });
  ASSERT_EQ(few.size(), 12U);
  ASSERT_EQ(all.size(), few.size());
  for (std::size_t i = 0; i < few.size(); ++i) {
    EXPECT_EQ(few[i].summary.case_name, all[i].summary.case_name);
    EXPECT_EQ(few[i].summary.readings, all[i].summary.readings);
    EXPECT_GT(few[i].summary.nights, 1);
  }
}

TEST(Growth, TheSameSeedMakesTheSameNights) {
  const auto values = [](const bench::Shape& shape) {
    const auto database = std::move(*Database::open_in_memory());
    EXPECT_TRUE(bench::make_history(*database, shape));
    const Reader reader(*database);
    std::vector<double> all;
    const auto cells = *reader.cells(reader.past_runs({})->front(), {});
    for (const model::CellSummary& cell : cells) all.push_back(cell.summary.value);
    return all;
  };
  const bench::Shape shape{.nights = 2, .cases = 2, .blocks = 2, .extra_starts = 1};
  EXPECT_EQ(values(shape), values(shape));
}

}  // namespace
}  // namespace dyno::store

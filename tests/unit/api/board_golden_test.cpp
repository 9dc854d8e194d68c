// Places, ratios and the geometric mean over REST, against what an independent script made of the exported CSV of the same nights
// (tests/data/stats/golden_board.py). The nights of one case differ, so that both units of a decision occur.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "api_fixture.h"
#include "base/text.h"
#include "history/made_history.h"
#include "store/rebuild.h"

namespace dyno::api {
namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/tests/data/stats/" + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  EXPECT_FALSE(lines.empty()) << name;
  return lines;
}

// Four made nights whose throughputs of two phases are those of golden_board.csv.
class BoardGolden : public ApiFixture {
 protected:
  BoardGolden() {
    EXPECT_TRUE(bench::make_history(*database_, {.nights = 4, .cases = 7, .blocks = 5, .extra_starts = 0}));
    const auto runs = *reader_.past_runs({.limit = 4});
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) nights_.push_back(*run);
    EXPECT_TRUE(database_->write("writing the golden readings", [&](SQLite::Database& connection) -> Status {
      connection.exec("DELETE FROM reading WHERE phase_key IN (SELECT phase_key FROM phase WHERE name LIKE '%cap')");
      for (std::size_t i = 1; i < csv_.size(); ++i) put(connection, split(csv_[i], ','));
      return {};
    }));
    EXPECT_TRUE(store::summarise_runs(*database_, store::Summaries::all));
  }

  // night,block,case,stack,phase,metric,unit,value,absent,validity,…
  void put(SQLite::Database& connection, const std::vector<std::string_view>& cells) {
    SQLite::Statement reading(connection, R"sql(
      UPDATE reading SET value = ?, validity = ? WHERE metric_key = (SELECT metric_key FROM metric WHERE name = ?) AND phase_key = (
        SELECT p.phase_key FROM trial t JOIN phase p ON p.trial_key = t.trial_key
        WHERE t.run_key = ? AND t.block = ? AND t.case_name = ? AND p.name = ?)
    )sql");
    const std::size_t night = static_cast<std::size_t>(std::stoi(std::string(cells[0]))) - 1;
    reading.bind(1, std::stod(std::string(cells[7])));
    reading.bind(2, cells[9] == "valid" ? 0 : cells[9] == "degraded" ? 1 : 2);
    reading.bind(3, std::string(cells[5]));
    reading.bind(4, nights_[night].run_key);
    reading.bind(5, std::stoi(std::string(cells[1])));
    reading.bind(6, std::string(cells[2]));
    reading.bind(7, std::string(cells[4]));
    EXPECT_EQ(reading.exec(), 1) << cells[2];
  }

  const std::vector<std::string> csv_ = lines_of("golden_board.csv");
  std::vector<store::PastRun> nights_;  // oldest first
};

TEST_F(BoardGolden, TheCsvOfTheScriptIsWhatIsExported) {
  std::map<std::string, int> exported;
  std::size_t rows = 0;
  for (std::size_t night = 0; night < nights_.size(); ++night) {
    const Response answer = get("/api/v1/runs/" + nights_[night].id + "/readings?format=csv&metric=throughput_per_s");
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::istringstream lines(answer.body);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ("night" + line.substr(line.find(',')), csv_[0] + (line.ends_with('\r') ? "\r" : ""));
    while (std::getline(lines, line)) {
      if (line.ends_with('\r')) line.pop_back();
      ++exported[std::to_string(night + 1) + line.substr(line.find(','))];
      ++rows;
    }
  }
  EXPECT_EQ(rows, csv_.size() - 1);
  for (std::size_t i = 1; i < csv_.size(); ++i) EXPECT_EQ(exported[csv_[i]], 1) << csv_[i];
}

// "-": there is none.
void expect_number(const std::string& expected, const json& row, const char* name, const std::string& where) {
  ASSERT_EQ(row.contains(name), expected != "-") << where << " " << name;
  if (expected == "-") return;
  const double number = std::stod(expected);
  EXPECT_NEAR(row[name].get<double>(), number, 1e-9 * number) << where << " " << name;
}

void expect_pair(const std::string& low, const std::string& high, const json& row, const char* name,
                 const std::string& where) {
  ASSERT_EQ(row.contains(name), low != "-") << where << " " << name;
  if (low == "-") return;
  EXPECT_NEAR(row[name][0].get<double>(), std::stod(low), 1e-9 * std::stod(low)) << where << " " << name;
  EXPECT_NEAR(row[name][1].get<double>(), std::stod(high), 1e-9 * std::stod(high)) << where << " " << name;
}

TEST_F(BoardGolden, PlacesRatiosAndTheGeometricMeanAreThoseOfAnIndependentPackage) {
  const json all = get_json("/api/v1/leaderboard?metric=throughput_per_s", "Leaderboard");
  std::map<std::string, json> boards;
  for (const json& board : all["boards"]) boards[board["phase"]] = board["rows"];
  ASSERT_EQ(all["overall"].size(), 1U);
  boards["overall"] = all["overall"][0]["rows"];
  EXPECT_EQ(boards.size(), 3U);
  std::map<std::string, std::size_t> seen;
  for (const std::string& line : lines_of("golden_board.txt")) {
    std::istringstream in(line);
    std::string word, phase, case_name, value, low, high, best, worst, ratio, ratio_low, ratio_high;
    int n = 0;
    in >> word >> phase >> case_name >> value >> low >> high >> n >> best >> worst >> ratio >> ratio_low >> ratio_high;
    if (word != "row") continue;
    const std::string where = phase + " " + case_name;
    ASSERT_LT(seen[phase], boards[phase].size()) << where;
    const json& row = boards[phase][seen[phase]++];
    EXPECT_EQ(row["case"], case_name) << where;
    EXPECT_EQ(row["n"], n) << where;
    expect_number(value, row, "value", where);
    expect_pair(low, high, row, "ci95", where);
    EXPECT_EQ(row.contains("rank") ? row["rank"].dump() : "-", best == "-" ? "-" : "[" + best + "," + worst + "]")
        << where;
    expect_number(ratio, row, "ratio", where);
    expect_pair(ratio_low, ratio_high, row, "ratio_ci95", where);
  }
  for (const auto& [phase, rows] : boards) EXPECT_EQ(seen[phase], rows.size()) << phase;
  EXPECT_EQ(seen["overall"], 7U);
}

}  // namespace
}  // namespace dyno::api

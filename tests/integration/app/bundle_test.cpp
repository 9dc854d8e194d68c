// Runs between two real daemons, by dyno: every answer about a run is the same on both, and what is no good bundle leaves nothing. And a backup
// of a daemon that serves; and room that is made while it is killed.
#include <nlohmann/json.hpp>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/encoding.h"
#include "integration/app/dynod_process.h"
#include "integration/cli/program.h"
#include "store/journal.h"
#include "store/run_repository.h"
#include "unit/store/sample_run.h"

namespace dyno::app {
namespace {

using cli::Ended;
using cli::Program;
using nlohmann::json;

std::string bytes_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// A daemon whose database has two runs, or none.
class Daemon : public DynodProcess {
 public:
  void TestBody() override {}
  void give_runs() const {
    fs::create_directories(folder_ / "data");
    fs::copy_file(fs::path(DYNO_SOURCE_DIR) / "tests/data/db/schema_13.db", database());
    fs::permissions(database(), fs::perms::owner_read | fs::perms::owner_write);
  }
  using DynodProcess::await;
  using DynodProcess::post;
  using DynodProcess::start;
  using DynodProcess::write;
  void begin() {
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    start();
  }
  void configure(const std::string& lines) const { std::ofstream(folder_ / "config.yaml", std::ios::app) << lines; }
  fs::path database() const { return folder_ / "data/stackdyno.db"; }
  fs::path file(const std::string& name) const { return folder_ / name; }
  Ended dyno(const std::vector<std::string>& arguments) const {
    return Program(std::string(DYNO_BIN_DIR) + "/dyno", arguments, fmt::format("http://127.0.0.1:{}", port_)).wait();
  }
  json ask(const std::string& path) const {
    const std::string answer = get(path);
    const std::string body = api::body_of(answer);
    const auto whole = answer.find("chunked") == std::string::npos ? std::optional(body) : api::unchunked(body);
    return json::parse(whole.value_or(""), nullptr, false);
  }
  int status(const std::string& path) const { return api::status_of(get(path)); }
  int kill_now() { return end(SIGKILL); }
  std::string told() const { return log(); }
};

// Where an answer is of the daemon and not of the run.
json of_the_run(json answer) {
  answer.erase("imported");
  answer.erase("instance");  // of a problem
  answer.erase("change");    // the run before it may not be here
  if (answer.contains("items") && answer["items"].is_array()) {
    for (json& item : answer["items"]) {
      if (item.contains("kind") && item.contains("at")) item.erase("id");  // an event's
    }
  }
  return answer;
}

class Bundle : public testing::Test {
 protected:
  Bundle() {
    here_.give_runs();
    here_.begin();
    there_.begin();
    const json all = here_.ask("/api/v1/runs");
    for (const json& run : all["items"]) runs_.push_back(run["id"]);
  }
  std::string exported(const std::string& run) const {
    const fs::path file = here_.file(run + ".stackdyno");
    const Ended done = here_.dyno({"export", run, "-o", file.string()});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return file.string();
  }

  Daemon here_;
  Daemon there_;
  std::vector<std::string> runs_;
};

TEST_F(Bundle, EveryAnswerAboutTheRunIsTheSame) {
  ASSERT_EQ(runs_.size(), 2U);
  const std::string& run = runs_.front();
  ASSERT_EQ(here_.dyno({"runs", "note", run, "with words"}).exit_code, 0);
  ASSERT_EQ(here_.dyno({"runs", "tag", run, "release", "before-gc"}).exit_code, 0);
  const std::string file = exported(run);
  const Ended in = there_.dyno({"import", file});
  ASSERT_EQ(in.exit_code, 0) << in.err << there_.told();
  EXPECT_EQ(in.out, run + "\n");
  const json imported = there_.ask("/api/v1/runs/" + run)["imported"];
  EXPECT_EQ(imported["from"].get<std::string>().size(), 36U);

  std::vector<std::string> paths{"/api/v1/runs/" + run};
  for (const char* const part : {"environment", "builds", "trials", "phases", "readings", "gaps", "summaries"})
    paths.push_back("/api/v1/runs/" + run + "/" + part);
  paths.push_back("/api/v1/events?format=json&limit=1000&run=" + run);
  const json trials = here_.ask("/api/v1/runs/" + run + "/trials");
  for (const json& trial : trials["items"]) {
    const std::string at = "/api/v1/trials/" + trial["id"].get<std::string>();
    paths.push_back(at);
    for (const char* const part : {"measurements", "samples", "seconds"}) paths.push_back(at + "/" + part);
    const json measured = here_.ask(at + "/measurements");
    for (const json& phase : measured["phases"])
      paths.push_back(at + "/histogram?phase=" + percent_encoded(phase["phase"].get<std::string>()));
  }
  EXPECT_GT(paths.size(), 30U);
  int answered = 0;
  for (const std::string& path : paths) {
    ASSERT_EQ(there_.status(path), here_.status(path)) << path;
    answered += here_.status(path) == 200 ? 1 : 0;
    EXPECT_EQ(of_the_run(there_.ask(path)), of_the_run(here_.ask(path))) << path;
  }
  EXPECT_GT(answered, 30);

  const Ended twice = there_.dyno({"import", file});
  EXPECT_EQ(twice.exit_code, 0) << twice.err;
  EXPECT_EQ(twice.out, run + "\n");
  EXPECT_EQ(there_.ask("/api/v1/runs")["items"].size(), 1U);
  ASSERT_EQ(there_.dyno({"import", exported(runs_.back())}).exit_code, 0);
  // So is what follows from both; its order is that in which the daemon first had the figures.
  const auto rows = [](const Daemon& daemon) {
    std::vector<json> all = daemon.ask("/api/v1/compare?a=latest~1&b=latest")["items"];
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(rows(there_), rows(here_));
  // It outlasts a kill, and is written again from its events.
  there_.kill_now();
  there_.start();
  EXPECT_EQ(there_.ask("/api/v1/runs/" + run)["imported"], imported);
}

TEST_F(Bundle, WhatIsNoneIsRefusedAndLeavesNothing) {
  const std::string whole = bytes_of(exported(runs_.front()));
  const std::pair<std::string, std::string> rows[] = {{"", "is empty"},
                                                      {"no bundle\n", "no bundle of this version"},
                                                      {whole.substr(0, whole.size() / 3), "cut off"},
                                                      {whole.substr(0, whole.rfind("end ")), "cut off"},
                                                      {whole + "more\n", "something follows its end"}};
  std::string changed = whole;
  changed[whole.size() / 2] = changed[whole.size() / 2] == 'A' ? 'B' : 'A';
  const auto refuse = [&](const std::string& text, const std::string& words) {
    std::ofstream(there_.file("bad"), std::ios::binary) << text;
    const Ended done = there_.dyno({"import", there_.file("bad").string()});
    EXPECT_EQ(done.exit_code, 1) << words << done.out;
    EXPECT_NE(done.err.find(words), std::string::npos) << done.err;
  };
  for (const auto& [text, words] : rows) refuse(text, words);
  refuse(changed, "");
  EXPECT_TRUE(there_.ask("/api/v1/runs")["items"].empty());
  EXPECT_TRUE(!fs::exists(there_.file("data/imports")) || fs::is_empty(there_.file("data/imports")));
  // In pieces that do not fit to each other.
  const json begun = json::parse(api::body_of(there_.post("/api/v1/imports")));
  const std::string at = "/api/v1/imports/" + begun["id"].get<std::string>();
  EXPECT_EQ(api::status_of(there_.post(at + "/finish")), 422) << "nothing came";
  EXPECT_EQ(api::status_of(there_.post(at + "/finish")), 404) << "and it is forgotten";
  EXPECT_EQ(api::status_of(there_.post("/api/v1/imports/../../etc/finish")), 404);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(api::status_of(there_.post("/api/v1/imports")), 201);
  EXPECT_EQ(api::status_of(there_.post("/api/v1/imports")), 503) << "so many at once";
}

TEST_F(Bundle, ABackupIsWholeWhileOthersWrite) {
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) here_.dyno({"-q", "runs", "note", runs_.front(), std::to_string(i)});
  });
  for (int i = 0; i < 3; ++i) {
    const fs::path copy = here_.file("copy.db");
    const Ended done = here_.dyno({"backup", copy.string()});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    SQLite::Database database(copy.string(), SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok");
    EXPECT_EQ(database.execAndGet("SELECT count(*) FROM run").getInt(), 2);
    EXPECT_FALSE(fs::exists(copy.string() + "-wal"));
  }
  writer.request_stop();
  writer.join();
  // A daemon serves it as its own.
  Daemon other;
  fs::create_directories(other.file("data"));
  fs::copy_file(here_.file("copy.db"), other.database());
  other.begin();
  EXPECT_EQ(other.ask("/api/v1/runs/" + runs_.back()), here_.ask("/api/v1/runs/" + runs_.back()));
}

// As many runs of the past, each with samples.
void tell_runs(const fs::path& file, int count) {
  fs::create_directories(file.parent_path());
  const auto database = std::move(*store::Database::open(file));
  store::EventFeed feed;
  store::Journal journal(*database, feed);
  store::RunRepository repository(*database, feed);
  for (int i = 0; i < count; ++i) {
    const std::string id = repository.enqueue(store::sample_job(), store::at_second(0))->run_id;
    store::tell_trial(journal, id, fmt::format("019aa3c2-7c51-7d0e-9b1c-{:012}", i));
    for (const auto state : {model::RunState::collecting, model::RunState::analyzing, model::RunState::succeeded})
      store::must_append(journal, id, 50, model::RunStateChanged{state, {}});
  }
}

// How many runs have no series any more. At whatever instant it was killed, each has all of them or none.
int pruned_in(const fs::path& file) {
  const SQLite::Database database(file.string(), SQLite::OPEN_READONLY);
  EXPECT_EQ(SQLite::Database(file.string(), SQLite::OPEN_READONLY).execAndGet("PRAGMA integrity_check").getString(),
            "ok");
  SQLite::Statement runs(database, R"sql(
    SELECT max(length(a.bytes)) > 2, min(length(a.bytes)) > 2, max(r.series_removed_at_ns IS NOT NULL)
    FROM run r JOIN event e ON e.run_key = r.run_key JOIN attachment a ON a.event_id = e.id
    WHERE a.pointer IN ('/timeline', '/result/seconds') GROUP BY r.run_key
  )sql");
  int pruned = 0;
  while (runs.executeStep()) {
    EXPECT_EQ(runs.getColumn(0).getInt(), runs.getColumn(1).getInt()) << "a run is half pruned";
    EXPECT_NE(runs.getColumn(0).getInt(), runs.getColumn(2).getInt()) << "and what it says is not so";
    pruned += runs.getColumn(2).getInt();
  }
  return pruned;
}

TEST(Room, IsMadeWholeRunByWholeRunHoweverOftenItIsKilled) {
  constexpr int kRuns = 40;
  Daemon old;
  tell_runs(old.database(), kRuns);
  old.configure("series_kept: 1min\n");
  old.write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
  EXPECT_EQ(pruned_in(old.database()), 0);
  int in_the_middle = 0;
  for (int i = 0; i < 12 && pruned_in(old.database()) < kRuns; ++i) {
    old.start();
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * i));
    old.kill_now();
    const int pruned = pruned_in(old.database());
    in_the_middle += pruned > 0 && pruned < kRuns ? 1 : 0;
  }
  std::printf("[ KILLS    ] %d of them in the middle\n", in_the_middle);
  old.start();
  EXPECT_TRUE(Daemon::await([&] { return pruned_in(old.database()) == kRuns; })) << old.told();
  const Ended said = old.dyno({"gc", "--dry-run"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_NE(said.err.find("would remove samples of 0 runs"), std::string::npos) << said.err;
}

TEST(Room, NothingGoesThatIsPinnedOrABaselineAndADryRunRemovesNothing) {
  Daemon old;
  tell_runs(old.database(), 4);
  old.configure("series_kept: 87600h\n");  // nothing is that old, until the configuration says otherwise
  old.begin();
  std::vector<std::string> runs;
  const json listed = old.ask("/api/v1/runs");
  for (const json& run : listed["items"]) runs.push_back(run["id"]);
  ASSERT_EQ(runs.size(), 4U);
  ASSERT_EQ(old.dyno({"runs", "pin", runs[0]}).exit_code, 0);
  ASSERT_EQ(old.dyno({"baseline", "set", "main", runs[1]}).exit_code, 0);
  old.kill_now();
  EXPECT_EQ(pruned_in(old.database()), 0);
  old.configure("disk_floor: 0MiB\n");
  std::string config = bytes_of(old.file("config.yaml"));
  config.replace(config.find("87600h"), 6, "1min");
  old.write("config.yaml", config);
  old.start();
  EXPECT_TRUE(Daemon::await([&] { return pruned_in(old.database()) == 2; })) << old.told();
  for (std::size_t i = 0; i < runs.size(); ++i)
    EXPECT_EQ(old.ask("/api/v1/runs/" + runs[i]).contains("series_removed_at"), i > 1) << i;
}

}  // namespace
}  // namespace dyno::app

// kill -9 at random instants of real runs on the real engine (fault catalogue, K-01): nothing that was told is lost, the database is
// whole, every run ends complete by going on, nothing of ours is left, and what belongs to others is not touched. DYNO_KILLS says how
// many (nightly 500; from 300 on it goes on until each place of a run has had 25), DYNO_KILL_SEED repeats their instants.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "docker/daemon_process.h"
#include "docker/docker_world.h"
#include "docker/run_watch.h"
#include "integration/api/raw_client.h"
#include "run/rig.h"
#include "store/database.h"
#include "store/reader.h"

namespace dyno::test {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr auto kStack = "wrong-answers";  // right ones, unless it is told otherwise

// Where a run is: its state, or the step of its trial while that is running (a warm-up belongs to loading).
constexpr std::array<std::string_view, 11> kPlaces{"queued",   "acquiring",  "preparing", "starting",
                                                   "idle",     "verifying",  "loading",   "retaining",
                                                   "stopping", "collecting", "analyzing"};
// Which of them come before the next trial has ended, or after the last one, by the number of trials that have ended: the first one loads,
// the second one only starts. In a new life of the daemon, and in one that goes on after a trial.
using Row = std::array<bool, kPlaces.size()>;
constexpr std::array<Row, 3> kAhead{{{true, true, true, true, true, true, true, true, true, true, true},
                                     {true, true, true, true, false, false, false, false, true, true, true},
                                     {true, true, true, false, false, false, false, false, false, true, true}}};
constexpr std::array<Row, 3> kBehindTrial{
    {{},
     {false, false, false, true, false, false, false, false, true, false, false},
     {false, false, false, false, false, false, false, false, false, true, true}}};
constexpr auto kEnded = "ended";
constexpr int kInEach = 25;
constexpr int kMany = 300;  // kills, of which each place has its part

std::string place_after(const std::string& before, const std::string& state, const std::string& step) {
  if (state == "running") return "starting";  // its first step follows at once
  if (!state.empty()) return std::find(kPlaces.begin(), kPlaces.end(), state) == kPlaces.end() ? kEnded : state;
  return step.empty() ? before : step;
}

// The daemon's events as they are told, from `since` on, of all runs.
class Told {
 public:
  Told(int port, std::int64_t since) : client_(port) {
    client_.send(
        fmt::format("GET /api/v1/events?since={} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: text/event-stream\r\n\r\n",
                    since, port));
  }

  // The next event; nothing at the end of the stream, or when none comes.
  std::optional<json> next() {
    while (true) {
      if (auto event = take()) return event;
      const std::string more = client_.read_until("\n\n", std::chrono::seconds(60));
      if (more.empty()) return std::nullopt;
      text_ += more;
    }
  }

  // Of stored events alone: a live sample has no id.
  const std::vector<json>& all() const { return all_; }

 private:
  std::optional<json> take() {
    while (true) {
      const std::size_t begin = text_.find("data: ");
      const std::size_t end = begin == std::string::npos ? begin : text_.find('\n', begin);
      if (end == std::string::npos) return std::nullopt;
      json event = json::parse(text_.substr(begin + 6, end - begin - 6), nullptr, false);
      text_.erase(0, end);
      if (!event.is_object() || !event.contains("id")) continue;
      all_.push_back(event);
      return event;
    }
  }

  api::RawClient client_;
  std::string text_;
  std::vector<json> all_;
};

class KillNine : public testing::Test {
 protected:
  void SetUp() override {
    if (!world_.why_not().empty()) GTEST_SKIP() << "NO CONTAINER ENGINE: kills are not tested: " << world_.why_not();
    if (!has_python_base(world_.engine())) GTEST_SKIP() << "NO PYTHON BASE IMAGE: run make setup; kills are not tested";
    if (const char* const asked = std::getenv("DYNO_KILLS")) kills_ = std::atoi(asked);
    if (const char* const asked = std::getenv("DYNO_KILL_SEED")) seed_ = static_cast<unsigned>(std::atoi(asked));
    random_.seed(seed_);
  }
  // Where it failed, the daemon may be under way, or dead with a run that no further life of it cleans up.
  void TearDown() override {
    if (!world_.why_not().empty()) return;
    if (daemon_.pid() > 0) daemon_.stop(SIGTERM);
    if (!instance_.empty()) {
      EXPECT_TRUE(run::sweep_leftovers(world_.engine(), instance_));
    }
    remove_images(world_.engine(), kStack);
  }

  // Of another instance: nobody may touch them.
  void put_decoys() {
    decoys_.push_back(world_.running(world_.spec("decoy", {"pause"})));
    const auto unborn = world_.engine().create_container(world_.spec("unborn", {"pause"}));
    ASSERT_TRUE(unborn) << unborn.error().message;
    decoys_.push_back(*unborn);
    decoys_before_ = look_at_decoys();
  }
  std::string look_at_decoys() {
    std::string seen;
    for (const std::string& id : decoys_) {
      const auto status = world_.engine().inspect_container(id);
      seen += status ? fmt::format("{} {} {}\n", id, status->state, status->pid) : status.error().message;
    }
    const auto objects = world_.engine().list_labelled("stackdyno.instance", world_.instance());
    return fmt::format("{}{} objects", seen, objects ? objects->size() : 0);
  }

  // One run, killed as often as it goes on from it, until it ends.
  void kill_a_run() {
    std::ofstream(daemon_.folder() + "/stacks/" + kStack + "/salt.json")
        << runs_++;  // so that there is an image to build
    std::optional<Told> told(std::in_place, daemon_.port(), last_event_);
    run_ = post_run();
    ASSERT_FALSE(run_.empty()) << daemon_.log();
    told_trials_.clear();
    stalled_ = 0;
    finished_ = 0;
    bool goes_on = true;
    while (goes_on && !HasFailure()) {
      if (!kill_during(*told)) break;
      expect_kept(*told);
      if (HasFailure()) return;
      ASSERT_TRUE(daemon_.start()) << daemon_.log();
      told.emplace(daemon_.port(), last_event_);
      remember_trials();
      goes_on = is_to_kill() && place_ != kEnded;
    }
    expect_end();
  }

  // Kills the daemon in the place whose turn it is; false: the run has ended before.
  bool kill_during(Told& told) {
    // Cut off once more without a finished trial it would be given up.
    bool must_wait = stalled_ > 2 && finished_ < 2;
    if (stalled_ > 2 && !must_wait) return false;
    const std::string target = choose(must_wait ? kBehindTrial.at(finished_ + 1) : kAhead.at(finished_));
    const bool anywhere = target.empty();
    std::string place = "queued";
    while (const auto event = told.next()) {
      if (event->value("run", "") != run_) continue;
      place = place_after(place, event->value("state", ""), event->value("step", ""));
      if (place == kEnded) return false;
      if (event->value("kind", "") == "trial_done") must_wait = false;
      if (must_wait || (!anywhere && place != target)) continue;
      std::this_thread::sleep_for(random_part(anywhere ? whole_ : lasts_[target]));
      EXPECT_EQ(daemon_.stop(SIGKILL), -SIGKILL);
      while (told.next()) {
      }
      return true;
    }
    ADD_FAILURE() << "no event of the run for a minute; it was last " << place << "\n" << daemon_.log();
    return false;
  }

  // The place that was met least, of those that are ahead and were not met often enough; every eighth time any instant at all (empty).
  std::string choose(const Row& ahead) {
    if (random_() % 8 == 0) return {};
    std::vector<std::string> least;
    for (std::size_t i = 0; i < kPlaces.size(); ++i) {
      if (!ahead.at(i)) continue;
      const std::string name(kPlaces.at(i));
      if (!least.empty() && times_met(name) > times_met(least[0])) continue;
      if (!least.empty() && times_met(name) < times_met(least[0])) least.clear();
      least.push_back(name);
    }
    return least[random_() % least.size()];
  }
  int times_met(const std::string& place) { return std::min(met_[place], kInEach); }
  bool is_one_short() {
    return std::any_of(kPlaces.begin(), kPlaces.end(),
                       [this](std::string_view place) { return times_met(std::string(place)) < kInEach; });
  }
  // So many, and where they are many until each place has had its part.
  bool is_to_kill() { return killed_ < kills_ || (kills_ >= kMany && is_one_short() && runs_ < kills_ / 2); }
  // What is short is told late: its first part alone, or at once.
  microseconds random_part(microseconds of) {
    const microseconds part = of < milliseconds(60) ? microseconds(0) : of < milliseconds(400) ? of / 3 : of;
    return microseconds(random_() % static_cast<unsigned>(std::max<std::int64_t>(1, part.count())));
  }

  // The daemon is dead: what it has told is in its database, and that is whole.
  void expect_kept(const Told& told) {
    ++killed_;
    SCOPED_TRACE(fmt::format("kill {}", killed_));
    const auto database = store::Database::open(daemon_.folder() + "/data/stackdyno.db");
    ASSERT_TRUE(database) << database.error().message;
    instance_ = (*database)->instance_id();
    ASSERT_TRUE((*database)->read("checking", [](SQLite::Database& connection) {
      EXPECT_EQ(connection.execAndGet("PRAGMA integrity_check").getString(), "ok");
      return Status{};
    }));
    const store::Reader reader(**database);
    const auto rows = reader.events(0, run_, 100'000);
    ASSERT_TRUE(rows) << rows.error().message;
    std::map<std::int64_t, std::string> stored;
    for (const model::EventRow& row : *rows) stored[row.id] = row.text;
    for (const json& event : told.all()) {
      if (event["run"] != run_) continue;
      EXPECT_EQ(stored[event["id"]], event["text"]) << "told, and lost: " << event;
      ++told_events_;
    }
    follow(*rows);
    stalled_ = reader.run(run_)->stalled + 1;
    ++met_[place_];
    last_event_ = reader.last_event_id().value();
  }

  // Where the run was, and how long it stayed in each place before.
  void follow(const std::vector<model::EventRow>& rows) {
    place_ = "queued";
    finished_ = 0;
    WallTime since = rows.empty() ? WallTime{} : rows.front().at;
    for (const model::EventRow& row : rows) {
      const std::string state(row.state ? model::to_string(*row.state) : std::string_view());
      std::string next = place_after(place_, state, row.step);
      if (row.kind == "resumed") since = row.at;  // the daemon was away before
      finished_ += row.kind == "trial_done" && row.text.starts_with("succeeded") ? 1U : 0U;
      if (next == place_) continue;
      lasts_[place_] = std::chrono::ceil<microseconds>(row.at - since);
      place_ = std::move(next);
      since = row.at;
    }
  }

  std::string post_run() const {
    const std::string body = fmt::format(R"({{"stacks":["{}"],"profile":"brief","seed":"5"}})", kStack);
    const api::RawClient client(daemon_.port());
    client.send(
        fmt::format("POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    daemon_.port(), body.size(), body));
    const std::string answer = client.read_until("\r\n\r\n");
    EXPECT_EQ(api::status_of(answer), 202) << answer;
    const std::size_t at = answer.find("/api/v1/runs/");
    return at == std::string::npos ? "" : answer.substr(at + 13, 36);
  }

  void remember_trials() {
    for (const json& trial : trials_of(daemon_, run_)) {
      if (trial["state"] == "succeeded") told_trials_.push_back(trial);
    }
  }

  // The run has one result for each place of its plan, and before it attempts that were cut off; nothing of it is left.
  void expect_end() {
    const json run = await_end(daemon_, run_, std::chrono::minutes(2));
    ASSERT_EQ((run.is_object() ? run.value("state", "") : ""), "succeeded") << run << daemon_.log();
    const json all = trials_of(daemon_, run_);
    expect_whole(all);
    for (const json& trial : told_trials_) {
      EXPECT_TRUE(std::find(all.begin(), all.end(), trial) != all.end()) << "told, and not the same now: " << trial;
    }
    for (const auto& [label, value] : {std::pair<std::string, std::string>{"stackdyno.run", run_},
                                       std::pair<std::string, std::string>{"stackdyno.instance", instance_}}) {
      const auto left =
          value.empty() ? Result<std::vector<ports::OwnedObject>>() : world_.engine().list_labelled(label, value);
      ASSERT_TRUE(left) << left.error().message;
      for (const ports::OwnedObject& object : *left)
        EXPECT_EQ(object.kind, ports::ObjectKind::image) << "left behind: " << object.name;
    }
    EXPECT_EQ(look_at_decoys(), decoys_before_);
    const json last = json::parse(daemon_.get("/events?last=1&format=json"), nullptr, false);
    if (last.contains("items") && !last["items"].empty()) last_event_ = last["items"][0]["id"];
  }

  tests::DockerWorld world_;
  DaemonProcess daemon_{{kStack}};
  std::vector<std::string> decoys_;
  std::string decoys_before_;
  int kills_ = 6;
  unsigned seed_ = std::random_device()() % 1'000'000;
  std::minstd_rand random_;

  std::string run_;
  std::string instance_;
  std::vector<json> told_trials_;
  std::size_t finished_ = 0;  // trials
  int stalled_ = 0;
  std::string place_;
  std::int64_t last_event_ = 0;
  std::map<std::string, microseconds> lasts_;
  microseconds whole_ = std::chrono::seconds(2);  // about that much lies before a run

  int runs_ = 0;
  int killed_ = 0;
  std::size_t told_events_ = 0;
  std::map<std::string, int> met_;
};

TEST_F(KillNine, EveryRunGoesOnAndNothingToldIsLost) {
  SCOPED_TRACE(fmt::format("DYNO_KILL_SEED={}", seed_));
  put_decoys();
  ASSERT_TRUE(daemon_.start()) << daemon_.log();
  while (is_to_kill() && !HasFailure()) {
    kill_a_run();
    if (runs_ % 40 == 0) remove_images(world_.engine(), kStack);
  }
  std::string places;
  for (const std::string_view place : kPlaces) places += fmt::format(" {} {},", place, met_[std::string(place)]);
  fmt::print("[ KILLS    ] {} in {} runs, {} events told and kept; when killed:{} {} {}\n", killed_, runs_,
             told_events_, places, kEnded, met_[kEnded]);
  if (kills_ < kMany) return;
  for (const std::string_view place : kPlaces) EXPECT_GE(met_[std::string(place)], kInEach) << place;
}

}  // namespace
}  // namespace dyno::test

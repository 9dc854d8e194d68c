// kill -9 at random instants: nothing that was acknowledged is lost, nothing is damaged, nothing is half there.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;

// The writer program and what it has acknowledged so far. Killed at the latest when this goes.
class Writer {
 public:
  explicit Writer(const fs::path& database) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string program = STORE_WRITER;
    std::string file = database.string();
    char* arguments[] = {program.data(), file.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Writer() {
    if (pid_ > 0) kill();
    close(pipe_);
  }

  // Reads until `count` more events are acknowledged; false when the writer ended before.
  bool await(std::size_t count) {
    const std::size_t enough = acknowledged_.size() + count;
    while (acknowledged_.size() < enough) {
      if (!read_some()) return false;
    }
    return true;
  }

  void kill() {
    ::kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself: status " << status;
    pid_ = -1;
    while (read_some()) {
    }
  }

  const std::map<std::int64_t, std::string>& acknowledged() const { return acknowledged_; }

 private:
  bool read_some() {
    char buffer[4096];
    const ssize_t n = read(pipe_, buffer, sizeof buffer);
    if (n <= 0) return false;
    pending_.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
      const std::size_t space = pending_.find(' ');
      acknowledged_[std::stoll(pending_.substr(0, space))] = pending_.substr(space + 1, end - space - 1);
      pending_.erase(0, end + 1);
    }
    return true;
  }

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string pending_;
  std::map<std::int64_t, std::string> acknowledged_;
};

std::string integrity_of(const fs::path& file) {
  return SQLite::Database(file.string(), SQLite::OPEN_READONLY).execAndGet("PRAGMA integrity_check").getString();
}

void expect_whole_phases(const Reader& reader, const model::Trial& trial) {
  const auto phases = reader.phases(trial.id);
  const auto samples = reader.samples(trial.id, Nanos::zero());
  ASSERT_TRUE(phases && samples);
  ASSERT_EQ(samples->size(), phases->size());
  for (std::size_t i = 0; i < phases->size(); ++i) {
    EXPECT_EQ(samples->at(i).buckets.size(), 30U);
    EXPECT_EQ(phases->at(i).readings.size(), 1U);
    EXPECT_EQ(reader.histograms(trial.id, phases->at(i).phase)->size(), 1U);
  }
  if (trial.state == model::TrialState::succeeded) {
    EXPECT_EQ(phases->size(), 3U);
  }
}

TEST(KillNine, LosesNothingAcknowledgedAndDamagesNothing) {
  constexpr int kKills = 25;
  std::string pattern = (fs::temp_directory_path() / "dyno-kill-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  const fs::path file = folder / "dyno.db";
  const char* const asked = std::getenv("DYNO_KILL_SEED");
  const unsigned seed = asked != nullptr ? static_cast<unsigned>(std::atoi(asked)) : std::random_device()();
  SCOPED_TRACE("DYNO_KILL_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::map<std::int64_t, std::string> acknowledged;
  int unacknowledged = 0;
  for (int round = 0; round < kKills; ++round) {
    {
      Writer writer(file);
      ASSERT_TRUE(writer.await(1 + random() % 40)) << "round " << round;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
      writer.kill();
      acknowledged.insert(writer.acknowledged().begin(), writer.acknowledged().end());
    }
    ASSERT_EQ(integrity_of(file), "ok") << "round " << round;
    const auto database = Database::open(file);
    ASSERT_TRUE(database) << database.error().message;
    const Reader reader(**database);
    const auto events = reader.events(0, "", 1'000'000);
    ASSERT_TRUE(events);
    std::map<std::int64_t, std::string> stored;
    for (const model::EventRow& e : *events) stored[e.id] = e.text;
    for (const auto& [id, text] : acknowledged) ASSERT_EQ(stored[id], text) << "event " << id << ", round " << round;
    EXPECT_EQ(events->back().id, static_cast<std::int64_t>(events->size())) << "no id without a row";
    EventFeed feed;
    const auto left = RunRepository(**database, feed).settle_unfinished(wall_from_ns(1'800'000'000'000'000'000));
    ASSERT_TRUE(left);
    EXPECT_LE(left->interrupted.size() + left->queued.size(), 1U + static_cast<std::size_t>(round))
        << "queued runs remain, the cut one does not";
    unacknowledged += acknowledged.rbegin()->first < events->back().id ? 1 : 0;
  }
  const auto database = Database::open(file);
  const Reader reader(**database);
  RunFilter all;
  all.limit = 100'000;
  const auto runs = reader.runs(all);
  ASSERT_TRUE(runs);
  for (const model::Run& run : *runs) {
    EXPECT_TRUE(model::is_terminal(run.state) || run.state == model::RunState::queued) << model::to_string(run.state);
    const auto trials = reader.trials(run.id);
    ASSERT_TRUE(trials);
    for (const model::Trial& trial : *trials) {
      EXPECT_NE(trial.state, model::TrialState::running);
      expect_whole_phases(reader, trial);
    }
  }
  std::printf(
      "[ KILLS    ] %d kills, %zu acknowledged events, 0 lost; %d times the last commit was not acknowledged yet\n",
      kKills, acknowledged.size(), unacknowledged);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace dyno::store

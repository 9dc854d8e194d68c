// Single calls of the database to its files that fail, and cuts of the power (fault catalogue, K-05): whichever read, write, sync or
// change of size it is, the caller is told, what was acknowledged is there, what was not can be told again, and the file is whole.
// Samples of them; DYNO_CRASH_DEEP=1 (nightly) leaves out none.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "integration/store/faulty_disk.h"
#include "integration/store/small_run.h"
#include "ports/run_journal.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;
using Call = DiskFault::Call;

constexpr DiskFault kFaults[] = {{"a short write", Call::write, SQLITE_FULL, true},
                                 {"no room for a write", Call::write, SQLITE_FULL},
                                 {"an error in a write", Call::write, SQLITE_IOERR_WRITE},
                                 {"an error after half a write", Call::write, SQLITE_IOERR_WRITE, true},
                                 {"an error in a sync", Call::sync, SQLITE_IOERR_FSYNC},
                                 {"an error in a read", Call::read, SQLITE_IOERR_READ},
                                 {"an error in a change of size", Call::truncate, SQLITE_IOERR_TRUNCATE},
                                 {"no room for the index", Call::grow_index, SQLITE_IOERR_SHMSIZE},
                                 {"a file that cannot be opened", Call::open, SQLITE_CANTOPEN}};

constexpr int kOnce = 1;
constexpr int kUntilHealed = 1'000'000'000;

bool is_deep() { return ::getenv("DYNO_CRASH_DEEP") != nullptr; }

class StorageFaults : public testing::Test {
 protected:
  StorageFaults() {
    const fs::path memory = "/dev/shm";
    std::string pattern =
        ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) / "dyno-faults-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~StorageFaults() override { fs::remove_all(folder_); }

  fs::path file() const { return folder_ / "state" / "dyno.db"; }
  void begin_empty() {
    fs::remove_all(folder_ / "state");
    fs::create_directory(folder_ / "state");
    fs::remove_all(folder_ / "killed");
    told_.clear();
    told_when_killed_.clear();
  }
  // With what an earlier life has left.
  void begin() {
    if (is_first_life_) {
      begin_empty();
      return;
    }
    if (!fs::exists(folder_ / "kept.db")) {
      begin_empty();
      live(nullptr);
      fs::copy(file(), folder_ / "kept.db");
      kept_ = told_;
    }
    begin_empty();
    fs::copy(folder_ / "kept.db", file());
    told_ = kept_;
  }

  // A life of a daemon on this disk: opens the database, tells a run and reads it. What is refused is tried again, at last on a disk that has
  // been healed.
  void live(FaultyDisk* disk) {
    std::unique_ptr<Database> database = opened(disk);
    ASSERT_NE(database, nullptr);
    EventFeed feed;
    RunRepository repository(*database, feed);
    Journal journal(*database, feed);
    const Reader reader(*database);
    // Behind the first run the database has forgotten its pages.
    for (const int trials : {1, 0}) {
      std::string run_id;
      insist(disk, *database, [&]() -> Status {
        const auto run = repository.enqueue(small_job(), clock_.wall_now());
        if (!run) return fail(run.error());
        run_id = run->run_id;
        return {};
      });
      for (const model::RunEvent& event : events_of_small_run(clock_, trials, serial_)) {
        insist(disk, *database, [&]() -> Status {
          const auto id = journal.append(run_id, clock_.wall_now(), event);
          if (!id) return fail(id.error());
          told_.try_emplace(*id - 1);  // that the run was queued, which the repository tells in its own words
          told_[*id] = model::describe(event);
          return {};
        });
        // Readers are told, too, and nothing ends them.
        if (const auto runs = reader.runs({}); !runs) {
          EXPECT_FALSE(runs.error().message.empty());
        }
        if (testing::Test::HasFailure()) return;
      }
    }
  }

  std::unique_ptr<Database> opened(FaultyDisk* disk) {
    for (int tries = 0; tries < 3; ++tries) {
      auto database = Database::open(file());
      if (database) return std::move(*database);
      EXPECT_FALSE(database.error().message.empty());
      EXPECT_NE(database.error().code, ErrorCode::internal) << database.error().message;
      if (tries == 1 && disk != nullptr) disk->heal();
    }
    return nullptr;
  }

  void insist(FaultyDisk* disk, Database& database, const std::function<Status()>& tell) {
    for (int tries = 0; tries < 5; ++tries) {
      const Status told = tell();
      if (told) return;
      EXPECT_TRUE(ports::may_be_told_later(told.error())) << told.error().message;
      keep_as_killed();
      if (tries == 2 && disk != nullptr) disk->heal();
      if (const Status recovered = database.recover(); !recovered) {
        EXPECT_TRUE(ports::may_be_told_later(recovered.error())) << recovered.error().message;
      }
    }
    ADD_FAILURE() << "it is never told";
  }

  // What a kill would leave at the first refusal.
  void keep_as_killed() {
    if (fs::exists(folder_ / "killed")) return;
    fs::create_directory(folder_ / "killed");
    for (const char* const name : {"dyno.db", "dyno.db-wal"}) {
      if (fs::exists(folder_ / "state" / name)) fs::copy(folder_ / "state" / name, folder_ / "killed" / name);
    }
    told_when_killed_ = told_;
  }

  // At rest: the file is whole, and has what was told. `more`: events that nobody was told of.
  static void expect_kept(const fs::path& database_file, const std::map<std::int64_t, std::string>& told,
                          std::size_t more) {
    const auto database = Database::open(database_file);
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_TRUE((*database)->read("checking", [](SQLite::Database& connection) {
      EXPECT_EQ(connection.execAndGet("PRAGMA integrity_check").getString(), "ok");
      return Status{};
    }));
    const auto events = Reader(**database).events(0, "", 100'000);
    ASSERT_TRUE(events) << events.error().message;
    std::map<std::int64_t, std::string> stored;
    for (const model::EventRow& event : *events) stored[event.id] = event.text;
    for (const auto& [id, text] : told) {
      EXPECT_TRUE(stored.contains(id) && (text.empty() || stored[id] == text)) << "event " << id << " is lost";
    }
    EXPECT_LE(stored.size(), told.size() + more) << "told twice";
  }
  void expect_kept() {
    expect_kept(file(), told_, 0);
    if (fs::exists(folder_ / "killed")) expect_kept(folder_ / "killed" / "dyno.db", told_when_killed_, 2);
  }

  // Each call of that kind in turn, until a life has fewer of them.
  int try_each(const DiskFault& fault, int times, int stride) {
    int tries = 0;
    bool has_struck = true;
    for (int nth = 1; has_struck && !testing::Test::HasFailure(); nth += stride) {
      SCOPED_TRACE(fmt::format("{}, call {}, {}", fault.name, nth, times == kOnce ? "once" : "until it is healed"));
      begin();
      {
        FaultyDisk disk;
        disk.fail(fault, nth, times);
        live(&disk);
        has_struck = disk.has_struck();
      }
      expect_kept();
      ++tries;
    }
    return tries;
  }

  fs::path folder_;
  RealClock clock_;
  int serial_ = 0;
  std::map<std::int64_t, std::string> told_;
  std::map<std::int64_t, std::string> kept_;
  std::map<std::int64_t, std::string> told_when_killed_;
  bool is_first_life_ = false;
};

TEST_F(StorageFaults, CostNothingThatWasToldWhicheverCallFails) {
  int tries = 0;
  for (const DiskFault& fault : kFaults) {
    for (const int times : {kOnce, kUntilHealed}) tries += try_each(fault, times, is_deep() ? 1 : 19);
  }
  fmt::print("[ FAULTS   ] {} lives with a fault each\n", tries);
}

TEST_F(StorageFaults, CostNothingWhereTheDatabaseIsMade) {
  is_first_life_ = true;
  for (const DiskFault& fault : kFaults) try_each(fault, kOnce, is_deep() ? 1 : 197);
}

// A disk that is nearly full takes one write and refuses the next.
TEST_F(StorageFaults, CostNothingWhereEveryNthWriteFails) {
  for (const int period : {2, 3, 7, 20, 50}) {
    SCOPED_TRACE(period);
    begin();
    {
      FaultyDisk disk;
      disk.fail(kFaults[1], period, 1, period);
      live(&disk);
    }
    expect_kept();
  }
}

// The power goes after each sync that there is; what was not synced is there in parts.
TEST_F(StorageFaults, ACutOfThePowerLosesNothingThatWasTold) {
  struct Cut {
    FaultyDisk::Files files;
    std::map<std::int64_t, std::string> told;
  };
  std::vector<Cut> cuts;
  std::minstd_rand random(7);
  begin();
  {
    FaultyDisk disk;
    disk.on_sync([&] { cuts.push_back({disk.left_by_power_cut(random), told_}); });
    live(&disk);
  }
  EXPECT_GT(cuts.size(), 12U);
  for (std::size_t i = 0; i < cuts.size() && !HasFailure(); ++i) {
    SCOPED_TRACE(i);
    fs::remove_all(folder_ / "cut");
    fs::create_directory(folder_ / "cut");
    for (const auto& [name, bytes] : cuts[i].files) std::ofstream(folder_ / "cut" / name, std::ios::binary) << bytes;
    expect_kept(folder_ / "cut" / "dyno.db", cuts[i].told, 2);
  }
}

}  // namespace
}  // namespace dyno::store

#include "store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "base/id.h"
#include "base/sha256.h"
#include "store/migrations.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, removed afterwards.
class DatabaseFile : public testing::Test {
 protected:
  DatabaseFile() {
    // In memory where the machine offers it: a true fsync a commit would make these tests take seconds.
    const fs::path memory = "/dev/shm";
    std::string pattern =
        ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) / "dyno-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~DatabaseFile() override { fs::remove_all(folder_); }

  fs::path file() const { return folder_ / "dyno.db"; }
  void run_sql(const std::string& sql) const {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
  }

  fs::path folder_;
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::int64_t count_meta(const Database& database) {
  std::int64_t count = -1;
  EXPECT_TRUE(database.read("counting", [&](SQLite::Database& c) -> Status {
    count = c.execAndGet("SELECT count(*) FROM meta WHERE name <> 'instance_folder'").getInt64();
    return {};
  }));
  return count;
}

Status insert_meta(Database& database, const std::string& name) {
  return database.write("writing", [&](SQLite::Database& c) -> Status {
    c.exec("INSERT INTO meta (name, value) VALUES ('" + name + "', '')");
    return {};
  });
}

TEST(Migrations, AreNumberedInOrder) {
  int before = 0;
  for (const Migration& m : migrations()) {
    EXPECT_GT(m.version, before) << m.name;
    before = m.version;
  }
  EXPECT_GT(before, 0);
}

TEST(Migrations, AreThePinnedFiles) {
  std::istringstream pinned(text_of(fs::path(DYNO_SOURCE_DIR) / "tests/tools/migrations.sha256"));
  std::map<std::string, std::string> hashes;
  for (std::string hash, name; pinned >> hash >> name;) hashes[name] = hash;
  ASSERT_EQ(hashes.size(), migrations().size());
  for (const Migration& m : migrations()) {
    const std::string file = text_of(fs::path(DYNO_SOURCE_DIR) / "migrations" / m.name);
    EXPECT_EQ(file, m.sql) << m.name << " differs from what was built in";
    EXPECT_EQ(sha256_hex(file), hashes[std::string(m.name)])
        << m.name << " was edited after it landed: write a new migration";
  }
}

TEST_F(DatabaseFile, IsPrivateCarriesARandomIdAndKeepsIt) {
  std::string id;
  {
    const auto database = Database::open(file());
    ASSERT_TRUE(database) << database.error().message;
    id = (*database)->instance_id();
    EXPECT_TRUE(is_id(id)) << id;
    EXPECT_EQ((*database)->schema_version(), migrations().back().version);
    struct stat s {};
    ASSERT_EQ(stat(file().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0600U);
  }
  EXPECT_FALSE(fs::exists(file().string() + "-wal")) << "the last connection folds the log in";
  const auto again = Database::open(file());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->instance_id(), id);
  EXPECT_NE((*Database::open_in_memory())->instance_id(), id);
}

TEST_F(DatabaseFile, Row31ACopyOfTheFolderIsAnotherInstance) {
  const auto id_in = [](const fs::path& folder, std::string* copied_from = nullptr) {
    const auto database = Database::open(folder / "dyno.db");
    EXPECT_TRUE(database) << database.error().message;
    if (copied_from != nullptr && database) *copied_from = (*database)->copied_from();
    return database ? (*database)->instance_id() : std::string();
  };
  const fs::path first = folder_ / "first";
  const fs::path copy = folder_ / "copy";
  fs::create_directory(first);
  const std::string id = id_in(first);
  fs::copy(first, copy, fs::copy_options::recursive);
  std::string copied_from;
  const std::string other = id_in(copy, &copied_from);
  EXPECT_NE(other, id);
  EXPECT_TRUE(is_id(other)) << other;
  EXPECT_EQ(copied_from, id);
  EXPECT_EQ(id_in(copy, &copied_from), other) << "it keeps its own";
  EXPECT_EQ(copied_from, "");
  fs::rename(first, folder_ / "moved");
  EXPECT_EQ(id_in(folder_ / "moved", &copied_from), id) << "a folder that was moved is the same";
  EXPECT_EQ(copied_from, "");
}

TEST_F(DatabaseFile, Row31AFolderBoundByTheNumberOfItsDeviceKeepsItsId) {
  const auto id = [this] {
    const auto database = Database::open(file());
    return database ? (*database)->instance_id() : database.error().message;
  };
  const std::string before = id();
  run_sql("UPDATE meta SET value = '64768:131074' WHERE name = 'instance_folder'");
  EXPECT_EQ(id(), before) << "devices are numbered anew at each boot";
  run_sql("UPDATE meta SET value = 'inode 1 born 0.000000001' WHERE name = 'instance_folder'");
  EXPECT_NE(id(), before);
}

TEST_F(DatabaseFile, RefusesANewerSchemaNamingBothVersions) {
  ASSERT_TRUE(Database::open(file()));
  run_sql("PRAGMA user_version = 999");
  const auto database = Database::open(file());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::unsupported);
  EXPECT_NE(database.error().message.find("999"), std::string::npos) << database.error().message;
  EXPECT_NE(database.error().message.find("up to " + std::to_string(migrations().back().version)), std::string::npos);
}

TEST_F(DatabaseFile, RefusesAFileOfAnotherProgram) {
  run_sql("CREATE TABLE t (x)");
  const auto database = Database::open(file());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::conflict);
}

TEST_F(DatabaseFile, RefusesWhatIsNoDatabase) {
  std::ofstream(file()) << std::string(5000, 'x');
  const auto database = Database::open(file());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::io);
  EXPECT_EQ(Database::open("/nowhere/dyno.db").error().code, ErrorCode::not_found);
}

TEST_F(DatabaseFile, RefusesADamagedFile) {
  {
    const auto database = Database::open(file());
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(insert_meta(**database, std::to_string(i) + std::string(200, 'x')));
  }
  std::fstream raw(file(), std::ios::in | std::ios::out | std::ios::binary);
  raw.seekp(4096 + 100);
  for (int i = 0; i < 40'000; ++i) raw.put('\x5a');
  raw.close();
  const auto database = Database::open(file());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, ErrorCode::io) << database.error().message;
}

// What can be read is served, and nothing is written to it any more.
TEST_F(DatabaseFile, ServesWhatADamagedFileStillHas) {
  std::string id;
  {
    const auto database = Database::open(file());
    id = (*database)->instance_id();
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(insert_meta(**database, std::to_string(i) + std::string(200, 'x')));
  }
  std::fstream raw(file(), std::ios::in | std::ios::out | std::ios::binary);
  raw.seekp(static_cast<std::streamoff>(fs::file_size(file()) - 4096));
  for (int i = 0; i < 4096; ++i) raw.put('\x5a');
  raw.close();
  const std::string before = text_of(file());
  {
    const auto database = Database::open(file());
    ASSERT_TRUE(database) << database.error().message;
    EXPECT_EQ((*database)->instance_id(), id);
    ASSERT_FALSE((*database)->damage());
    EXPECT_NE((*database)->damage().error().message.find("damaged"), std::string::npos);
    EXPECT_TRUE((*database)->read("reading", [](SQLite::Database& c) -> Status {
      EXPECT_GT(c.execAndGet("SELECT count(*) FROM sqlite_schema").getInt(), 10);
      return {};
    }));
    for (const Status& refused :
         {insert_meta(**database, "more"), (*database)->check_writable(), (*database)->recover()}) {
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, ErrorCode::storage);
      EXPECT_NE(refused.error().message.find("put a copy in its place"), std::string::npos) << refused.error().message;
    }
  }
  EXPECT_EQ(text_of(file()), before) << "as it was";
}

// One that is too large to be read while the daemon starts is opened, and what a check finds is told later.
TEST_F(DatabaseFile, ALargeFileIsCheckedLater) {
  {
    const auto database = Database::open(file());
    EXPECT_TRUE((*database)->was_checked());
    for (int i = 0; i < 300; ++i) ASSERT_TRUE(insert_meta(**database, std::to_string(i) + std::string(200, 'x')));
  }
  {
    const auto whole = Database::open(file(), 0);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_FALSE((*whole)->was_checked());
    EXPECT_TRUE((*whole)->check_file({}));
  }
  std::fstream raw(file(), std::ios::in | std::ios::out | std::ios::binary);
  raw.seekp(static_cast<std::streamoff>(fs::file_size(file()) - 4096));
  for (int i = 0; i < 4096; ++i) raw.put('\x5a');
  raw.close();
  const auto damaged = Database::open(file(), 0);
  ASSERT_TRUE(damaged) << damaged.error().message;
  const Status found = (*damaged)->check_file({});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::io) << found.error().message;
}

// Issue 14, row 41.
TEST_F(DatabaseFile, Row41_RefusesASchemaThatLostAPart) {
  const std::pair<const char*, const char*> losses[] = {
      {"DROP TABLE event_progress", "the file is damaged: the table event_progress.block is missing"},
      {"DROP TABLE fire", "the file is damaged: the table fire.folded is missing"},
      {"DROP INDEX event_by_run", "the file is damaged: the index event_by_run is missing"},
      {"ALTER TABLE run DROP COLUMN reason", "the file is damaged: the table run.reason is missing"},
      {"DELETE FROM meta", "the file is damaged: the table meta has no instance_id"},
  };
  for (const auto& [loss, words] : losses) {
    fs::remove(file());
    ASSERT_TRUE(Database::open(file()));
    run_sql(loss);
    const auto refused = Database::open(file());
    ASSERT_FALSE(refused) << loss;
    EXPECT_EQ(refused.error().code, ErrorCode::io) << loss;
    EXPECT_EQ(refused.error().message, "opening the database " + file().string() + ": " + words);
  }
}

TEST_F(DatabaseFile, AddsTheMigrationsThatAnOlderFileLacks) {
  run_sql(std::string(migrations()[0].sql) +
          "; INSERT INTO meta VALUES ('instance_id', 'x'), ('kept', 'yes'); PRAGMA user_version = 1; PRAGMA "
          "application_id = 1685679727");
  const auto database = Database::open(file());
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(count_meta(**database), 2);
}

TEST_F(DatabaseFile, RollsBackWhatFails) {
  const auto opened = Database::open(file());
  Database& database = **opened;
  bool told = false;
  const auto failing = [](SQLite::Database& c) -> Status {
    c.exec("INSERT INTO meta (name, value) VALUES ('a', '')");
    return fail(ErrorCode::conflict, "no");
  };
  const Status refused = database.write("trying", failing, [&] { told = true; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "trying: no");
  const Status thrown = database.write("trying", [](SQLite::Database& c) -> Status {
    c.exec("INSERT INTO meta (name, value) VALUES ('a', '')");
    c.exec("INSERT INTO nowhere VALUES (1)");
    return {};
  });
  EXPECT_FALSE(thrown);
  EXPECT_FALSE(told);
  EXPECT_EQ(count_meta(database), 1);
  EXPECT_TRUE(insert_meta(database, "a")) << "the connection is usable afterwards";
}

// A disk of a few pages: SQLite's own limit answers as a full disk does.
TEST_F(DatabaseFile, RowN4_SaysThatTheDiskIsFullUntilAWriteWorksAgain) {
  const auto database = Database::open(file());
  ASSERT_TRUE(database);
  const auto limit = [&](const char* pages) {
    return (*database)->write("setting a limit", [&](SQLite::Database& c) -> Status {
      c.exec(std::string("PRAGMA max_page_count = ") + pages);
      return {};
    });
  };
  ASSERT_TRUE(limit("1"));
  Status full;
  for (int i = 0; i < 1000 && full; ++i) full = insert_meta(**database, std::string(2000, 'x') + std::to_string(i));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::storage);
  const Status writable = (*database)->check_writable();
  ASSERT_FALSE(writable);
  EXPECT_EQ(writable.error().message, "writing: the disk is full");
  EXPECT_TRUE((*database)->recover()) << "what is tried is small";
  EXPECT_TRUE((*database)->check_writable());
}

TEST_F(DatabaseFile, ReadersCannotWriteAndSeeOneSnapshot) {
  const auto opened = Database::open(file());
  Database& database = **opened;
  const Status written = database.read("writing as a reader", [](SQLite::Database& c) -> Status {
    c.exec("INSERT INTO meta (name, value) VALUES ('a', '')");
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io) << written.error().message;
  EXPECT_TRUE(database.read("reading twice", [&](SQLite::Database& c) -> Status {
    EXPECT_EQ(c.execAndGet("SELECT count(*) FROM meta WHERE name <> 'instance_folder'").getInt(), 1);
    EXPECT_TRUE(insert_meta(database, "b"));
    EXPECT_EQ(c.execAndGet("SELECT count(*) FROM meta WHERE name <> 'instance_folder'").getInt(), 1);
    return {};
  }));
  EXPECT_EQ(count_meta(database), 2);
}

TEST_F(DatabaseFile, InterruptsAQueryWithoutEnd) {
  const auto database = Database::open(file());
  const Status done = (*database)->read("counting for ever", [](SQLite::Database& c) -> Status {
    c.execAndGet("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::timed_out);
  EXPECT_EQ(count_meta(**database), 1);
}

TEST_F(DatabaseFile, KeepsItsLogShort) {
  const auto opened = Database::open(file());
  Database& database = **opened;
  const fs::path log = file().string() + "-wal";
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(insert_meta(database, std::to_string(i) + std::string(400'000, 'x')));
  EXPECT_LT(fs::file_size(log), 16U << 20) << "24 MB were written through it";
  ASSERT_TRUE(database.truncate_log());
  EXPECT_EQ(fs::file_size(log), 0U);
  EXPECT_TRUE(database.check_writable());
}

TEST_F(DatabaseFile, TakesWritersAndReadersAtTheSameTime) {
  const auto opened = Database::open(file());
  Database& database = **opened;
  std::vector<std::int64_t> order;  // guarded by the writer's turn
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 40; ++i) {
          std::int64_t rows = 0;
          const auto insert = [&](SQLite::Database& c) -> Status {
            c.exec("INSERT INTO meta (name, value) VALUES ('" + std::to_string(t) + "/" + std::to_string(i) + "', '')");
            rows = c.execAndGet("SELECT count(*) FROM meta WHERE name <> 'instance_folder'").getInt64();
            return {};
          };
          EXPECT_TRUE(database.write("writing", insert, [&] { order.push_back(rows); }));
          EXPECT_GT(count_meta(database), 0);
        }
      });
    }
  }
  EXPECT_EQ(count_meta(database), 121);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// A second writer would bring SQLite's WAL-reset fault back: one file opens the database, once for writing.
TEST(OneWriter, OnlyTheDatabaseFileOpensForWriting) {
  int found = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(DYNO_SOURCE_DIR) / "daemon")) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    const std::string text = text_of(entry.path());
    for (std::size_t at = text.find("SQLite::OPEN_READWRITE"); at != std::string::npos;
         at = text.find("SQLite::OPEN_READWRITE", at + 1)) {
      EXPECT_EQ(entry.path().filename(), "database.cpp") << entry.path();
      ++found;
    }
    EXPECT_EQ(text.find("sqlite3_open"), std::string::npos) << entry.path();
  }
  EXPECT_EQ(found, 4)
      << "the file, the copy that a backup is, and those in memory: the tests' one, and one to compare the schema with";
}

}  // namespace
}  // namespace dyno::store

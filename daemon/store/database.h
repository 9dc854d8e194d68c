// The database file: opened, checked and migrated, with exactly one connection that can write or checkpoint and a few that
// can only read. Knows pragmas, transactions and errors; the statements are in the other files of this module. Nobody else may open
// the file for writing: a second writer can corrupt a WAL database (SQLite's WAL-reset fault, fixed only in 3.51.3).
// A write that the disk refuses is an error of the code `storage`. A file for whose opening there is no room, or whose folder is
// read-only, is served as it is, read-only, through one connection, until recover() finds that it can be written.
// Thread-safe: writers queue on one mutex, which is held across the commit because the commit is what it orders.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

class CachingConnection;

class Database {
 public:
  using Work = std::function<Status(SQLite::Database&)>;

  // A check reads the whole file: a larger one is checked later (check_file), so that years of nights do not hold up the start.
  static constexpr std::uintmax_t kCheckedAtOnce = std::uintmax_t{64} << 20U;

  // Opens or creates the file (mode 0600), checks it (quick_check) where it has at most `checked_at_once` bytes, and applies the migrations
  // that it lacks. Refused: a foreign file, one of which not even the schema can be read or that lost a part of it or its
  // instance id, and one that a newer program has written. Where the disk refuses the writes that this takes, the file is opened as it is: see check_writable().
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file,
                                                std::uintmax_t checked_at_once = kCheckedAtOnce);
  // The same schema in memory, for tests; readers then share the writer's connection.
  static Result<std::unique_ptr<Database>> open_in_memory();
  ~Database();

  // Runs `work` in one transaction: committed and durable when it returns ok, rolled back when it returns an error.
  // `committed` runs after the commit and before the next writer, in commit order: memory work only.
  Status write(std::string_view what, const Work& work, const std::function<void()>& committed = {});
  // Runs `work` on a read-only connection in one snapshot. Very long queries are interrupted: `timed_out`.
  Status read(std::string_view what, const Work& work) const;

  // Whether the file was checked when it was opened, and what was found. A file that is damaged, and can be read nevertheless, is served as it
  // is, for good: writes are refused with that reason.
  bool was_checked() const { return was_checked_; }
  const Status& damage() const { return damage_; }
  // Reads all of it and says what is damaged; `cancelled` when it is to stop. Seconds to minutes: for a thread of its own.
  Status check_file(std::stop_token stop) const;

  // Writes a whole copy of it, as it is now, into a file that is not there yet, and checks that. Whoever writes meanwhile waits for nothing.
  Status copy_to(const std::filesystem::path& file) const;

  // Empties the write-ahead log into the file if no reader is in the way; for quiet moments.
  Status truncate_log();
  // Whether a write would be accepted just now, for /readyz. `storage`: the disk refused the last one, or the opening.
  Status check_writable();
  // Tries whether it takes writes again, where the last one was refused. One thread alone may call this.
  Status recover();

  // A random uuid of this database in this folder (by device and inode), in the labels of everything that is made for it. It stays as it
  // is: a copy without an id of its own is opened only where there is room for one.
  const std::string& instance_id() const { return instance_id_; }
  // The id that it had in the folder that this one was copied from; empty: it was not copied since it was opened last.
  const std::string& copied_from() const { return copied_from_; }
  int schema_version() const { return schema_version_; }

 private:
  static constexpr std::size_t kIdleReaders = 2;  // connections kept open between reads

  Database(std::string file, std::unique_ptr<CachingConnection> writer);
  void connect();
  void connect_read_only();
  Status open_schema();
  Status open_as_it_is();
  void checkpoint_if_long();
  std::unique_ptr<CachingConnection> take_reader() const;
  void give_back(std::unique_ptr<CachingConnection> reader) const;

  // Set once before the object is handed out.
  const std::string file_;  // empty: in memory
  std::string instance_id_;
  std::string copied_from_;
  int schema_version_ = 0;
  bool was_checked_ = true;
  Status damage_{};

  // Guarded by writer_mutex_.
  mutable std::mutex writer_mutex_;
  std::unique_ptr<CachingConnection> writer_;
  std::string refused_;      // why the disk refused the last write
  int log_pages_ = 0;        // pages in the log after the last commit
  int checkpointed_at_ = 0;  // log_pages_ at the last checkpoint that was tried

  // Changed under writer_mutex_ alone: the file is open as it is, and readers share the writer's connection.
  std::atomic<bool> is_read_only_ = false;

  // Guarded by readers_mutex_: connections not in use.
  mutable std::mutex readers_mutex_;
  mutable std::vector<std::unique_ptr<CachingConnection>> readers_;
};

}  // namespace dyno::store

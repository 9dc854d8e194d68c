// A disk that fails where a test wants it to, for SQLite: a file system of its own (VFS) in front of the system's. While the object lives
// it is the one that every connection opened from then on uses. It also knows what would be left after a cut of the power: of each
// file what was synced, and of the rest whatever the disk happened to write. One thread, one object at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace dyno::store {

struct DiskFault {
  enum class Call { write, read, sync, truncate, grow_index, open };
  const char* name = "";
  Call call = Call::write;
  int answer = SQLITE_OK;     // of SQLite for what the system said
  bool half_is_done = false;  // of a write
};

class FaultyDisk {
 public:
  // File name to its bytes.
  using Files = std::map<std::string, std::string>;

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The calls of that kind fail from the nth on, counted from now: `times` of them, and again after every `period` where that is not 0.
  void fail(const DiskFault& fault, int nth, int times, int period = 0);
  void heal() { times_ = 0; }
  bool has_struck() const { return has_struck_; }

  // Called after each sync.
  void on_sync(std::function<void()> call) { on_sync_ = std::move(call); }
  // What a cut of the power leaves now; of what was not synced each write is there, or not, or half.
  Files left_by_power_cut(std::minstd_rand& random) const;

 private:
  struct Change {
    std::int64_t at = 0;
    std::string bytes;
    bool is_end = false;  // the file was cut at `at`
  };
  struct Kept {
    std::string synced;
    std::vector<Change> since;
  };
  struct File;
  friend struct Calls;

  bool strikes(DiskFault::Call call);
  void wrote(const std::string& name, Change change) { kept_[name].since.push_back(std::move(change)); }
  void synced(const std::string& name);
  static void apply(std::string& bytes, const Change& change);

  sqlite3_vfs vfs_{};
  sqlite3_vfs* real_ = nullptr;
  DiskFault fault_;
  int nth_ = 0;
  int times_ = 0;
  int period_ = 0;
  int calls_ = 0;
  bool has_struck_ = false;
  std::map<std::string, Kept> kept_;
  std::function<void()> on_sync_;
};

}  // namespace dyno::store

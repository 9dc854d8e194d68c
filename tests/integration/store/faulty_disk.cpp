#include "integration/store/faulty_disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <new>
#include <utility>

namespace dyno::store {

using Call = DiskFault::Call;

// As SQLite allocates it: ours in front of the system's.
struct FaultyDisk::File {
  sqlite3_file base;
  FaultyDisk* disk;
  std::string* name;  // owned; a file without a name is SQLite's own
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

struct Calls {
  using File = FaultyDisk::File;

  static File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static FaultyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

  static int close(sqlite3_file* file) {
    File& f = file_of(file);
    delete std::exchange(f.name, nullptr);
    return f.real()->pMethods->xClose(f.real());
  }
  static int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
    File& f = file_of(file);
    if (f.disk->strikes(Call::read)) return f.disk->fault_.answer;
    return f.real()->pMethods->xRead(f.real(), to, size, at);
  }
  static int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
    File& f = file_of(file);
    const bool strikes = f.disk->strikes(Call::write);
    const int done = !strikes ? size : f.disk->fault_.half_is_done ? size / 2 : 0;
    if (done > 0) {
      const int rc = f.real()->pMethods->xWrite(f.real(), from, done, at);
      if (rc != SQLITE_OK) return rc;
      f.disk->wrote(*f.name, {at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(done))});
    }
    return strikes ? f.disk->fault_.answer : SQLITE_OK;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& f = file_of(file);
    if (f.disk->strikes(Call::truncate)) return f.disk->fault_.answer;
    f.disk->wrote(*f.name, {size, {}, true});
    return f.real()->pMethods->xTruncate(f.real(), size);
  }
  static int sync(sqlite3_file* file, int flags) {
    File& f = file_of(file);
    if (f.disk->strikes(Call::sync)) return f.disk->fault_.answer;
    const int rc = f.real()->pMethods->xSync(f.real(), flags);
    if (rc == SQLITE_OK) f.disk->synced(*f.name);
    return rc;
  }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    File& f = file_of(file);
    return f.real()->pMethods->xFileSize(f.real(), size);
  }
  static int lock(sqlite3_file* file, int level) {
    File& f = file_of(file);
    return f.real()->pMethods->xLock(f.real(), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    File& f = file_of(file);
    return f.real()->pMethods->xUnlock(f.real(), level);
  }
  static int is_locked(sqlite3_file* file, int* is) {
    File& f = file_of(file);
    return f.real()->pMethods->xCheckReservedLock(f.real(), is);
  }
  static int control(sqlite3_file* file, int what, void* value) {
    File& f = file_of(file);
    return f.real()->pMethods->xFileControl(f.real(), what, value);
  }
  static int sector_size(sqlite3_file* file) {
    File& f = file_of(file);
    return f.real()->pMethods->xSectorSize(f.real());
  }
  static int traits(sqlite3_file* file) {
    File& f = file_of(file);
    return f.real()->pMethods->xDeviceCharacteristics(f.real());
  }
  static int index_map(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    File& f = file_of(file);
    if (extend != 0 && f.disk->strikes(Call::grow_index)) return f.disk->fault_.answer;
    return f.real()->pMethods->xShmMap(f.real(), region, size, extend, at);
  }
  static int index_lock(sqlite3_file* file, int offset, int count, int flags) {
    File& f = file_of(file);
    return f.real()->pMethods->xShmLock(f.real(), offset, count, flags);
  }
  static void index_barrier(sqlite3_file* file) {
    File& f = file_of(file);
    f.real()->pMethods->xShmBarrier(f.real());
  }
  static int index_unmap(sqlite3_file* file, int remove) {
    File& f = file_of(file);
    return f.real()->pMethods->xShmUnmap(f.real(), remove);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kMethods{
        2,       close,       read,   write,     truncate,   sync,          size,        lock,    unlock, is_locked,
        control, sector_size, traits, index_map, index_lock, index_barrier, index_unmap, nullptr, nullptr};
    return &kMethods;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    FaultyDisk& disk = disk_of(vfs);
    File& f = file_of(file);
    f.base.pMethods = nullptr;
    if (disk.strikes(Call::open)) return disk.fault_.answer;
    const std::string path = name == nullptr ? "" : name;
    const bool is_new = disk.kept_.count(path) == 0;
    const int rc = disk.real_->xOpen(disk.real_, name, f.real(), flags, flags_out);
    if (rc != SQLITE_OK) return rc;
    f.base.pMethods = methods();
    f.disk = &disk;
    f.name = new std::string(path);
    if (is_new && !path.empty()) {
      std::ifstream in(path, std::ios::binary);
      disk.kept_[path].synced.assign(std::istreambuf_iterator<char>(in), {});
    }
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync) {
    FaultyDisk& disk = disk_of(vfs);
    const int rc = disk.real_->xDelete(disk.real_, name, sync);
    if (rc == SQLITE_OK) disk.kept_.erase(name);
    return rc;
  }
};

FaultyDisk::FaultyDisk() : real_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *real_;  // what is not ours it does on itself alone
  vfs_.pNext = nullptr;
  vfs_.zName = "faulty";
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
  vfs_.pAppData = this;
  vfs_.xOpen = Calls::open;
  vfs_.xDelete = Calls::remove;
  vfs_.xAccess = [](sqlite3_vfs* vfs, const char* name, int flags, int* out) {
    sqlite3_vfs* const real = Calls::disk_of(vfs).real_;
    return real->xAccess(real, name, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* name, int size, char* out) {
    sqlite3_vfs* const real = Calls::disk_of(vfs).real_;
    return real->xFullPathname(real, name, size, out);
  };
  sqlite3_vfs_register(&vfs_, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real_, 1);
}

void FaultyDisk::fail(const DiskFault& fault, int nth, int times, int period) {
  fault_ = fault;
  nth_ = nth;
  times_ = times;
  period_ = period;
  calls_ = 0;
  has_struck_ = false;
}

bool FaultyDisk::strikes(Call call) {
  if (times_ == 0 || call != fault_.call) return false;
  ++calls_;
  const int behind = calls_ - nth_;
  if (behind < 0) return false;
  const bool strikes = behind < times_ || (period_ > 0 && behind % period_ == 0);
  has_struck_ = has_struck_ || strikes;
  return strikes;
}

void FaultyDisk::apply(std::string& bytes, const Change& change) {
  const auto at = static_cast<std::size_t>(change.at);
  if (change.is_end) {
    bytes.resize(at);
    return;
  }
  bytes.resize(std::max(bytes.size(), at + change.bytes.size()));
  bytes.replace(at, change.bytes.size(), change.bytes);
}

void FaultyDisk::synced(const std::string& name) {
  Kept& kept = kept_[name];
  for (const Change& change : kept.since) apply(kept.synced, change);
  kept.since.clear();
  if (on_sync_) on_sync_();
}

FaultyDisk::Files FaultyDisk::left_by_power_cut(std::minstd_rand& random) const {
  Files files;
  for (const auto& [name, kept] : kept_) {
    std::string& bytes = files[std::filesystem::path(name).filename().string()] = kept.synced;
    for (Change change : kept.since) {
      const auto fate = random() % 4;
      if (fate == 0) continue;
      if (fate == 1 && !change.is_end) change.bytes.resize(change.bytes.size() / 2);
      apply(bytes, change);
    }
  }
  return files;
}

}  // namespace dyno::store

#include "store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/caching_connection.h"
#include "store/migrations.h"

namespace dyno::store {
namespace {

constexpr int kApplicationId = 0x64796e6f;  // "dyno"
constexpr int kBusyTimeoutMs = 5000;
constexpr int kCheckpointEveryPages = 1000;
constexpr int kInstructionsPerLook = 1'000'000;
constexpr int kLooksPerRead =
    50;  // a second or so of virtual machine: a reader in the way keeps the log from shrinking

constexpr auto kSelectInstance = "SELECT value FROM meta WHERE name = 'instance_id'";
// A random uuid, version 4: unlike our other ids its first characters must differ between databases made in one minute.
constexpr auto kInsertInstance = R"sql(
  INSERT INTO meta (name, value)
  SELECT 'instance_id',
         substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-a' || substr(h, 18, 3) || '-' || substr(h, 21, 12)
  FROM (SELECT lower(hex(randomblob(16))) AS h)
)sql";
// Tables with their columns, and indexes.
constexpr auto kSelectParts = R"sql(
  SELECT s.type || ' ' || s.name || coalesce('.' || c.name, '') AS part
  FROM sqlite_schema s LEFT JOIN pragma_table_info(s.name) c ON s.type = 'table'
  WHERE s.name NOT LIKE 'sqlite_%' ORDER BY part
)sql";
constexpr auto kDeleteInstance = "DELETE FROM meta WHERE name = 'instance_id'";
// Writes a page, and changes nothing.
constexpr auto kTryWrite = "UPDATE meta SET value = value WHERE name = 'instance_id'";
constexpr auto kSelectFolder = "SELECT value FROM meta WHERE name = 'instance_folder'";
constexpr auto kKeepFolder = "INSERT OR REPLACE INTO meta (name, value) VALUES ('instance_folder', ?)";

bool is_of_reading(int extended) {
  return extended == SQLITE_IOERR_READ || extended == SQLITE_IOERR_SHORT_READ || extended == SQLITE_IOERR_DATA ||
         extended == SQLITE_IOERR_CORRUPTFS || extended == SQLITE_IOERR_NOMEM;
}

// Whether the page that could not be read was wanted by a change: nothing of that is stored then, and it is tried again.
enum class Purpose { reading, writing };

Error error_of(const SQLite::Exception& e, Purpose purpose) {
  switch (e.getErrorCode()) {
    case SQLITE_FULL: return {ErrorCode::storage, "the disk is full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorCode::unavailable, "the database is locked by another program"};
    case SQLITE_INTERRUPT: return {ErrorCode::timed_out, "the query took too long"};
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT: return {ErrorCode::io, fmt::format("the file is damaged or not a database ({})", e.what())};
    case SQLITE_CONSTRAINT: return {ErrorCode::conflict, e.what()};
    case SQLITE_IOERR:
      // The index of the log is made as large as it will be.
      if (e.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE) return {ErrorCode::storage, "the disk is full"};
      if (purpose == Purpose::reading && is_of_reading(e.getExtendedErrorCode())) return {ErrorCode::io, e.what()};
      return {ErrorCode::storage, e.what()};
    case SQLITE_READONLY: return {purpose == Purpose::writing ? ErrorCode::storage : ErrorCode::io, e.what()};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return {ErrorCode::io, e.what()};
    default: return {ErrorCode::internal, e.what()};
  }
}

// Runs what may throw. The library's exceptions end here and nowhere else.
Status guarded(std::string_view what, const std::function<Status()>& work, Purpose purpose = Purpose::reading) {
  try {
    Status done = work();
    if (!done) return fail(done.error(), what);
    return {};
  } catch (const SQLite::Exception& e) {
    return fail(error_of(e, purpose), what);
  }
}

// Why nothing can be written in the file's folder, whatever room there is; empty: it can.
std::string why_read_only(const std::string& file) {
  if (file.empty()) return {};
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  for (const std::string& path : {folder, file}) {
    if (::access(path.c_str(), W_OK) == 0 || errno == ENOENT) continue;
    return errno == EROFS ? fmt::format("{} is on a file system that is mounted read-only", path)
                          : error_from_errno(path + " may not be written", errno).message;
  }
  return {};
}

// As SQLite reads the names of files with options: what means something there is written by its number.
std::string uri_of(const std::string& file, std::string_view options) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#') uri += fmt::format("%{:02x}", static_cast<unsigned>(c));
    else uri += c;
  }
  return fmt::format("{}?{}", uri, options);
}

void roll_back(SQLite::Database& connection) {
  // SQLite may have ended the transaction by itself, when the disk was full for instance.
  if (sqlite3_get_autocommit(connection.getHandle()) == 0) connection.tryExec("ROLLBACK");
}

Status in_transaction(SQLite::Database& connection, const char* begin, const Database::Work& work) {
  connection.exec(begin);
  try {
    Status done = work(connection);
    if (done) {
      connection.exec("COMMIT");
    } else {
      roll_back(connection);
    }
    return done;
  } catch (const SQLite::Exception&) {
    roll_back(connection);
    throw;
  }
}

int log_grew(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

void harden(SQLite::Database& connection) {
  sqlite3_db_config(connection.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  connection.exec("PRAGMA trusted_schema = OFF");
  connection.exec("PRAGMA cell_size_check = ON");
  connection.exec("PRAGMA mmap_size = 0");
  // The pages in use are few, and the kernel caches the file: an idle daemon should not hold megabytes per connection.
  connection.exec("PRAGMA cache_size = -512");
}

Status apply_migrations(SQLite::Database& connection, int from) {
  for (const Migration& migration : migrations()) {
    if (migration.version <= from) continue;
    connection.exec(std::string(migration.sql));
    connection.exec(fmt::format("PRAGMA user_version = {}", migration.version));
  }
  connection.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
  return {};
}

// The folder itself, whatever its name: a copy of it is another. Not by the number of its device, which may be another after a
// boot; where the file system knows no birth, by the file system's own id.
std::string folder_of(const std::string& file) {
  if (file.empty()) return {};  // in memory
  const std::string folder = std::filesystem::absolute(file).parent_path().string();
  struct statx status {};
  if (::statx(AT_FDCWD, folder.c_str(), 0, STATX_INO | STATX_BTIME, &status) != 0) return {};
  if ((status.stx_mask & STATX_BTIME) != 0)
    return fmt::format("inode {} born {}.{:09}", status.stx_ino, status.stx_btime.tv_sec, status.stx_btime.tv_nsec);
  struct statvfs system {};
  if (::statvfs(folder.c_str(), &system) != 0) return {};
  return fmt::format("inode {} on {:x}", status.stx_ino, system.f_fsid);
}

bool is_copy(SQLite::Database& connection, const std::string& folder) {
  SQLite::Statement known(connection, kSelectFolder);
  const std::string before = known.executeStep() ? known.getColumn(0).getString() : folder;
  return before != folder && before.starts_with("inode");  // others were written before births were told: adopted
}

// Gives a copied database an id of its own, or the daemon on the copy would take the containers of the first for its leftovers.
// The id that it had, where it is a copy.
std::string bind_to_folder(SQLite::Database& connection, const std::string& folder) {
  std::string copied_from;
  if (is_copy(connection, folder)) {
    copied_from = connection.execAndGet(kSelectInstance).getString();
    connection.exec(kDeleteInstance);
    connection.exec(kInsertInstance);
  }
  SQLite::Statement keep(connection, kKeepFolder);
  keep.bind(1, folder);
  keep.exec();
  return copied_from;
}

std::vector<std::string> parts_of(SQLite::Database& connection) {
  std::vector<std::string> parts;
  SQLite::Statement select(connection, kSelectParts);
  while (select.executeStep()) parts.push_back(select.getColumn(0).getString());
  return parts;
}

// The version says that all migrations were applied. What somebody dropped since would fail much later, in some answer.
Status check_whole(SQLite::Database& connection) {
  SQLite::Database fresh(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  if (Status applied = apply_migrations(fresh, 0); !applied) return applied;
  const std::vector<std::string> present = parts_of(connection);
  for (const std::string& part : parts_of(fresh)) {
    if (!std::binary_search(present.begin(), present.end(), part))
      return fail(ErrorCode::io, fmt::format("the file is damaged: the {} is missing", part));
  }
  // Without it, what this database's runs left in the engine would belong to nobody.
  if (!SQLite::Statement(connection, kSelectInstance).executeStep())
    return fail(ErrorCode::io, "the file is damaged: the table meta has no instance_id");
  return {};
}

// The version of its schema; 0: there is none yet.
Result<int> version_of(SQLite::Database& connection) {
  const int application = connection.execAndGet("PRAGMA application_id").getInt();
  const int version = connection.execAndGet("PRAGMA user_version").getInt();
  const bool empty = connection.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (!empty && application != kApplicationId) return fail(ErrorCode::conflict, "the file belongs to another program");
  const int known = migrations().back().version;
  if (version <= known) return version;
  return fail(
      ErrorCode::unsupported,
      fmt::format("its schema has version {}, but this program knows versions up to {}: a newer stackdyno wrote it",
                  version, known));
}

Status quick_check(SQLite::Database& connection) {
  const std::string verdict = connection.execAndGet("PRAGMA quick_check(1)").getString();
  if (verdict == "ok") return {};
  return fail(ErrorCode::io, fmt::format("the file is damaged: {}", verdict));
}

// Creates an empty file that nobody else may read, before SQLite would create one that others may. A file that exists is not
// touched: closing any descriptor of a database gives up the locks that this process holds on it.
Status create_private(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return {};
  if (fd < 0) return fail(error_from_errno("creating it", errno));
  ::close(fd);
  return {};
}

}  // namespace

Database::Database(std::string file, std::unique_ptr<CachingConnection> writer)
    : file_(std::move(file)), writer_(std::move(writer)) {}

// Readers go first, so that the writer is the last connection and folds the log into the file.
Database::~Database() { readers_.clear(); }

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, std::uintmax_t checked_at_once) {
  const std::string context = fmt::format("opening the database {}", file.string());
  if (const Status created = create_private(file.string()); !created) return fail(created.error(), context);
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(file, unknown);
  std::unique_ptr<Database> database(new Database(file.string(), nullptr));
  database->was_checked_ = !unknown && bytes <= checked_at_once;
  const std::string read_only = why_read_only(database->file_);
  Status opened = read_only.empty() ? guarded(context, [&] { return database->open_schema(); })
                                    : fail(ErrorCode::storage, fmt::format("{}: {}", context, read_only));
  if (opened) return database;
  if (opened.error().code == ErrorCode::io) database->damage_ = opened;
  else if (opened.error().code != ErrorCode::storage) return fail(opened.error());
  if (const Status read = guarded(context, [&] { return database->open_as_it_is(); }); !read)
    return fail(read_only.empty() ? opened.error() : read.error());
  database->refused_ = opened.error().message;
  if (!database->damage_) database->refused_ += ". What can be read is served; put a copy in its place and start again";
  return database;
}

void Database::connect() {
  writer_.reset();
  writer_ = std::make_unique<CachingConnection>(file_, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
}

// A file whose log is empty is read without one, since there is no room for another; what the log of a killed daemon holds is read
// with the index that it left.
void Database::connect_read_only() {
  writer_.reset();
  std::error_code none;
  const bool has_log = std::filesystem::file_size(file_ + "-wal", none) > 0 && !none;
  writer_ = std::make_unique<CachingConnection>(has_log ? file_ : uri_of(file_, "immutable=1"),
                                                SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX,
                                                kBusyTimeoutMs);
}

// With its index of the log in memory, for which SQLite otherwise takes room on the disk, and without moving anything from the log
// into the file. Nobody else can open it then.
Status Database::open_as_it_is() {
  const bool is_all_read_only = !why_read_only(file_).empty();
  if (is_all_read_only) connect_read_only();
  else connect();
  SQLite::Database& connection = *writer_;
  if (!is_all_read_only) connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  sqlite3_db_config(connection.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  harden(connection);
  connection.exec("PRAGMA query_only = ON");
  const Result<int> version = version_of(connection);
  if (!version) return fail(version.error());
  schema_version_ = migrations().back().version;
  if (*version != schema_version_) return fail(ErrorCode::unsupported, "its schema is to be brought up to date first");
  if (was_checked_ && damage_) {
    if (Status sound = quick_check(connection); !sound) return sound;
  }
  if (Status whole = check_whole(connection); !whole) return whole;
  if (is_copy(connection, folder_of(file_))) return fail(ErrorCode::conflict, "a copy needs an id of its own first");
  instance_id_ = connection.execAndGet(kSelectInstance).getString();
  is_read_only_ = true;
  return {};
}

Result<std::unique_ptr<Database>> Database::open_in_memory() {
  std::unique_ptr<Database> database;
  const Status opened = guarded("opening a database in memory", [&]() -> Status {
    auto writer = std::make_unique<CachingConnection>(
        ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
    database.reset(new Database({}, std::move(writer)));
    return database->open_schema();
  });
  if (!opened) return fail(opened.error());
  return database;
}

Status Database::open_schema() {
  if (!file_.empty()) connect();
  SQLite::Database& connection = *writer_;
  harden(connection);
  const Result<int> version = version_of(connection);
  if (!version) return fail(version.error());
  if (was_checked_ && !is_read_only_) {
    if (Status whole = quick_check(connection); !whole) return whole;
  }
  if (!file_.empty()) connection.exec("PRAGMA journal_mode = WAL");
  // FULL: a commit that returned survives a power cut. It costs about a third of a millisecond, and commits are rare.
  connection.exec("PRAGMA synchronous = FULL");
  connection.exec("PRAGMA foreign_keys = ON");
  connection.exec("PRAGMA wal_autocheckpoint = 0");
  sqlite3_wal_hook(connection.getHandle(), log_grew, &log_pages_);
  Status migrated = in_transaction(connection, "BEGIN IMMEDIATE", [&](SQLite::Database& c) -> Status {
    if (Status applied = apply_migrations(c, *version); !applied) return applied;
    if (*version == 0) c.exec(kInsertInstance);
    if (Status whole = check_whole(c); !whole) return whole;
    if (const std::string folder = folder_of(file_); !folder.empty()) copied_from_ = bind_to_folder(c, folder);
    return {};
  });
  if (!migrated) return migrated;
  if (is_read_only_) return {};  // it knows them
  instance_id_ = connection.execAndGet(kSelectInstance).getString();
  schema_version_ = migrations().back().version;
  return {};
}

Status Database::write(std::string_view what, const Work& work, const std::function<void()>& committed) {
  const std::lock_guard lock(writer_mutex_);
  if (is_read_only_) return fail(ErrorCode::storage, fmt::format("{}: {}", what, refused_));
  Status done = guarded(
      what, [&] { return in_transaction(*writer_, "BEGIN IMMEDIATE", work); }, Purpose::writing);
  if (!done && done.error().code == ErrorCode::storage) {
    if (const std::string read_only = why_read_only(file_); !read_only.empty())
      done.error().message = fmt::format("{}: {}", what, read_only);
    refused_ = done.error().message;
  }
  if (!done) return done;
  refused_.clear();
  if (committed) committed();
  checkpoint_if_long();
  return {};
}

// What is committed is durable in the log already: a checkpoint that fails is tried again after the next commits.
void Database::checkpoint_if_long() {
  if (log_pages_ < checkpointed_at_) checkpointed_at_ = 0;  // the log started again
  if (log_pages_ - checkpointed_at_ < kCheckpointEveryPages) return;
  checkpointed_at_ = log_pages_;
  sqlite3_wal_checkpoint_v2(writer_->getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

Status Database::check_file(std::stop_token stop) const {
  Status checked = guarded("checking the database", [&]() -> Status {
    if (is_read_only_) return fail(ErrorCode::storage, "not before the disk takes writes");
    CachingConnection reader(file_, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    harden(reader);
    const auto is_stopped = [](void* token) { return static_cast<std::stop_token*>(token)->stop_requested() ? 1 : 0; };
    sqlite3_progress_handler(reader.getHandle(), kInstructionsPerLook, is_stopped, &stop);
    return quick_check(reader);
  });
  if (!checked && stop.stop_requested()) return fail(ErrorCode::cancelled, "checking the database: stopped");
  return checked;
}

// In one step within one snapshot: in several it would begin again with each write in between.
Status Database::copy_to(const std::filesystem::path& file) const {
  return guarded("copying the database", [&]() -> Status {
    if (file_.empty() || is_read_only_) return fail(ErrorCode::storage, "not before there is room on the disk");
    CachingConnection reader(file_, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
    harden(reader);
    if (Status created = create_private(file.string()); !created) return created;
    SQLite::Database copy(file.string(), SQLite::OPEN_READWRITE);
    sqlite3_backup* const backup = sqlite3_backup_init(copy.getHandle(), "main", reader.getHandle(), "main");
    if (backup == nullptr) throw SQLite::Exception(copy.getHandle());
    sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK) throw SQLite::Exception(copy.getHandle());
    // One file, without a log beside it.
    copy.exec("PRAGMA journal_mode = DELETE");
    return quick_check(copy);
  });
}

Status Database::truncate_log() {
  const std::lock_guard lock(writer_mutex_);
  if (file_.empty() || is_read_only_) return {};
  sqlite3_db_release_memory(writer_->getHandle());
  {
    const std::lock_guard readers_lock(readers_mutex_);
    readers_.clear();
  }
  // Does not wait for a reader that is in the way.
  sqlite3_busy_timeout(writer_->getHandle(), 0);
  const int rc = sqlite3_wal_checkpoint_v2(writer_->getHandle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(writer_->getHandle(), kBusyTimeoutMs);
  if (rc == SQLITE_OK) log_pages_ = checkpointed_at_ = 0;
  if (rc == SQLITE_OK || rc == SQLITE_BUSY) return {};
  return fail(ErrorCode::io, fmt::format("emptying the write-ahead log: {}", sqlite3_errstr(rc)));
}

Status Database::recover() {
  const std::lock_guard lock(writer_mutex_);
  if (refused_.empty()) return {};
  if (!damage_) return fail(ErrorCode::storage, refused_);
  Status done;
  if (const std::string read_only = why_read_only(file_); !read_only.empty()) {
    done = fail(ErrorCode::storage, read_only);
  } else if (is_read_only_) {
    done = guarded(fmt::format("opening the database {}", file_), [this] { return open_schema(); });
    if (done) is_read_only_ = false;
    else if (!guarded("reading it", [this] { return open_as_it_is(); })) writer_.reset();
  } else {
    done = guarded(
        "writing to the database",
        [this] {
          return in_transaction(*writer_, "BEGIN IMMEDIATE", [](SQLite::Database& connection) -> Status {
            connection.exec(kTryWrite);
            return {};
          });
        },
        Purpose::writing);
  }
  refused_ = done ? "" : done.error().message;
  return done;
}

Status Database::check_writable() {
  const std::lock_guard lock(writer_mutex_);
  if (!refused_.empty()) return fail(ErrorCode::storage, refused_);
  const std::string read_only = why_read_only(file_);
  if (!read_only.empty()) return fail(ErrorCode::storage, read_only);
  return guarded("checking that the database can be written", [&]() -> Status {
    writer_->exec("BEGIN IMMEDIATE");
    roll_back(*writer_);
    return {};
  });
}

Status Database::read(std::string_view what, const Work& work) const {
  if (file_.empty() || is_read_only_) {
    const std::lock_guard lock(writer_mutex_);
    if (!writer_) return fail(ErrorCode::storage, fmt::format("{}: {}", what, refused_));
    return guarded(what, [&] { return in_transaction(*writer_, "BEGIN", work); });
  }
  std::unique_ptr<CachingConnection> reader;
  Status done = guarded(what, [&] {
    reader = take_reader();
    int looks = 0;
    const auto too_long = [](void* count) { return ++*static_cast<int*>(count) > kLooksPerRead ? 1 : 0; };
    sqlite3_progress_handler(reader->getHandle(), kInstructionsPerLook, too_long, &looks);
    Status read = in_transaction(*reader, "BEGIN", work);
    sqlite3_progress_handler(reader->getHandle(), 0, nullptr, nullptr);
    return read;
  });
  if (done) give_back(std::move(reader));  // one that failed is closed
  return done;
}

std::unique_ptr<CachingConnection> Database::take_reader() const {
  {
    const std::lock_guard lock(readers_mutex_);
    if (!readers_.empty()) {
      auto reader = std::move(readers_.back());
      readers_.pop_back();
      return reader;
    }
  }
  auto reader =
      std::make_unique<CachingConnection>(file_, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs);
  harden(*reader);
  return reader;
}

void Database::give_back(std::unique_ptr<CachingConnection> reader) const {
  const std::lock_guard lock(readers_mutex_);
  if (readers_.size() < kIdleReaders) readers_.push_back(std::move(reader));
}

}  // namespace dyno::store

// The real dynod with its state folder on a small file system of its own, which the test fills and empties, or makes read-only. Issue 16,
// rows N4 to N6.
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <cstring>
#include <vector>

#include "app/file_check.h"
#include "fakes/fake_clock.h"
#include "integration/app/dynod_process.h"
#include "store/database.h"
#include "store/reader.h"

namespace dyno::app {
namespace {

constexpr auto kNightly = R"(schema: schedule/1
name: nightly
stacks: [waiting]
profile: short
cron: "0 3 * * *"
time_zone: UTC
)";

class FullDisk : public DynodProcess {
 protected:
  void SetUp() override {
    const std::string data = (folder_ / "data").string();
    fs::create_directories(data);
    // Seen by this thread and what it starts alone, and gone with them.
    is_mounted_ = unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                  mount("tmpfs", data.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=8m,mode=0700") == 0;
    if (!is_mounted_) GTEST_SKIP() << "no small file system can be mounted: " << std::strerror(errno);
    write("profiles/short.yaml", profile_of(1, "connections: 8, measure: 1s"));
    floor("4KiB");
    give_images();
  }
  ~FullDisk() override {
    end(SIGKILL);
    if (is_mounted_) umount2((folder_ / "data").c_str(), MNT_DETACH);
  }

  void floor(const std::string& bytes) {
    if (config_.empty())
      config_ = read_file((folder_ / "config.yaml").string(), 4096, FileKind::regular_or_pipe).value();
    write("config.yaml", config_ + "disk_floor: " + bytes + "\n");
  }
  // Leaves so many bytes.
  void fill(std::size_t left = 0) const {
    struct statvfs disk {};
    ASSERT_EQ(statvfs((folder_ / "data").c_str(), &disk), 0);
    const std::size_t free = disk.f_bavail * disk.f_frsize;
    const Descriptor file(open((folder_ / "data/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (free > left) {
      ASSERT_EQ(posix_fallocate(file.get(), 0, static_cast<off_t>(free - left)), 0);
    }
  }
  void empty() const { fs::remove(folder_ / "data/ballast"); }
  // Only while nobody has a file of it open for writing.
  void mount_again(unsigned long flags) const {
    ASSERT_EQ(mount(nullptr, (folder_ / "data").c_str(), nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV | flags, nullptr),
              0)
        << std::strerror(errno);
  }

  // The state folder and all that is in it; false: not possible here.
  bool set_immutable(bool is_to_be) const {
    std::vector<fs::path> paths{folder_ / "data"};
    for (const auto& entry : fs::directory_iterator(folder_ / "data")) paths.push_back(entry.path());
    bool done = true;
    for (const fs::path& path : paths) {
      const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      int flags = 0;
      if (ioctl(file.get(), FS_IOC_GETFLAGS, &flags) != 0) return false;
      flags = is_to_be ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
      done = ioctl(file.get(), FS_IOC_SETFLAGS, &flags) == 0 && done;
    }
    return done;
  }

  std::string run(const std::string& id) const { return get("/api/v1/runs/" + id); }
  bool is_held(const std::string& why) const {
    return get("/api/v1/queue").find("\"held\":{\"reason\":\"" + why + "\"") != std::string::npos;
  }
  // A run that waits for the engine to make its network.
  std::string run_under_way() {
    engine_.add_fault({.pattern = "POST /networks/create", .kind = fakes::WireFaultKind::stall_head});
    start();
    std::string id = queue_run();
    EXPECT_TRUE(await([this] { return asked_for("POST /networks/create"); })) << log();
    return id;
  }
  void engine_is_back() {
    engine_.clear_faults();
    give_images();
    engine_.listen_again();
  }
  void expect_no_room(const std::string& answer) const {
    EXPECT_EQ(api::status_of(answer), 503) << answer;
    EXPECT_NE(answer.find("/problems/storage-full"), std::string::npos) << answer;
    EXPECT_NE(answer.find("Retry-After: "), std::string::npos) << answer;
  }

  std::string config_;
  bool is_mounted_ = false;
};

TEST_F(FullDisk, RowN4_ARunWaitsForRoomAndGoesOn) {
  const std::string first = run_under_way();
  const std::string second = queue_run();
  fill();
  engine_.die();
  ASSERT_TRUE(await([this] { return is_held("storage_full"); })) << get("/api/v1/queue") << log();
  EXPECT_EQ(api::status_of(get("/readyz")), 503);
  EXPECT_NE(get("/readyz").find("held: storage_full since "), std::string::npos) << get("/readyz");
  expect_no_room(post_run());
  expect_no_room(post("/api/v1/runs/" + first + "/cancel"));
  expect_no_room(post("/api/v1/runs/" + second + "/cancel"));
  engine_is_back();
  std::this_thread::sleep_for(std::chrono::seconds(3));  // longer than thirty tries without a pause take
  EXPECT_FALSE(has_ended(first));
  empty();
  ASSERT_TRUE(await([&] { return has_ended(first) && has_ended(second); })) << log();
  EXPECT_NE(run(first).find("\"resumed\":1"), std::string::npos) << run(first);
  ASSERT_TRUE(await([this] { return get("/readyz").find("held") == std::string::npos; })) << get("/readyz");
}

TEST_F(FullDisk, RowN4_ACancelIsTakenWhenThereIsRoomAndKept) {
  const std::string id = run_under_way();
  fill();
  expect_no_room(post("/api/v1/runs/" + id + "/cancel"));
  EXPECT_FALSE(has_ended(id));
  empty();
  EXPECT_EQ(api::status_of(post("/api/v1/runs/" + id + "/cancel")), 202);
  fill();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  end(SIGKILL);
  empty();
  engine_.clear_faults();
  give_images();
  start();
  EXPECT_NE(run(id).find("\"state\":\"cancelled\""), std::string::npos) << run(id) << log();
}

TEST_F(FullDisk, RowN5_AnAcknowledgedCancelOutlivesTheDaemonAndARefusedOneWasNone) {
  run_under_way();
  const std::string refused = queue_run();
  const std::string cancelled = queue_run();
  EXPECT_EQ(api::status_of(post("/api/v1/runs/" + cancelled + "/cancel")), 202);
  fill();
  expect_no_room(post("/api/v1/runs/" + refused + "/cancel"));
  end(SIGKILL);
  empty();
  engine_.clear_faults();
  give_images();
  start();
  EXPECT_NE(run(cancelled).find("\"state\":\"cancelled\""), std::string::npos) << run(cancelled);
  ASSERT_TRUE(await([&] { return has_ended(refused); })) << log();
  EXPECT_EQ(run(refused).find("\"state\":\"cancelled\""), std::string::npos) << run(refused);
}

TEST_F(FullDisk, RowN6_StartsOnAFullDiskServesWhatItHasAndGoesOverByItself) {
  for (const int how : {SIGTERM, SIGKILL}) {
    SCOPED_TRACE(how);
    start();
    const std::string id = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(id); })) << log();
    end(how);
    fill();
    start();
    EXPECT_NE(run(id).find("\"finished_at\":\""), std::string::npos) << run(id);
    EXPECT_EQ(api::status_of(get("/api/v1/runs/" + id + "/trials")), 200);
    const std::string ready = get("/readyz");
    EXPECT_EQ(api::status_of(ready), 503);
    EXPECT_NE(ready.find("the disk is full"), std::string::npos) << ready;
    ASSERT_TRUE(await([this] { return is_held("storage_full") || is_held("disk_low"); })) << get("/api/v1/queue");
    expect_no_room(post_run());
    empty();
    ASSERT_TRUE(await([this] { return api::status_of(get("/readyz")) == 200; })) << get("/readyz") << log();
    const std::string after = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(after); })) << log();
    end(SIGTERM);
  }
}

TEST_F(FullDisk, RowN6_SettlesAndGoesOnOnceThereIsRoomForIt) {
  const std::string under_way = run_under_way();
  const std::string waiting = queue_run();
  end(SIGKILL);
  fill();
  engine_.clear_faults();
  give_images();
  start();
  EXPECT_FALSE(has_ended(under_way));
  EXPECT_FALSE(has_ended(waiting));
  for (const std::string& id : {under_way, waiting}) expect_no_room(post("/api/v1/runs/" + id + "/cancel"));
  expect_no_room(post("/api/v1/runs/" + waiting + "/move"));
  empty();
  ASSERT_TRUE(await([&] { return has_ended(under_way) && has_ended(waiting); })) << log();
  EXPECT_NE(run(under_way).find("\"resumed\":1"), std::string::npos) << run(under_way);
}

TEST_F(FullDisk, ALargeDatabaseIsCheckedOnceThereIsRoom) {
  const std::string file = folder_ / "data/stackdyno.db";
  ASSERT_TRUE(store::Database::open(file));
  fill();
  const auto database = store::Database::open(file, 0);
  ASSERT_TRUE(database) << database.error().message;
  fakes::FakeClock clock(fakes::FakeClock::Mode::manual);
  const FileCheck check(**database, clock);
  ASSERT_TRUE(await([&] { return clock.waiters() == 1 || !check.check().ok; }));
  EXPECT_TRUE(check.check().ok) << check.check().text;
  empty();
  ASSERT_TRUE((*database)->recover());
  clock.advance(std::chrono::minutes(1));
  EXPECT_TRUE(await([&] { return check.check().text == "checked, no damage found"; })) << check.check().text;
}

TEST_F(FullDisk, RowN6_NoRunBeginsBelowTheFloorAndOneUnderWayPauses) {
  floor("2MiB");
  const std::string id = run_under_way();
  const std::string waiting = queue_run();
  fill(std::size_t{1} << 20U);
  const std::string refused = post_run();
  expect_no_room(refused);
  EXPECT_NE(refused.find("runs need 2.00 MiB (disk_floor)"), std::string::npos) << refused;
  engine_.die();
  ASSERT_TRUE(await([this] { return is_held("disk_low"); })) << get("/api/v1/queue") << log();
  engine_is_back();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(has_ended(id) || has_ended(waiting));
  EXPECT_NE(get("/readyz").find("held: disk_low since "), std::string::npos) << get("/readyz");
  empty();
  ASSERT_TRUE(await([&] { return has_ended(id) && has_ended(waiting); })) << log();
}

TEST_F(FullDisk, StartsInAReadOnlyFolderServesWhatItHasAndGoesOverByItself) {
  write("schedules/nightly.yaml", kNightly);
  config_ = read_file((folder_ / "config.yaml").string(), 4096, FileKind::regular_or_pipe).value();
  write("config.yaml", config_ + "schedules_dir: " + (folder_ / "schedules").string() + "\n");
  for (const int how : {SIGTERM, SIGKILL}) {
    SCOPED_TRACE(how);
    start();
    const std::string id = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(id); })) << log();
    EXPECT_EQ(api::status_of(post("/api/v1/schedules/nightly/pause")), 200);
    end(how);
    mount_again(MS_RDONLY);
    start();
    EXPECT_NE(run(id).find("\"finished_at\":\""), std::string::npos) << run(id);
    const std::string ready = get("/readyz");
    EXPECT_EQ(api::status_of(ready), 503);
    EXPECT_NE(ready.find("data is on a file system that is mounted read-only"), std::string::npos) << ready;
    ASSERT_TRUE(await([this] { return is_held("storage_full"); })) << get("/api/v1/queue");
    expect_no_room(post_run());
    EXPECT_NE(post_run().find("mounted read-only"), std::string::npos) << post_run();
    EXPECT_NE(get("/api/v1/schedules").find("\"paused_at\":\""), std::string::npos) << get("/api/v1/schedules");
    EXPECT_NE(log().find("serving what is stored, until it can be written"), std::string::npos);
    mount_again(0);
    ASSERT_TRUE(await([this] { return api::status_of(get("/readyz")) == 200; })) << get("/readyz") << log();
    const std::string after = queue_run();
    ASSERT_TRUE(await([&] { return has_ended(after); })) << log();
    end(SIGTERM);
  }
}

TEST_F(FullDisk, ADamagedDatabaseIsServedUntilACopyTakesItsPlace) {
  const std::string file = folder_ / "data/stackdyno.db";
  start();
  const std::string id = queue_run();
  ASSERT_TRUE(await([&] { return has_ended(id); })) << log();
  end(SIGTERM);
  fs::copy_file(file, folder_ / "copy.db");
  {
    std::fstream raw(file, std::ios::in | std::ios::out | std::ios::binary);
    raw.seekp(static_cast<std::streamoff>(fs::file_size(file) - 4096));
    for (int i = 0; i < 4096; ++i) raw.put('\x5a');
  }
  start();
  const std::string ready = get("/readyz");
  EXPECT_EQ(api::status_of(ready), 503);
  EXPECT_NE(ready.find("put a copy in its place and start again"), std::string::npos) << ready;
  EXPECT_EQ(ready.find("no damage found"), std::string::npos) << ready;
  ASSERT_TRUE(await([this] { return is_held("storage_full"); })) << get("/api/v1/queue");
  expect_no_room(post_run());
  EXPECT_EQ(api::status_of(get("/api/v1/stacks")), 200);
  end(SIGTERM);
  fs::copy_file(folder_ / "copy.db", file, fs::copy_options::overwrite_existing);
  start();
  ASSERT_TRUE(await([this] { return api::status_of(get("/readyz")) == 200; })) << get("/readyz") << log();
  EXPECT_NE(run(id).find("\"finished_at\":\""), std::string::npos) << run(id);
}

TEST_F(FullDisk, SettlesAndGoesOnOnceItsFolderCanBeWritten) {
  const std::string under_way = run_under_way();
  const std::string waiting = queue_run();
  end(SIGKILL);
  mount_again(MS_RDONLY);
  engine_.clear_faults();
  give_images();
  start();
  EXPECT_FALSE(has_ended(under_way) || has_ended(waiting));
  for (const std::string& id : {under_way, waiting}) expect_no_room(post("/api/v1/runs/" + id + "/cancel"));
  mount_again(0);
  ASSERT_TRUE(await([&] { return has_ended(under_way) && has_ended(waiting); })) << log();
  EXPECT_NE(run(under_way).find("\"resumed\":1"), std::string::npos) << run(under_way);
}

// A file system that becomes read-only under a daemon does so by a fault, and stays so. What may not be changed any more answers alike.
TEST_F(FullDisk, AFolderThatBecomesReadOnlyHoldsTheQueueUntilItIsNot) {
  umount2((folder_ / "data").c_str(), MNT_DETACH);  // what is beneath it, if that knows files that may not be changed
  const std::string first = run_under_way();
  const std::string second = queue_run();
  if (!set_immutable(true)) {
    set_immutable(false);
    GTEST_SKIP() << "this file system has no files that may not be changed";
  }
  engine_.die();
  const bool is_seen = await([this] { return is_held("storage_full"); });
  const std::string ready = get("/readyz");
  expect_no_room(post_run());
  engine_is_back();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(has_ended(first) || has_ended(second));
  EXPECT_TRUE(set_immutable(false));
  EXPECT_TRUE(is_seen) << log();
  EXPECT_NE(ready.find("may not be written: Operation not permitted"), std::string::npos) << ready;
  ASSERT_TRUE(await([&] { return has_ended(first) && has_ended(second); })) << log();
  EXPECT_NE(run(first).find("\"resumed\":1"), std::string::npos) << run(first);
}

}  // namespace
}  // namespace dyno::app

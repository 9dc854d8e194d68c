// Eviction on real files: what nobody maps is forgotten, what somebody maps stays and is told.
#include "docker/engine_machine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace dyno::docker {
namespace {

constexpr std::size_t kSize = 1U << 20U;
constexpr long kTmpfs = 0x01021994;  // linux/magic.h: has no page cache beneath it to drop

class PageCache : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::current_path() / "page-cache-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::filesystem::create_directory(folder_ / "inside");
    std::ofstream(folder_ / "inside" / "file") << std::string(kSize, 'x');
    struct statfs fs {};
    ASSERT_EQ(::statfs(folder_.c_str(), &fs), 0);
    if (fs.f_type == kTmpfs) GTEST_SKIP() << "this folder is on a tmpfs";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(PageCache, ForgetsWhatNobodyMaps) {
  const auto outcome = evict_files({folder_.string()});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size.value, static_cast<std::int64_t>(kSize));
  EXPECT_EQ(outcome->resident.value, 0);
}

TEST_F(PageCache, TellsWhatIsMappedAndStays) {
  const int fd = ::open((folder_ / "inside" / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  void* const mapped = ::mmap(nullptr, kSize, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const auto outcome = evict_files({folder_.string()});
  ::munmap(mapped, kSize);
  ::close(fd);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_GT(outcome->resident.value, static_cast<std::int64_t>(kSize) / 2);
}

TEST_F(PageCache, RefusesAFolderThatItCannotRead) {
  const auto outcome = evict_files({(folder_ / "absent").string()});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace dyno::docker

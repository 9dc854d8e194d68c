#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

namespace dyno {
namespace {

namespace fs = std::filesystem;

class FileTest : public ::testing::Test {
 protected:
  FileTest() : folder_(fs::temp_directory_path() / ("dywrong_kind_test." + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~FileTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file_of(const std::string& bytes) const {
    std::ofstream(path("file"), std::ios::binary) << bytes;
    return path("file");
  }

 private:
  fs::path folder_;
};

TEST_F(FileTest, GivesEveryByteUpToTheLimit) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 4095, 4096, 4097, 100'000}) {
    std::string bytes(size, 'a');
    if (size > 0) bytes[size / 2] = '\0';
    EXPECT_EQ(read_file(file_of(bytes), size), bytes) << size;
    if (size > 0) {
      EXPECT_EQ(read_file(file_of(bytes), size - 1).error().fault, FileFault::too_large) << size;
    }
  }
}

TEST_F(FileTest, NamesWhatIsWrong) {
  const auto missing = read_file(path("no such file"), 10);
  EXPECT_EQ(missing.error().fault, FileFault::missing);
  EXPECT_EQ(missing.error().message, "cannot read " + path("no such file") + ": no such file");
  EXPECT_EQ(missing.error().error().code, ErrorCode::not_found);
  EXPECT_EQ(read_file(path("."), 10).error().fault, FileFault::wrong_kind);
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(path("pipe"), 10).error().fault, FileFault::wrong_kind);  // and does not wait for a writer
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  ASSERT_EQ(::write(writer.get(), "piped", 5), 5);
  writer.close();
  EXPECT_EQ(read_file("/proc/self/fd/" + std::to_string(reader.get()), 10, FileKind::regular_or_pipe), "piped");
  EXPECT_EQ(read_file("/proc/self/mem", 10).error().fault, FileFault::unreadable);  // nothing is mapped at 0
}

// Files of the kernel say that they have no bytes.
TEST_F(FileTest, ReadsFilesOfTheKernelAndKeepsTheirLimit) {
  const auto status = read_file("/proc/self/status", 1 << 20);
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->starts_with("Name:"));
  EXPECT_EQ(read_file("/proc/self/status", 100).error().fault, FileFault::too_large);
}

TEST(Descriptors, AreClosedOnce) {
  Descriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int fd = first.get();
  ASSERT_TRUE(first.is_open());
  Descriptor second(std::move(first));
  EXPECT_FALSE(first.is_open());  // NOLINT(bugprone-use-after-move): what a moved one says is what is tested
  EXPECT_EQ(second.get(), fd);
  second = Descriptor();
  EXPECT_FALSE(second.is_open());
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

}  // namespace
}  // namespace dyno

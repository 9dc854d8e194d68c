#include "docker/context_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>

#include "base/sha256.h"

namespace dyno::docker {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Entry {
  std::string name;
  std::string content;
  std::string link;
  unsigned mode = 0;
  std::int64_t mtime = 0;
  std::int64_t owner = 0;
};

// As any other reader of tar sees it.
std::vector<Entry> entries_of(const std::string& tar) {
  std::vector<Entry> entries;
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(), &archive_read_free);
  archive_read_support_format_tar(reader.get());
  EXPECT_EQ(archive_read_open_memory(reader.get(), tar.data(), tar.size()), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    Entry read{archive_entry_pathname(entry),
               std::string(static_cast<std::size_t>(archive_entry_size(entry)), '\0'),
               "",
               archive_entry_perm(entry),
               archive_entry_mtime(entry),
               archive_entry_uid(entry) + archive_entry_gid(entry)};
    if (const char* const link = archive_entry_symlink(entry)) read.link = link;
    EXPECT_EQ(archive_read_data(reader.get(), read.content.data(), read.content.size()),
              static_cast<la_ssize_t>(read.content.size()));
    entries.push_back(std::move(read));
  }
  return entries;
}

class ContextArchive : public ::testing::Test {
 protected:
  ContextArchive() {
    std::string pattern = (fs::temp_directory_path() / "dyno-context-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("Dockerfile", "FROM scratch\n");
  }
  ~ContextArchive() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << content;
  }
  // The bytes that would be sent; their hash is checked here, for every test.
  std::string packed() {
    const auto context = pack_context(folder_.string(), "Dockerfile");
    EXPECT_TRUE(context) << context.error().message;
    if (!context) return {};
    std::string tar(context->bytes.size(), '\0');
    EXPECT_EQ(context->bytes.read_at(0, tar).value_or(0), tar.size());
    EXPECT_EQ(context->hash, sha256_hex(tar));
    return tar;
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const Entry& entry : entries_of(packed())) names.push_back(entry.name);
    return names;
  }
  Error refusal() {
    const auto context = pack_context(folder_.string(), "Dockerfile");
    EXPECT_FALSE(context);
    return context ? Error{} : context.error();
  }

  fs::path folder_;
};

TEST_F(ContextArchive, IsSortedAndTellsNothingOfThisMachine) {
  write("src/b.txt", "b");
  write("src/a.txt", "");
  write("run.sh", "#!/bin/sh\n");
  fs::permissions(folder_ / "run.sh", fs::perms(0700));
  fs::create_symlink("src/b.txt", folder_ / "link");
  const auto entries = entries_of(packed());
  ASSERT_THAT(names(), ElementsAre("Dockerfile", "link", "run.sh", "src/", "src/a.txt", "src/b.txt"));
  for (const Entry& entry : entries) {
    EXPECT_EQ(entry.mtime, 0) << entry.name;
    EXPECT_EQ(entry.owner, 0) << entry.name;
  }
  EXPECT_EQ(entries[1].link, "src/b.txt");
  EXPECT_EQ(entries[2].mode, 0755U);
  EXPECT_EQ(entries[5].mode, 0644U);
  EXPECT_EQ(entries[5].content, "b");
}

TEST_F(ContextArchive, IsTheSameForTheSameFiles) {
  write("a", "1");
  const std::string first = packed();
  fs::last_write_time(folder_ / "a", fs::file_time_type::clock::now() - std::chrono::hours(5));
  fs::permissions(folder_ / "a", fs::perms(0600));
  EXPECT_EQ(first, packed());
  write("a", "2");
  EXPECT_NE(first, packed());
}

TEST_F(ContextArchive, LeavesOutWhatTheIgnoreFileNames) {
  write(".dockerignore", "node_modules\ndist/\n*.log\nDockerfile\n");
  write("node_modules/x/index.js", "x");
  write("dist/app.js", "x");
  write("a.log", "x");
  write("package.json", "{}");
  EXPECT_THAT(names(), ElementsAre(".dockerignore", "Dockerfile", "package.json"));
}

TEST_F(ContextArchive, TakesExceptionsBackIn) {
  write(".dockerignore", "dist\n!dist/keep.js\n");
  write("dist/keep.js", "x");
  write("dist/drop.js", "x");
  EXPECT_THAT(names(), ElementsAre(".dockerignore", "Dockerfile", "dist/keep.js"));
}

TEST_F(ContextArchive, RefusesALinkThatLeaves) {
  for (const char* const target : {"/etc/passwd", "../outside", "sub/../../outside"}) {
    fs::create_symlink(target, folder_ / "link");
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << target;
    EXPECT_THAT(error.message, HasSubstr("link")) << target;
    fs::remove(folder_ / "link");
  }
  fs::create_directories(folder_ / "sub");
  fs::create_symlink("../Dockerfile", folder_ / "sub/link");
  EXPECT_EQ(names().size(), 3U);
}

TEST_F(ContextArchive, RefusesWhatIsNeitherFileNorFolder) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal().code, ErrorCode::invalid_argument);
}

TEST_F(ContextArchive, KeepsNamesByteForByte) {
  write(
      "\xc3\xbc"
      "bersicht.txt",
      "x");
  write("z\xc3\xbcr.txt", "y");
  fs::create_symlink("z\xc3\xbcr.txt", folder_ / "link");
  write("latin\xfc.txt", "z");
  const auto entries = entries_of(packed());
  EXPECT_THAT(names(), ElementsAre("Dockerfile", "latin\xfc.txt", "link", "z\xc3\xbcr.txt",
                                   "\xc3\xbc"
                                   "bersicht.txt"));
  EXPECT_EQ(entries.at(2).link, "z\xc3\xbcr.txt");
}

TEST_F(ContextArchive, RefusesWhatIsTooLargeBeforeItIsRead) {
  write("data.bin", "");
  fs::resize_file(folder_ / "data.bin", std::uintmax_t{900} << 20U);
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::exhausted);
  EXPECT_THAT(error.message, HasSubstr("data.bin"));
  EXPECT_THAT(error.message, HasSubstr("512 MiB"));
  EXPECT_THAT(error.message, HasSubstr(".dockerignore"));
  write(".dockerignore", "data.bin\n");
  EXPECT_THAT(names(), ElementsAre(".dockerignore", "Dockerfile"));
}

long peak_kib() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_F(ContextArchive, CostsNoMemoryForALargeFile) {
  write("data.bin", "");
  fs::resize_file(folder_ / "data.bin", std::uintmax_t{300} << 20U);
  const long before = peak_kib();
  const auto context = pack_context(folder_.string(), "Dockerfile");
  ASSERT_TRUE(context) << context.error().message;
  EXPECT_GT(context->bytes.size(), std::uint64_t{300} << 20U);
  EXPECT_LT(peak_kib() - before, 32 * 1024);
}

TEST_F(ContextArchive, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  write("data.bin", std::string(100'000, 'x'));
  EXPECT_EQ(pack_context(folder_.string(), "Dockerfile", stop.get_token()).error().code, ErrorCode::cancelled);
}

TEST_F(ContextArchive, NeedsItsDockerfile) {
  fs::remove(folder_ / "Dockerfile");
  EXPECT_EQ(refusal().code, ErrorCode::not_found);
}

TEST_F(ContextArchive, AProgramIsItsOnlyFile) {
  write("bin/tool",
        "\x7f"
        "ELF");
  const auto tar = archive_program((folder_ / "bin/tool").string());
  ASSERT_TRUE(tar) << tar.error().message;
  const auto entries = entries_of(*tar);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].name, "tool");
  EXPECT_EQ(entries[0].mode, 0755U);
  EXPECT_FALSE(archive_program((folder_ / "nothing").string()));
}

TEST_F(ContextArchive, Row28TheDockerfileThatIsReadIsTheOneThatIsSent) {
  write("Dockerfile", "FROM scratch\n# as sent\n");
  EXPECT_EQ(pack_context(folder_.string(), "./Dockerfile")->dockerfile_text, "FROM scratch\n# as sent\n");
  EXPECT_EQ(pack_context(folder_.string(), "./Dockerfile")->dockerfile, "Dockerfile");
  write("sub/Dockerfile", "FROM scratch\n");
  fs::create_directory_symlink("sub", folder_ / "link");
  EXPECT_THAT(pack_context(folder_.string(), "link/Dockerfile").error().message, HasSubstr("not a link"));
  fs::remove(folder_ / "Dockerfile");
  fs::create_symlink("sub/Dockerfile", folder_ / "Dockerfile");
  EXPECT_THAT(refusal().message, HasSubstr("not a link"));
}

}  // namespace
}  // namespace dyno::docker

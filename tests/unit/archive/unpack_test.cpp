// A folder there and back, and archives that nobody's tar would write.
#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "archive/folder.h"

namespace dyno::archive {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Hostile {
  std::string name;
  unsigned type = AE_IFREG;
  std::string content{};
  std::string link{};
  std::string hard_link{};
  la_int64_t sparse_size = 0;  // the content, and then a hole
};

class Unpack : public testing::Test {
 protected:
  Unpack() {
    std::string pattern = (fs::temp_directory_path() / "dyno-unpack-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    fs::create_directories(target());
  }
  ~Unpack() override { fs::remove_all(root_); }

  fs::path target() const { return root_ / "target"; }
  fs::path tar() const { return root_ / "x.tar"; }
  static void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  static std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  void pack(const std::vector<Hostile>& entries) const {
    const std::unique_ptr<::archive, int (*)(::archive*)> out(archive_write_new(), &archive_write_free);
    archive_write_set_format_pax_restricted(out.get());
    archive_write_open_filename(out.get(), tar().c_str());
    for (const Hostile& one : entries) {
      const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), &archive_entry_free);
      archive_entry_set_pathname(entry.get(), one.name.c_str());
      archive_entry_set_filetype(entry.get(), one.type);
      archive_entry_set_perm(entry.get(), 07777);
      if (!one.link.empty()) archive_entry_set_symlink(entry.get(), one.link.c_str());
      if (!one.hard_link.empty()) archive_entry_set_hardlink(entry.get(), one.hard_link.c_str());
      const auto size = static_cast<la_int64_t>(one.content.size());
      archive_entry_set_size(entry.get(), std::max(size, one.sparse_size));
      if (one.sparse_size > size) archive_entry_sparse_add_entry(entry.get(), 0, size);
      archive_write_header(out.get(), entry.get());
      archive_write_data(out.get(), one.content.data(), one.content.size());
    }
    archive_write_close(out.get());
  }

  fs::path root_;
};

TEST_F(Unpack, BringsBackWhatWasPacked) {
  const fs::path folder = root_ / "folder";
  write(folder / "a.txt", "a");
  write(folder / "deep/er/b.bin", std::string(200'000, '\0') + "end");
  write(folder / "run.sh", "#!");
  fs::permissions(folder / "run.sh", fs::perms::owner_all);
  fs::create_directories(folder / "empty");
  fs::create_symlink("../a.txt", folder / "deep/link");
  write(folder / ".git/config", "not packed");
  write(folder / "node_modules/x", "not packed");
  write(folder / "services/db/service.yaml", "kept");
  write(folder / ".dockerignore", "node_modules\nservices\n");
  std::ofstream out(tar(), std::ios::binary);
  const auto packed = pack_folder(folder.string(), {"services/"}, [&](std::string_view bytes) {
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return Status();
  });
  out.close();
  ASSERT_TRUE(packed) << packed.error().message;
  const auto unpacked = unpack_folder(tar().string(), target());
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(read(target() / "a.txt"), "a");
  EXPECT_EQ(read(target() / "deep/er/b.bin"), read(folder / "deep/er/b.bin"));
  EXPECT_EQ(fs::read_symlink(target() / "deep/link"), "../a.txt");
  EXPECT_TRUE(fs::is_directory(target() / "empty"));
  EXPECT_EQ(fs::status(target() / "run.sh").permissions() & fs::perms::owner_exec, fs::perms::owner_exec);
  EXPECT_EQ(fs::status(target() / "a.txt").permissions() & fs::perms::owner_exec, fs::perms::none);
  EXPECT_EQ(read(target() / "services/db/service.yaml"), "kept");
  EXPECT_FALSE(fs::exists(target() / ".git"));
  EXPECT_FALSE(fs::exists(target() / "node_modules"));
}

TEST_F(Unpack, WritesNowhereElse) {
  struct Row {
    std::vector<Hostile> entries;
    const char* words;
  };
  const std::vector<Row> rows{
      {{{"/etc/x"}}, "the archive's entry /etc/x has an absolute path"},
      {{{"../x"}}, "../x leads out of the folder"},
      {{{"a/../../x"}}, "leads out of the folder"},
      {{{"l", AE_IFLNK, "", "/etc"}}, "l is a link that leaves the folder: /etc"},
      {{{"l", AE_IFLNK, "", ".."}}, "is a link that leaves the folder"},
      {{{"l", AE_IFLNK, "", "a"}, {"l/x"}}, "l/x stands below the link l"},
      {{{"d/l", AE_IFLNK, "", ".."}, {"d/l/m", AE_IFLNK, "", "../.."}}, "stands below the link d/l"},
      {{{"d/x"}, {"d", AE_IFLNK, "", "e"}}, "d is a folder and a link"},
      {{{"x"}, {"x"}}, "x stands there twice"},
      {{{"x"}, {"h", AE_IFREG, "", "", "x"}}, "h is a hard link"},
      {{{"f", AE_IFIFO}}, "f is neither file, folder nor link"},
      {{{"c", AE_IFCHR}}, "c is neither file, folder nor link"},
      {{{"f"}, {"f/x"}}, "f cannot be made"},
      {{{"s", AE_IFREG, "x", "", "", la_int64_t{1} << 40}}, "s makes it more than 512 MiB"},
      {{}, "the archive is empty"},
  };
  for (const auto& [entries, words] : rows) {
    fs::remove_all(target());
    fs::create_directories(target());
    pack(entries);
    const auto unpacked = unpack_folder(tar().string(), target());
    ASSERT_FALSE(unpacked) << words;
    EXPECT_EQ(unpacked.error().code, ErrorCode::invalid_argument) << words;
    EXPECT_THAT(unpacked.error().message, HasSubstr(words));
    EXPECT_FALSE(fs::exists(target() / "s")) << "no hole is written";
    std::vector<std::string> beside;
    for (const auto& entry : fs::directory_iterator(root_)) beside.push_back(entry.path().filename());
    EXPECT_THAT(beside, testing::UnorderedElementsAre("target", "x.tar"));
  }
}

TEST_F(Unpack, TellsACutOffArchiveFromAWholeOne) {
  pack({{"a", AE_IFREG, std::string(100'000, 'x')}, {"b"}});
  fs::resize_file(tar(), 50'000);
  EXPECT_FALSE(unpack_folder(tar().string(), target()));
  write(tar(), "no archive at all");
  EXPECT_THAT(unpack_folder(tar().string(), target()).error().message, HasSubstr("it is no tar archive"));
}

}  // namespace
}  // namespace dyno::archive

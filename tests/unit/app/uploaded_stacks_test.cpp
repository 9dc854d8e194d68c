#include "app/uploaded_stacks.h"

#include <gtest/gtest.h>

#include <fstream>

#include "archive/folder.h"
#include "base/scratch_folder.h"
#include "fakes/fake_clock.h"

namespace dyno::app {
namespace {

namespace fs = std::filesystem;

class UploadedStacksTest : public testing::Test {
 protected:
  // What was kept of a folder whose stack has this title.
  UploadedStacks::Kept keep(const std::string& title, const std::string& name = {}) {
    const fs::path folder = root_.path() / "source";
    fs::create_directories(folder);
    std::ofstream(folder / "stackdyno.yaml") << "schema: stack/1\ncontract: own\nname: orders\ntitle: " << title
                                             << "\nimage: example/orders:1\nrun: {port: 8080}\n";
    const fs::path tar = root_.path() / "x.tar";
    std::ofstream out(tar, std::ios::binary);
    EXPECT_TRUE(archive::pack_folder(folder.string(), {}, [&](std::string_view bytes) {
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      return Status();
    }));
    out.close();
    auto kept = stacks_.keep(tar, name, [](const std::string&) { return false; });
    EXPECT_TRUE(kept) << kept.error().message;
    return kept ? *kept : UploadedStacks::Kept{};
  }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_.path() / "kept"), fs::directory_iterator()));
  }

  ScratchFolder root_ = ScratchFolder::create("dyno-uploaded-").value();
  fakes::FakeClock clock_{fakes::FakeClock::Mode::manual};
  UploadedStacks stacks_{root_.path() / "kept", clock_};
};

TEST_F(UploadedStacksTest, ForgetsTheOldButForTheNewestOfEachName) {
  keep("First");
  clock_.advance(std::chrono::hours(1));
  keep("Second");
  keep("Second", "orders@main");
  EXPECT_EQ(count(), 3U);
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(stacks_.forget(std::chrono::hours(26)), 0) << "none is so old";
  EXPECT_EQ(stacks_.forget(std::chrono::hours(2)), 1);
  EXPECT_EQ(count(), 2U);
  EXPECT_TRUE(keep("Second").was_there) << "the newest stayed";
  EXPECT_TRUE(keep("Second", "orders@main").was_there);
}

TEST_F(UploadedStacksTest, TheSameContentIsNewAgainBehindAnother) {
  EXPECT_FALSE(keep("First").was_there);
  EXPECT_TRUE(keep("First").was_there);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(keep("Second").was_there);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(keep("First").was_there) << "it is the newest now";
}

}  // namespace
}  // namespace dyno::app

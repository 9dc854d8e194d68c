#include "run/present_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::run {
namespace {

using std::chrono::milliseconds;

constexpr auto kRun = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";

TEST(PresentBuild, IsSeenFromItsFirstLineToItsEnd) {
  PresentBuild present;
  present.begin(kRun, model::ImageOwner::stack, "alpha");
  EXPECT_FALSE(present.look()) << "an image that was there already is not built";
  EXPECT_FALSE(present.told(model::BuildState::succeeded, {}));
  for (int i = 1; i <= 30; ++i) present.add({"line " + std::to_string(i), "Step 2/3 : RUN make"});
  const auto seen = present.look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->run_id, kRun);
  EXPECT_EQ(seen->build.name, "alpha");
  EXPECT_EQ(seen->build.step, "Step 2/3 : RUN make");
  EXPECT_EQ(seen->build.lines, 30);
  ASSERT_EQ(seen->last_lines.size(), 12U);
  EXPECT_EQ(seen->last_lines.front(), "line 19");
  EXPECT_EQ(seen->last_lines.back(), "line 30");
  present.end();
  EXPECT_FALSE(present.look());
}

TEST(PresentBuild, IsReadFromAnyPosition) {
  PresentBuild present;
  present.begin(kRun, model::ImageOwner::stack, "alpha");
  present.add({"one", {}});
  auto piece = present.read(kRun, "alpha", 0, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "one\n");
  present.add({"two", {}});
  piece = present.read(kRun, "alpha", piece->next, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "two\n");
  piece = present.read(kRun, "alpha", piece->next, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "") << "it goes on, without a new line";
  EXPECT_FALSE(present.read(kRun, "beta", 0, milliseconds(0), {}));
  EXPECT_FALSE(present.read("another run", "alpha", 0, milliseconds(0), {}));
  present.end();
  EXPECT_FALSE(present.read(kRun, "alpha", 0, milliseconds(0), {}));
}

}  // namespace
}  // namespace dyno::run

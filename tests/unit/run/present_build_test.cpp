#include "run/present_build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::run {
namespace {

using std::chrono::milliseconds;

constexpr auto kRun = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";

TEST(PresentBuild, IsSeenFromItsFirstLineToItsEnd) {
  PresentBuild present;
  auto& alpha = present.begin(kRun, model::ImageOwner::stack, "alpha");
  EXPECT_FALSE(present.look()) << "an image that was there already is not built";
  EXPECT_FALSE(present.told(alpha, model::BuildState::succeeded, {}));
  for (int i = 1; i <= 30; ++i) present.add(alpha, {"line " + std::to_string(i), "Step 2/3 : RUN make"});
  const auto seen = present.look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->run_id, kRun);
  EXPECT_EQ(seen->build.name, "alpha");
  EXPECT_EQ(seen->build.step, "Step 2/3 : RUN make");
  EXPECT_EQ(seen->build.lines, 30);
  ASSERT_EQ(seen->last_lines.size(), 12U);
  EXPECT_EQ(seen->last_lines.front(), "line 19");
  EXPECT_EQ(seen->last_lines.back(), "line 30");
  present.end(alpha);
  EXPECT_FALSE(present.look());
}

TEST(PresentBuild, IsReadFromAnyPosition) {
  PresentBuild present;
  auto& alpha = present.begin(kRun, model::ImageOwner::stack, "alpha");
  present.add(alpha, {"one", {}});
  auto piece = present.read(kRun, "alpha", 0, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "one\n");
  present.add(alpha, {"two", {}});
  piece = present.read(kRun, "alpha", piece->next, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "two\n");
  piece = present.read(kRun, "alpha", piece->next, milliseconds(0), {});
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->text, "") << "it goes on, without a new line";
  EXPECT_FALSE(present.read(kRun, "beta", 0, milliseconds(0), {}));
  EXPECT_FALSE(present.read("another run", "alpha", 0, milliseconds(0), {}));
  present.end(alpha);
  EXPECT_FALSE(present.read(kRun, "alpha", 0, milliseconds(0), {}));
}

TEST(PresentBuild, KeepsThoseThatGoOnAtOnceApart) {
  PresentBuild present;
  auto& alpha = present.begin(kRun, model::ImageOwner::stack, "alpha");
  auto& beta = present.begin(kRun, model::ImageOwner::stack, "beta");
  present.add(beta, {"two", {}});
  ASSERT_TRUE(present.look());
  EXPECT_EQ(present.look()->build.name, "beta") << "the other has told nothing yet";
  present.add(alpha, {"one", {}});
  EXPECT_EQ(present.look()->build.name, "alpha") << "the one that began first";
  ASSERT_EQ(present.builds(kRun).size(), 2U);
  EXPECT_EQ(present.builds(kRun)[1].name, "beta");
  EXPECT_TRUE(present.builds("another run").empty());
  EXPECT_EQ(present.read(kRun, "beta", 0, milliseconds(0), {})->text, "two\n");
  present.end(alpha);
  EXPECT_FALSE(present.read(kRun, "alpha", 0, milliseconds(0), {}));
  EXPECT_EQ(present.read(kRun, "beta", 0, milliseconds(0), {})->text, "two\n");
  EXPECT_EQ(present.told(beta, model::BuildState::succeeded, {})->log.head.text, "two\n");
}

}  // namespace
}  // namespace dyno::run

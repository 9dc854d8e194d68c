#include "contract/image_content.h"
#include "docker/docker_world.h"

namespace dyno::tests {
namespace {

class ImageContentOnDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world_.why_not().empty()) GTEST_SKIP() << world_.why_not();
  }
  std::string name() const { return "test-" + world_.instance(); }

  DockerWorld world_;
};

TEST_F(ImageContentOnDocker, AnEditIsMeasuredWithoutARescan) { expect_an_edit_to_be_measured(world_.engine(), name()); }

TEST_F(ImageContentOnDocker, ARevertedEditLeavesNoImageUnderTheCleanContent) {
  expect_a_reverted_edit_to_leave_no_image(world_.engine(), name());
}

}  // namespace
}  // namespace dyno::tests

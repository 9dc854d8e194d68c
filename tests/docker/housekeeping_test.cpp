// Images of stacks beyond the budget go from the real engine: those used longest ago, and none of a run that is pinned, a baseline or the newest.
#include "app/housekeeping.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "docker/docker_world.h"
#include "store/event_feed.h"
#include "store/journal.h"
#include "store/run_repository.h"
#include "unit/store/sample_run.h"

namespace dyno::tests {
namespace {

class ImagesOnDocker : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!world_.why_not().empty()) GTEST_SKIP() << world_.why_not();
  }
  void TearDown() override {
    for (const std::string& image : images_) static_cast<void>(world_.engine().remove_image(image));
  }

  // A run of the stack that used an image of its own.
  std::string run_with_image(const std::string& stack) {
    auto labels = world_.labels();
    labels["stackdyno.image"] = "stack";
    labels["stackdyno.stack"] = stack;
    labels["stackdyno.content"] = std::to_string(images_.size());
    const auto image = world_.engine().import_program(built_program("docker_test_program"),
                                                      world_.unique(fmt::format("image{}", images_.size())), labels);
    EXPECT_TRUE(image) << image.error().message;
    images_.push_back(*image);
    const std::string id = repository_.enqueue(store::sample_job({stack}), store::at_second(++second_))->run_id;
    model::RunStack made = store::sample_image();
    made.name = stack;
    made.image_id = *image;
    made.image_bytes = world_.engine().inspect_image(*image)->size;
    using S = model::RunState;
    for (const S state : {S::acquiring, S::preparing})
      store::must_append(journal_, id, ++second_, model::RunStateChanged{state, {}});
    store::must_append(journal_, id, ++second_, model::StackPrepared{made});
    store::must_append(journal_, id, ++second_, model::RunStateChanged{S::failed, "for a test"});
    return id;
  }
  bool is_there(std::size_t image) { return world_.engine().inspect_image(images_[image]).has_value(); }

  DockerWorld world_;
  std::unique_ptr<store::Database> database_ = std::move(*store::Database::open_in_memory());
  store::EventFeed feed_;
  store::Journal journal_{*database_, feed_};
  store::RunRepository repository_{*database_, feed_};
  store::Reader reader_{*database_};
  std::vector<std::string> images_;
  int second_ = 0;
};

TEST_F(ImagesOnDocker, ThoseUsedLongestAgoGoUntilTheOthersFit) {
  const std::string pinned = run_with_image("dyno-test-a");
  run_with_image("dyno-test-a");
  run_with_image("dyno-test-a");
  run_with_image("dyno-test-a");
  run_with_image("dyno-test-b");
  ASSERT_TRUE(repository_.mark(pinned, {.pinned = true}));
  const Bytes one = world_.engine().inspect_image(images_[0])->size;
  app::Housekeeping keeping(*database_, reader_, world_.engine(), world_.clock(),
                            std::filesystem::temp_directory_path(),
                            {.series = Nanos(0), .images_budget = Bytes{one.value * 4}});
  const auto said = keeping.prune(true);
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->images_used.value, 5 * one.value);
  ASSERT_EQ(said->images.size(), 1U);
  EXPECT_EQ(said->images.front().image_id, images_[1]) << "the oldest is pinned";
  for (std::size_t i = 0; i < images_.size(); ++i) EXPECT_TRUE(is_there(i)) << i;
  const auto done = keeping.prune(false);
  ASSERT_TRUE(done);
  EXPECT_FALSE(is_there(1));
  for (const std::size_t i : {0U, 2U, 3U, 4U}) EXPECT_TRUE(is_there(i)) << i;
  // However small the budget, what is pinned and the newest of each stack stays.
  app::Housekeeping strict(*database_, reader_, world_.engine(), world_.clock(), std::filesystem::temp_directory_path(),
                           {.series = Nanos(0), .images_budget = Bytes{1}});
  ASSERT_TRUE(strict.prune(false));
  EXPECT_FALSE(is_there(2));
  for (const std::size_t i : {0U, 3U, 4U}) EXPECT_TRUE(is_there(i)) << i;
}

}  // namespace
}  // namespace dyno::tests

#include "app/room.h"

#include <gtest/gtest.h>

namespace dyno::app {
namespace {

TEST(Room, IsAGibibyteOrATwentiethOfTheDiskUnlessItIsConfigured) {
  struct Row {
    std::optional<Bytes> configured;
    Bytes disk;
    Bytes floor;
  };
  const Row rows[] = {{{}, mib(8), mib(1024)},
                      {{}, mib(20 * 1024), mib(1024)},
                      {{}, mib(200 * 1024), mib(10 * 1024)},
                      {mib(0), mib(200 * 1024), mib(0)},
                      {mib(2), mib(8), mib(2)}};
  for (const Row& row : rows) EXPECT_EQ(floor_of(row.configured, row.disk).value, row.floor.value) << row.disk.value;
}

TEST(Room, SaysHowMuchIsMissing) {
  const Room room("/", mib(1024 * 1024 * 1024));
  const auto low = room.trouble();
  ASSERT_TRUE(low);
  EXPECT_EQ(low->kind, run::HoldKind::disk_low);
  EXPECT_NE(low->text.find(" free for /, runs need 1 050 000 GiB (disk_floor)"), std::string::npos) << low->text;
  EXPECT_FALSE(Room("/", mib(0)).trouble());
}

}  // namespace
}  // namespace dyno::app

#include "store/verification_memory.h"

#include <gtest/gtest.h>

namespace dyno::store {
namespace {

TEST(VerificationMemory, RemembersTheKeyAndNoOther) {
  const auto database = std::move(*Database::open_in_memory());
  VerificationMemory memory(*database);
  EXPECT_FALSE(*memory.knows("key"));
  ASSERT_TRUE(memory.remember("key", "sha256:aa", wall_from_ns(1)));
  ASSERT_TRUE(memory.remember("key", "sha256:aa", wall_from_ns(2)));
  EXPECT_TRUE(*VerificationMemory(*database).knows("key"));
  EXPECT_FALSE(*memory.knows("another"));
}

}  // namespace
}  // namespace dyno::store

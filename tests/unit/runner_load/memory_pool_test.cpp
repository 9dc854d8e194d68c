#include "runners/load/http2/memory_pool.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

TEST(MemoryPool, GivesAlignedBlocksThatDoNotOverlap) {
  MemoryPool pool;
  std::vector<std::pair<char*, std::size_t>> blocks;
  for (std::size_t bytes = 0; bytes < 3000; bytes += 7) {
    auto* const block = static_cast<char*>(pool.take(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0U) << bytes;
    std::memset(block, static_cast<int>(blocks.size() & 0x7f), bytes);
    blocks.emplace_back(block, bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    EXPECT_EQ(std::string(block, bytes), std::string(bytes, static_cast<char>(i & 0x7f))) << bytes;
    pool.give_back(block);
  }
}

TEST(MemoryPool, TakesNothingMoreFromTheHeapWhenBlocksComeBack) {
  MemoryPool pool;
  std::size_t slabs = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < 2000; ++i) blocks.push_back(pool.take(i % 1500));
    for (void* const block : blocks) pool.give_back(block);
    if (round == 0) slabs = pool.slabs();
  }
  EXPECT_GT(slabs, 0U);
  EXPECT_EQ(pool.slabs(), slabs);
}

TEST(MemoryPool, KeepsTheBytesOfABlockThatGrows) {
  MemoryPool pool;
  auto* block = static_cast<char*>(pool.resize(nullptr, 10));
  std::memcpy(block, "0123456789", 10);
  for (const std::size_t bytes : {11UL, 100UL, 1000UL, 5000UL, 100'000UL, 20UL}) {
    block = static_cast<char*>(pool.resize(block, bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(std::string(block, 10), "0123456789") << bytes;
  }
  pool.give_back(block);
  pool.give_back(nullptr);
}

}  // namespace
}  // namespace dyno::loadgen

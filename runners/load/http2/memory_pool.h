// The memory of a worker's HTTP/2 sessions, which ask for a handful of small blocks for each stream: blocks come from slabs, and one
// that is given back waits for the next of its size. Once as many streams as ever are under way, nothing is taken from the heap any
// more. Outlives the sessions that use it. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace dyno::loadgen {

class MemoryPool {
 public:
  // Aligned for every type; null when there is no more memory.
  void* take(std::size_t bytes);
  // Null is fine.
  void give_back(void* block);
  // The block, or one of the new size that begins with the same bytes. Null (and the old block stays) when there is no more memory.
  void* resize(void* block, std::size_t bytes);

  // What was taken from the heap for small blocks, in slabs.
  std::size_t slabs() const { return slabs_.size(); }

 private:
  struct alignas(std::max_align_t) Head {
    Head* next = nullptr;   // while it waits
    std::size_t units = 0;  // its size; 0: larger than the pool keeps, and the heap's
    std::size_t bytes = 0;  // that its user may write
  };
  static constexpr std::size_t kUnitBytes = 64;
  static constexpr std::size_t kMostUnits = 32;
  static constexpr std::size_t kSlabBytes = 64 * 1024;

  Head* from_slab(std::size_t units);

  std::array<Head*, kMostUnits + 1> waiting_{};
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::byte* free_ = nullptr;  // the rest of the last slab
  std::size_t left_bytes_ = 0;
};

}  // namespace dyno::loadgen

#include "runners/load/http2/memory_pool.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace dyno::loadgen {

void* MemoryPool::take(std::size_t bytes) {
  const std::size_t units = (sizeof(Head) + bytes + kUnitBytes - 1) / kUnitBytes;
  if (units > kMostUnits) {
    void* const memory = std::malloc(sizeof(Head) + bytes);
    return memory == nullptr ? nullptr : new (memory) Head{nullptr, 0, bytes} + 1;
  }
  Head* head = waiting_[units];
  if (head != nullptr) {
    waiting_[units] = head->next;
  } else {
    head = from_slab(units);
  }
  return head == nullptr ? nullptr : head + 1;
}

MemoryPool::Head* MemoryPool::from_slab(std::size_t units) {
  const std::size_t bytes = units * kUnitBytes;
  if (left_bytes_ < bytes) {
    auto* const slab = new (std::nothrow) std::byte[kSlabBytes];
    if (slab == nullptr) return nullptr;
    slabs_.emplace_back(slab);
    free_ = slab;
    left_bytes_ = kSlabBytes;
  }
  Head* const head = new (free_) Head{nullptr, units, bytes - sizeof(Head)};
  free_ += bytes;
  left_bytes_ -= bytes;
  return head;
}

void MemoryPool::give_back(void* block) {
  if (block == nullptr) return;
  Head* const head = static_cast<Head*>(block) - 1;
  if (head->units == 0) return std::free(head);
  head->next = waiting_[head->units];
  waiting_[head->units] = head;
}

void* MemoryPool::resize(void* block, std::size_t bytes) {
  if (block == nullptr) return take(bytes);
  const std::size_t had = (static_cast<Head*>(block) - 1)->bytes;
  if (bytes <= had) return block;
  void* const larger = take(bytes);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, had);
  give_back(block);
  return larger;
}

}  // namespace dyno::loadgen

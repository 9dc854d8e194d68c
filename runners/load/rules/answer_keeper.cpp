#include "runners/load/rules/answer_keeper.h"

#include <algorithm>
#include <cmath>

namespace dyno::loadgen {

AnswerKeeper::AnswerKeeper(double sample_ratio, std::int64_t least, std::size_t owners)
    : every_(sample_ratio <= 0 ? 0 : std::llround(std::max(1.0, 1 / sample_ratio))), least_(least), kept_(owners) {}

bool AnswerKeeper::begin(std::uint32_t owner, const AnswerRules& rules) {
  Kept& kept = kept_[owner];
  kept.is_sample = every_ != 0 && (++answers_ % every_ == 0 || taken_ < least_);
  if (kept.is_sample) ++taken_;
  kept.is_running = kept.is_sample || rules.has_takes();
  return kept.is_running;
}

void AnswerKeeper::add(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes) {
  if (!kept.is_running) return;
  if (view.empty() && kept.buffer == nullptr) view = bytes;
  else copy(kept, part, view, bytes);
}

void AnswerKeeper::copy(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes) {
  if (kept.buffer == nullptr) {
    if (free_.empty()) {
      buffers_.push_back(std::make_unique<Buffer>());
      free_.reserve(buffers_.size());
      free_.push_back(buffers_.back().get());
    }
    kept.buffer = free_.back();
    free_.pop_back();
    append(kept, &Buffer::head, kept.head, kept.head);
    append(kept, &Buffer::body, kept.body, kept.body);
  }
  append(kept, part, view, bytes);
}

void AnswerKeeper::append(Kept& kept, std::string Buffer::*part, std::string_view& view, std::string_view bytes) {
  if (kept.is_cut) return;
  std::string& kept_part = kept.buffer->*part;
  const std::size_t needed = kept_part.size() + bytes.size();
  if (needed > kept_part.capacity()) {
    if (bytes_ + needed > kMostKept) {
      kept.is_cut = true;
      return;
    }
    const std::size_t before = kept_part.capacity();
    kept_part.reserve(std::max(needed, 2 * before));
    bytes_ += kept_part.capacity() - before;
  }
  kept_part += bytes;
  view = kept_part;
}

void AnswerKeeper::settle(std::uint32_t owner) {
  Kept& kept = kept_[owner];
  if (!kept.is_running || kept.buffer != nullptr) return;
  copy(kept, &Buffer::body, kept.body, {});
}

void AnswerKeeper::forget(std::uint32_t owner) {
  Kept& kept = kept_[owner];
  if (kept.buffer != nullptr) {
    kept.buffer->head.clear();
    kept.buffer->body.clear();
    free_.push_back(kept.buffer);
  }
  kept = Kept();
}

}  // namespace dyno::loadgen

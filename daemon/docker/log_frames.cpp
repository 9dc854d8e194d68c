#include "docker/log_frames.h"

#include <algorithm>

namespace dyno::docker {
namespace {

constexpr std::size_t kLongestFrame = 1u << 20u;
constexpr unsigned char kLastStream = 2;  // stdin, stdout, stderr

std::size_t frame_length(const std::array<unsigned char, 8>& header) {
  return (std::size_t{header[4]} << 24u) | (std::size_t{header[5]} << 16u) | (std::size_t{header[6]} << 8u) |
         std::size_t{header[7]};
}

}  // namespace

bool LogFrames::feed(std::string_view chunk) {
  while (!broken_ && !chunk.empty()) {
    if (frame_left_ > 0) {
      const std::string_view part = chunk.substr(0, frame_left_);
      keep_bytes(part);
      frame_left_ -= part.size();
      chunk.remove_prefix(part.size());
      continue;
    }
    header_[header_size_++] = static_cast<unsigned char>(chunk.front());
    chunk.remove_prefix(1);
    if (header_size_ < header_.size()) continue;
    header_size_ = 0;
    frame_left_ = frame_length(header_);
    broken_ = header_[0] > kLastStream || header_[1] != 0 || header_[2] != 0 || header_[3] != 0 ||
              frame_left_ > kLongestFrame;
  }
  return !broken_;
}

std::string LogFrames::text() const { return text_.size() <= keep_ ? text_ : text_.substr(text_.size() - keep_); }

void LogFrames::keep_bytes(std::string_view bytes) {
  text_ += bytes;
  // Cut seldom, so that keeping the end of a long log stays linear.
  if (text_.size() > 2 * keep_ + kLongestFrame) text_.erase(0, text_.size() - keep_);
}

}  // namespace dyno::docker

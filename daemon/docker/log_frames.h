// Takes apart the multiplexed output of a container: frames of an 8-byte header [stream,0,0,0,length big-endian] and their bytes.
// Chunks may be cut anywhere; the result does not depend on where. Keeps the last bytes only. Not thread-safe, no I/O.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace dyno::docker {

class LogFrames {
 public:
  explicit LogFrames(Bytes keep) : keep_(static_cast<std::size_t>(keep.value < 0 ? 0 : keep.value)) {}

  // False once the stream is not one of frames, or a frame is longer than 1 MiB: what came before it is kept.
  bool feed(std::string_view chunk);

  // The last bytes of stdout and stderr together, in the order in which the engine sent them.
  std::string text() const;

 private:
  void keep_bytes(std::string_view bytes);

  const std::size_t keep_;
  std::array<unsigned char, 8> header_{};
  std::size_t header_size_ = 0;
  std::size_t frame_left_ = 0;
  bool broken_ = false;
  std::string text_;
};

}  // namespace dyno::docker

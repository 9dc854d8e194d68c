// What the engine streams: the answer of a build or an import, and the output of a container. Chunks may be cut anywhere; the
// result does not depend on where. Not thread-safe, no I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "ports/container_engine.h"

namespace dyno::docker {

// Reads the answer of an image build or import: a stream of JSON documents, one a line, cut into chunks anywhere. The engine says
// 200 although a build fails, so success is an image id, no error, and a clean end. The result does not depend on the cuts.
// Not thread-safe, no I/O.
class BuildStream {
 public:
  explicit BuildStream(ports::BuildLog on_line = {}) : on_line_(std::move(on_line)) {}

  // False once the stream is broken or too long a line came: hang up.
  bool feed(std::string_view chunk);

  // After the clean end of the stream: the image id, or why there is none, with the step that failed and the last lines.
  Result<std::string> finish();
  // The reason to hang up, or the engine's own error, if one was read already: it says more than how the connection ended.
  const std::string& problem() const { return broken_.empty() ? error_ : broken_; }
  // storage where the disk was full, else invalid_argument: a step failed.
  ErrorCode code_of_problem() const;
  // The error of a build that `what` ended, with the step it was in and its last lines.
  Error failure(ErrorCode code, std::string_view what) const;

 private:
  void take_document(std::string_view line);
  void take_text(std::string_view text);
  void take_line(std::string_view coloured);

  ports::BuildLog on_line_;
  std::string document_;  // unfinished
  std::string text_;      // unfinished line of output
  std::deque<std::string> last_lines_;
  std::string step_;
  std::string image_id_;
  std::string error_;
  std::string broken_;
};

// Reads the answer of a pull: a stream of JSON documents, one a line, which end with an error or with none. Not thread-safe, no I/O.
class PullStream {
 public:
  explicit PullStream(ports::BuildLog on_line = {}) : on_line_(std::move(on_line)) {}

  // False once the stream is broken: hang up.
  bool feed(std::string_view chunk);
  // The engine's words for what went wrong, as far as it has been read; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  void take(std::string_view document);

  ports::BuildLog on_line_;
  std::string document_;  // unfinished
  std::string last_;      // told
  std::string problem_;
};

// Takes apart the multiplexed output of a container: frames of an 8-byte header [stream,0,0,0,length big-endian] and their bytes.
// Chunks may be cut anywhere; the result does not depend on where. Not thread-safe, no I/O.
class FrameSplitter {
 public:
  // False once the stream is not one of frames, or a frame is longer than 1 MiB. `on_bytes` gets what a frame holds, in parts, and
  // after the last of them the end of the frame.
  struct Part {
    int stream = 1;  // 1 stdout, 2 stderr
    std::string_view bytes;
    bool is_last = false;
  };
  bool feed(std::string_view chunk, const std::function<void(const Part&)>& on_part);

 private:
  std::array<unsigned char, 8> header_{};
  std::size_t header_size_ = 0;
  std::size_t frame_left_ = 0;
  bool broken_ = false;
};

// The last bytes of such output. Not thread-safe, no I/O.
class LogFrames {
 public:
  explicit LogFrames(Bytes keep) : keep_(static_cast<std::size_t>(keep.value < 0 ? 0 : keep.value)) {}

  // False once the stream is broken: what came before is kept.
  bool feed(std::string_view chunk);

  // The last bytes of stdout and stderr together, in the order in which the engine sent them.
  std::string text() const;
  Bytes size() const { return Bytes{size_}; }  // of all that came, kept or not

 private:
  void keep_bytes(std::string_view bytes);

  const std::size_t keep_;
  FrameSplitter frames_;
  std::string text_;
  std::int64_t size_ = 0;
};

// Such output with timestamps, line by line: a frame is a time, a space and a line. Of a line that came in several frames the first one
// says when. Not thread-safe, no I/O.
class LogLines {
 public:
  explicit LogLines(std::function<bool(const ports::LoggedLine&)> on_line) : on_line_(std::move(on_line)) {}

  // False once the stream is broken, or `on_line` wants no more.
  bool feed(std::string_view chunk);

 private:
  struct Open {
    std::string frame;  // what is there of it
    std::string line;   // of the frames before that ended within the line
    WallTime at;
  };
  bool take_frame(Open& open);

  std::function<bool(const ports::LoggedLine&)> on_line_;
  FrameSplitter frames_;
  std::array<Open, 3> open_{};  // by stream
};

}  // namespace dyno::docker

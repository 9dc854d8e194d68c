// Reads the answer of an image build or import: a stream of JSON documents, one a line, cut into chunks anywhere. The engine says
// 200 although a build fails, so success is an image id, no error, and a clean end. The result does not depend on the cuts.
// Not thread-safe, no I/O.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::docker {

class BuildStream {
 public:
  using LineListener = std::function<void(std::string_view line)>;

  explicit BuildStream(LineListener on_line = {}) : on_line_(std::move(on_line)) {}

  // False once the stream is broken or too long a line came: hang up.
  bool feed(std::string_view chunk);

  // After the clean end of the stream: the image id, or why there is none, with the step that failed and the last lines.
  Result<std::string> finish();
  // The reason to hang up, or the engine's own error, if one was read already: it says more than how the connection ended.
  const std::string& problem() const { return broken_.empty() ? error_ : broken_; }
  // The error of a build that `what` ended, with the step it was in and its last lines.
  Error failure(ErrorCode code, std::string_view what) const;

 private:
  void take_document(std::string_view line);
  void take_text(std::string_view text);
  void take_line(std::string_view coloured);

  LineListener on_line_;
  std::string document_;  // unfinished
  std::string text_;      // unfinished line of output
  std::deque<std::string> last_lines_;
  std::string step_;
  std::string image_id_;
  std::string error_;
  std::string broken_;
};

}  // namespace dyno::docker

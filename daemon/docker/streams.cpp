#include "docker/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "docker/engine_api.h"

namespace dyno::docker {
namespace {

constexpr std::size_t kLongestDocument = 1u << 20u;
constexpr std::size_t kLongestShownLine = 4096;
constexpr std::size_t kShownLines = 20;

// The engine colours what a command wrote to stderr.
std::string without_colours(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line.substr(i).starts_with("\x1b[")) {
      i = std::min(line.find('m', i), line.size() - 1);
    } else {
      plain += line[i];
    }
  }
  return plain;
}

// "Step 5/9 : RUN make", as the engine announces it. A command may print lines that begin with the same word.
bool announces_step(std::string_view line) {
  const auto skip_number = [&line] {
    const std::size_t end = std::min(line.find_first_not_of("0123456789"), line.size());
    line.remove_prefix(end);
    return end > 0;
  };
  const auto skip = [&line](std::string_view word) {
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
  };
  return skip("Step ") && skip_number() && skip("/") && skip_number() && skip(" : ");
}

}  // namespace

bool BuildStream::feed(std::string_view chunk) {
  while (broken_.empty() && !chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    const std::string_view part = chunk.substr(0, end);
    if (document_.size() + part.size() > kLongestDocument) {
      broken_ = "the build stream has a line longer than 1 MiB";
      break;
    }
    document_ += part;
    if (end == std::string_view::npos) break;
    chunk.remove_prefix(end + 1);
    const std::string document = std::move(document_);
    document_.clear();
    take_document(document);
  }
  return broken_.empty();
}

Result<std::string> BuildStream::finish() {
  if (broken_.empty() && !trim(document_).empty()) {
    const std::string document = std::move(document_);
    document_.clear();
    take_document(document);
  }
  if (!text_.empty()) take_line(std::exchange(text_, {}));
  if (!error_.empty()) return fail(failure(code_of_problem(), error_));
  if (!broken_.empty()) return fail(failure(ErrorCode::protocol, broken_));
  if (image_id_.empty()) return fail(failure(ErrorCode::protocol, "the stream ended without an image id"));
  return image_id_;
}

ErrorCode BuildStream::code_of_problem() const {
  // The engine reports a full disk like a step that failed; so does the step itself, in its own words before it ends.
  const auto is_full = [](const std::string& line) { return line.find("o space left on device") != std::string::npos; };
  const bool full = is_full(error_) || std::any_of(last_lines_.begin(), last_lines_.end(), is_full);
  return full ? ErrorCode::storage : ErrorCode::invalid_argument;
}

Error BuildStream::failure(ErrorCode code, std::string_view what) const {
  std::string message;
  if (!step_.empty()) message += step_ + ": ";
  message += what;
  for (const std::string& line : last_lines_) message += "\n  " + line;
  return {code, std::move(message)};
}

void BuildStream::take_document(std::string_view line) {
  if (trim(line).empty()) return;
  const auto message = decode_stream_message(line);
  if (!message) {
    broken_ = message.error().message;
    return;
  }
  if (!message->error.empty()) error_ = message->error;
  if (!message->image_id.empty()) image_id_ = message->image_id;
  take_text(message->stream);
}

void BuildStream::take_text(std::string_view text) {
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      if (!text_.empty()) take_line(std::exchange(text_, {}));
    } else if (text_.size() < kLongestShownLine) {
      text_ += c;
    }
  }
}

void BuildStream::take_line(std::string_view coloured) {
  const std::string line = without_colours(coloured);
  if (line.empty()) return;
  if (announces_step(line)) step_ = visible(line, kLongestShownLine);
  if (on_line_) on_line_({line, step_});
  last_lines_.push_back(visible(line, kLongestShownLine));
  if (last_lines_.size() > kShownLines) last_lines_.pop_front();
}

namespace {

constexpr std::size_t kLongestFrame = 1u << 20u;
constexpr std::size_t kLongestLoggedLine = 16u << 10u;
constexpr unsigned char kLastStream = 2;  // stdin, stdout, stderr

std::size_t frame_length(const std::array<unsigned char, 8>& header) {
  return (std::size_t{header[4]} << 24u) | (std::size_t{header[5]} << 16u) | (std::size_t{header[6]} << 8u) |
         std::size_t{header[7]};
}

}  // namespace

bool FrameSplitter::feed(std::string_view chunk, const std::function<void(const Part&)>& on_part) {
  while (!broken_ && !chunk.empty()) {
    if (frame_left_ > 0) {
      const std::string_view part = chunk.substr(0, frame_left_);
      frame_left_ -= part.size();
      chunk.remove_prefix(part.size());
      on_part({header_[0], part, frame_left_ == 0});
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

bool LogFrames::feed(std::string_view chunk) {
  return frames_.feed(chunk, [this](const FrameSplitter::Part& part) { keep_bytes(part.bytes); });
}

std::string LogFrames::text() const { return text_.size() <= keep_ ? text_ : text_.substr(text_.size() - keep_); }

void LogFrames::keep_bytes(std::string_view bytes) {
  size_ += static_cast<std::int64_t>(bytes.size());
  text_ += bytes;
  // Cut seldom, so that keeping the end of a long log stays linear.
  if (text_.size() > 2 * keep_ + kLongestFrame) text_.erase(0, text_.size() - keep_);
}

bool LogLines::feed(std::string_view chunk) {
  bool goes_on = true;
  const bool framed = frames_.feed(chunk, [&](const FrameSplitter::Part& part) {
    if (!goes_on) return;
    Open& open = open_.at(static_cast<std::size_t>(part.stream));
    open.frame += part.bytes;
    if (part.is_last) goes_on = take_frame(open);
  });
  return framed && goes_on;
}

namespace {

// "2026-11-29T18:50:40.123456789Z"; the engine writes fractions without zeros at their end.
std::optional<WallTime> parse_stamp(std::string_view text) {
  if (text.size() < 20 || !text.ends_with('Z')) return std::nullopt;
  const auto second = parse_instant(std::string(text.substr(0, 19)) + ".000Z");
  if (!second) return std::nullopt;
  std::int64_t ns = 0;
  std::int64_t unit = 100'000'000;
  for (const char c : text.substr(20, text.size() - 21)) {
    if (c < '0' || c > '9') return std::nullopt;
    ns += (c - '0') * unit;
    unit /= 10;
  }
  return *second + Nanos(text[19] == '.' ? ns : 0);
}

}  // namespace

bool LogLines::take_frame(Open& open) {
  std::string_view text = open.frame;
  const std::size_t space = text.find(' ');
  const auto at = parse_stamp(text.substr(0, space));
  if (at) text.remove_prefix(std::min(space, text.size() - 1) + 1);
  if (open.line.empty()) open.at = at.value_or(open.at);
  const bool ends = text.ends_with('\n');
  if (ends) text.remove_suffix(1);
  if (ends && text.ends_with('\r')) text.remove_suffix(1);
  open.line += text.substr(0, kLongestLoggedLine - std::min(open.line.size(), kLongestLoggedLine));
  open.frame.clear();
  if (!ends) return true;
  const std::string line = std::exchange(open.line, {});
  return on_line_({line, open.at});
}

bool PullStream::feed(std::string_view chunk) {
  while (problem_.empty() && !chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    document_ += chunk.substr(0, end);
    if (document_.size() > kLongestDocument) problem_ = "the answer has a line longer than 1 MiB";
    if (end == std::string_view::npos) break;
    chunk.remove_prefix(end + 1);
    take(std::exchange(document_, {}));
  }
  return problem_.empty();
}

// Layers tell their progress many times a second: what is said once is enough.
void PullStream::take(std::string_view document) {
  if (trim(document).empty()) return;
  const auto message = decode_stream_message(document);
  if (!message) {
    problem_ = message.error().message;
    return;
  }
  problem_ = message->error;
  if (!on_line_ || message->status.empty() || message->status == last_) return;
  last_ = message->status;
  on_line_({last_, {}});
}

}  // namespace dyno::docker

#include "model/build.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "base/text.h"

namespace dyno::model {
namespace {

constexpr std::size_t kLongestLine = 4096;

std::size_t half_of(Bytes kept) { return static_cast<std::size_t>(kept.value) / 2; }

// Leaves the last `most` bytes at most, in whole lines.
void shorten_tail(BuildLog& log, std::size_t most) {
  std::string& tail = log.tail.text;
  if (tail.size() <= most) return;
  const std::size_t end = tail.find('\n', tail.size() - most - 1);
  const std::size_t cut = end == std::string::npos ? tail.size() : end + 1;
  log.cut_lines += std::count(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(cut), '\n');
  log.cut_bytes += static_cast<std::int64_t>(cut);
  tail.erase(0, cut);
}

std::string note_of(const BuildLog& log) {
  return fmt::format("… {} lines ({}) are left out here: the first and the last {} of a log are kept …\n",
                     log.cut_lines, format_bytes(Bytes{log.cut_bytes}), format_bytes(Bytes{kKeptOfBuildLog.value / 2}));
}

}  // namespace

void add_line(BuildLog& log, std::string_view line, Bytes kept) {
  std::string flat(line);
  std::replace(flat.begin(), flat.end(), '\t', ' ');
  const std::string shown = visible(flat, kLongestLine) + "\n";
  const std::size_t half = half_of(kept);
  ++log.lines;
  if (log.tail.text.empty() && log.cut_bytes == 0 && log.head.text.size() + shown.size() <= half) {
    log.head.text += shown;
    return;
  }
  log.tail.text += shown;
  // Cut seldom: each cut moves all that stays.
  if (log.tail.text.size() > 2 * half) shorten_tail(log, half);
}

void trim(BuildLog& log, Bytes kept) { shorten_tail(log, half_of(kept)); }

LogPiece piece_of(const BuildLog& log, std::int64_t from, std::size_t limit) {
  const auto head = static_cast<std::int64_t>(log.head.text.size());
  const std::int64_t tail = head + log.cut_bytes;  // where it begins
  LogPiece piece{{}, std::clamp<std::int64_t>(from, 0, log.told_bytes())};
  if (piece.next < head) {
    piece.text = log.head.text.substr(static_cast<std::size_t>(piece.next), limit);
    piece.next += static_cast<std::int64_t>(piece.text.size());
    if (piece.next < head) return piece;
  }
  if (piece.next < tail) {
    piece.text += note_of(log);
    piece.next = tail;
  }
  if (piece.text.size() >= limit) return piece;
  const std::string_view rest =
      std::string_view(log.tail.text).substr(static_cast<std::size_t>(piece.next - tail), limit - piece.text.size());
  piece.text += rest;
  piece.next += static_cast<std::int64_t>(rest.size());
  return piece;
}

std::string text_of(const BuildLog& log) { return piece_of(log, 0, std::string::npos).text; }

}  // namespace dyno::model

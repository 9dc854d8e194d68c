// The build of an image in a run, and its log. The log is kept whole up to kKeptOfBuildLog; of a longer one the first and the last
// half are kept, and what lies between them is counted. Positions are bytes of the log as it was told, whatever was left out of it.
// Values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::model {

constexpr Bytes kKeptOfBuildLog = mib(8);

// What an image is built for.
enum class ImageOwner { stack, service };
template <>
struct EnumNames<ImageOwner> {
  static constexpr std::array<std::string_view, 2> names{"stack", "service"};
};

enum class BuildState { running, succeeded, failed };
template <>
struct EnumNames<BuildState> {
  static constexpr std::array<std::string_view, 3> names{"running", "succeeded", "failed"};
};

// A text too long to stand among the fields of a record.
struct LongText {
  std::string text;
  bool operator==(const LongText&) const = default;
};

struct BuildLog {
  LongText head;
  LongText tail;               // empty: nothing was left out
  std::int64_t lines = 0;      // told
  std::int64_t cut_lines = 0;  // told, but not kept
  std::int64_t cut_bytes = 0;

  std::int64_t told_bytes() const { return static_cast<std::int64_t>(head.text.size() + tail.text.size()) + cut_bytes; }
};

// Adds a line, made safe to print. Linear over all lines, however many are left out.
void add_line(BuildLog& log, std::string_view line, Bytes kept = kKeptOfBuildLog);
// Leaves out what add_line() keeps above the limit for its own sake.
void trim(BuildLog& log, Bytes kept = kKeptOfBuildLog);

// The log from a position on, at most some `limit` bytes of it; where lines were left out, a line says so.
struct LogPiece {
  std::string text;
  std::int64_t next = 0;  // the position after it
};
LogPiece piece_of(const BuildLog& log, std::int64_t from, std::size_t limit);
std::string text_of(const BuildLog& log);

// One that has ended, as it is stored and listed, or one that goes on, as it is listed.
struct Build {
  ImageOwner owner = ImageOwner::stack;
  std::string name;  // of the stack or service
  BuildState state = BuildState::running;
  std::string step;  // of the Dockerfile, the last one it was in: "Step 5/9 : RUN make"
  std::int64_t lines = 0;
  std::int64_t bytes = 0;         // of the log
  std::optional<Nanos> duration;  // absent: it goes on
};

// The build that goes on, for those who watch.
struct LiveBuild {
  std::string run_id;
  Build build;
  std::vector<std::string> last_lines;
};

}  // namespace dyno::model

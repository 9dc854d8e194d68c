#include "runners/load/sse/event_reader.h"

#include <algorithm>
#include <utility>

namespace dyno::loadgen {
namespace {

constexpr std::string_view kData = "data:";

// What a line of data holds behind the name of its field.
std::string_view value_of(std::string_view line) {
  line.remove_prefix(std::min(kData.size(), line.size()));
  if (line.starts_with(' ')) line.remove_prefix(1);
  return line;
}

}  // namespace

void EventReader::begin(std::size_t max_bytes) {
  *this = EventReader();
  max_bytes_ = max_bytes;
}

EventReader::Event EventReader::next(std::string_view& input) {
  if (is_told_) {
    data_.clear();
    has_data_ = is_told_ = false;
  }
  while (!input.empty()) {
    if (after_cr_ && input.front() == '\n') input.remove_prefix(1);
    after_cr_ = false;
    const std::size_t end = input.find_first_of("\r\n");
    if (end == std::string_view::npos) return take_part(std::exchange(input, {}));
    std::string_view line = input.substr(0, end);
    after_cr_ = input[end] == '\r';
    input.remove_prefix(end + 1);
    if (!line_.empty()) line = line_ += line;
    const Event event = take_line(line);
    line_.clear();
    if (event != Event::need_more) return event;
  }
  return Event::need_more;
}

EventReader::Event EventReader::take_part(std::string_view part) {
  line_ += part;
  if (line_.size() < kData.size()) return Event::need_more;
  if (!line_.starts_with(kData)) {
    line_.resize(kData.size());  // enough to know that it is passed over
    return Event::need_more;
  }
  const std::size_t before = has_data_ ? data_.size() + 1 : 0;
  return before + value_of(line_).size() > max_bytes_ ? Event::too_long : Event::need_more;
}

EventReader::Event EventReader::take_line(std::string_view line) {
  if (line.empty()) {
    is_told_ = has_data_;
    return has_data_ ? Event::data : Event::need_more;
  }
  if (!line.starts_with(kData) && line != kData.substr(0, kData.size() - 1)) return Event::need_more;
  if (has_data_) data_ += '\n';
  has_data_ = true;
  data_ += value_of(line);
  return data_.size() > max_bytes_ ? Event::too_long : Event::need_more;
}

}  // namespace dyno::loadgen

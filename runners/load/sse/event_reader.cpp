#include "runners/load/sse/event_reader.h"

namespace dyno::loadgen {

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
    if (end == std::string_view::npos) {
      line_ += input;
      input = {};
      return line_.size() > max_bytes_ ? Event::too_long : Event::need_more;
    }
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

EventReader::Event EventReader::take_line(std::string_view line) {
  constexpr std::string_view kData = "data";
  if (line.empty()) {
    is_told_ = has_data_;
    return has_data_ ? Event::data : Event::need_more;
  }
  if (!line.starts_with(kData) || (line.size() > kData.size() && line[kData.size()] != ':')) return Event::need_more;
  line.remove_prefix(line.size() > kData.size() ? kData.size() + 1 : kData.size());
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (has_data_) data_ += '\n';
  has_data_ = true;
  data_ += line;
  return data_.size() > max_bytes_ ? Event::too_long : Event::need_more;
}

}  // namespace dyno::loadgen

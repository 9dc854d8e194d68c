#include "cli/event_parser.h"

namespace dyno::cli {

void EventParser::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n') {
      line_.push_back(c);
      continue;
    }
    if (line_.ends_with('\r')) line_.pop_back();
    take_line(line_);
    line_.clear();
  }
}

void EventParser::take_line(std::string_view line) {
  if (line.empty()) {
    if (!event_.data.empty()) on_event_(event_);
    event_.name.clear();
    event_.data.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") event_.id = value;
  if (field == "event") event_.name = value;
  if (field == "data") {
    if (!event_.data.empty()) event_.data.push_back('\n');
    event_.data.append(value);
  }
}

}  // namespace dyno::cli

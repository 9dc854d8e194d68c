// Server-sent events from bytes that arrive in pieces of any size. Ignores comments and unknown fields. One thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace dyno::cli {

struct StreamEvent {
  std::string id;  // the last one seen: where to resume
  std::string name;
  std::string data;
};

class EventParser {
 public:
  explicit EventParser(std::function<void(const StreamEvent&)> on_event) : on_event_(std::move(on_event)) {}

  void feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);

  std::function<void(const StreamEvent&)> on_event_;
  std::string line_;
  StreamEvent event_;
};

}  // namespace dyno::cli

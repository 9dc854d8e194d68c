// Reads a text/event-stream (WHATWG HTML, 9.2) from bytes as they arrive, in pieces of any size, and hands on the data of each
// event. Comments, ids and names are passed over, however long. No I/O; allocates only for an event that is cut or has several lines
// of data.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dyno::loadgen {

class EventReader {
 public:
  enum class Event {
    need_more,  // all input is used
    data,       // data() is that of one event, valid until the next call
    too_long,   // an event's data is beyond the limit: the stream is of no further use
  };
  static constexpr std::size_t kMaxBytes = 64 * 1024;  // unless the caller has another limit

  Event next(std::string_view& input);
  std::string_view data() const { return data_; }
  // Forgets what was begun: the stream is a new one.
  void begin(std::size_t max_bytes = kMaxBytes);

 private:
  Event take_line(std::string_view line);
  Event take_part(std::string_view part);  // of a line that goes on in the next input

  std::size_t max_bytes_ = kMaxBytes;
  std::string line_;  // of which the end is still to come
  std::string data_;
  bool has_data_ = false;
  bool is_told_ = false;   // data_ has been handed on
  bool after_cr_ = false;  // a line feed now belongs to the line before
};

}  // namespace dyno::loadgen

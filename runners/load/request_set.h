// The requests of a phase as bytes, made once, and what a good answer to each is. Drawing one is a copy of a view, or, where it
// holds drawn parts, a few memcpy into the caller's buffer. WebSocket messages are such requests too: a masked frame each.
// Immutable after make(); shared by all workers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "runners/load/http2/session.h"
#include "runners/load/load_spec.h"

namespace dyno::loadgen {

struct Expectation {
  int status = 200;  // 0: any 2xx
  bool to_head = false;
  std::vector<std::string> bodies;
  bool is_binary = false;  // of a message: its kind

  bool accepts_status(int got) const { return status == 0 ? got / 100 == 2 : got == status; }
  bool accepts_length(std::uint64_t length) const { return bodies.empty() || has_body_of(length); }
  bool has_body_of(std::uint64_t length) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;
bool has_header(const Headers& headers, std::string_view name);
// A header of ours stands where the request brings none of that name.
void add_unless_given(Headers& headers, std::string_view name, std::string_view value);

class RequestSet {
 public:
  struct Drawn {
    std::uint32_t index = 0;
    std::string_view bytes;
  };

  // `host` is sent as Host unless a request brings its own, and so it is with every header of ours. `table` gives the "{name}" of the requests their values.
  static Result<RequestSet> make(const std::vector<RequestSpec>& requests, std::string_view host,
                                 Protocol protocol = Protocol::http1, Table table = {},
                                 std::string_view scheme = "http");

  // One request by weight. Where has_random_parts(), `buffer` holds at least max_bytes() and is what the view may point into.
  // `last`: with Connection: close.
  Drawn draw(Random& random, char* buffer, bool last = false) const;
  bool has_random_parts() const { return has_random_parts_; }
  std::size_t max_bytes() const { return max_bytes_; }
  const Expectation& expectation(std::uint32_t index) const { return entries_[index].expectation; }
  // HTTP/2: what belongs to the path that was drawn.
  const Http2Request& http2(std::uint32_t index) const { return entries_[index].http2; }

 private:
  enum class PartKind : std::uint8_t { range, column, length };
  // Something drawn, in front of the byte `at` of the entry's bytes.
  struct Part {
    std::size_t at = 0;
    PartKind kind = PartKind::range;
    bool in_body = false;
    std::int64_t low = 0;     // of a range
    std::uint64_t count = 0;  // of a range; 0: all of 2^64
    std::size_t column = 0;
  };
  struct Entry {
    std::string bytes;  // without what is drawn; of a message its payload; HTTP/2: the path
    Http2Request http2;
    std::string last_bytes;       // the same with Connection: close
    std::size_t head_end = 0;     // where the two begin to differ
    std::size_t close_bytes = 0;  // by how much
    std::vector<Part> parts;
    double cumulative_weight = 0;
    Expectation expectation;
  };
  static constexpr std::size_t kMaxParts = 16;

  Result<Entry> make_entry(const RequestSpec& request, std::string_view host, Protocol protocol) const;
  // Appends the text to the entry's bytes and takes the drawn parts out of it; `strict`: every brace must be one.
  Status add_text(std::string_view text, bool strict, bool in_body, Entry& entry) const;
  static void add_length(const RequestSpec& request, std::size_t body_bytes, bool is_drawn, Entry& entry);
  bool read_part(std::string_view inside, Part& part) const;
  std::size_t drawn_bytes(const Entry& entry) const;  // at most
  std::string_view render(const Entry& entry, bool last, Random& random, char* buffer) const;

  std::vector<Entry> entries_;
  Table table_;
  Protocol protocol_ = Protocol::http1;
  bool has_random_parts_ = false;
  std::size_t max_bytes_ = 0;
};

// All requests of a phase.
struct RequestSets {
  RequestSet requests;
  RequestSet stream;  // empty but for websocket and sse: the one request that opens a stream
};

}  // namespace dyno::loadgen

// The requests of a phase as bytes, made once, and what a good answer to each is. Drawing one is a copy of a view, or, where it
// holds drawn parts, a few memcpy into the caller's buffer. WebSocket messages are such requests too: a masked frame each.
// Immutable after make(); shared by all workers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "runners/load/http2/session.h"
#include "runners/load/load_spec.h"
#include "runners/load/rules/answer_rules.h"
#include "runners/load/sequence.h"

namespace dyno::loadgen {

struct Expectation {
  int status = 200;  // 0: any 2xx
  bool to_head = false;
  std::vector<std::string> bodies;
  bool is_binary = false;                              // of a message: its kind
  std::vector<StatusRange> statuses = {};              // in place of `status`, unless empty
  std::unique_ptr<const AnswerRules> rules = nullptr;  // null: none

  bool accepts_status(int got) const {
    if (!statuses.empty()) return is_in(statuses, got);
    return status == 0 ? got / 100 == 2 : got == status;
  }
  bool accepts_length(std::uint64_t length) const { return bodies.empty() || has_body_of(length); }
  bool has_body_of(std::uint64_t length) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;
bool has_header(const Headers& headers, std::string_view name);
// A header of ours stands where the request brings none of that name.
void add_unless_given(Headers& headers, std::string_view name, std::string_view value);

// Where a worker takes what it draws from. One thread.
struct DrawSource {
  explicit DrawSource(std::uint64_t seed) : DrawSource(seed, nullptr) {}
  // `shared` numbers the requests of all workers; without it these are numbered alone.
  DrawSource(std::uint64_t seed, std::atomic<std::int64_t>* shared)
      : random(seed), uuids(mixed(seed)), sequence(shared) {}

  Random random;
  Random uuids;  // apart from the other: two phases whose seeds differ by one would otherwise have UUIDs in common
  Sequence sequence;
  // HTTP/2: the values of the headers that were drawn last, in the order of Http2Request::drawn. Here because what is drawn for each
  // request of a pipeline has to be small.
  std::array<std::string_view, kMostDrawnFields> fields{};

 private:
  static std::uint64_t mixed(std::uint64_t seed) { return Random(seed ^ 0x75756964ULL).next(); }
};

// What a step of a session has beside what it draws: the row of its round, and the values that steps before it took.
struct RoundValues {
  std::size_t row = 0;
  const std::string* taken = nullptr;
};

class RequestSet {
 public:
  // HTTP/2: `bytes` is the path, and DrawSource::fields has what belongs to it.
  struct Drawn {
    std::uint32_t index = 0;
    std::string_view bytes;
    std::string_view body{};
  };

  // `host` is sent as Host unless a request brings its own, and so it is with every header of ours. `table` gives the "{name}" of the
  // requests their values. With `is_session` they are steps, which may also send what steps before them take.
  static Result<RequestSet> make(const std::vector<RequestSpec>& requests, std::string_view host,
                                 Protocol protocol = Protocol::http1, CsvTable table = {},
                                 std::string_view scheme = "http", bool is_session = false);

  // One request by weight, of a row of its own. Where has_random_parts(), `buffer` holds at least max_bytes() and is what the views may
  // point into. `last`: with Connection: close.
  Drawn draw(DrawSource& source, char* buffer, bool last = false) const {
    const std::uint32_t index = entries_.size() == 1 ? 0 : choose(source.random);
    const Entry& entry = entries_[index];
    if (entry.is_constant) return {index, last ? entry.last_bytes : entry.bytes, entry.http2.body};
    return draw_step(index, {draw_row(source), nullptr}, source, buffer, last);
  }
  // That step of a session.
  Drawn draw_step(std::uint32_t step, const RoundValues& round, DrawSource& source, char* buffer,
                  bool last = false) const;
  std::size_t draw_row(DrawSource& source) const;
  bool has_random_parts() const { return has_random_parts_; }
  std::size_t max_bytes() const { return max_bytes_; }
  std::size_t size() const { return entries_.size(); }
  const Expectation& expectation(std::uint32_t index) const { return entries_[index].expectation; }
  // HTTP/2: what belongs to the path that was drawn.
  const Http2Request& http2(std::uint32_t index) const { return entries_[index].http2; }
  // Of a session: the names of what its steps take, in the order of RoundValues::taken.
  const std::vector<std::string>& taken_names() const { return taken_names_; }
  // Which of them that take of a request is.
  std::size_t taken_by(std::uint32_t request, std::size_t take) const { return entries_[request].takes[take]; }
  // Whether that value may stand where requests have it: one with a line end in a header would be another request.
  bool may_send(std::size_t taken, std::string_view value) const;

 private:
  // mark: nothing stands there; a field of HTTP/2 begins behind it.
  enum class PartKind : std::uint8_t { range, column, length, uuid, sequence, taken, mark };
  // Something drawn, in front of the byte `at` of the entry's bytes.
  struct Part {
    std::size_t at = 0;
    PartKind kind = PartKind::range;
    bool in_body = false;
    std::int64_t low = 0;     // of a range
    std::uint64_t count = 0;  // of a range; 0: all of 2^64
    std::size_t column = 0;   // of the table, or of what is taken
  };
  enum class Place : std::uint8_t { target, header, body };
  struct Entry {
    std::string bytes;  // without what is drawn; of a message its payload; HTTP/2: path, drawn fields and drawn body
    Http2Request http2;
    std::string last_bytes;       // the same with Connection: close
    std::size_t head_end = 0;     // where the two begin to differ
    std::size_t body_at = 0;      // of `bytes`
    std::size_t close_bytes = 0;  // by how much
    std::vector<Part> parts;
    bool is_constant = false;  // nothing about it is ever drawn
    double cumulative_weight = 0;
    Expectation expectation;
    std::vector<std::size_t> takes;
  };
  static constexpr std::size_t kMaxParts = 32;
  struct Values;

  Result<Entry> make_entry(const RequestSpec& request, std::string_view host, std::size_t step);
  Status fill_http1(const RequestSpec& request, std::string_view host, const std::string& body, std::size_t step,
                    Entry& entry);
  Status fill_http2(const RequestSpec& request, std::string_view host, const std::string& body, std::size_t step,
                    Entry& entry);
  // Appends the text to the entry's bytes and takes the drawn parts out of it; in a target every brace must be one.
  Status add_text(std::string_view text, Place place, std::size_t step, Entry& entry);
  static void add_length(const RequestSpec& request, std::size_t body_bytes, bool is_drawn, Entry& entry);
  Result<bool> read_part(std::string_view inside, std::size_t step, Part& part) const;
  Status check_column(std::size_t column, Place place) const;
  void name_what_is_taken(const std::vector<RequestSpec>& requests);
  std::size_t drawn_bytes(const Entry& entry) const;  // at most
  std::uint32_t choose(Random& random) const;
  void draw_values(const Entry& entry, const RoundValues& round, DrawSource& source, Values& values) const;
  static void render(const Entry& entry, bool last, const Values& values, char* buffer, DrawSource& source,
                     Drawn& drawn);

  std::vector<Entry> entries_;
  CsvTable table_;
  Protocol protocol_ = Protocol::http1;
  bool has_random_parts_ = false;
  std::size_t max_bytes_ = 0;
  std::vector<std::string> taken_names_;
  std::vector<std::size_t> taken_at_;  // the first step that takes it
  std::vector<Place> taken_in_;        // where it is sent, the strictest
};

// All requests of a phase.
struct RequestSets {
  RequestSet requests;
  RequestSet stream;  // empty but for websocket and sse: the one request that opens a stream
};

}  // namespace dyno::loadgen

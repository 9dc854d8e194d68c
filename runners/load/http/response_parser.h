// Reads HTTP/1.1 (and 1.0) responses from bytes as they arrive, in pieces of any size, and keeps none of them: bodies are
// handed on where they lie. Right for Content-Length, chunked with trailers, no body (HEAD, 1xx, 204, 304) and until close.
// Strict: what RFC 9112 calls an error is an error here, for a wrong answer must not be counted as a good one. What it has recipients
// read although nobody should send it is read: folded header lines, white space behind the size of a chunk.
// No allocation, no I/O. One parser a connection; one HeaderMemo may serve all parsers of a thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dyno::loadgen {

constexpr std::uint32_t kMaxHeaderBytes =
    64 * 1024;  // status line, headers, interim answers, chunk sizes and trailers together
constexpr std::uint32_t kMaxHeaderLines = 100;             // of the headers, and again of the trailers
constexpr std::uint64_t kMaxBodyBytes = 16 * 1024 * 1024;  // unless the caller has another limit
constexpr std::uint64_t kAnyBodyBytes = UINT64_MAX;

enum class ParseError : std::uint8_t {
  none,
  bad_status_line,
  bad_header,
  bad_length,  // Content-Length not a number, given twice, or together with Transfer-Encoding
  bad_coding,  // a Transfer-Encoding other than chunked
  bad_chunk,
  header_too_large,
  body_too_large,
  ended_early,  // the connection ended inside an answer
};
constexpr std::size_t kParseErrors = static_cast<std::size_t>(ParseError::ended_early) + 1;
std::string_view to_string(ParseError error);

// What a header block said: all that decides how the body is framed.
struct ResponseHead {
  std::uint64_t length = 0;
  std::uint16_t status = 0;
  bool has_length = false;
  bool chunked = false;
  bool keep_alive = true;

  bool allows_body() const { return status != 101 && status != 204 && status != 304; }
};

// The header block seen last and what it meant. An answer that begins with the very same bytes needs no second reading: servers
// change theirs once a second, with Date.
class HeaderMemo {
 public:
  bool matches(std::string_view input) const {
    return size_ != 0 && input.starts_with(std::string_view(bytes_.data(), size_));
  }
  // The body of an answer that lies whole at the front of `input`, behind the very same block; nothing where it does not, or where
  // the block does not tell how long it is. Not for answers to HEAD.
  std::optional<std::string_view> whole_body(std::string_view input) const {
    if (!tells_length_ || input.size() < size_ + head_.length || !matches(input)) return {};
    return input.substr(size_, head_.length);
  }
  void store(std::string_view block, const ResponseHead& head, std::uint64_t max_body_bytes);
  std::size_t size() const { return size_; }
  const ResponseHead& head() const { return head_; }

 private:
  std::array<char, 1024> bytes_{};
  std::size_t size_ = 0;
  ResponseHead head_;
  bool tells_length_ = false;
};

class ResponseParser {
 public:
  enum class Event {
    need_more,  // all input is used
    head,       // headers are complete: head() is valid
    body,       // piece() is a part of the body
    complete,   // the answer is whole; what is left of the input is not part of it
    error,      // see error(); the connection is of no further use
  };

  // Starts the next answer. An answer to HEAD has no body, whatever it says. A longer body than `max_body_bytes` is an error.
  void begin(bool to_head_request, std::uint64_t max_body_bytes = kMaxBodyBytes) {
    if (header_bytes_ != 0 || state_ != State::version) forget();
    to_head_ = to_head_request;
    max_body_bytes_ = max_body_bytes;
  }
  // Takes bytes off the front of `input` up to the next event.
  Event next(std::string_view& input, HeaderMemo& memo);
  // The connection has ended: complete for a body that runs until close, else error.
  Event end_of_input();

  const ResponseHead& head() const { return head_; }
  std::string_view piece() const { return piece_; }
  std::uint64_t body_bytes() const { return body_bytes_; }
  // Meaningful once complete: whether another answer may follow on this connection.
  bool keep_alive() const { return head_.keep_alive && !until_close_; }
  bool until_close() const { return until_close_; }
  // True once a byte of the present answer was read.
  bool has_begun() const { return header_bytes_ != 0; }
  // Of its status line or its headers only a part has come.
  bool is_in_head() const { return has_begun() && state_ < State::body_sized && !in_trailers_; }
  ParseError error() const { return error_; }

 private:
  enum class State : std::uint8_t {
    version,
    minor,
    space,
    code,
    after_code,
    reason,
    line_lf,
    line_start,
    name,
    value_start,
    value,
    value_lf,
    block_lf,
    body_sized,
    body_until_close,
    chunk_size,
    chunk_blank,
    chunk_extension,
    chunk_size_lf,
    chunk_data,
    chunk_cr,
    chunk_lf,
    done,
    failed,
  };
  enum class Header : std::uint8_t { other, content_length, transfer_encoding, connection };

  void forget();
  bool step(char c);  // one byte of anything but a body; false: error_ is set
  bool step_status_line(char c);
  bool step_header(char c);
  bool step_line_start(char c);
  bool step_name(char c);
  bool step_chunk(char c);
  bool step_chunk_size(char c);
  bool end_of_chunk_size(char c);
  void end_of_name();
  bool value_byte(char c);
  bool end_of_value();
  bool end_of_token();
  bool end_of_block();
  bool begin_body();
  bool refuse(ParseError error);
  void skip_plain(std::string_view& input);
  Event take_body(std::string_view& input);

  ResponseHead head_;
  std::string_view piece_;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t left_ = 0;  // of the body or the chunk
  std::uint64_t max_body_bytes_ = kMaxBodyBytes;
  std::uint32_t header_bytes_ = 0;
  std::uint16_t header_lines_ = 0;
  State state_ = State::version;
  Header header_ = Header::other;
  ParseError error_ = ParseError::none;
  std::uint8_t matched_ = 0;    // bytes of "HTTP/1." or digits of the code or of the chunk size
  std::uint8_t word_size_ = 0;  // of word_; beyond its capacity: too long to be of interest
  bool to_head_ = false;
  bool until_close_ = false;
  bool minor_one_ = false;
  bool gap_ = false;  // white space was seen behind the value so far
  bool saw_close_ = false;
  bool saw_keep_alive_ = false;
  bool head_ready_ = false;
  bool in_trailers_ = false;
  bool has_value_ = false;       // a header line is read, and the next may continue it
  std::array<char, 20> word_{};  // name or token being read, in lower case
};

}  // namespace dyno::loadgen

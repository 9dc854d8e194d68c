#include "runners/load/http/response_parser.h"

#include <algorithm>
#include <limits>

#include "base/encoding.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::uint8_t kTooLong = 255;
constexpr std::uint8_t kChunkDigits = 16;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
// What may stand in a header value or a reason: no control characters but the tab.
bool is_text(char c) { return static_cast<unsigned char>(c) >= ' ' ? c != 0x7f : c == '\t'; }

bool is_token(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const char low = lower(c);
  return (low >= 'a' && low <= 'z') || is_digit(c) || kMarks.find(c) != std::string_view::npos;
}

}  // namespace

std::string_view to_string(ParseError error) {
  switch (error) {
    case ParseError::none: return "none";
    case ParseError::bad_status_line: return "bad status line";
    case ParseError::bad_header: return "bad header";
    case ParseError::bad_length: return "bad Content-Length";
    case ParseError::bad_coding: return "bad Transfer-Encoding";
    case ParseError::bad_chunk: return "bad chunk";
    case ParseError::header_too_large: return "headers too large";
    case ParseError::body_too_large: return "body too large";
    case ParseError::ended_early: return "the connection ended inside the answer";
  }
  return "";
}

void HeaderMemo::store(std::string_view block, const ResponseHead& head, std::uint64_t max_body_bytes) {
  if (block.size() > bytes_.size()) return;
  std::copy(block.begin(), block.end(), bytes_.begin());
  size_ = block.size();
  head_ = head;
  tells_length_ = head.has_length && head.allows_body() && head.length <= max_body_bytes;
}

void ResponseParser::forget() { *this = ResponseParser(); }

bool ResponseParser::refuse(ParseError error) {
  error_ = error;
  state_ = State::failed;
  return false;
}

ResponseParser::Event ResponseParser::next(std::string_view& input, HeaderMemo& memo) {
  if (state_ == State::done) return Event::complete;
  if (state_ == State::failed) return Event::error;
  const std::string_view block = header_bytes_ == 0 ? input : std::string_view();
  if (!block.empty() && memo.matches(input)) {
    head_ = memo.head();
    header_bytes_ = static_cast<std::uint32_t>(memo.size());
    input.remove_prefix(memo.size());
    return begin_body() ? Event::head : Event::error;
  }
  while (!input.empty()) {
    if (state_ == State::body_sized || state_ == State::body_until_close || state_ == State::chunk_data)
      return take_body(input);
    if (state_ == State::value || state_ == State::reason) {
      skip_plain(input);
      if (input.empty()) break;
    }
    const char c = input.front();
    input.remove_prefix(1);
    if (!step(c)) return Event::error;
    if (head_ready_) {
      head_ready_ = false;
      if (!block.empty()) memo.store(block.substr(0, block.size() - input.size()), head_, max_body_bytes_);
      return Event::head;
    }
    if (state_ == State::done) return Event::complete;
  }
  return Event::need_more;
}

ResponseParser::Event ResponseParser::end_of_input() {
  if (state_ == State::done) return Event::complete;
  if (state_ == State::body_until_close) {
    state_ = State::done;
    return Event::complete;
  }
  if (state_ != State::failed) refuse(ParseError::ended_early);
  return Event::error;
}

// The bytes of a reason, or of a value that decides nothing: only their kind is looked at.
void ResponseParser::skip_plain(std::string_view& input) {
  if (state_ == State::value && header_ != Header::other) return;
  const std::size_t room = kMaxHeaderBytes - std::min(header_bytes_, kMaxHeaderBytes);
  const auto* const end = input.begin() + std::min(input.size(), room);
  const auto* const stop = std::find_if_not(input.begin(), end, is_text);
  const auto count = static_cast<std::size_t>(stop - input.begin());
  header_bytes_ += static_cast<std::uint32_t>(count);
  input.remove_prefix(count);
}

ResponseParser::Event ResponseParser::take_body(std::string_view& input) {
  if (state_ == State::body_until_close && input.size() > max_body_bytes_ - body_bytes_) {
    refuse(ParseError::body_too_large);
    return Event::error;
  }
  const std::size_t size =
      state_ == State::body_until_close ? input.size() : std::min<std::uint64_t>(left_, input.size());
  piece_ = input.substr(0, size);
  input.remove_prefix(size);
  body_bytes_ += size;
  if (state_ != State::body_until_close) {
    left_ -= size;
    if (left_ == 0) state_ = state_ == State::chunk_data ? State::chunk_cr : State::done;
  }
  return Event::body;
}

bool ResponseParser::step(char c) {
  if (state_ < State::chunk_size || state_ == State::chunk_extension || state_ == State::chunk_blank) {
    if (++header_bytes_ > kMaxHeaderBytes) return refuse(ParseError::header_too_large);
  }
  if (state_ <= State::line_lf) return step_status_line(c);
  if (state_ <= State::block_lf) return step_header(c);
  return step_chunk(c);
}

bool ResponseParser::step_status_line(char c) {
  bool good = false;
  switch (state_) {
    case State::version:
      good = c == kVersion[matched_];
      if (++matched_ == kVersion.size()) state_ = State::minor;
      break;
    case State::minor:
      good = c == '0' || c == '1';
      minor_one_ = c == '1';
      state_ = State::space;
      break;
    case State::space:
      good = c == ' ';
      matched_ = 0;
      state_ = State::code;
      break;
    case State::code:
      good = is_digit(c) && (matched_ != 0 || c != '0');
      head_.status = static_cast<std::uint16_t>(head_.status * 10 + (c - '0'));
      if (++matched_ == 3) state_ = State::after_code;
      break;
    case State::after_code:
      good = c == ' ' || c == '\r';
      state_ = c == ' ' ? State::reason : State::line_lf;
      break;
    case State::reason:
      good = is_text(c) || c == '\r';
      if (c == '\r') state_ = State::line_lf;
      break;
    default:  // line_lf
      good = c == '\n';
      state_ = State::line_start;
      break;
  }
  return good || refuse(ParseError::bad_status_line);
}

bool ResponseParser::step_header(char c) {
  switch (state_) {
    case State::line_start: return step_line_start(c);
    case State::name: return step_name(c);
    case State::value_start:
      if (is_blank(c)) return true;
      state_ = State::value;
      [[fallthrough]];
    case State::value:
      if (c != '\r') return value_byte(c);
      state_ = State::value_lf;
      return true;
    case State::value_lf: state_ = State::line_start; return c == '\n' || refuse(ParseError::bad_header);
    default:  // block_lf
      return c == '\n' ? end_of_block() : refuse(ParseError::bad_header);
  }
}

// A line that begins with white space continues the value before it (RFC 9112, 5.2): only now is that one known to be whole.
bool ResponseParser::step_line_start(char c) {
  const bool folds = has_value_ && is_blank(c);
  if (has_value_ && !folds && !end_of_value()) return false;
  if (c != '\r' && ++header_lines_ > kMaxHeaderLines) return refuse(ParseError::header_too_large);
  if (folds) {
    gap_ = gap_ || word_size_ != 0 || matched_ != 0;
    state_ = State::value_start;
    return true;
  }
  has_value_ = false;
  if (c == '\r') {
    state_ = State::block_lf;
    return true;
  }
  word_size_ = 0;
  state_ = State::name;
  return c == ':' ? refuse(ParseError::bad_header) : step_name(c);
}

bool ResponseParser::step_name(char c) {
  if (c == ':') {
    end_of_name();
    return true;
  }
  if (!is_token(c)) return refuse(ParseError::bad_header);
  if (word_size_ < word_.size()) word_[word_size_++] = lower(c);
  else word_size_ = kTooLong;
  return true;
}

void ResponseParser::end_of_name() {
  const std::string_view name(word_.data(), word_size_ <= word_.size() ? word_size_ : 0);
  header_ = Header::other;
  if (!in_trailers_) {  // a trailer cannot change the framing of the body it follows
    if (name == "content-length") header_ = Header::content_length;
    if (name == "transfer-encoding") header_ = Header::transfer_encoding;
    if (name == "connection") header_ = Header::connection;
  }
  word_size_ = 0;
  matched_ = 0;
  gap_ = false;
  has_value_ = true;
  state_ = State::value_start;
}

bool ResponseParser::value_byte(char c) {
  if (!is_text(c)) return refuse(ParseError::bad_header);
  if (header_ == Header::other) return true;
  if (is_blank(c)) {
    gap_ = gap_ || word_size_ != 0 || matched_ != 0;
    return true;
  }
  if (header_ == Header::content_length) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (!is_digit(c) || gap_ || head_.has_length) return refuse(ParseError::bad_length);
    if (head_.length > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return refuse(ParseError::bad_length);
    head_.length = head_.length * 10 + digit;
    matched_ = 1;
    return true;
  }
  if (c == ',') return end_of_token();
  if (gap_ || word_size_ >= word_.size()) word_size_ = kTooLong;
  else word_[word_size_++] = lower(c);
  return true;
}

bool ResponseParser::end_of_token() {
  if (word_size_ == 0) return true;  // lists may have empty elements
  const std::string_view token(word_.data(), word_size_ <= word_.size() ? word_size_ : 0);
  word_size_ = 0;
  gap_ = false;
  if (header_ == Header::connection) {
    saw_close_ = saw_close_ || token == "close";
    saw_keep_alive_ = saw_keep_alive_ || token == "keep-alive";
    return true;
  }
  if (token != "chunked" || head_.chunked) return refuse(ParseError::bad_coding);
  head_.chunked = true;
  return true;
}

bool ResponseParser::end_of_value() {
  if (header_ == Header::other) return true;
  if (header_ == Header::content_length) {
    if (matched_ == 0) return refuse(ParseError::bad_length);
    head_.has_length = true;
    return true;
  }
  if (!end_of_token()) return false;
  return header_ == Header::connection || head_.chunked || refuse(ParseError::bad_coding);
}

bool ResponseParser::end_of_block() {
  if (in_trailers_) {
    state_ = State::done;
    return true;
  }
  if (head_.has_length && head_.chunked) return refuse(ParseError::bad_length);
  if (head_.chunked && !minor_one_) return refuse(ParseError::bad_coding);
  if (head_.status < 200 && head_.status != 101) {  // an interim answer: the real one follows
    head_ = ResponseHead();
    saw_close_ = saw_keep_alive_ = false;
    matched_ = 0;
    state_ = State::version;
    return true;
  }
  // After 101 the connection speaks another protocol.
  head_.keep_alive = !saw_close_ && (minor_one_ || saw_keep_alive_) && head_.status != 101;
  head_ready_ = true;
  return begin_body();
}

bool ResponseParser::begin_body() {
  matched_ = 0;
  if (to_head_ || !head_.allows_body()) {
    state_ = State::done;
  } else if (head_.chunked) {
    state_ = State::chunk_size;
  } else if (head_.has_length) {
    if (head_.length > max_body_bytes_) return refuse(ParseError::body_too_large);
    left_ = head_.length;
    state_ = left_ == 0 ? State::done : State::body_sized;
  } else {
    until_close_ = true;
    state_ = State::body_until_close;
  }
  return true;
}

bool ResponseParser::step_chunk(char c) {
  switch (state_) {
    case State::chunk_size: return step_chunk_size(c);
    case State::
        chunk_blank:  // RFC 9112, 7.1.1 lets it stand in front of an extension, and some servers fill up with it
      if (is_blank(c)) return true;
      return end_of_chunk_size(c);
    case State::chunk_extension:
      if (c == '\r') state_ = State::chunk_size_lf;
      return is_text(c) || c == '\r' || refuse(ParseError::bad_chunk);
    case State::chunk_size_lf:
      if (c != '\n') return refuse(ParseError::bad_chunk);
      if (left_ > max_body_bytes_ - body_bytes_) return refuse(ParseError::body_too_large);
      in_trailers_ = left_ == 0;
      header_lines_ = 0;
      state_ = in_trailers_ ? State::line_start : State::chunk_data;
      return true;
    case State::chunk_cr: state_ = State::chunk_lf; return c == '\r' || refuse(ParseError::bad_chunk);
    default:  // chunk_lf
      matched_ = 0;
      left_ = 0;
      state_ = State::chunk_size;
      return c == '\n' || refuse(ParseError::bad_chunk);
  }
}

bool ResponseParser::step_chunk_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0 && matched_ < kChunkDigits) {
    left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
    ++matched_;
    return true;
  }
  if (matched_ == 0) return refuse(ParseError::bad_chunk);
  if (!is_blank(c)) return end_of_chunk_size(c);
  state_ = State::chunk_blank;
  return true;
}

bool ResponseParser::end_of_chunk_size(char c) {
  state_ = c == '\r' ? State::chunk_size_lf : State::chunk_extension;
  return c == '\r' || c == ';' || refuse(ParseError::bad_chunk);
}

}  // namespace dyno::loadgen

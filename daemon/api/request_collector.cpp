#include "api/request_collector.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace dyno::api {
namespace {

tl::unexpected<Refusal> bad(std::string detail) {
  return tl::unexpected<Refusal>(Refusal{400, "bad-request", std::move(detail)});
}

tl::unexpected<Refusal> refuse(int status, std::string slug, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{status, std::move(slug), std::move(detail)});
}

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= 16 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string_view trim_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Headers by which we decide something: two of them would leave the decision to chance.
bool decides(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames{
      "host",           "content-length",  "transfer-encoding", "content-type", "content-encoding", "origin",
      "sec-fetch-site", "idempotency-key", "last-event-id",     "expect",       "authorization",    "if-match"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Line ends are CR LF and nothing else; no control characters but the tab.
std::optional<std::string_view> fault_in_bytes(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    if (c == '\n' && (i == 0 || head[i - 1] != '\r')) return "a line ends with a bare line feed";
    if (c == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return "a carriage return without a line feed";
    if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f) return "a control character in the head";
  }
  return std::nullopt;
}

tl::expected<void, Refusal> parse_request_line(std::string_view line, RequestHead& head) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3) return bad("the request line must be: method, target, version");
  if (!is_method(parts[0])) return bad("the method is not a word in capitals");
  if (parts[1].size() > kMaxTargetBytes) return refuse(414, "target-too-long", "the target is longer than 8 KiB");
  const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (parts[1].empty() || parts[1].front() != '/' || !std::all_of(parts[1].begin(), parts[1].end(), is_plain)) {
    return bad("the target is not a path");
  }
  if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") return bad("the version is neither HTTP/1.1 nor HTTP/1.0");
  head.method = parts[0];
  head.target = parts[1];
  head.minor_version = parts[2].back() - '0';
  return {};
}

tl::expected<void, Refusal> add_header(std::string_view line, RequestHead& head) {
  if (line.front() == ' ' || line.front() == '\t') return bad("a header line is folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return bad("a header line without a valid name");
  const std::string name = lower(line.substr(0, colon));
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  const auto same =
      std::find_if(head.headers.begin(), head.headers.end(), [&](const auto& h) { return h.first == name; });
  if (same == head.headers.end()) {
    head.headers.emplace_back(name, value);
  } else if (decides(name)) {
    return bad("a duplicate of a header that may occur once: " + name);
  } else {
    same->second.append(", ").append(value);
  }
  return {};
}

const std::string* find_header(const RequestHead& head, std::string_view name) {
  const auto found =
      std::find_if(head.headers.begin(), head.headers.end(), [&](const auto& h) { return h.first == name; });
  return found == head.headers.end() ? nullptr : &found->second;
}

tl::expected<void, Refusal> read_length(RequestHead& head) {
  const std::string* const length = find_header(head, "content-length");
  if (find_header(head, "transfer-encoding") != nullptr) {
    if (length != nullptr) return bad("both Content-Length and Transfer-Encoding are given");
    return refuse(411, "length-required", "a body needs a Content-Length; transfer codings are not accepted");
  }
  if (length == nullptr) return {};  // no body (RFC 9112, 6.3)
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (length->empty() || !std::all_of(length->begin(), length->end(), is_digit))
    return bad("the Content-Length is not a number");
  const auto value = length->size() > 12 ? std::optional<std::int64_t>(1'000'000'000'000)
                                         : std::optional<std::int64_t>(std::stoll(*length));
  if (static_cast<std::size_t>(*value) > kMaxBodyBytes)
    return refuse(413, "body-too-large", "the body is larger than 1 MiB");
  head.content_length = static_cast<std::size_t>(*value);
  if (head.content_length > 0 && (head.method == "GET" || head.method == "HEAD"))
    return bad("a " + head.method + " has no body here");
  return {};
}

tl::expected<void, Refusal> check_framing(RequestHead& head) {
  if (find_header(head, "host") == nullptr) return bad("the Host header is missing");
  if (auto length = read_length(head); !length) return length;
  if (const std::string* const coding = find_header(head, "content-encoding");
      coding != nullptr && lower(*coding) != "identity") {
    return refuse(415, "unsupported-media-type", "compressed bodies are not accepted");
  }
  if (const std::string* const expect = find_header(head, "expect"); expect != nullptr) {
    if (lower(*expect) != "100-continue") return bad("this expectation is not supported");
    head.expects_continue = head.minor_version == 1 && head.content_length > 0;
  }
  return {};
}

}  // namespace

tl::expected<RequestHead, Refusal> parse_head(std::string_view text) {
  if (const auto fault = fault_in_bytes(text)) return bad(std::string(*fault));
  if (!text.ends_with("\r\n\r\n")) return bad("the head has no end");
  text.remove_suffix(4);
  RequestHead head;
  std::size_t lines = 0;
  while (true) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    if (line.empty()) return bad("an empty line before the request");
    const auto read = lines == 0 ? parse_request_line(line, head) : add_header(line, head);
    if (!read) return tl::unexpected<Refusal>(read.error());
    if (lines > kMaxHeaderLines) return refuse(431, "headers-too-large", "there are more than 64 header lines");
    ++lines;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  if (auto framing = check_framing(head); !framing) return tl::unexpected<Refusal>(framing.error());
  return head;
}
namespace {

constexpr std::size_t kMaxLineBytes = kMaxTargetBytes + 32;  // method, blanks and version beside the target

}  // namespace

RequestCollector::State RequestCollector::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  buffer_ = {};
  body_ = {};
  return state_ = State::refused;
}

// Each rule is decided at the byte that breaks it: that makes the result independent of how the bytes arrive.
RequestCollector::State RequestCollector::take_byte_of_head(char c) {
  const bool after_return = !buffer_.empty() && buffer_.back() == '\r';
  if (c == '\n' && !after_return) return refuse({400, "bad-request", "a line ends with a bare line feed"});
  buffer_.push_back(c);
  if (line_end_ == 0 && c == '\n') line_end_ = buffer_.size();
  if (line_end_ == 0 && buffer_.size() > kMaxLineBytes)
    return refuse({414, "target-too-long", "the target is longer than 8 KiB"});
  if (line_end_ != 0 && buffer_.size() - line_end_ > kMaxHeadBytes)
    return refuse({431, "headers-too-large", "the headers are larger than 16 KiB"});
  if (c != '\n' || !buffer_.ends_with("\r\n\r\n")) return state_;
  auto parsed = parse_head(buffer_);
  if (!parsed) return refuse(std::move(parsed.error()));
  head_ = std::move(*parsed);
  buffer_ = {};
  return state_ = head_.content_length == 0 ? State::complete : State::in_body;
}

RequestCollector::State RequestCollector::feed(std::string_view bytes) {
  while (!bytes.empty() && state_ == State::in_head) {
    take_byte_of_head(bytes.front());
    bytes.remove_prefix(1);
  }
  if (state_ == State::in_body) {
    body_.append(bytes.substr(0, head_.content_length - body_.size()));
    if (body_.size() == head_.content_length) state_ = State::complete;
  }
  return state_;
}

}  // namespace dyno::api

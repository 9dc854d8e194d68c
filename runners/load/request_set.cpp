#include "runners/load/request_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/sse/stamp.h"
#include "runners/load/websocket/frames.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kMaxDigits = 20;
constexpr std::string_view kClose = "Connection: close\r\n";

tl::unexpected<Error> bad(std::string_view what, std::string_view text) {
  return fail(ErrorCode::invalid_argument, fmt::format("{}: \"{}\"", what, visible(text, 80)));
}

bool is_line_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7f; });
}

bool is_word(std::string_view text) {
  return !text.empty() && is_line_safe(text) && text.find(' ') == std::string_view::npos;
}

// Printable and not of one letter alone, so that neither text frames nor a compressing path make it a special case.
std::string generated_body(std::size_t bytes) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  Random random(bytes);
  std::string body(bytes, ' ');
  for (char& c : body) c = kLetters[random.quick_below(kLetters.size())];
  return body;
}

std::string body_of(const RequestSpec& request, Protocol protocol) {
  if (request.body_bytes == 0) return request.body;
  const auto bytes = static_cast<std::size_t>(request.body_bytes);
  return protocol == Protocol::sse ? stamp_text(bytes) : generated_body(bytes);
}

// RFC 9113, 8.2.2: what belongs to a connection has no place in HTTP/2.
bool is_of_connection(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames{"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding",
                                                   "Upgrade"};
  return std::any_of(kNames.begin(), kNames.end(), [&](auto one) { return same_ignoring_case(one, name); });
}

Result<Http2Request> make_http2(const RequestSpec& request, std::string_view host, const std::string& body) {
  Http2Request made;
  made.method = request.method;
  made.authority = std::string(host);
  made.body = body;
  for (const auto& [name, value] : request.headers) {
    if (!is_word(name) || !is_line_safe(value)) return bad("a wrong header", name);
    if (is_of_connection(name)) return bad("HTTP/2 has no header of that name", name);
    if (same_ignoring_case(name, "Host")) made.authority = value;
    else made.headers.emplace_back(lower(name), value);
  }
  if (!body.empty() && !has_header(request.headers, "Content-Length"))
    made.headers.emplace_back("content-length", std::to_string(body.size()));
  return made;
}

}  // namespace

bool has_header(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& one) { return same_ignoring_case(one.first, name); });
}

void add_unless_given(Headers& headers, std::string_view name, std::string_view value) {
  if (!has_header(headers, name)) headers.emplace_back(name, value);
}

bool Expectation::has_body_of(std::uint64_t length) const {
  return std::any_of(bodies.begin(), bodies.end(), [&](const std::string& body) { return body.size() == length; });
}

// "a..b" or the name of a column.
bool RequestSet::read_part(std::string_view inside, Part& part) const {
  const std::size_t dots = inside.find("..");
  if (dots == std::string_view::npos) {
    const auto column = table_.column(inside);
    part.kind = PartKind::column;
    part.column = column.value_or(0);
    return column.has_value();
  }
  const auto low = parse_int(inside.substr(0, dots));
  const auto high = parse_int(inside.substr(dots + 2));
  if (!low || !high || *low > *high) return false;
  part.low = *low;
  part.count = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low) + 1;
  return true;
}

Status RequestSet::add_text(std::string_view text, bool strict, bool in_body, Entry& entry) const {
  const std::string_view all = text;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const std::size_t close = text.find('}', open);
    Part part;
    part.in_body = in_body;
    const bool good = close != std::string_view::npos && read_part(text.substr(open + 1, close - open - 1), part);
    if (!good && strict) return bad("{ without a range a..b or a column of the table, and } in a target", all);
    entry.bytes += text.substr(0, good ? open : open + 1);
    text.remove_prefix(good ? close + 1 : open + 1);
    if (!good) continue;
    part.at = entry.bytes.size();
    entry.parts.push_back(part);
  }
  entry.bytes += text;
  if (entry.parts.size() >= kMaxParts) return bad(fmt::format("more than {} drawn parts", kMaxParts - 1), all);
  return {};
}

// Whoever says how long the body is, or that it comes in chunks, says it alone.
void RequestSet::add_length(const RequestSpec& request, std::size_t body_bytes, bool is_drawn, Entry& entry) {
  if (has_header(request.headers, "Content-Length") || has_header(request.headers, "Transfer-Encoding")) return;
  if (is_drawn) {
    entry.bytes += "Content-Length: ";
    entry.parts.push_back({entry.bytes.size(), PartKind::length, false, 0, 0, 0});
    entry.bytes += "\r\n";
  } else if (body_bytes != 0 || request.method == "POST" || request.method == "PUT") {
    entry.bytes += fmt::format("Content-Length: {}\r\n", body_bytes);
  }
}

Result<RequestSet::Entry> RequestSet::make_entry(const RequestSpec& request, std::string_view host,
                                                 Protocol protocol) const {
  Entry entry;
  entry.expectation = {request.expected_status, request.method == "HEAD", request.accepted_bodies, request.is_binary};
  const std::string body = body_of(request, protocol);
  if (protocol == Protocol::websocket) {
    entry.bytes = entry.last_bytes = body;
    if (entry.expectation.bodies.empty()) entry.expectation.bodies = {body};  // an echo
    return entry;
  }
  if (!is_word(request.method)) return bad("a request has a wrong method", request.method);
  if (!is_word(request.target)) return bad("a request has a wrong target", request.target);
  if (protocol != Protocol::http2) entry.bytes = request.method + " ";
  Status added = add_text(request.target, true, false, entry);
  if (!added) return fail(added.error());
  for (const Part& part : entry.parts) {
    if (part.kind != PartKind::column) continue;
    for (const auto& row : table_.rows) {
      if (!is_word(row[part.column])) return bad("a value of the table cannot stand in a target", row[part.column]);
    }
  }
  if (protocol == Protocol::http2) {
    entry.last_bytes = entry.bytes;
    entry.head_end = entry.bytes.size();
    auto http2 = make_http2(request, host, body);
    if (!http2) return fail(http2.error());
    entry.http2 = std::move(*http2);
    return entry;
  }
  entry.bytes += " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_word(name) || !is_line_safe(value)) return bad("a wrong header", name);
    entry.bytes += name + ": " + value + "\r\n";
  }
  if (!has_header(request.headers, "Host")) entry.bytes += fmt::format("Host: {}\r\n", host);
  Entry filled;
  if (request.fills_body) {
    added = add_text(body, false, true, filled);
    if (!added) return fail(added.error());
  }
  add_length(request, body.size(), !filled.parts.empty(), entry);
  entry.head_end = entry.bytes.size();
  const std::string rest = "\r\n" + (filled.parts.empty() ? body : filled.bytes);
  for (Part part : filled.parts) {
    part.at += entry.bytes.size() + 2;
    entry.parts.push_back(part);
  }
  const std::string_view close = has_header(request.headers, "Connection") ? "" : kClose;
  entry.close_bytes = close.size();
  entry.last_bytes = entry.bytes + std::string(close) + rest;
  entry.bytes += rest;
  return entry;
}

std::size_t RequestSet::drawn_bytes(const Entry& entry) const {
  std::size_t bytes = protocol_ == Protocol::websocket ? kMaxFrameHeader : 0;
  for (const Part& part : entry.parts) {
    std::size_t most = kMaxDigits;
    if (part.kind == PartKind::column) {
      for (const auto& row : table_.rows) most = std::max(most, row[part.column].size());
    }
    bytes += most;
  }
  return bytes;
}

Result<RequestSet> RequestSet::make(const std::vector<RequestSpec>& requests, std::string_view host, Protocol protocol,
                                    Table table, std::string_view scheme) {
  RequestSet set;
  set.table_ = std::move(table);
  set.protocol_ = protocol;
  // A published message gets its stamp where it is drawn, and a WebSocket frame its mask: never twice the same bytes.
  set.has_random_parts_ = protocol == Protocol::websocket || protocol == Protocol::sse;
  double weight = 0;
  for (const RequestSpec& request : requests) {
    Result<Entry> entry = set.make_entry(request, host, protocol);
    if (!entry) return fail(entry.error());
    weight += request.weight;
    entry->cumulative_weight = weight;
    entry->http2.scheme = scheme;
    set.has_random_parts_ = set.has_random_parts_ || !entry->parts.empty();
    set.max_bytes_ = std::max(set.max_bytes_, entry->last_bytes.size() + set.drawn_bytes(*entry));
    set.entries_.push_back(std::move(*entry));
  }
  return set;
}

RequestSet::Drawn RequestSet::draw(Random& random, char* buffer, bool last) const {
  std::size_t index = 0;
  if (entries_.size() > 1) {
    const double point = random.unit() * entries_.back().cumulative_weight;
    const auto above = std::upper_bound(entries_.begin(), entries_.end(), point, [](double value, const Entry& entry) {
      return value < entry.cumulative_weight;
    });
    index = std::min<std::size_t>(static_cast<std::size_t>(above - entries_.begin()), entries_.size() - 1);
  }
  const Entry& entry = entries_[index];
  const auto number = static_cast<std::uint32_t>(index);
  if (protocol_ == Protocol::websocket) {
    const Opcode opcode = entry.expectation.is_binary ? Opcode::binary : Opcode::text;
    char* const end = write_frame(buffer, opcode, entry.bytes, static_cast<std::uint32_t>(random.next()));
    return {number, {buffer, static_cast<std::size_t>(end - buffer)}};
  }
  const bool is_constant = entry.parts.empty() && protocol_ != Protocol::sse;
  const std::string_view bytes = last ? entry.last_bytes : entry.bytes;
  return {number, is_constant ? bytes : render(entry, last, random, buffer)};
}

std::string_view RequestSet::render(const Entry& entry, bool last, Random& random, char* buffer) const {
  // All values first: the length of a body stands in front of it. One row serves the whole request.
  std::array<std::array<char, kMaxDigits>, kMaxParts> digits;
  std::array<std::string_view, kMaxParts> values;
  const std::size_t row = table_.rows.empty() ? 0 : random.quick_below(table_.rows.size());
  std::size_t body_bytes = entry.bytes.size() - std::min(entry.bytes.size(), entry.head_end + 2);
  std::size_t length_at = kMaxParts;
  const auto write_number = [&](std::size_t i, auto number) {
    const char* const end = std::to_chars(digits[i].data(), digits[i].data() + kMaxDigits, number).ptr;
    values[i] = {digits[i].data(), static_cast<std::size_t>(end - digits[i].data())};
  };
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    const Part& part = entry.parts[i];
    if (part.kind == PartKind::length) {
      length_at = i;
      continue;
    }
    if (part.kind == PartKind::column) {
      values[i] = table_.rows[row][part.column];
    } else {
      const std::uint64_t offset = part.count == 0 ? random.next() : random.quick_below(part.count);
      write_number(i, static_cast<std::int64_t>(static_cast<std::uint64_t>(part.low) + offset));
    }
    if (part.in_body) body_bytes += values[i].size();
  }
  if (length_at != kMaxParts) write_number(length_at, body_bytes);

  const std::string_view bytes = last ? entry.last_bytes : entry.bytes;
  char* out = buffer;
  std::size_t from = 0;
  const auto copy = [&out](std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    out += text.size();
  };
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    const Part& part = entry.parts[i];
    const std::size_t at = part.at + (last && part.at > entry.head_end ? entry.close_bytes : 0);
    copy(bytes.substr(from, at - from));
    copy(values[i]);
    from = at;
  }
  copy(bytes.substr(from));
  return {buffer, static_cast<std::size_t>(out - buffer)};
}

}  // namespace dyno::loadgen

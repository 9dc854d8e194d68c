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
constexpr std::size_t kUuidBytes = 36;
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

// RFC 9562: version 4, all but six bits at random.
void write_uuid(Random& random, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t high = (random.next() & ~0xF000ULL) | 0x4000ULL;
  std::uint64_t low = (random.next() & ~(0xC0ULL << 56U)) | (0x80ULL << 56U);
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      out[i] = '-';
      continue;
    }
    std::uint64_t& word = i < 18 ? high : low;
    out[i] = kDigits[word >> 60U];
    word <<= 4U;
  }
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

// "uuid", "seq", "a..b", the name of something taken by a step before this one, or of a column. False: none of them.
Result<bool> RequestSet::read_part(std::string_view inside, std::size_t step, Part& part) const {
  if (inside == "uuid" || inside == "seq") {
    part.kind = inside == "uuid" ? PartKind::uuid : PartKind::sequence;
    return true;
  }
  for (std::size_t i = 0; i < taken_names_.size(); ++i) {
    if (taken_names_[i] != inside) continue;
    if (taken_at_[i] >= step) return bad(fmt::format("step {} sends what no step before it takes", step + 1), inside);
    part.kind = PartKind::taken;
    part.column = i;
    return true;
  }
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

Status RequestSet::check_column(std::size_t column, Place place) const {
  for (const auto& row : table_.rows) {
    if (place == Place::target && !is_word(row[column]))
      return bad("a value of the table cannot stand in a target", row[column]);
    if (place == Place::header && !is_line_safe(row[column]))
      return bad("a value of the table cannot stand in a header", row[column]);
  }
  return {};
}

Status RequestSet::add_text(std::string_view text, Place place, std::size_t step, Entry& entry) {
  const std::string_view all = text;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const std::size_t close = text.find('}', open);
    Part part;
    part.in_body = place == Place::body;
    Result<bool> good = false;
    if (close != std::string_view::npos) good = read_part(text.substr(open + 1, close - open - 1), step, part);
    if (!good) return fail(good.error());
    if (!*good && place == Place::target) {
      return bad("{ without a range a..b, uuid, seq, a column of the table or what a step takes, and } in a target",
                 all);
    }
    entry.bytes += text.substr(0, *good ? open : open + 1);
    text.remove_prefix(*good ? close + 1 : open + 1);
    if (!*good) continue;
    if (part.kind == PartKind::column) {
      if (Status fits = check_column(part.column, place); !fits) return fits;
    }
    if (part.kind == PartKind::taken) taken_in_[part.column] = std::min(taken_in_[part.column], place);
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

Result<RequestSet::Entry> RequestSet::make_entry(const RequestSpec& request, std::string_view host, std::size_t step) {
  Entry entry;
  Expectation& expected = entry.expectation;
  expected.status = request.expected_status;
  expected.to_head = request.method == "HEAD";
  expected.bodies = request.accepted_bodies;
  expected.is_binary = request.is_binary;
  expected.statuses = request.statuses;
  if (!request.rules.empty() || !request.takes.empty()) {
    auto rules = AnswerRules::compile(request.rules, request.takes);
    if (!rules) return fail(rules.error());
    entry.expectation.rules = std::make_unique<const AnswerRules>(std::move(*rules));
  }
  for (const Take& take : request.takes) {
    const auto name = std::find(taken_names_.begin(), taken_names_.end(), take.name);
    if (name == taken_names_.end()) return bad("what is taken belongs to a session", take.name);
    entry.takes.push_back(static_cast<std::size_t>(name - taken_names_.begin()));
  }
  const std::string body = body_of(request, protocol_);
  if (protocol_ == Protocol::websocket) {
    if (!request.fills_body) entry.bytes = body;
    else if (Status added = add_text(body, Place::body, step, entry); !added) return fail(added.error());
    entry.last_bytes = entry.bytes;
    // Where nothing else is expected, and it is known beforehand, an echo.
    if (expected.bodies.empty() && !expected.rules && expected.statuses.empty() && entry.parts.empty())
      expected.bodies = {body};
    return entry;
  }
  if (!is_word(request.method)) return bad("a request has a wrong method", request.method);
  if (!is_word(request.target)) return bad("a request has a wrong target", request.target);
  for (const auto& [name, value] : request.headers) {
    if (!is_word(name) || !is_line_safe(value)) return bad("a wrong header", name);
  }
  const Status filled = protocol_ == Protocol::http2 ? fill_http2(request, host, body, step, entry)
                                                     : fill_http1(request, host, body, step, entry);
  if (!filled) return fail(filled.error());
  return entry;
}

Status RequestSet::fill_http1(const RequestSpec& request, std::string_view host, const std::string& body,
                              std::size_t step, Entry& entry) {
  entry.bytes = request.method + " ";
  if (Status added = add_text(request.target, Place::target, step, entry); !added) return added;
  entry.bytes += " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers) {
    entry.bytes += name + ": ";
    if (Status added = add_text(value, Place::header, step, entry); !added) return added;
    entry.bytes += "\r\n";
  }
  if (!has_header(request.headers, "Host")) entry.bytes += fmt::format("Host: {}\r\n", host);
  Entry filled;
  if (request.fills_body) {
    if (Status added = add_text(body, Place::body, step, filled); !added) return added;
  }
  add_length(request, body.size(), !filled.parts.empty(), entry);
  entry.head_end = entry.bytes.size();
  entry.body_at = entry.head_end + 2;
  const std::string rest = "\r\n" + (filled.parts.empty() ? body : filled.bytes);
  for (Part part : filled.parts) {
    part.at += entry.body_at;
    entry.parts.push_back(part);
  }
  if (entry.parts.size() > kMaxParts) return bad(fmt::format("more than {} drawn parts", kMaxParts - 1), body);
  const std::string_view close = has_header(request.headers, "Connection") ? "" : kClose;
  entry.close_bytes = close.size();
  entry.last_bytes = entry.bytes + std::string(close) + rest;
  entry.bytes += rest;
  return {};
}

// The path, behind it the value of each header that has something drawn, and the body if it has.
Status RequestSet::fill_http2(const RequestSpec& request, std::string_view host, const std::string& body,
                              std::size_t step, Entry& entry) {
  Http2Request& made = entry.http2;
  made.method = request.method;
  made.authority = std::string(host);
  const auto mark = [&entry] { entry.parts.push_back({entry.bytes.size(), PartKind::mark, false, 0, 0, 0}); };
  if (Status added = add_text(request.target, Place::target, step, entry); !added) return added;
  for (const auto& [name, value] : request.headers) {
    if (is_of_connection(name)) return bad("HTTP/2 has no header of that name", name);
    if (same_ignoring_case(name, "Host")) {
      made.authority = value;
      continue;
    }
    made.headers.emplace_back(lower(name), value);
    Entry drawn;
    if (Status added = add_text(value, Place::header, step, drawn); !added) return added;
    if (drawn.parts.empty()) continue;
    if (made.drawn.size() == kMostDrawnFields - 1)
      return bad(fmt::format("more than {} headers with something drawn", kMostDrawnFields - 1), name);
    made.drawn.push_back(made.headers.size() - 1);
    mark();
    for (Part part : drawn.parts) {
      part.at += entry.bytes.size();
      entry.parts.push_back(part);
    }
    entry.bytes += drawn.bytes;
  }
  Entry filled;
  if (request.fills_body) {
    if (Status added = add_text(body, Place::body, step, filled); !added) return added;
  }
  made.is_body_drawn = !filled.parts.empty();
  if (!made.is_body_drawn) made.body = body;
  if (!body.empty() && !has_header(request.headers, "Content-Length")) {
    made.headers.emplace_back("content-length", std::to_string(body.size()));
    if (made.is_body_drawn) {
      made.drawn.push_back(made.headers.size() - 1);
      mark();
      entry.parts.push_back({entry.bytes.size(), PartKind::length, false, 0, 0, 0});
    }
  }
  mark();
  entry.body_at = entry.head_end = entry.bytes.size();
  for (Part part : filled.parts) {
    part.at += entry.body_at;
    entry.parts.push_back(part);
  }
  if (entry.parts.size() > kMaxParts) return bad(fmt::format("more than {} drawn parts", kMaxParts - 1), body);
  if (made.drawn.empty() && !made.is_body_drawn) entry.parts.pop_back();  // the mark behind the path alone
  entry.bytes += filled.bytes;
  entry.last_bytes = entry.bytes;
  return {};
}

std::size_t RequestSet::drawn_bytes(const Entry& entry) const {
  std::size_t bytes = protocol_ == Protocol::websocket ? kMaxFrameHeader : 0;
  for (const Part& part : entry.parts) {
    std::size_t most = kMaxDigits;
    if (part.kind == PartKind::column) {
      for (const auto& row : table_.rows) most = std::max(most, row[part.column].size());
    }
    if (part.kind == PartKind::uuid) most = kUuidBytes;
    if (part.kind == PartKind::taken) most = kMostTaken;
    bytes += most;
  }
  return bytes;
}

void RequestSet::name_what_is_taken(const std::vector<RequestSpec>& requests) {
  for (std::size_t step = 0; step < requests.size(); ++step) {
    for (const Take& take : requests[step].takes) {
      if (std::find(taken_names_.begin(), taken_names_.end(), take.name) != taken_names_.end()) continue;
      taken_names_.push_back(take.name);
      taken_at_.push_back(step);
      taken_in_.push_back(Place::body);
    }
  }
}

Result<RequestSet> RequestSet::make(const std::vector<RequestSpec>& requests, std::string_view host, Protocol protocol,
                                    CsvTable table, std::string_view scheme, bool is_session) {
  RequestSet set;
  set.table_ = std::move(table);
  set.protocol_ = protocol;
  if (is_session) set.name_what_is_taken(requests);
  // A published message gets its stamp where it is drawn, and a WebSocket frame its mask: never twice the same bytes.
  set.has_random_parts_ = protocol == Protocol::websocket || protocol == Protocol::sse;
  double weight = 0;
  for (std::size_t step = 0; step < requests.size(); ++step) {
    Result<Entry> entry = set.make_entry(requests[step], host, step);
    if (!entry) return fail(entry.error());
    weight += requests[step].weight;
    entry->cumulative_weight = weight;
    entry->http2.scheme = scheme;
    entry->is_constant = entry->parts.empty() && protocol != Protocol::websocket && protocol != Protocol::sse;
    set.has_random_parts_ = set.has_random_parts_ || !entry->parts.empty();
    set.max_bytes_ = std::max(set.max_bytes_, entry->last_bytes.size() + set.drawn_bytes(*entry));
    set.entries_.push_back(std::move(*entry));
  }
  return set;
}

bool RequestSet::may_send(std::size_t taken, std::string_view value) const {
  if (taken_in_[taken] == Place::target) return is_word(value);
  return taken_in_[taken] == Place::body || is_line_safe(value);
}

std::uint32_t RequestSet::choose(Random& random) const {
  const double point = random.unit() * entries_.back().cumulative_weight;
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), point,
                                      [](double value, const Entry& entry) { return value < entry.cumulative_weight; });
  const auto index = static_cast<std::size_t>(above - entries_.begin());
  return static_cast<std::uint32_t>(std::min(index, entries_.size() - 1));
}

std::size_t RequestSet::draw_row(DrawSource& source) const {
  return table_.rows.empty() ? 0 : source.random.quick_below(table_.rows.size());
}

// All values of a request, for the length of a body stands in front of it.
struct RequestSet::Values {
  std::array<std::array<char, kUuidBytes>, kMaxParts> made;  // those that were not there before
  std::array<std::string_view, kMaxParts> all;
};

RequestSet::Drawn RequestSet::draw_step(std::uint32_t step, const RoundValues& round, DrawSource& source, char* buffer,
                                        bool last) const {
  const Entry& entry = entries_[step];
  if (protocol_ == Protocol::websocket) {
    const Opcode opcode = entry.expectation.is_binary ? Opcode::binary : Opcode::text;
    Drawn payload{step, entry.bytes};
    if (!entry.parts.empty()) {
      Values values;
      draw_values(entry, round, source, values);
      render(entry, false, values, buffer + kMaxFrameHeader, source,
             payload);  // behind where its frame will be, which is read ahead of
    }
    char* const end = write_frame(buffer, opcode, payload.bytes, static_cast<std::uint32_t>(source.random.next()));
    return {step, {buffer, static_cast<std::size_t>(end - buffer)}};
  }
  Drawn drawn{step, last ? entry.last_bytes : entry.bytes, entry.http2.body};
  if (entry.is_constant) return drawn;
  Values values;
  draw_values(entry, round, source, values);
  render(entry, last, values, buffer, source, drawn);
  return drawn;
}

void RequestSet::draw_values(const Entry& entry, const RoundValues& round, DrawSource& source, Values& values) const {
  std::size_t body_bytes = entry.bytes.size() - std::min(entry.bytes.size(), entry.body_at);
  std::size_t length_at = kMaxParts;
  const auto write_number = [&](std::size_t i, auto number) {
    char* const begin = values.made[i].data();
    const char* const end = std::to_chars(begin, begin + kMaxDigits, number).ptr;
    values.all[i] = {begin, static_cast<std::size_t>(end - begin)};
  };
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    const Part& part = entry.parts[i];
    switch (part.kind) {
      case PartKind::length: length_at = i; continue;
      case PartKind::mark: continue;
      case PartKind::column: values.all[i] = table_.rows[round.row][part.column]; break;
      case PartKind::taken: values.all[i] = round.taken[part.column]; break;
      case PartKind::sequence: write_number(i, source.sequence.next()); break;
      case PartKind::uuid:
        write_uuid(source.uuids, values.made[i].data());
        values.all[i] = {values.made[i].data(), kUuidBytes};
        break;
      case PartKind::range: {
        const std::uint64_t offset = part.count == 0 ? source.random.next() : source.random.quick_below(part.count);
        write_number(i, static_cast<std::int64_t>(static_cast<std::uint64_t>(part.low) + offset));
        break;
      }
    }
    if (part.in_body) body_bytes += values.all[i].size();
  }
  if (length_at != kMaxParts) write_number(length_at, body_bytes);
}

void RequestSet::render(const Entry& entry, bool last, const Values& values, char* buffer, DrawSource& source,
                        Drawn& drawn) {
  const std::string_view bytes = last ? entry.last_bytes : entry.bytes;
  char* out = buffer;
  std::size_t from = 0;
  const auto copy = [&out](std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    out += text.size();
  };
  // HTTP/2: what lies between two marks; first the path, last the body.
  const char* field = buffer;
  std::size_t fields = 0;
  const auto end_field = [&] {
    const std::string_view text(field, static_cast<std::size_t>(out - field));
    if (fields == 0) drawn.bytes = text;
    else source.fields[fields - 1] = text;
    ++fields;
    field = out;
  };
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    const Part& part = entry.parts[i];
    const std::size_t at = part.at + (last && part.at > entry.head_end ? entry.close_bytes : 0);
    copy(bytes.substr(from, at - from));
    if (part.kind == PartKind::mark) end_field();
    else copy(values.all[i]);
    from = at;
  }
  copy(bytes.substr(from));
  if (fields == 0) drawn.bytes = {buffer, static_cast<std::size_t>(out - buffer)};
  else if (entry.http2.is_body_drawn) drawn.body = {field, static_cast<std::size_t>(out - field)};
}

}  // namespace dyno::loadgen

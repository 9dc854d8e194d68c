#include "runners/load/request_set.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kMaxDigits = 20;

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

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

bool Expectation::accepts_length(std::uint64_t length) const {
  if (bodies.empty()) return true;
  return std::any_of(bodies.begin(), bodies.end(), [&](const std::string& body) { return body.size() == length; });
}

// Appends the target to the entry's bytes and takes the ranges out of it.
Status RequestSet::add_target(std::string_view target, Entry& entry) {
  const std::string_view all = target;
  for (std::size_t open = target.find('{'); open != std::string_view::npos; open = target.find('{')) {
    const std::size_t close = target.find('}', open);
    const std::size_t dots = target.find("..", open);
    if (close == std::string_view::npos || dots > close) return bad("{ without a range a..b} in a target", all);
    const auto low = parse_int(target.substr(open + 1, dots - open - 1));
    const auto high = parse_int(target.substr(dots + 2, close - dots - 2));
    if (!low || !high || *low > *high) return bad("a wrong range in a target", all);
    entry.bytes += target.substr(0, open);
    entry.ranges.push_back(
        {entry.bytes.size(), *low, static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low) + 1});
    target.remove_prefix(close + 1);
  }
  entry.bytes += target;
  return {};
}

Result<RequestSet::Entry> RequestSet::make_entry(const RequestSpec& request, std::string_view host) {
  if (!is_word(request.method)) return bad("a request has a wrong method", request.method);
  if (!is_word(request.target)) return bad("a request has a wrong target", request.target);
  Entry entry;
  entry.bytes = request.method + " ";
  const Status added = add_target(request.target, entry);
  if (!added) return fail(added.error());
  entry.bytes += " HTTP/1.1\r\n";
  bool has_host = false;
  for (const auto& [name, value] : request.headers) {
    if (!is_word(name) || !is_line_safe(value)) return bad("a wrong header", name);
    has_host = has_host || same_name(name, "host");
    entry.bytes += name + ": " + value + "\r\n";
  }
  if (!has_host) entry.bytes += fmt::format("Host: {}\r\n", host);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    entry.bytes += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  entry.last_bytes = entry.bytes + "Connection: close\r\n\r\n" + request.body;
  entry.bytes += "\r\n" + request.body;
  entry.expectation = {request.expected_status, request.method == "HEAD", request.accepted_bodies};
  return entry;
}

Result<RequestSet> RequestSet::make(const std::vector<RequestSpec>& requests, std::string_view host) {
  RequestSet set;
  double weight = 0;
  for (const RequestSpec& request : requests) {
    Result<Entry> entry = make_entry(request, host);
    if (!entry) return fail(entry.error());
    weight += request.weight;
    entry->cumulative_weight = weight;
    set.has_random_parts_ = set.has_random_parts_ || !entry->ranges.empty();
    set.max_bytes_ = std::max(set.max_bytes_, entry->last_bytes.size() + kMaxDigits * entry->ranges.size());
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
  const std::string_view bytes = last ? entry.last_bytes : entry.bytes;
  return {static_cast<std::uint32_t>(index),
          entry.ranges.empty() ? bytes : render(bytes, entry.ranges, random, buffer)};
}

// The ranges lie in the target, in front of anything in which the two forms of a request differ.
std::string_view RequestSet::render(std::string_view bytes, const std::vector<Range>& ranges, Random& random,
                                    char* buffer) {
  char* out = buffer;
  std::size_t from = 0;
  for (const Range& range : ranges) {
    std::memcpy(out, bytes.data() + from, range.at - from);
    out += range.at - from;
    from = range.at;
    const std::uint64_t offset = range.count == 0 ? random.next() : random.below(range.count);
    const auto number = static_cast<std::int64_t>(static_cast<std::uint64_t>(range.low) + offset);
    out = std::to_chars(out, out + kMaxDigits, number).ptr;
  }
  std::memcpy(out, bytes.data() + from, bytes.size() - from);
  out += bytes.size() - from;
  return {buffer, static_cast<std::size_t>(out - buffer)};
}

}  // namespace dyno::loadgen

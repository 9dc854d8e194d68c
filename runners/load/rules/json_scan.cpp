#include "runners/load/rules/json_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighs = 0x8080808080808080ULL;

std::uint64_t zeros_in(std::uint64_t word) { return (word - kOnes) & ~word & kHighs; }

// The first of eight bytes at a time that is a quote, a backslash, a control character or no ASCII.
const char* skip_plain(const char* at, const char* end) {
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t special = zeros_in(word ^ (kOnes * '"')) | zeros_in(word ^ (kOnes * '\\')) |
                                  ((word - kOnes * 0x20) & ~word & kHighs) | (word & kHighs);
    if (special != 0) break;
    at += 8;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) - 0x20U < 0x60U) ++at;
  return at;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The four digits behind \u; below 0: they are none.
int code_unit(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Reads one text from front to back.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : begin_(text.data()), at_(text.data()), end_(begin_ + text.size()) {}

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool is_at_end() const { return at_ == end_; }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  const char* at() const { return at_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  std::string_view since(const char* from) const { return {from, static_cast<std::size_t>(at_ - from)}; }

  bool string() {
    if (!take('"')) return false;
    const char* const from = at_;
    bool is_ascii = true;
    while (true) {
      at_ = skip_plain(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        if (!escape()) return false;
      } else if (static_cast<unsigned char>(*at_) < 0x20) {
        return false;
      } else {
        is_ascii = false;
        while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) ++at_;
      }
    }
    if (!is_ascii && !is_valid_utf8(since(from))) {
      at_ = from;
      return false;
    }
    ++at_;
    return true;
  }

  // A number, or one of the three words; `type` is what it is.
  bool scalar(JsonType& type) {
    switch (peek()) {
      case 't': type = JsonType::boolean; return word("true");
      case 'f': type = JsonType::boolean; return word("false");
      case 'n': type = JsonType::null; return word("null");
      default: return number(type);
    }
  }

 private:
  bool word(std::string_view expected) {
    for (const char c : expected) {
      if (!take(c)) return false;
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return true;
  }

  bool number(JsonType& type) {
    type = JsonType::integer;
    take('-');
    if (!take('0') && !digits()) return false;
    if (peek() == '.') {
      type = JsonType::number;
      ++at_;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      type = JsonType::number;
      ++at_;
      if (!take('+')) take('-');
      if (!digits()) return false;
    }
    return true;
  }

  bool escape() {
    ++at_;
    const char kind = peek();
    if (kind != 'u') {
      if (kind == '\0' || std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) return false;
      ++at_;
      return true;
    }
    const int unit = code_unit(at_ + 1, end_);
    if (unit < 0 || is_low_surrogate(unit)) return false;
    at_ += 5;
    if (!is_high_surrogate(unit)) return true;
    if (end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u' || !is_low_surrogate(code_unit(at_ + 2, end_))) return false;
    at_ += 6;
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

// The characters of a string that is known to be right, one by one.
class Characters {
 public:
  explicit Characters(std::string_view quoted) : at_(quoted.data() + 1), end_(quoted.data() + quoted.size() - 1) {}

  bool is_at_end() const { return at_ == end_; }
  // The next one as UTF-8; valid until the next call.
  std::string_view next() {
    if (*at_ != '\\') {
      const char* const from = at_++;
      while (at_ != end_ && (static_cast<unsigned char>(*at_) & 0xC0U) == 0x80U) ++at_;
      return {from, static_cast<std::size_t>(at_ - from)};
    }
    const char kind = at_[1];
    if (kind == 'u') return from_units();
    at_ += 2;
    constexpr std::string_view kKinds = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    const std::size_t place = kKinds.find(kind);
    bytes_[0] = place == std::string_view::npos ? kind : kMeant[place];
    return {bytes_.data(), 1};
  }

 private:
  std::string_view from_units() {
    auto point = static_cast<std::uint32_t>(code_unit(at_ + 2, end_));
    at_ += 6;
    if (is_high_surrogate(static_cast<int>(point))) {
      point = 0x10000U + ((point - 0xD800U) << 10U) + (static_cast<std::uint32_t>(code_unit(at_ + 2, end_)) - 0xDC00U);
      at_ += 6;
    }
    std::size_t size = 0;
    const auto put = [&](std::uint32_t byte) { bytes_[size++] = static_cast<char>(byte); };
    const auto put_rest = [&](std::uint32_t shift) { put(0x80U | (point >> shift & 0x3FU)); };
    if (point < 0x80) {
      put(point);
    } else if (point < 0x800) {
      put(0xC0U | point >> 6U);
      put_rest(0);
    } else if (point < 0x10000) {
      put(0xE0U | point >> 12U);
      put_rest(6);
      put_rest(0);
    } else {
      put(0xF0U | point >> 18U);
      put_rest(12);
      put_rest(6);
      put_rest(0);
    }
    return {bytes_.data(), size};
  }

  const char* at_;
  const char* end_;
  std::array<char, 4> bytes_{};
};

bool has_escape(std::string_view quoted) { return std::memchr(quoted.data(), '\\', quoted.size()) != nullptr; }

bool is_string_equal(std::string_view quoted, std::string_view plain) {
  if (!has_escape(quoted)) return quoted.substr(1, quoted.size() - 2) == plain;
  for (Characters one(quoted); !one.is_at_end();) {
    const std::string_view character = one.next();
    if (!plain.starts_with(character)) return false;
    plain.remove_prefix(character.size());
  }
  return plain.empty();
}

bool are_strings_equal(std::string_view a, std::string_view b) {
  if (!has_escape(a)) return is_string_equal(b, a.substr(1, a.size() - 2));
  if (!has_escape(b)) return is_string_equal(a, b.substr(1, b.size() - 2));
  Characters left(a);
  Characters right(b);
  while (!left.is_at_end() && !right.is_at_end()) {
    if (left.next() != right.next()) return false;
  }
  return left.is_at_end() && right.is_at_end();
}

bool are_numbers_equal(const JsonValue& a, const JsonValue& b) {
  const auto integer = [](std::string_view text) { return text == "-0" ? std::string_view("0") : text; };
  if (a.type == JsonType::integer && b.type == JsonType::integer) return integer(a.text) == integer(b.text);
  const auto left = number_of(a.text);
  return left && left == number_of(b.text);
}

}  // namespace

// ---- pointers ----
std::int32_t JsonPointers::child(std::size_t node, std::string&& key) {
  for (const Step& step : nodes_[node].steps) {
    if (step.key == key) return step.node;
  }
  Step step;
  const auto index = key.starts_with('-') ? std::nullopt : parse_int(key);
  if (index) step.index = static_cast<std::uint64_t>(*index);
  step.key = std::move(key);
  step.node = static_cast<std::int32_t>(nodes_.size());
  nodes_[node].steps.push_back(std::move(step));
  nodes_.emplace_back();
  return static_cast<std::int32_t>(nodes_.size() - 1);
}

Result<std::size_t> JsonPointers::add(std::string_view pointer) {
  const auto bad = [&](std::string_view why) {
    return fail(ErrorCode::invalid_argument, fmt::format("\"{}\" is no JSON pointer: {}", visible(pointer, 80), why));
  };
  if (!pointer.empty() && pointer.front() != '/') return bad("it begins with /");
  std::vector<std::string> keys;
  std::string key;
  for (std::size_t i = 1; i <= pointer.size() && !pointer.empty(); ++i) {
    if (i == pointer.size() || pointer[i] == '/') {
      keys.push_back(std::exchange(key, {}));
    } else if (pointer[i] != '~') {
      key += pointer[i];
    } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      key += pointer[++i] == '0' ? '~' : '/';
    } else {
      return bad("~ is written ~0, and / within a key ~1");
    }
  }
  if (keys.size() > kMostJsonDepth) return bad("it is too deep");
  std::int32_t node = 0;
  for (std::string& one : keys) node = child(static_cast<std::size_t>(node), std::move(one));
  std::int32_t& place = nodes_[static_cast<std::size_t>(node)].place;
  if (place != kNone) return static_cast<std::size_t>(place);
  if (size_ == kMost)
    return fail(ErrorCode::invalid_argument, fmt::format("more than {} JSON pointers in one request", kMost));
  place = static_cast<std::int32_t>(size_);
  return size_++;
}

// ---- the pass ----
class JsonScan {
 public:
  JsonScan(const JsonPointers& pointers, std::string_view text, std::vector<JsonValue>& found)
      : pointers_(pointers), reader_(text), found_(found) {}

  std::optional<std::size_t> run() {
    reader_.skip_space();
    if (!value(0)) return reader_.offset();
    while (depth_ != 0) {
      if (!go_on()) return reader_.offset();
    }
    reader_.skip_space();
    return reader_.is_at_end() ? std::nullopt : std::optional(reader_.offset());
  }

 private:
  using Node = std::int32_t;
  struct Frame {
    const char* from;
    std::int64_t entries;
    Node node;
    bool is_object;
  };
  static constexpr Node kNone = JsonPointers::kNone;

  void note(Node node, const char* from, JsonType type, std::int64_t entries) {
    if (node == kNone) return;
    const std::int32_t place = pointers_.nodes_[static_cast<std::size_t>(node)].place;
    if (place != kNone) found_[static_cast<std::size_t>(place)] = {type, entries, reader_.since(from)};
  }

  // What an earlier value of the same key held is not there any more.
  void forget(Node node) {
    const JsonPointers::Node& one = pointers_.nodes_[static_cast<std::size_t>(node)];
    if (one.place != kNone) found_[static_cast<std::size_t>(one.place)] = {};
    for (const auto& step : one.steps) forget(step.node);
  }

  Node by_key(Node node, std::string_view quoted) {
    if (node == kNone) return kNone;
    for (const auto& step : pointers_.nodes_[static_cast<std::size_t>(node)].steps) {
      if (!is_string_equal(quoted, step.key)) continue;
      forget(step.node);
      return step.node;
    }
    return kNone;
  }

  Node by_index(Node node, std::int64_t index) const {
    if (node == kNone) return kNone;
    for (const auto& step : pointers_.nodes_[static_cast<std::size_t>(node)].steps) {
      if (step.index == static_cast<std::uint64_t>(index)) return step.node;
    }
    return kNone;
  }

  // A scalar is taken whole; of an object or array the opening bracket, and its first key.
  bool value(Node node) {
    const char* const from = reader_.at();
    const char first = reader_.peek();
    if (first == '"') {
      if (!reader_.string()) return false;
      note(node, from, JsonType::string, 0);
      return true;
    }
    if (first != '{' && first != '[') {
      JsonType type = JsonType::null;
      if (!reader_.scalar(type)) return false;
      note(node, from, type, 0);
      return true;
    }
    if (depth_ == frames_.size()) return false;
    reader_.take(first);
    frames_[depth_++] = {from, 0, node, first == '{'};
    return true;
  }

  // Behind an opening bracket or an entry of the innermost object or array.
  bool go_on() {
    Frame& frame = frames_[depth_ - 1];
    reader_.skip_space();
    if (reader_.take(frame.is_object ? '}' : ']')) {
      --depth_;
      note(frame.node, frame.from, frame.is_object ? JsonType::object : JsonType::array, frame.entries);
      return true;
    }
    if (frame.entries != 0) {
      if (!reader_.take(',')) return false;
      reader_.skip_space();
    }
    Node node = kNone;
    if (frame.is_object) {
      const char* const key = reader_.at();
      if (!reader_.string()) return false;
      node = by_key(frame.node, reader_.since(key));
      reader_.skip_space();
      if (!reader_.take(':')) return false;
      reader_.skip_space();
    } else {
      node = by_index(frame.node, frame.entries);
    }
    ++frame.entries;
    return value(node);
  }

  const JsonPointers& pointers_;
  JsonReader reader_;
  std::vector<JsonValue>& found_;
  std::size_t depth_ = 0;
  std::array<Frame, kMostJsonDepth> frames_;
};

std::optional<std::size_t> find_json(const JsonPointers& pointers, std::string_view text,
                                     std::vector<JsonValue>& found) {
  found.assign(pointers.size(), {});
  return JsonScan(pointers, text, found).run();
}

// ---- values ----
namespace {

// One value of a text that is known to be right.
JsonValue take_value(JsonReader& reader) {
  JsonValue value;
  const char* const from = reader.at();
  std::size_t depth = 0;
  bool is_entry = true;  // the next token begins an entry of the outermost
  do {
    reader.skip_space();
    const char first = reader.peek();
    JsonType type = JsonType::null;
    if (first == '}' || first == ']') {
      reader.take(first);
      --depth;
    } else {
      if (depth == 1 && is_entry) ++value.entries;
      is_entry = false;
      if (first == '"') {
        type = JsonType::string;
        reader.string();
      } else if (first == '{' || first == '[') {
        type = first == '{' ? JsonType::object : JsonType::array;
        reader.take(first);
        is_entry = ++depth == 1;
      } else if (first == ',' || first == ':') {
        reader.take(first);
        is_entry = depth == 1 && first == ',';
      } else {
        reader.scalar(type);
      }
      if (value.type == JsonType::absent) value.type = type;
    }
  } while (depth != 0);
  value.text = reader.since(from);
  return value;
}

// The entries of an object or array, one by one.
class Entries {
 public:
  explicit Entries(const JsonValue& of)
      : reader_(of.text), left_(of.entries), is_object_(of.type == JsonType::object) {}

  bool next() {
    if (left_-- == 0) return false;
    reader_.take(reader_.peek());  // the bracket, or the comma
    reader_.skip_space();
    if (is_object_) {
      const char* const from = reader_.at();
      reader_.string();
      key = reader_.since(from);
      reader_.skip_space();
      reader_.take(':');
      reader_.skip_space();
    }
    value = take_value(reader_);
    reader_.skip_space();
    return true;
  }

  std::string_view key;  // with its quotes
  JsonValue value;

 private:
  JsonReader reader_;
  std::int64_t left_;
  bool is_object_;
};

bool are_objects_equal(const JsonValue& expected, const JsonValue& came) {
  for (Entries wanted(expected); wanted.next();) {
    bool is_there = false;
    for (Entries entry(came); !is_there && entry.next();)
      is_there = are_strings_equal(wanted.key, entry.key) && json_equal(wanted.value, entry.value);
    if (!is_there) return false;
  }
  return true;
}

bool are_arrays_equal(const JsonValue& expected, const JsonValue& came) {
  Entries wanted(expected);
  Entries entry(came);
  while (wanted.next() && entry.next()) {
    if (!json_equal(wanted.value, entry.value)) return false;
  }
  return true;
}

}  // namespace

bool json_equal(const JsonValue& expected, const JsonValue& came) {
  if (expected.is_number() && came.is_number()) return are_numbers_equal(expected, came);
  if (expected.type != came.type || expected.entries != came.entries) return false;
  switch (expected.type) {
    case JsonType::string: return are_strings_equal(expected.text, came.text);
    case JsonType::array: return are_arrays_equal(expected, came);
    case JsonType::object: return are_objects_equal(expected, came);
    default: return expected.text == came.text;
  }
}

std::optional<JsonValue> whole_json(std::string_view text) {
  JsonPointers whole;
  std::vector<JsonValue> found;
  if (!whole.add("") || find_json(whole, text, found)) return std::nullopt;
  return found.front();
}

bool append_unescaped(std::string_view quoted, std::string& out, std::size_t most) {
  const std::size_t before = out.size();
  if (!has_escape(quoted)) {
    if (quoted.size() - 2 > most) return false;
    out += quoted.substr(1, quoted.size() - 2);
    return true;
  }
  for (Characters one(quoted); !one.is_at_end();) {
    const std::string_view character = one.next();
    if (out.size() - before + character.size() > most) return false;
    out += character;
  }
  return true;
}

std::int64_t code_points(std::string_view quoted) {
  std::int64_t count = 0;
  for (Characters one(quoted); !one.is_at_end(); one.next()) ++count;
  return count;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace dyno::loadgen

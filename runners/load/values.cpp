#include "runners/load/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "runners/load/url.h"

namespace dyno::loadgen {
namespace {

struct TimeUnit {
  std::string_view name;
  double ns = 0;
};
// µ has two characters of its own: the micro sign and the Greek letter.
constexpr std::array<TimeUnit, 10> kTimeUnits{{{"ns", 1},
                                               {"us", 1e3},
                                               {"\u00b5s", 1e3},
                                               {"\u03bcs", 1e3},
                                               {"ms", 1e6},
                                               {"s", 1e9},
                                               {"m", 60e9},
                                               {"min", 60e9},
                                               {"h", 3600e9},
                                               {"d", 86400e9}}};
constexpr double kMostNs = 9e18;
constexpr double kExactIntegers = 9'007'199'254'740'992;  // 2^53

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// A duration as one would write it: 100us, 26h.
std::string written(Nanos duration) {
  const std::int64_t ns = duration.count();
  if (ns == 0) return "0s";
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}};
  for (const auto& [name, length] : kUnits) {
    if (ns % length == 0) return fmt::format("{}{}", ns / length, name);
  }
  return fmt::format("{}ns", ns);
}

std::string written_size(std::int64_t bytes) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
      {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}};
  for (const auto& [name, length] : kUnits) {
    if (bytes != 0 && bytes % length == 0) return fmt::format("{}{}", bytes / length, name);
  }
  return fmt::format("{}B", bytes);
}

// RFC 9110: what names of headers and methods are made of.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_header(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' ' || c == '\t'; });
}

template <class Range, class Value>
bool is_within(const Range& range, const std::optional<Value>& value) {
  return value && *value >= range.low && *value <= range.high;
}

}  // namespace

std::optional<Nanos> read_time(std::string_view text) {
  if (const auto seconds = parse_double(text)) {
    if (*seconds < 0 || *seconds * 1e9 > kMostNs) return std::nullopt;
    return Nanos(std::llround(*seconds * 1e9));
  }
  double ns = 0;
  double last = kMostNs;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
    const auto number = parse_double(text.substr(0, digits));
    const std::string_view name = text.substr(digits, end - digits);
    const auto* const unit =
        std::find_if(kTimeUnits.begin(), kTimeUnits.end(), [&](const TimeUnit& one) { return one.name == name; });
    if (!number || unit == kTimeUnits.end() || unit->ns >= last) return std::nullopt;
    last = unit->ns;
    ns += *number * unit->ns;
    text.remove_prefix(end);
  }
  if (last == kMostNs || ns > kMostNs) return std::nullopt;
  return Nanos(std::llround(ns));
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  if (const auto integer = parse_int(text)) return integer;
  if (text.find_first_of("eE") == std::string_view::npos) return std::nullopt;
  const auto number = read_number(text);
  if (!number || std::abs(*number) > kExactIntegers || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> read_number(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  const auto digits = parse_double(text.substr(0, e));
  if (!digits || e == std::string_view::npos) return digits;
  double value = 0;  // of the whole text at once: 1e5 is 100000 exactly
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_size(std::string_view text) {
  if (const auto bytes = read_integer(text)) return bytes;
  const auto bytes = parse_bytes(text);
  return bytes ? std::optional<std::int64_t>(bytes->value) : std::nullopt;
}

std::optional<std::vector<int>> read_cpus(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string_view part : split(text, ',')) {
    const auto cpu = parse_int(part);
    if (!cpu || *cpu < 0 || *cpu > 4095) return std::nullopt;
    if (std::find(cpus.begin(), cpus.end(), static_cast<int>(*cpu)) != cpus.end()) return std::nullopt;
    cpus.push_back(static_cast<int>(*cpu));
  }
  return cpus;
}

std::optional<std::vector<StatusRange>> read_statuses(std::string_view text) {
  std::vector<StatusRange> ranges;
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    const bool is_class = part.size() == 3 && part.substr(1) == "xx";
    const std::size_t dots = part.find("..");
    const auto from = parse_int(is_class ? part.substr(0, 1) : part.substr(0, dots));
    const auto to = dots == std::string_view::npos ? from : parse_int(part.substr(dots + 2));
    if (!from || !to || *from > *to) return std::nullopt;
    const StatusRange range = is_class ? StatusRange{static_cast<int>(*from) * 100, static_cast<int>(*from) * 100 + 99}
                                       : StatusRange{static_cast<int>(*from), static_cast<int>(*to)};
    if (*from < 0 || *to > 999 || range.from < 100) return std::nullopt;
    ranges.push_back(range);
  }
  return ranges;
}

std::optional<std::vector<RatePoint>> read_curve(std::string_view text) {
  const takes::Number& rates = numbers_of(Opt::rate);
  std::vector<RatePoint> curve;
  double peak = 0;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t colon = part.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto at = read_time(part.substr(0, colon));
    const auto rate = read_number(part.substr(colon + 1));
    if (!at || !rate || *rate < 0 || *rate > rates.high) return std::nullopt;
    if (!curve.empty() && at->count() < curve.back().at_ns) return std::nullopt;
    curve.push_back({at->count(), *rate});
    peak = std::max(peak, *rate);
  }
  if (peak < rates.low) return std::nullopt;
  return curve;
}

std::string wanted(const Takes& takes) {
  const Overloaded words{
      [](const takes::Nothing&) { return std::string("no value"); },
      [](const takes::Integer& range) { return fmt::format("a whole number from {} to {}", range.low, range.high); },
      [](const takes::Number& range) { return fmt::format("a number from {:.15g} to {:.15g}", range.low, range.high); },
      [](const takes::Duration& range) {
        return fmt::format("a time from {} to {}, such as 10s, 500ms or 1m30s (a bare number is seconds)",
                           written(range.low), written(range.high));
      },
      [](const takes::Size& range) {
        return fmt::format("a number of bytes from {} to {}, such as 512 or 64KiB", range.low,
                           written_size(range.high));
      },
      [](const takes::Word& word) { return fmt::format("one of {}", fmt::join(word.words, ", ")); },
      [](const takes::Curve&) {
        return fmt::format(
            "moments and rates (0 to {:.15g}, one of them above 0) in order of time, such as 0s:100,10s:5000",
            numbers_of(Opt::rate).high);
      },
      [](const takes::Cpus&) { return std::string("a list of CPU numbers, each once, such as 0,1"); },
      [](const takes::Header&) { return std::string("a name, a colon and a value, such as \"Accept: text/html\""); },
      [](const takes::Method&) { return std::string("a word such as GET or POST"); },
      [](const takes::Endpoint&) { return std::string("a host and a port, such as localhost:8080 or [::1]:8080"); },
      [](const takes::Host&) { return std::string("the name of a host, such as example.org"); },
      [](const takes::File&) { return std::string("the path of a file"); },
      [](const takes::Text&) { return std::string("a text"); }};
  return std::visit(words, takes);
}

std::optional<std::string> wanted_instead(const Takes& takes, std::string_view text) {
  const Overloaded is_good{[](const takes::Nothing&) { return false; },
                           [&](const takes::Integer& range) { return is_within(range, read_integer(text)); },
                           [&](const takes::Number& range) { return is_within(range, read_number(text)); },
                           [&](const takes::Duration& range) { return is_within(range, read_time(text)); },
                           [&](const takes::Size& range) { return is_within(range, read_size(text)); },
                           [&](const takes::Word& word) {
                             return std::find(word.words.begin(), word.words.end(), text) != word.words.end();
                           },
                           [&](const takes::Curve&) { return read_curve(text).has_value(); },
                           [&](const takes::Cpus&) { return read_cpus(text).has_value(); },
                           [&](const takes::Header&) { return is_header(text); },
                           [&](const takes::Method&) { return is_token(text); },
                           [&](const takes::Endpoint&) { return parse_endpoint(text).has_value(); },
                           [&](const takes::Host&) { return parse_endpoint(fmt::format("{}:1", text)).has_value(); },
                           [&](const takes::File&) { return !text.empty(); },
                           [](const takes::Text&) { return true; }};
  if (std::visit(is_good, takes)) return std::nullopt;
  return wanted(takes);
}

}  // namespace dyno::loadgen

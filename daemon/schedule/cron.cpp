#include "schedule/cron.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"

namespace dyno::schedule {
namespace {

struct Field {
  std::string_view title;
  int least;
  int greatest;
  std::span<const std::string_view> names;  // of the values from `least` on
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr Field kMinute{"minute", 0, 59, {}};
constexpr Field kHour{"hour", 0, 23, {}};
constexpr Field kDay{"day of month", 1, 31, {}};
constexpr Field kMonth{"month", 1, 12, kMonths};
constexpr Field kWeekday{"day of week", 0, 7, kWeekdays};  // 7 is Sunday too

constexpr struct {
  std::string_view name, line;
} kNicknames[] = {{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
                  {"@weekly", "0 0 * * 0"},  {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
                  {"@annually", "0 0 1 1 *"}};

// One number out of a range, always the same for this schedule and field.
int hashed(std::string_view name, const Field& field, int least, int greatest) {
  return least + static_cast<int>(hash_of(name, field.title) % static_cast<std::uint64_t>(greatest - least + 1));
}

// Digits only, at most three: a leading zero is fine in cron.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-' || text.size() > 3)
    return std::nullopt;
  return value;
}

Result<int> number(const Field& field, std::string_view text) {
  const std::string word = lower(text);
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (field.names[i] == word) return field.least + static_cast<int>(i);
  }
  const std::optional<int> value = digits(text);
  if (!value)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: \"{}\" is not a number{}", field.title, text, did_you_mean(word, field.names)));
  if (*value < field.least || *value > field.greatest) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: {} is not within {}–{}", field.title, *value, field.least, field.greatest));
  }
  return *value;
}

struct Range {
  int first = 0;
  int last = 0;
};

Result<Range> range_between(const Field& field, std::string_view text) {
  const std::size_t dash = text.find('-');
  const Result<int> first = number(field, text.substr(0, dash));
  if (!first) return fail(first.error());
  if (dash == std::string_view::npos) return Range{*first, *first};
  const Result<int> last = number(field, text.substr(dash + 1));
  if (!last) return fail(last.error());
  if (*last < *first)
    return fail(ErrorCode::invalid_argument, fmt::format("{}: the range \"{}\" runs backwards", field.title, text));
  return Range{*first, *last};
}

// The values of one part of a list: "*", "3", "mon-fri", "H", "H(0-5)", each with an optional "/step".
class PartReader {
 public:
  PartReader(const Field& field, std::string_view name) : field_(field), name_(name) {}

  Result<std::vector<int>> read(std::string_view part) const {
    const std::size_t slash = part.find('/');
    const std::string_view base = part.substr(0, slash);
    int step = 0;  // none given
    if (slash != std::string_view::npos) {
      const std::optional<int> given = digits(part.substr(slash + 1));
      if (!given || *given < 1 || *given > 99) return fail(bad(part, "a step is a number of 1 or more, as in */15"));
      step = *given;
    }
    const bool hash = !base.empty() && (base.front() == 'H' || base.front() == 'h');
    return hash ? hashed_values(base, step) : listed_values(base, step);
  }

 private:
  Error bad(std::string_view part, std::string_view why) const {
    return {ErrorCode::invalid_argument, fmt::format("{}: \"{}\": {}", field_.title, part, why)};
  }

  // 7 is written for Sunday but never meant by * or H.
  int greatest() const { return field_.greatest == 7 ? 6 : field_.greatest; }

  static std::vector<int> every(int first, int last, int step) {
    std::vector<int> values;
    for (int value = first; value <= last; value += step) values.push_back(value);
    return values;
  }

  Result<std::vector<int>> listed_values(std::string_view base, int step) const {
    if (base == "*") return every(field_.least, greatest(), step == 0 ? 1 : step);
    const Result<Range> range = range_between(field_, base);
    if (!range) return fail(range.error());
    const bool open = step != 0 && base.find('-') == std::string_view::npos;  // "5/15": from 5 on
    return every(range->first, open ? greatest() : range->last, step == 0 ? 1 : step);
  }

  Result<std::vector<int>> hashed_values(std::string_view base, int step) const {
    // Days 29–31 would be missing in some months.
    Range range{field_.least, &field_ == &kDay ? 28 : greatest()};
    if (base.size() > 1) {
      if (base[1] != '(' || base.back() != ')')
        return fail(bad(base, "H stands by itself or takes a range, as in H(0-5)"));
      const Result<Range> given = range_between(field_, base.substr(2, base.size() - 3));
      if (!given) return fail(given.error());
      range = *given;
    }
    if (step == 0) return std::vector<int>{hashed(name_, field_, range.first, range.last)};
    const int last_start = range.first + step - 1 < range.last ? range.first + step - 1 : range.last;
    return every(hashed(name_, field_, range.first, last_start), range.last, step);
  }

  const Field& field_;
  std::string_view name_;
};

template <std::size_t N>
Status read_field(const Field& field, std::string_view text, std::string_view name, std::bitset<N>& set) {
  const PartReader reader(field, name);
  for (const std::string_view part : split(text, ',')) {
    if (part.empty())
      return fail(ErrorCode::invalid_argument, fmt::format("{}: an empty part in \"{}\"", field.title, text));
    const Result<std::vector<int>> values = reader.read(part);
    if (!values) return fail(values.error());
    for (const int value : *values) set.set(static_cast<std::size_t>(&field == &kWeekday ? value % 7 : value));
  }
  return {};
}

// Takes L out of a list of days; what remains is empty if L stood alone.
std::string without_last_day(std::string_view text, bool& last_day) {
  std::string rest;
  for (const std::string_view part : split(text, ',')) {
    if (part == "L" || part == "l") {
      last_day = true;
      continue;
    }
    if (!rest.empty()) rest += ',';
    rest += part;
  }
  return rest;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = text.find_first_not_of(" \t", at);
    if (from == std::string_view::npos) break;
    const std::size_t to = std::min(text.find_first_of(" \t", from), text.size());
    words.push_back(text.substr(from, to - from));
    at = to;
  }
  return words;
}

Result<std::string_view> line_of(std::string_view text) {
  if (text.empty() || text.front() != '@') return text;
  std::vector<std::string_view> known;
  for (const auto& nickname : kNicknames) {
    if (nickname.name == text) return nickname.line;
    known.push_back(nickname.name);
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("\"{}\" is not a known schedule word{}", text, did_you_mean(text, known)));
}

// Eight years with two leap days among them show whether a day will ever come.
bool comes(const CronExpression& cron) {
  using std::chrono::sys_days;
  const sys_days end = sys_days(std::chrono::year(2008) / 1 / 1);
  for (sys_days day = sys_days(std::chrono::year(2000) / 1 / 1); day < end; day += std::chrono::days(1)) {
    if (cron.matches_day(day)) return true;
  }
  return false;
}

}  // namespace

std::uint64_t hash_of(std::string_view name, std::string_view salt) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  };
  mix(salt);
  mix(name);
  return hash >> 16;
}

bool CronExpression::matches_day(std::chrono::year_month_day day) const {
  if (!months[static_cast<unsigned>(day.month())]) return false;
  const std::chrono::year_month_day_last last{day.year(), std::chrono::month_day_last{day.month()}};
  const bool by_date = days[static_cast<unsigned>(day.day())] || (last_day && day.day() == last.day());
  const bool by_weekday = weekdays[std::chrono::weekday(std::chrono::sys_days(day)).c_encoding()];
  // The rule of Debian's cron: where both fields restrict, either is enough. One that begins with * does not.
  if (days_restricted && weekdays_restricted) return by_date || by_weekday;
  return by_date && by_weekday;
}

Result<CronExpression> parse_cron(std::string_view text, std::string_view name) {
  const Result<std::string_view> line = line_of(trim(text));
  if (!line) return fail(line.error());
  const std::vector<std::string_view> words = words_of(*line);
  if (words.size() != 5) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("\"{}\" has {} fields, not 5: minute, hour, day of month, month, day of week", text, words.size()));
  }
  CronExpression cron;
  const std::string days = without_last_day(words[2], cron.last_day);
  Status read = read_field(kMinute, words[0], name, cron.minutes);
  if (read) read = read_field(kHour, words[1], name, cron.hours);
  if (read && !(cron.last_day && days.empty())) read = read_field(kDay, days, name, cron.days);
  if (read) read = read_field(kMonth, words[3], name, cron.months);
  if (read) read = read_field(kWeekday, words[4], name, cron.weekdays);
  if (!read) return fail(read.error());
  cron.days_restricted = words[2].front() != '*';
  cron.weekdays_restricted = words[4].front() != '*';
  cron.interval = words[1].front() == '*';
  if (!comes(cron)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("day of month: no month \"{}\" has a day \"{}\", so it is never due", words[3], words[2]));
  }
  return cron;
}

}  // namespace dyno::schedule

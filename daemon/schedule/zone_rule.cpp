#include "schedule/zone_rule.h"

#include <algorithm>
#include <array>

namespace dyno::schedule {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year;

// Reads the text from its front; once something is missing, nothing more is read.
class RuleText {
 public:
  explicit RuleText(std::string_view text) : rest_(text) {}

  bool is_good() const { return good_; }
  bool is_at_end() const { return rest_.empty(); }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = take(c) && good_; }

  // "CET", or "<+0330>".
  void skip_name() {
    const bool is_quoted = take('<');
    const auto end = std::find_if(rest_.begin(), rest_.end(), [is_quoted](char c) {
      return is_quoted ? c == '>' : (c < 'A' || c > 'Z') && (c < 'a' || c > 'z');
    });
    good_ = good_ && end != rest_.begin();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.begin()));
    if (is_quoted) expect('>');
  }

  unsigned number() {
    const auto end = std::find_if(rest_.begin(), rest_.end(), [](char c) { return c < '0' || c > '9'; });
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    good_ = good_ && size > 0 && size <= 3;
    unsigned value = 0;
    if (good_) {
      for (const char c : rest_.substr(0, size)) value = value * 10 + static_cast<unsigned>(c - '0');
    }
    rest_.remove_prefix(size);
    return value;
  }

  // "-1", "50", "9:30"
  seconds time() {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    seconds value = hours(number());
    if (take(':')) value += minutes(number());
    if (take(':')) value += seconds(number());
    return is_negative ? -value : value;
  }

  // "M10.5.0/3"
  ClockChange change() {
    ClockChange change;
    expect('M');
    change.month = std::chrono::month(number());
    expect('.');
    change.week = number();
    expect('.');
    const unsigned weekday = number();
    change.weekday = std::chrono::weekday(weekday);
    change.time = take('/') ? time() : hours(2);
    good_ = good_ && change.month.ok() && change.week >= 1 && change.week <= 5 && weekday <= 6;
    return change;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

local_seconds ClockChange::in(year y) const {
  const local_days day =
      week == 5 ? local_days(y / month / weekday[std::chrono::last]) : local_days(y / month / weekday[week]);
  return day + time;
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  RuleText rest(text);
  ZoneRule rule;
  rest.skip_name();
  rule.standard = -rest.time();  // the text counts westward
  if (!rest.is_good() || rest.is_at_end()) return std::nullopt;
  rest.skip_name();
  rule.summer = rest.next_is(',') ? rule.standard + hours(1) : -rest.time();
  rest.expect(',');
  rule.to_summer = rest.change();
  rest.expect(',');
  rule.to_standard = rest.change();
  if (!rest.is_good() || !rest.is_at_end()) return std::nullopt;
  return rule;
}

OffsetSpan ZoneRule::span_at(sys_seconds instant) const {
  struct Edge {
    sys_seconds at;
    seconds offset;  // from then on
  };
  const year now = std::chrono::year_month_day(std::chrono::floor<days>(instant)).year();
  std::array<Edge, 6> edges;
  for (int i = 0; i < 3; ++i) {
    const year y = now + std::chrono::years(i - 1);
    const auto at = static_cast<std::size_t>(i) * 2;
    edges[at] = {sys_seconds(to_summer.in(y).time_since_epoch() - standard), summer};
    edges[at + 1] = {sys_seconds(to_standard.in(y).time_since_epoch() - summer), standard};
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.at < b.at; });
  std::size_t last = 0;
  while (last + 2 < edges.size() && edges[last + 1].at <= instant) ++last;
  return {edges[last].at, edges[last + 1].at, edges[last].offset};
}

LocalMeaning ZoneRule::meaning_of(local_seconds local) const {
  const sys_seconds by_standard(local.time_since_epoch() - standard);
  const sys_seconds by_summer(local.time_since_epoch() - summer);
  const bool is_standard = span_at(by_standard).offset == standard;
  const bool is_summer = span_at(by_summer).offset == summer;
  const sys_seconds first = std::min(by_standard, by_summer);
  if (is_standard && is_summer) return {LocalKind::fold, first};
  if (is_standard || is_summer) return {LocalKind::unique, is_standard ? by_standard : by_summer};
  return {LocalKind::gap, span_at(first).end};
}

}  // namespace dyno::schedule

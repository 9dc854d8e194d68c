#include "base/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace dyno {
namespace {

constexpr int kDigits = 3;

// The unit in which numbers that are shown together are written.
struct UnitScale {
  std::string_view suffix;  // " ms", with its leading space where the unit takes one
  double divide = 1;
  bool whole = false;  // 12 ns, not 12.0 ns
};

constexpr std::array<UnitScale, 4> kDurations{
    {{" ns", 1, true}, {" µs", 1e3, false}, {" ms", 1e6, false}, {" s", 1e9, false}}};
constexpr std::array<UnitScale, 4> kSizes{
    {{" B", 1, true}, {" KiB", 1024, false}, {" MiB", 1048576, false}, {" GiB", 1073741824, false}}};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The largest unit of which there is at least one after rounding: 999.6 µs is 1.00 ms.
UnitScale fitting(std::span<const UnitScale> scales, double value) {
  UnitScale best = scales.front();
  for (const UnitScale& scale : scales) {
    if (std::abs(value) >= scale.divide * 0.9995) best = scale;
  }
  return best;
}

// `text`: digits, perhaps with a fraction, no sign.
std::string grouped(std::string text) {
  const std::size_t whole = std::min(text.find('.'), text.size());
  if (whole < 5) return text;
  for (std::size_t at = whole; at > 3; at -= 3) text.insert(at - 3, " ");
  return text;
}

// Decimal digits of a positive number and the power of ten of the first one. Ties round up, on the exact value, as in the dashboard.
struct Rounded {
  std::string digits;
  int exponent = 0;
};
Rounded rounded(double value) {
  constexpr int kExact = 60;  // more than any tie has
  const std::string text = fmt::format("{:.{}e}", value, kExact);
  const std::size_t e = text.find('e');
  Rounded result{text.substr(0, 1) + text.substr(2, e - 2), std::stoi(text.substr(e + 1))};
  const bool up = result.digits[kDigits] >= '5';
  result.digits.resize(kDigits);
  if (!up) return result;
  for (std::size_t i = kDigits; i-- > 0;) {
    if (result.digits[i] != '9') {
      ++result.digits[i];
      return result;
    }
    result.digits[i] = '0';
  }
  return {"100", result.exponent + 1};
}

std::string significant(double value) {
  if (!std::isfinite(value)) return "–";
  if (value == 0) return "0";
  const Rounded r = rounded(std::abs(value));
  std::string text = r.digits;
  if (r.exponent >= kDigits - 1) {
    text.append(static_cast<std::size_t>(r.exponent - (kDigits - 1)), '0');
  } else if (r.exponent >= 0) {
    text.insert(static_cast<std::size_t>(r.exponent) + 1, ".");
  } else {
    text = "0." + std::string(static_cast<std::size_t>(-r.exponent - 1), '0') + text;
  }
  return (value < 0 ? "−" : "") + grouped(std::move(text));
}

std::string two_units(std::int64_t large, std::string_view large_unit, std::int64_t small,
                      std::string_view small_unit) {
  const std::string head = fmt::format("{} {}", large, large_unit);
  return small == 0 ? head : fmt::format("{} {} {}", head, small, small_unit);
}

UnitScale scale_for(std::string_view unit, double value) {
  if (unit == "1/s") return {"/s", 1, false};
  if (unit == "ns") return fitting(kDurations, value);
  if (unit == "B") return fitting(kSizes, value);
  if (unit == "%") return {" %", 1, true};
  return {"", 1, false};
}

// Without the unit: "21 800", "0.0123".
std::string in_scale(const UnitScale& scale, double value) {
  std::string text = significant(value / scale.divide);
  if (!scale.whole || text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::string format_value(double value, std::string_view unit) {
  constexpr double kShowAsMinutes = 59.95e9;  // 60.0 s after rounding
  if (unit == "ns" && std::abs(value) >= kShowAsMinutes)
    return (value < 0 ? "−" : "") + format_span(Nanos(std::llround(std::abs(value))));
  const UnitScale scale = scale_for(unit, value);
  return in_scale(scale, value) + std::string(scale.suffix);
}

std::string format_spread(double low, double high, double value, std::string_view unit) {
  const UnitScale scale = scale_for(unit, value);
  return in_scale(scale, low) + "–" + in_scale(scale, high);
}

std::string format_percent(double ratio) { return format_value(ratio * 100, "%"); }
std::string format_duration(Nanos duration) { return format_value(static_cast<double>(duration.count()), "ns"); }
std::string format_bytes(Bytes bytes) { return format_value(static_cast<double>(bytes.value), "B"); }

std::string format_span(Nanos duration) {
  const std::int64_t seconds = std::max<std::int64_t>(0, std::llround(static_cast<double>(duration.count()) / 1e9));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return two_units(seconds / 60, "min", seconds % 60, "s");
  const std::int64_t minutes = std::llround(static_cast<double>(seconds) / 60);
  return two_units(minutes / 60, "h", minutes % 60, "min");
}

std::string format_stamp(WallTime instant, std::chrono::seconds ahead_of_utc) {
  const auto local = std::chrono::floor<std::chrono::minutes>(instant + ahead_of_utc);
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(local - day);
  return fmt::format("{} {} {}, {:02}:{:02}", static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count());
}

std::string format_count(std::int64_t count) {
  return (count < 0 ? "−" : "") + grouped(fmt::format("{}", std::abs(count)));
}

}  // namespace dyno

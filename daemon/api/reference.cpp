#include "api/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/text.h"

namespace dyno::api {
namespace {

constexpr int kMostBack = 1'000;  // latest~N
constexpr int kMostNights = 365;  // median:N
constexpr std::size_t kMostNameBytes = 40;

}  // namespace

std::optional<WallTime> parse_day(std::string_view text) {
  constexpr std::size_t kLength = 10;  // 2026-11-29
  if (text.size() != kLength) return std::nullopt;
  return parse_instant(std::string(text) + "T00:00:00.000Z");
}

bool is_baseline_name(std::string_view text) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  constexpr std::string_view kOthers = "._-";
  return !text.empty() && text.size() <= kMostNameBytes && plain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || kOthers.find(c) != std::string_view::npos; });
}

std::optional<Reference> parse_reference(std::string_view text) {
  constexpr std::string_view kBack = "latest~";
  constexpr std::string_view kMedian = "median:";
  constexpr std::string_view kBaseline = "baseline:";
  const auto counted = [&](std::string_view prefix, int least, int most) -> std::optional<int> {
    if (!text.starts_with(prefix)) return std::nullopt;
    const auto number = parse_int(text.substr(prefix.size()));
    if (!number || *number < least || *number > most) return std::nullopt;
    return static_cast<int>(*number);
  };
  if (text == "latest") return Reference{Reference::Kind::back};
  if (const auto back = counted(kBack, 0, kMostBack)) return Reference{Reference::Kind::back, *back};
  if (const auto nights = counted(kMedian, 2, kMostNights)) return Reference{Reference::Kind::median, *nights};
  if (const auto day = parse_day(text)) return Reference{Reference::Kind::day, 0, *day};
  if (is_id(text)) return Reference{Reference::Kind::run, 0, {}, std::string(text)};
  if (text.starts_with(kBaseline) && is_baseline_name(text.substr(kBaseline.size())))
    return Reference{Reference::Kind::baseline, 0, {}, std::string(text.substr(kBaseline.size()))};
  return std::nullopt;
}

std::string reference_forms() {
  return fmt::format(
      "latest, latest~N (N up to {}), median:N (N from 2 to {}), a day such as 2026-11-29, baseline:NAME, or the id of "
      "a "
      "run",
      kMostBack, kMostNights);
}

store::PastFilter narrowed(store::PastFilter filter, const model::Baseline& baseline) {
  if (!baseline.profile.empty()) filter.profiles = {baseline.profile};
  if (!baseline.schedule.empty()) filter.schedules = {baseline.schedule};
  if (!baseline.stack.empty()) filter.stacks = {baseline.stack};
  return filter;
}

}  // namespace dyno::api

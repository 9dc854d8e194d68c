#include "schedule/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace dyno::schedule {
namespace {

using std::chrono::seconds;

// Spans without an end reach thousands of years beyond what a nanosecond clock can tell: cut to what it can.
constexpr std::chrono::sys_seconds kBegin{seconds(-9'000'000'000)};
constexpr std::chrono::sys_seconds kEnd{seconds(9'000'000'000)};

std::chrono::sys_seconds instant_of(date::sys_seconds t) {
  return std::clamp(std::chrono::sys_seconds(t.time_since_epoch()), kBegin, kEnd);
}

// The library reads the table of a zone's file, and not the rule behind it: the file's last line.
std::optional<ZoneRule> rule_of(std::string_view name) {
  constexpr std::size_t kMostBytes = 1 << 20;
  const auto bytes = read_file(fmt::format("/usr/share/zoneinfo/{}", name), kMostBytes);
  if (!bytes || bytes->size() < 2 || bytes->back() != '\n') return std::nullopt;
  const std::string_view lines(bytes->data(), bytes->size() - 1);
  return ZoneRule::parse(lines.substr(lines.rfind('\n') + 1));
}

// "; did you mean Europe/Berlin?", or nothing.
std::string nearest_zone(std::string_view name) {
  try {
    std::vector<std::string_view> known;
    for (const date::time_zone& zone : date::get_tzdb().zones) known.push_back(zone.name());
    return did_you_mean(name, known);
  } catch (const std::exception&) {
    return "; it has no zone data at all";
  }
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  try {
    const date::time_zone* const zone = date::locate_zone(std::string(name));
    return TimeZone(std::string(name), zone, rule_of(name));
  } catch (const std::exception&) {
    return fail(ErrorCode::not_found,
                fmt::format("the system has no time zone \"{}\" (an IANA name such as Europe/Berlin){}", name,
                            nearest_zone(name)));
  }
}

OffsetSpan TimeZone::span_at(std::chrono::sys_seconds instant) const {
  const date::sys_info info = zone_->get_info(date::sys_seconds(instant.time_since_epoch()));
  const OffsetSpan listed{instant_of(info.begin), instant_of(info.end), info.offset};
  if (listed.end < kEnd || !rule_) return listed;
  const OffsetSpan span = rule_->span_at(instant);
  return {std::max(span.begin, listed.begin), std::min(span.end, kEnd), span.offset};
}

LocalMeaning TimeZone::meaning_of(std::chrono::local_seconds local) const {
  const date::local_info info = zone_->get_info(date::local_seconds(local.time_since_epoch()));
  const auto first = std::chrono::sys_seconds(local.time_since_epoch() - info.first.offset);
  switch (info.result) {
    case date::local_info::nonexistent: return {LocalKind::gap, instant_of(info.first.end)};
    case date::local_info::ambiguous: return {LocalKind::fold, first};
    default: break;
  }
  if (instant_of(info.first.end) == kEnd && rule_) return rule_->meaning_of(local);
  return {LocalKind::unique, first};
}

}  // namespace dyno::schedule

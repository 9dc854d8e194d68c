#include "runners/load/remarks.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kBefore = 48;  // of an excerpt, in front of the place
constexpr std::size_t kBehind = 24;
constexpr std::size_t kMostShown = 200;

}  // namespace

void Remarks::merge(const Remarks& other) {
  for (std::size_t i = 0; i < refused.size(); ++i) {
    if (refused[i].empty()) refused[i] = other.refused[i];
  }
  if (redirect.empty()) redirect = other.redirect;
  if (connect.empty()) connect = other.connect;
  never_opened += other.never_opened;
  streams_allowed = std::min(streams_allowed, other.streams_allowed);
}

std::string errno_words(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty()) text.front() = lower(text.front());
  return text;
}

std::string count_words(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string excerpt(std::string_view bytes, std::size_t at) {
  const std::size_t from = at > kBefore ? at - kBefore : 0;
  std::string text = from > 0 ? "…" : "";
  for (const char c : bytes.substr(from, at - from + kBehind)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x80 ? visible({&c, 1}, 1) : fmt::format("\\x{:02x}", byte);
  }
  return text;
}

std::string visible_location(std::string_view value) { return visible(value, kMostShown); }

std::string location_in(std::string_view bytes) {
  constexpr std::string_view kName = "location:";
  std::string_view found;
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    const std::string_view line = bytes.substr(at + 1);
    if (!same_ignoring_case(line.substr(0, kName.size()), kName)) continue;
    found = trim(line.substr(kName.size(), line.find('\r') - kName.size()));
  }
  return visible_location(found);
}

std::string pointing_words(std::string_view head) {
  const std::string location = location_in(head);
  return location.empty() ? "" : ", and points to " + location;
}

bool had_fewer_streams(const LoadSpec& spec, const Remarks& remarks) {
  return spec.protocol == Protocol::http2 && remarks.streams_allowed < static_cast<std::uint32_t>(spec.pipeline);
}

std::vector<Remark> remarks_of(const LoadSpec& spec, const LoadReport& report) {
  const Remarks& remarks = report.all.remarks;
  const Counts& window = report.all.window;
  std::vector<Remark> all;
  if (remarks.never_opened > 0) {
    all.push_back({"connections", fmt::format("{} of {} were never opened{}{}", format_count(remarks.never_opened),
                                              format_count(report.connections), remarks.connect.empty() ? "" : ": ",
                                              remarks.connect)});
  }
  if (window.closed_early > 0) {
    all.push_back(
        {"closed early", fmt::format("{}, ended by the server before any answer; each next one waits longer, up to 1 s",
                                     count_words(window.closed_early, "connection"))});
  }
  for (std::size_t i = 0; i < remarks.refused.size(); ++i) {
    if (window.refused[i] == 0) continue;
    const std::string& first = remarks.refused[i];
    all.push_back({"refused", fmt::format("{}: {}{}", count_words(window.refused[i], "answer"),
                                          to_string(static_cast<ParseError>(i)),
                                          first.empty() ? "" : ", first \"" + first + "\"")});
  }
  if (window.redirects > 0) {
    const std::string& first = remarks.redirect;  // empty where its head was never seen whole
    all.push_back({"redirects", fmt::format("{}{}{}; not followed", count_words(window.redirects, "answer"),
                                            first.empty() ? "" : ", first ", first)});
  }
  if (window.resent > 0) {
    all.push_back({"sent again", fmt::format("{} that the server's goodbye left out (GOAWAY)",
                                             count_words(window.resent, "request"))});
  }
  if (had_fewer_streams(spec, remarks)) {
    all.push_back({"streams", fmt::format("the server allows {} at once on a connection, not {}: any others wait here, "
                                          "not there",
                                          remarks.streams_allowed, spec.pipeline)});
  }
  return all;
}

}  // namespace dyno::loadgen

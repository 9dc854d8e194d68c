#include "adopt/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace dyno::adopt {

Result<Words> shell_words(std::string_view line) {
  Words words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\'' && c != '\'') {
      word += c;
    } else if (c == '\\' && i + 1 < line.size()) {
      const char next = line[++i];
      const bool is_special = quote == 0 || next == '"' || next == '\\' || next == '$' || next == '`' || next == '\n';
      if (!is_special) word += c;
      if (next != '\n') word += next;
      begun = begun || next != '\n';
    } else if (c == '\'' || c == '"') {
      if (quote == 0) quote = c;
      else if (quote == c) quote = 0;
      else word += c;
      begun = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      if (begun) words.push_back(std::move(word));
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote != 0) return fail(ErrorCode::invalid_argument, fmt::format("a quote ({}) does not end", quote));
  if (begun) words.push_back(std::move(word));
  return words;
}

std::optional<LocalUrl> local_url_in(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    const std::size_t at = text.find(scheme);
    if (at == std::string_view::npos) continue;
    std::string_view rest = text.substr(at + scheme.size());
    rest = rest.substr(0, rest.find_first_of(" \t\"'|;)&"));
    const std::string_view host = rest.substr(0, rest.find_first_of("/?"));
    LocalUrl url;
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos) url.port = static_cast<int>(parse_int(host.substr(colon + 1)).value_or(0));
    url.path = rest.substr(host.size());
    if (url.path.empty() || url.path.front() != '/') url.path.insert(0, "/");
    return url;
  }
  return std::nullopt;
}

std::optional<std::string> size_from(std::string_view text) {
  const std::string plain = lower(trim(text));
  const std::size_t digits = std::min(plain.find_first_not_of("0123456789."), plain.size());
  const auto number = parse_double(plain.substr(0, digits));
  if (!number || *number <= 0) return std::nullopt;
  const std::string_view unit = std::string_view(plain).substr(digits);
  double bytes = *number;
  if (unit.starts_with('k')) bytes *= 1 << 10U;
  else if (unit.starts_with('m')) bytes *= 1 << 20U;
  else if (unit.starts_with('g')) bytes *= 1 << 30U;
  else if (!unit.empty() && unit != "b") return std::nullopt;
  constexpr double kMiB = 1 << 20U;
  return fmt::format("{}MiB", static_cast<std::int64_t>(std::max(1.0, std::ceil(bytes / kMiB))));
}

}  // namespace dyno::adopt

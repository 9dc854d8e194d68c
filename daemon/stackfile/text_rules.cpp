#include "stackfile/shape.h"

#include <algorithm>

#include "base/text.h"

namespace dyno::stackfile {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
bool is_graphic(char c) { return c >= '!' && c <= '~'; }

template <class Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

bool one_line(std::string_view text) { return !text.empty() && text.find_first_of("\r\n") == std::string_view::npos; }

bool name(std::string_view text) {
  return text.size() >= 2 && text.size() <= 40 && is_lower(text[0]) &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool user_name(std::string_view text) {
  return name(text) ||
         (!text.empty() && text.size() <= 10 && text[0] != '0' && all(text, [](char c) { return is_digit(c); }));
}

bool name_glob(std::string_view text) {
  return !text.empty() && text.size() <= 80 &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || one_of(c, "-*@+."); });
}

// A stack's name, and behind its first @ or + what tells the variant apart.
bool variant_name(std::string_view text) {
  const std::size_t mark = text.find_first_of("@+");
  if (mark == std::string_view::npos || text.size() > 80 || !name(text.substr(0, mark))) return false;
  const std::string_view rest = text.substr(mark);
  const bool plain = all(rest, [](char c) { return is_lower(c) || is_digit(c) || one_of(c, "-.@+"); });
  // Each mark has a letter or digit behind it.
  for (std::size_t at = 0; plain && at < rest.size(); ++at) {
    if (one_of(rest[at], "@+") && (at + 1 == rest.size() || one_of(rest[at + 1], "-.@+"))) return false;
  }
  return plain;
}

bool identifier(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_lower(text[0]) &&
         all(text, [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool version(std::string_view text) {
  return !text.empty() && text.size() <= 40 && (is_letter(text[0]) || is_digit(text[0])) &&
         all(text, [](char c) { return is_letter(c) || is_digit(c) || one_of(c, ".+~_-"); });
}

bool env_name(std::string_view text) {
  return !text.empty() && text.size() <= 100 && !is_digit(text[0]) &&
         all(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool arg_name(std::string_view text) {
  return !text.empty() && text.size() <= 40 && is_upper(text[0]) &&
         all(text, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }

// [a-z0-9]+, joined by '.', '_', "__" or any number of '-'.
bool image_part(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_lower_or_digit(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end = text.find_first_not_of(text[at], at);
    const std::size_t length = end == std::string_view::npos ? 0 : end - at;
    const std::size_t most = text[at] == '.' ? 1 : text[at] == '_' ? 2 : text[at] == '-' ? length : 0;
    if (at == 0 || length == 0 || length > most || !is_lower_or_digit(text[end])) return false;
    at = end;
  }
  return !text.empty();
}

bool registry(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && (colon + 1 == text.size() || !all(text.substr(colon + 1), is_digit)))
    return false;
  if (text.empty() || !is_lower_or_digit(text.front())) return false;
  const auto labels = split(text.substr(0, colon), '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           all(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  });
}

bool tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && !one_of(text[0], ".-") &&
         all(text, [](char c) { return is_letter(c) || is_digit(c) || one_of(c, "._-"); });
}

bool digest(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !all(text.substr(0, colon), is_lower_or_digit)) return false;
  const std::string_view hex = text.substr(colon + 1);
  return hex.size() >= 32 && all(hex, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// [registry[:port]/]part[/part…][:tag][@digest], as the engine reads it.
bool image(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    if (!digest(text.substr(at + 1))) return false;
    text = text.substr(0, at);
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    if (!tag(text.substr(colon + 1))) return false;
    text = text.substr(0, colon);
  }
  const auto parts = split(text, '/');
  return std::all_of(parts.begin() + 1, parts.end(), image_part) &&
         (image_part(parts.front()) || (parts.size() > 1 && registry(parts.front())));
}

bool url_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= 200 && all(text, [](char c) { return is_graphic(c) && c != '#'; });
}

bool url(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme > 0 && text.size() > scheme && all(text, is_graphic);
}

bool inner_path(std::string_view text) {
  if (text.empty() || text.size() > 200 || text.front() == '/' ||
      !all(text, [](char c) { return is_graphic(c) && c != '\\'; }))
    return false;
  const auto parts = split(text, '/');
  return std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part == ".."; });
}

bool phase_rate(std::string_view text) {
  constexpr std::string_view kOf = "% of ";
  if (text == "objectives") return true;
  if (text.ends_with("/s")) return parse_double(text.substr(0, text.size() - 2)).value_or(-1) >= 0;
  const std::size_t of = text.find(kOf);
  return of != std::string_view::npos && parse_double(text.substr(0, of)).value_or(-1) >= 0 &&
         identifier(text.substr(of + kOf.size()));
}

bool cron(std::string_view text) {
  if (text.starts_with('@')) return text.size() > 1 && all(text.substr(1), is_lower);
  int fields = 0;
  bool in_field = false;
  for (const char c : text) {
    const bool part = is_letter(c) || is_digit(c) || one_of(c, "*/,-?#()");
    if (!part && c != ' ') return false;
    if (part && !in_field) ++fields;
    in_field = part;
  }
  return fields == 5 && text.front() != ' ' && text.back() != ' ';
}

bool own_workload(std::string_view text) {
  return text.starts_with("own/") && (text == "own/*" || name(text.substr(4)));
}

bool any_text(std::string_view) { return true; }

bool target(std::string_view text) {
  return text.starts_with('/') && all(text, [](char c) { return is_graphic(c) && c != '#'; });
}

bool method(std::string_view text) { return text.size() >= 3 && text.size() <= 20 && all(text, is_upper); }

// RFC 9110: a token.
bool header_name(std::string_view text) {
  return !text.empty() && all(text, [](char c) { return is_letter(c) || is_digit(c) || one_of(c, "!#$%&'*+.^_`|~-"); });
}

bool media_type(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && header_name(text.substr(0, slash)) && header_name(text.substr(slash + 1));
}

bool status(std::string_view text) {
  return text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
         (text.substr(1) == "xx" || (is_digit(text[1]) && is_digit(text[2])));
}

bool json_pointer(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || !one_of(text[i + 1], "01"))) return false;
  }
  return true;
}

// Digits without a leading zero.
bool is_whole(std::string_view text) { return !text.empty() && all(text, is_digit) && (text == "0" || text[0] != '0'); }

bool number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  if (!is_whole(mantissa.substr(0, dot))) return false;
  if (dot < mantissa.size() && (dot + 1 == mantissa.size() || !all(mantissa.substr(dot + 1), is_digit))) return false;
  if (e == text.size()) return true;
  std::string_view exponent = text.substr(e + 1);
  if (!exponent.empty() && one_of(exponent.front(), "+-")) exponent.remove_prefix(1);
  return !exponent.empty() && all(exponent, is_digit);
}

bool counts(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return is_whole(text);
  const std::string_view low = text.substr(0, dots);
  const std::string_view high = text.substr(dots + 2);
  return (low.empty() || is_whole(low)) && (high.empty() || is_whole(high)) && !(low.empty() && high.empty());
}

bool time_zone(std::string_view text) {
  return text.size() >= 2 && text.size() <= 64 && is_letter(text[0]) &&
         all(text, [](char c) { return is_letter(c) || is_digit(c) || one_of(c, "_+/-"); });
}

bool time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':' || !is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) ||
      !is_digit(text[4]))
    return false;
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

bool daily_hours(std::string_view text) {
  return text.size() == 11 && text[5] == '-' && time_of_day(text.substr(0, 5)) && time_of_day(text.substr(6));
}

}  // namespace

constinit const TextRule kOneLine{"^[^\\r\\n]+$", one_line, "must be one line of text"};
constinit const TextRule kName{"^[a-z][a-z0-9-]{1,39}$", name,
                               "must be 2 to 40 lower-case letters, digits and '-', a letter first"};
constinit const TextRule kUserName{
    "^([a-z][a-z0-9-]{1,39}|[1-9][0-9]{0,9})$", user_name,
    "must be the name of a user (lower-case letters, digits and '-') or a user id above 0"};
constinit const TextRule kNameGlob{"^[a-z0-9*@+.-]{1,80}$", name_glob,
                                   "must be a stack's name, or a pattern with * such as node-*"};
constinit const TextRule kVariantName{
    "^(?=.{1,80}$)[a-z][a-z0-9-]{1,39}([@+][a-z0-9][a-z0-9.-]*)+$", variant_name,
    "must be the stack's name, then @ or + and what differs, such as node-fastify@node-24 or go-nethttp+pq"};
constinit const TextRule kIdentifier{"^[a-z][a-z0-9_]{0,39}$", identifier,
                                     "must be up to 40 lower-case letters, digits and '_', a letter first"};
constinit const TextRule kVersion{"^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,39}$", version,
                                  "must be a version such as 26 or 5.12.8"};
constinit const TextRule kEnvName{"^[A-Za-z_][A-Za-z0-9_]{0,99}$", env_name,
                                  "must be letters, digits and '_', no digit first"};
constinit const TextRule kArgName{"^[A-Z][A-Z0-9_]{0,39}$", arg_name,
                                  "must be capital letters, digits and '_', a letter first"};
constinit const TextRule kImage{
    "^(?=.{1,255}$)([a-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:[0-9]+)?/)?"
    "[a-z0-9]+(([.]|__?|-+)[a-z0-9]+)*(/[a-z0-9]+(([.]|__?|-+)[a-z0-9]+)*)*"
    "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?$",
    image, "must be an image name such as node:26-slim"};
constinit const TextRule kUrlPath{"^/(?!.*#)[!-~]{0,199}$", url_path, "must be a path such as /health"};
constinit const TextRule kUrl{"^https?://[!-~]+$", url, "must start with https:// or http://"};
constinit const TextRule kInnerPath{"^(?!/)(?!(.*/)?\\.\\.(/|$))(?!.*\\\\)[!-~]{1,200}$", inner_path,
                                    "must be a path that stays inside the stack's folder"};
constinit const TextRule kPhaseRate{"^((0|[1-9][0-9]*)(\\.[0-9]+)?(/s|% of [a-z][a-z0-9_]{0,39})|objectives)$",
                                    phase_rate,
                                    "must be a rate such as 1000/s, a share such as 60% of json_cap, or objectives"};
constinit const TextRule kCron{"^(@[a-z]+|[A-Za-z0-9*/,?#()-]+( +[A-Za-z0-9*/,?#()-]+){4})$", cron,
                               "must be five fields (minute hour day month weekday), or a word such as @daily"};
constinit const TextRule kTimeZone{"^[A-Za-z][A-Za-z0-9_+/-]{1,63}$", time_zone,
                                   "must be a time zone such as Europe/Berlin"};

constinit const TextRule kOwnPhase{"^own/(\\*|[a-z][a-z0-9-]{1,39})$", own_workload,
                                   "own/NAME or own/* for workloads of the stack's own"};
constinit const TextRule kAnyText{"^[\\s\\S]*$", any_text, "may be any text"};
constinit const TextRule kTarget{"^/(?!.*#)[!-~]*$", target, "must be a path such as /orders/{1..500}?page=1"};
constinit const TextRule kMethod{"^[A-Z]{3,20}$", method, "must be a method such as GET or POST"};
constinit const TextRule kHeaderName{"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", header_name,
                                     "must be the name of a header such as Content-Type"};
constinit const TextRule kMediaType{"^[A-Za-z0-9!#$%&'*+.^_`|~-]+/[A-Za-z0-9!#$%&'*+.^_`|~-]+$", media_type,
                                    "must be a media type such as application/json, without parameters"};
constinit const TextRule kStatus{"^[1-5]([0-9]{2}|xx)$", status,
                                 "must be a status such as 201, or a class such as 2xx"};
constinit const TextRule kJsonPointer{"^(/([^~]|~[01])*)?$", json_pointer,
                                      "must be a JSON pointer such as /items/0/id, or empty for the whole body"};
constinit const TextRule kNumber{"^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$", number,
                                 "must be a number such as 12.5"};
constinit const TextRule kCounts{"^((0|[1-9][0-9]*)(\\.\\.(0|[1-9][0-9]*)?)?|\\.\\.(0|[1-9][0-9]*))$", counts,
                                 "must be a number or a range such as 1..50, 1.. or ..50"};

constinit const TextRule kDailyHours{"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", daily_hours,
                                     "must be two times of day such as 08:00-18:00"};

}  // namespace dyno::stackfile

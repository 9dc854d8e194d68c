#include "api/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/sha256.h"
#include "base/text.h"
#include "model/metric.h"

namespace dyno::api {

Problem bad_parameter(std::string_view name, std::string detail) {
  Fault fault;
  fault.detail = detail;
  fault.code = "out_of_range";
  fault.parameter = name;
  return Problem{400, "invalid-parameter", std::move(detail), {std::move(fault)}};
}

tl::expected<std::optional<bool>, Problem> flag_parameter(const Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text) return std::optional<bool>();
  if (*text == "true") return std::optional(true);
  if (*text == "false") return std::optional(false);
  return tl::unexpected<Problem>(bad_parameter(name, fmt::format("{} is true or false", name)));
}

tl::expected<int, Problem> int_parameter(const Request& request, std::string_view name, IntRange range) {
  const auto text = request.parameter(name);
  if (!text) return range.otherwise;
  const auto value = parse_int(*text);
  if (!value || *value < range.least || *value > range.most) {
    return tl::unexpected<Problem>(
        bad_parameter(name, fmt::format("{} must be a number from {} to {}", name, range.least, range.most)));
  }
  return static_cast<int>(*value);
}

bool passes(const Wanted& wanted, std::string_view name) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

Problem unknown_word(std::string_view parameter, std::string_view word, std::span<const std::string_view> known) {
  return bad_parameter(parameter,
                       fmt::format("there is no {} \"{}\"{}", parameter, visible(word, 60), did_you_mean(word, known)));
}

tl::expected<Wanted, Problem> metric_parameter(const Request& request) {
  const auto metrics = enum_parameters<model::MetricName>(request, "metric");
  if (!metrics) return tl::unexpected<Problem>(metrics.error());
  return request.parameters("metric");
}

namespace {

std::string hash_of(std::string_view filters) { return sha256_hex(filters).substr(0, 8); }

}  // namespace

std::string write_cursor(const store::RunCursor& cursor, std::string_view filters) {
  return fmt::format("{}.{}.{}", to_ns(cursor.created_at), cursor.id, hash_of(filters));
}

std::optional<store::RunCursor> read_cursor(std::string_view text, std::string_view filters) {
  const auto parts = split(text, '.');
  if (parts.size() != 3 || !is_id(parts[1]) || parts[2] != hash_of(filters)) return std::nullopt;
  const auto at = parse_int(parts[0]);
  if (!at) return std::nullopt;
  return store::RunCursor{wall_from_ns(*at), std::string(parts[1])};
}

}  // namespace dyno::api

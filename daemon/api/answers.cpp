#include "api/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/negotiation.h"
#include "api/parameters.h"
#include "api/wire.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::api {
namespace {

// A list below this is sent whole, with its length and its tag.
constexpr std::size_t kTablePiece = 256 * 1024;

// Adds rows from `row` on until the piece is full or the table ends.
std::string next_piece(const Table& table, Form form, std::size_t& row) {
  std::string piece = row == 0 && form == Form::csv ? csv_header(table) : std::string();
  while (row < table.size && piece.size() < kTablePiece) {
    piece += form == Form::csv ? csv_row(table, row) : wire::ndjson_row(table, row);
    ++row;
  }
  return piece;
}

Response encoded(Table table, Form form) {
  Response answer;
  answer.content_type = form == Form::csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson";
  std::size_t row = 0;
  answer.body = next_piece(table, form, row);
  if (row == table.size) return answer;
  answer.pieces = [table = std::move(table), form, row,
                   first = std::move(answer.body)]() mutable -> std::optional<std::string> {
    if (!first.empty()) return std::exchange(first, std::string());
    if (row == table.size) return std::nullopt;
    return next_piece(table, form, row);
  };
  answer.body.clear();
  return answer;
}

// Slashes stay readable.
bool is_plain(char c) { return is_unreserved(c) || c == '/'; }

}  // namespace
Response json_answer(std::string body, int status) {
  Response answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = std::move(body);
  return answer;
}

Response text_answer(std::string body, std::string content_type, int status) {
  Response answer;
  answer.status = status;
  answer.content_type = std::move(content_type);
  answer.body = std::move(body);
  return answer;
}

Response problem_answer(const Problem& problem, std::string_view request_id) {
  Response answer;
  answer.status = problem.status;
  answer.content_type = "application/problem+json";
  answer.body = wire::problem(problem, request_id);
  if (problem.status == 503) answer.headers.emplace_back("Retry-After", "5");
  return answer;
}

Response problem_answer(const Error& error, const Request& request) {
  return problem_answer(problem_of(error), request.id);
}

Response tagged_answer(Response answer) {
  if (answer.pieces) return answer;  // its content is not known yet
  const std::string tag = "\"" + sha256_hex(answer.body).substr(0, 32) + "\"";
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

Response part_of(const model::Run& run, Response answer) {
  return model::is_terminal(run.state) ? tagged_answer(std::move(answer)) : answer;
}

Response part_of(const model::Trial& trial, Response answer) {
  return trial.state != model::TrialState::running ? tagged_answer(std::move(answer)) : answer;
}

tl::expected<Form, Problem> form_of(const Request& request) {
  constexpr std::array<std::string_view, 3> kNames{"json", "csv", "ndjson"};
  constexpr std::array<std::string_view, 3> kTypes{"application/json", "text/csv", "application/x-ndjson"};
  if (const auto name = request.parameter("format")) {
    const auto* const found = std::find(kNames.begin(), kNames.end(), *name);
    if (found != kNames.end()) return static_cast<Form>(found - kNames.begin());
    const std::string words = fmt::format("format is json, csv or ndjson{}", did_you_mean(*name, kNames));
    return tl::unexpected<Problem>(bad_parameter("format", words));
  }
  const auto chosen = choose_type(request.header("accept"), kTypes);
  if (chosen) return static_cast<Form>(*chosen);
  return tl::unexpected<Problem>(
      Problem{406, "not-acceptable", "this list exists as application/json, text/csv and application/x-ndjson", {}});
}

Response rows_answer(const Request& request, const std::function<std::string()>& json,
                     const std::function<Table()>& table) {
  const auto form = form_of(request);
  if (!form) return problem_answer(form.error(), request.id);
  Response answer = *form == Form::json ? json_answer(json()) : encoded(table(), *form);
  if (!request.parameter("format")) answer.headers.emplace_back("Vary", "Accept");
  return answer;
}

void add_next_link(Response& answer, const Request& request, std::string_view parameter, const std::string& value) {
  std::string target = request.path + "?";
  for (const auto& [name, given] : request.query) {
    if (name == parameter) continue;
    target += percent_encoded(name, is_plain) + "=" + percent_encoded(given, is_plain) + "&";
  }
  answer.headers.emplace_back("Link", fmt::format("<{}{}={}>; rel=\"next\"", target, parameter, value));
}

}  // namespace dyno::api

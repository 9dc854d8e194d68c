// fortunes: the page by its tokens; a script must come out as text, Japanese whole, order by code point.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "contract/html_tokens.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

using Tokens = std::vector<std::string>;

// Rows of the page by message: a map orders them by their bytes, which for UTF-8 is by code point.
using FortuneRows = std::map<std::string, int>;

constexpr std::string_view kAdded = "Additional fortune added at request time.";

const Tokens kBegin{"<!doctype html>", "<html>", "<head>",  "<title>", "Fortunes", "</title>",
                    "</head>",         "<body>", "<table>", "<tr>",    "<th>",     "id",
                    "</th>",           "<th>",   "message", "</th>",   "</tr>"};
const Tokens kEnd{"</table>", "</body>", "</html>"};
constexpr std::size_t kRowTokens = 8;

Tokens row_tokens(std::string id, std::string message) {
  return {"<tr>", "<td>", std::move(id), "</td>", "<td>", std::move(message), "</td>", "</tr>"};
}

std::optional<Difference> first_difference(const Tokens& expected, const Tokens& got) {
  const auto [wanted, came] = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  if (wanted == expected.end() && came == got.end()) return std::nullopt;
  const auto shown = [](auto at, auto end) { return at == end ? std::string("the end") : visible(*at, 100); };
  return Difference{shown(wanted, expected.end()), shown(came, got.end())};
}

std::optional<Difference> differs_from_page(const FortuneRows& rows, std::string_view body) {
  const auto tokens = html_tokens(body);
  if (!tokens) return Difference{"escaped HTML", visible(body, 200)};
  Tokens expected = kBegin;
  for (const auto& [message, id] : rows) {
    for (std::string& token : row_tokens(std::to_string(id), message)) expected.push_back(std::move(token));
  }
  expected.insert(expected.end(), kEnd.begin(), kEnd.end());
  return first_difference(expected, *tokens);
}

// Of fortune200 the messages are not foretold: structure, ids, and order are.
std::optional<Difference> two_hundred_and_one(std::string_view body) {
  const auto tokens = html_tokens(body);
  if (!tokens) return Difference{"escaped HTML", visible(body, 200)};
  const std::size_t size = kBegin.size() + 201 * kRowTokens + kEnd.size();
  if (tokens->size() != size)
    return Difference{"201 rows", fmt::format("{} tags and texts, not {}", tokens->size(), size)};
  Tokens expected = kBegin;
  std::set<std::string> ids;
  std::string last;
  for (std::size_t at = kBegin.size(); at + kEnd.size() < size; at += kRowTokens) {
    const std::string& id = (*tokens)[at + 2];
    const std::string& message = (*tokens)[at + 5];
    if (message < last)
      return Difference{"messages in the order of code points",
                        fmt::format("\"{}\" after \"{}\"", visible(message, 60), visible(last, 60))};
    if ((id == "0") != (message == kAdded))
      return Difference{fmt::format("id 0: {}", kAdded),
                        fmt::format("id {}: {}", visible(id, 20), visible(message, 60))};
    const auto number = parse_int(id);
    if (!number || *number < 0 || *number > 200 || !ids.insert(id).second)
      return Difference{"each id of 0 … 200 once", visible(id, 20)};
    last = message;
    for (std::string& token : row_tokens(id, message)) expected.push_back(std::move(token));
  }
  expected.insert(expected.end(), kEnd.begin(), kEnd.end());
  return first_difference(expected, *tokens);
}

ExpectedAnswer page(std::string request, BodyRule rule) {
  ExpectedAnswer expected;
  expected.request = std::move(request);
  expected.media_type = "text/html";
  expected.body = std::move(rule);
  return expected;
}

FortuneRows seeded_rows() {
  FortuneRows rows;
  for (const auto& [id, message] : fortunes()) rows.emplace(message, id);
  return rows;
}

ExpectedAnswer page_of(FortuneRows rows) {
  return page("GET /fortunes",
              [rows = std::move(rows)](std::string_view body) { return differs_from_page(rows, body); });
}

std::vector<Check> checks_for(Asking& asking) {
  const ExpectedAnswer twelve_and_one = page_of(seeded_rows());
  std::vector<Check> checks;
  checks.push_back(ask(asking, "fortunes: the page", get("/fortunes"), twelve_and_one));
  checks.back().shows_load_body = true;
  checks.push_back(ask(asking, "fortunes: the page of 200", get("/fortunes?set=200"),
                       page("GET /fortunes?set=200", two_hundred_and_one)));
  checks.back().shows_load_body = true;
  if (asking.depth == Depth::full) append(checks, transport_checks(asking, "fortunes", "/fortunes", twelve_and_one));
  return checks;
}

LiveCheck live_row(Asking& asking) {
  FortuneRows rows = seeded_rows();
  const ExpectedAnswer before = page_of(rows);
  const std::int64_t id = asking.draw.between(1, 12);
  const auto row = std::find_if(rows.begin(), rows.end(), [id](const auto& entry) { return entry.second == id; });
  const std::string was = row->first;
  const std::string word = "Changed " + asking.draw.word(12);
  rows.erase(row);
  rows[word] = static_cast<int>(id);
  return {ask(asking, "fortunes: page unchanged", get("/fortunes"), before),
          {"fortune", std::to_string(id), word},
          ask(asking, "fortunes: a row that has just been changed", get("/fortunes"), page_of(rows)),
          {"fortune", std::to_string(id), was}};
}

std::string target_of(const Setting& setting) {
  return setting.params.contains("set") ? fmt::format("/fortunes?set={}", setting["set"]) : "/fortunes";
}

QueryPromise promise(const Setting& setting) {
  return setting.params.contains("set") ? QueryPromise{"fortune200", 1, 200, 0} : QueryPromise{"fortune", 1, 12, 0};
}

std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies& right_bodies) {
  ports::RequestTemplate request = load_get(target_of(setting));
  request.accepted_bodies = right_bodies;
  return {request};
}

}  // namespace

Workload fortunes_workload() {
  DatabaseUse use;
  use.request = [](const Setting& setting, Draw&) { return get(target_of(setting)); };
  use.promise = promise;
  use.live = live_row;
  return {.name = "fortunes",
          .params = {{.name = "set", .least = 200, .most = 200}},
          .checks = checks_for,
          .requests = load_of,
          .database = std::move(use)};
}

}  // namespace dyno::contract

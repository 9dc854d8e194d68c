// Rows changed or read back behind a stack's back.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "contract/formulas.h"
#include "contract/json_value.h"
#include "contract/service_checks.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

using model::Workload;

// `world <k>` changes the rows whose id leaves this remainder by 20.
constexpr std::int64_t kEachTwentieth = 20;

std::int64_t moved(std::int64_t number) { return 1 + (number + 4999) % 10000; }

LiveCheck live_users(Asking& asking) {
  const std::int64_t id = asking.draw.between(1, kUserRows);
  const std::string word = asking.draw.word(12);
  const std::string target = fmt::format("/users/{}", id);
  const std::string changed = fmt::format(R"({{"id":{},"name":"{}","email":"user{}@example.com"}})", id, word, id);
  const std::string shown = std::to_string(id);
  return {ask(asking, "users: a row as it was", get(target), json_answer("GET " + target, user_json(id))),
          {"users", shown, word},
          ask(asking, "users: a row that has just been changed", get(target), json_answer("GET " + target, changed)),
          {"users", shown, "User " + shown}};
}

ExpectedAnswer page(const FortuneRows& rows) {
  ExpectedAnswer expected;
  expected.request = "GET /fortunes";
  expected.media_type = "text/html";
  expected.body = fortunes_page(rows);
  return expected;
}

LiveCheck live_fortunes(Asking& asking) {
  FortuneRows rows = seeded_fortunes();
  const ExpectedAnswer before = page(rows);
  const std::int64_t id = asking.draw.between(1, 12);
  const auto row = std::find_if(rows.begin(), rows.end(), [id](const auto& entry) { return entry.second == id; });
  const std::string was = row->first;
  const std::string word = "Changed " + asking.draw.word(12);
  rows.erase(row);
  rows[word] = static_cast<int>(id);
  return {ask(asking, "fortunes: the page as it was", get("/fortunes"), before),
          {"fortune", std::to_string(id), word},
          ask(asking, "fortunes: a row that has just been changed", get("/fortunes"), page(rows)),
          {"fortune", std::to_string(id), was}};
}

ExpectedAnswer any_rows(const std::string& request) {
  ExpectedAnswer expected;
  expected.request = request;
  expected.media_type = "application/json";
  return expected;
}

std::vector<WorldRow> rows_of(Outcomes outcomes) {
  std::vector<WorldRow> rows;
  for (const std::string& body : bodies_of(outcomes)) {
    if (const auto one = parse_world_row(body)) rows.push_back(*one);
    for (const WorldRow& row : parse_world_rows(body).value_or(std::vector<WorldRow>{})) rows.push_back(row);
  }
  return rows;
}

// `k`: the remainder of the ids whose rows were changed; nothing: none was.
Check world_rows(const Asking& asking, std::string name, const std::string& target, std::optional<std::int64_t> k) {
  constexpr int kConnections = 16;
  const int each = target == "/db" ? 32 : 1;
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < kConnections; ++i) {
    steps.push_back(
        {Nanos(0), pipelined(std::vector<Request>(static_cast<std::size_t>(each), get(target)), asking.host)});
    steps.back().exchange.together = i > 0;
    answers.insert(answers.end(), static_cast<std::size_t>(each), any_rows("GET " + target));
  }
  const auto rule = [k](Outcomes outcomes) -> std::optional<Difference> {
    int seen = 0;
    for (const WorldRow& row : rows_of(outcomes)) {
      const bool is_changed = k && row.id % kEachTwentieth == *k;
      const std::int64_t number = is_changed ? moved(seeded_number(row.id)) : seeded_number(row.id);
      seen += is_changed ? 1 : 0;
      if (row.random_number == number) continue;
      return Difference{fmt::format("row {} of world with {}{}", row.id, number, is_changed ? ", its new number" : ""),
                        fmt::format("{}", row.random_number)};
    }
    // One row in twenty was changed, and hundreds were drawn evenly: not one among them is not chance (below 1 in 10^11).
    if (k && seen == 0) return Difference{"rows drawn evenly, among them changed ones", "none of the changed ones"};
    return std::nullopt;
  };
  return make_check(std::move(name), std::move(steps), std::move(answers), rule);
}

LiveCheck live_world(Asking& asking, const std::string& workload, const std::string& target) {
  const std::int64_t k = asking.draw.between(0, kEachTwentieth - 1);
  const CommandArguments change{"world", std::to_string(k)};
  return {world_rows(asking, workload + ": rows as they were", target, std::nullopt), change,
          world_rows(asking, workload + ": rows that have just been changed", target, k), change};
}

}  // namespace

std::optional<LiveCheck> live_check(Workload workload, const std::string& host, std::uint64_t seed) {
  Asking asking{host, Depth::full, Draw(seed ^ (0x11FEU + static_cast<std::uint64_t>(workload)))};
  if (workload == Workload::users) return live_users(asking);
  if (workload == Workload::fortunes) return live_fortunes(asking);
  if (workload == Workload::db) return live_world(asking, "db", "/db");
  if (workload == Workload::queries) return live_world(asking, "queries", "/queries?n=100");
  return std::nullopt;
}

Check written_check(const std::string& host, std::uint64_t seed) {
  Asking asking{host, Depth::full, Draw(seed ^ 0x3717EU)};
  Request request = get(fmt::format("/updates?n={}", asking.draw.between(10, 30)));
  request.method = "POST";
  return ask(asking, "updates: rows are written", request, any_rows("POST " + request.target));
}

CommandArguments written_ids(Outcomes outcomes) {
  CommandArguments ids;
  for (const WorldRow& row : rows_of(outcomes)) ids.push_back(std::to_string(row.id));
  return ids;
}

std::optional<CheckFailure> judge_written(Outcomes outcomes, std::string_view rows) {
  std::map<std::int64_t, std::int64_t> stored;
  for (const std::string_view line : split(rows, '\n')) {
    const std::size_t space = line.find(' ');
    const auto id = parse_int(trim(line.substr(0, space)));
    const auto number = space == std::string_view::npos ? std::nullopt : parse_int(trim(line.substr(space)));
    if (id && number) stored[*id] = *number;
  }
  const auto answered = rows_of(outcomes);
  if (answered.empty()) return CheckFailure{"updates: rows are written", "rows of world", "none"};
  for (const WorldRow& row : answered) {
    const auto found = stored.find(row.id);
    if (found != stored.end() && found->second == row.random_number) continue;
    return CheckFailure{"updates: rows are written",
                        fmt::format("row {} of world written with {}, as answered", row.id, row.random_number),
                        found == stored.end() ? "no such row" : fmt::format("{} in the database", found->second)};
  }
  return std::nullopt;
}

}  // namespace dyno::contract

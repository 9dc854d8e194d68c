// users, db, queries and updates: rows of the seeded database.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "contract/formulas.h"
#include "contract/json_value.h"
#include "contract/workload_checks.h"

namespace dyno::contract {
namespace {

enum class Rows { as_seeded, changed };

// Verification of updates changes some rows and load many, so a few of the rows may be off either way.
bool mostly(Rows wanted, const std::vector<WorldRow>& rows) {
  const auto seeded = static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [](const WorldRow& row) { return row.random_number == seeded_number(row.id); }));
  const std::size_t right = wanted == Rows::as_seeded ? seeded : rows.size() - seeded;
  return right * 10 >= rows.size() * 9 || rows.size() - right <= 1;
}

std::optional<std::string> wrong_rows(const std::vector<WorldRow>& rows, std::size_t count, Rows wanted) {
  if (rows.size() != count) return fmt::format("{} rows", rows.size());
  std::set<std::int64_t> ids;
  for (const WorldRow& row : rows) {
    if (row.id < 1 || row.id > kWorldRows || row.random_number < 1 || row.random_number > 10000)
      return fmt::format("id {}, randomNumber {}", row.id, row.random_number);
    ids.insert(row.id);
  }
  if (wanted == Rows::changed && ids.size() != rows.size()) return fmt::format("{} different ids", ids.size());
  if (ids.size() * 4 < rows.size() * 3) return fmt::format("only {} different ids", ids.size());
  if (!mostly(wanted, rows))
    return wanted == Rows::changed ? "the numbers of the seed" : "numbers that are not those of the seed";
  return std::nullopt;
}

ExpectedAnswer rows_answer(std::string request, std::size_t count, Rows wanted) {
  ExpectedAnswer expected;
  expected.request = std::move(request);
  expected.media_type = "application/json";
  expected.canonical_bytes = 2 + count * 32;
  expected.body = [count, wanted](std::string_view body) -> std::optional<Difference> {
    const auto rows = parse_world_rows(body);
    const auto wrong = rows ? wrong_rows(*rows, count, wanted) : fmt::format("\"{}\"", visible(body, 200));
    if (!wrong) return std::nullopt;
    return Difference{fmt::format("{} {} rows of world", count, wanted == Rows::changed ? "changed" : "random"),
                      *wrong};
  };
  return expected;
}

ExpectedAnswer row_answer() {
  ExpectedAnswer expected;
  expected.request = "GET /db";
  expected.media_type = "application/json";
  expected.canonical_bytes = 32;
  expected.body = [](std::string_view body) -> std::optional<Difference> {
    const auto row = parse_world_row(body);
    if (row && row->id >= 1 && row->id <= kWorldRows) return std::nullopt;
    return Difference{"one row of world", fmt::format("\"{}\"", visible(body, 200))};
  };
  return expected;
}

ExpectedAnswer user_answer(std::int64_t id) { return json_answer(fmt::format("GET /users/{}", id), user_json(id)); }

// Distinct ids, so that an answer that went to another cannot be right by chance.
Check users_at_once(Asking& asking) {
  std::set<std::int64_t> ids;
  while (ids.size() < static_cast<std::size_t>(kAtOnce)) ids.insert(asking.draw.between(1, kUserRows));
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (const std::int64_t id : ids) {
    requests.push_back(get(fmt::format("/users/{}", id)));
    expected.push_back(user_answer(id));
  }
  return all_at_once(asking, "users", requests, std::move(expected));
}

// n as it is written, and how many rows that is.
struct Count {
  std::string written;
  std::size_t rows;
};

std::vector<Count> counts(Depth depth) {
  if (depth == Depth::quick) return {{"?n=3", 3}};
  return {{"?n=3", 3},     {"?n=20", 20},          {"", 1},
          {"?n=", 1},      {"?n=abc", 1},          {"?n=1.5", 1},
          {"?n=0", 1},     {"?n=-1", 1},           {"?n=%00", 1},
          {"?n=501", 500}, {"?n=2147483648", 500}, {fmt::format("?n={}", std::string(5000, '9')), 500}};
}

}  // namespace

std::vector<Check> users_checks(Asking& asking) {
  std::vector<Check> checks;
  const auto any = [&] { return asking.draw.between(1, kUserRows); };
  const std::int64_t id = any();
  checks.push_back(ask(asking, "users: by value", get(fmt::format("/users/{}", id)), user_answer(id)));
  checks.push_back(ask(asking, "users: absent is 404", get("/users/2147483647"),
                       json_answer("GET /users/2147483647", R"({"error":"Not found"})", 404)));
  if (asking.depth == Depth::quick) return checks;
  for (const std::string& bad : {std::string("0"), std::string("-1"), std::string("abc"), std::string("1.5"),
                                 std::string("2147483648"), std::string("%00"), std::string(5000, '9')}) {
    const std::string shown = fmt::format("GET /users/{:.20}", bad);
    checks.push_back(ask(asking, "users: refuses a bad id", get(fmt::format("/users/{}", bad)),
                         json_answer(shown, R"({"error":"Bad request"})", 400)));
  }
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < 16; ++i) {
    const std::int64_t next = any();
    requests.push_back(get(fmt::format("/users/{}", next)));
    answers.push_back(user_answer(next));
  }
  std::vector<Step> steps;
  steps.push_back({Nanos(0), pipelined(requests, asking.host)});
  checks.push_back(make_check("users: each answer belongs to its request", std::move(steps), std::move(answers)));
  checks.push_back(users_at_once(asking));
  checks.push_back(encoded_path(asking, "users", "/users/" + percent_encoded(std::to_string(id)), user_answer(id)));
  append(checks, transport_checks(asking, "users", fmt::format("/users/{}", id), user_answer(id)));
  return checks;
}

std::vector<Check> db_checks(Asking& asking) {
  const int fetches = asking.depth == Depth::quick ? 3 : 20;
  const auto spread = [fetches](Outcomes outcomes) -> std::optional<Difference> {
    std::vector<WorldRow> rows;
    for (const std::string& body : bodies_of(outcomes)) rows.push_back(parse_world_row(body).value_or(WorldRow{}));
    const auto wrong = wrong_rows(rows, static_cast<std::size_t>(fetches), Rows::as_seeded);
    if (!wrong) return std::nullopt;
    return Difference{fmt::format("{} random rows of world in {} fetches", fetches, fetches), *wrong};
  };
  std::vector<Step> steps;
  steps.reserve(static_cast<std::size_t>(fetches));
  for (int i = 0; i < fetches; ++i) steps.push_back({Nanos(0), exchange_of(get("/db"), asking.host)});
  std::vector<Check> checks;
  checks.push_back(make_check("db: rows are drawn anew", std::move(steps),
                              std::vector<ExpectedAnswer>(static_cast<std::size_t>(fetches), row_answer()), spread));
  return checks;
}

std::vector<Check> queries_checks(Asking& asking) {
  std::vector<Check> checks;
  for (const Count& count : counts(asking.depth)) {
    const std::string shown = fmt::format("GET /queries{:.20}", count.written);
    checks.push_back(ask(asking, "queries: as many rows as asked", get("/queries" + count.written),
                         rows_answer(shown, count.rows, Rows::as_seeded)));
  }
  if (asking.depth == Depth::full) {
    const Request large = get("/queries?n=500");
    checks.push_back(deserted(asking, "queries", large, request_bytes(large, asking.host).size()));
  }
  return checks;
}

std::vector<Check> updates_checks(Asking& asking) {
  std::vector<Check> checks;
  for (const Count& count : counts(asking.depth)) {
    // 500 changed rows would leave too few as seeded for the checks that follow.
    if (count.rows > 100) continue;
    Request request = get("/updates" + count.written);
    request.method = "POST";
    checks.push_back(ask(asking, "updates: as many rows as asked", request,
                         rows_answer("POST " + request.target, count.rows, Rows::changed)));
  }
  return checks;
}

}  // namespace dyno::contract

// db, queries and updates: rows of the table world, which a stack draws itself.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "contract/json_value.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

// ---- what rows must be like ----
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

ExpectedAnswer any_rows(std::string request) {
  ExpectedAnswer expected;
  expected.request = std::move(request);
  expected.media_type = "application/json";
  return expected;
}

ExpectedAnswer rows_answer(std::string request, std::size_t count, Rows wanted) {
  ExpectedAnswer expected = any_rows(std::move(request));
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
  ExpectedAnswer expected = any_rows("GET /db");
  expected.canonical_bytes = 32;
  expected.body = [](std::string_view body) -> std::optional<Difference> {
    const auto row = parse_world_row(body);
    if (row && row->id >= 1 && row->id <= kWorldRows) return std::nullopt;
    return Difference{"one row of world", fmt::format("\"{}\"", visible(body, 200))};
  };
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

// ---- the checks before load ----
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
  checks.push_back(make_check("db: rows are drawn again for each request", std::move(steps),
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
    const Request request = post("/updates" + count.written, "", "");
    checks.push_back(ask(asking, "updates: as many rows as asked", request,
                         rows_answer("POST " + request.target, count.rows, Rows::changed)));
  }
  return checks;
}

// ---- rows changed, or read back, behind the stack's back ----
// `world <k>` changes the rows whose id leaves this remainder by 20.
constexpr std::int64_t kEachTwentieth = 20;

std::int64_t moved(std::int64_t number) { return 1 + (number + 4999) % 10000; }

// `k`: the remainder of the ids whose rows were changed; nothing: none was.
WholeRule rows_with_changed(std::optional<std::int64_t> k) {
  return [k](Outcomes outcomes) -> std::optional<Difference> {
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
}

Check world_rows(const Asking& asking, std::string name, const std::string& target, std::size_t each,
                 std::optional<std::int64_t> k) {
  constexpr int kConnections = 16;
  std::vector<Step> steps;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < kConnections; ++i) {
    steps.push_back({Nanos(0), pipelined(std::vector<Request>(each, get(target)), asking.host)});
    steps.back().exchange.together = i > 0;
    answers.insert(answers.end(), each, any_rows("GET " + target));
  }
  return make_check(std::move(name), std::move(steps), std::move(answers), rows_with_changed(k));
}

LiveCheck live_rows(Asking& asking, const std::string& workload, const std::string& target, std::size_t each) {
  const std::int64_t k = asking.draw.between(0, kEachTwentieth - 1);
  const CommandArguments change{"world", std::to_string(k)};
  return {world_rows(asking, workload + ": rows unchanged", target, each, std::nullopt), change,
          world_rows(asking, workload + ": rows that have just been changed", target, each, k), change};
}

constexpr const char* kWritten = "updates: rows are written";

CommandArguments written_ids(Outcomes outcomes) {
  CommandArguments ids;
  for (const WorldRow& row : rows_of(outcomes)) ids.push_back(std::to_string(row.id));
  return ids;
}

std::map<std::int64_t, std::int64_t> printed_rows(std::string_view text) {
  std::map<std::int64_t, std::int64_t> rows;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t space = line.find(' ');
    const auto id = parse_int(trim(line.substr(0, space)));
    const auto number = space == std::string_view::npos ? std::nullopt : parse_int(trim(line.substr(space)));
    if (id && number) rows[*id] = *number;
  }
  return rows;
}

std::optional<CheckFailure> compare_written(Outcomes outcomes, std::string_view printed) {
  const auto stored = printed_rows(printed);
  const auto answered = rows_of(outcomes);
  if (answered.empty()) return CheckFailure{kWritten, "rows of world", "none"};
  for (const WorldRow& row : answered) {
    const auto found = stored.find(row.id);
    if (found != stored.end() && found->second == row.random_number) continue;
    return CheckFailure{kWritten,
                        fmt::format("row {} of world written with {}, as answered", row.id, row.random_number),
                        found == stored.end() ? "no such row" : fmt::format("{} in the database", found->second)};
  }
  return std::nullopt;
}

WrittenCheck written_rows(Asking& asking) {
  const Request request = post(fmt::format("/updates?n={}", asking.draw.between(10, 30)), "", "");
  return {ask(asking, kWritten, request, any_rows("POST " + request.target)), written_ids, compare_written};
}

// ---- load ----
std::vector<Param> row_params() { return {{.name = "n", .least = 1, .most = 500, .fallback = 1}}; }

std::string target_of(std::string_view workload, const Setting& setting) {
  return fmt::format("/{}?n={}", workload, setting["n"]);
}

Params few_rows(Draw& draw) { return {{"n", draw.between(3, 9)}}; }

}  // namespace

Workload db_workload() {
  DatabaseUse use;
  use.request = [](const Setting&, Draw&) { return get("/db"); };
  use.promise = [](const Setting&) { return QueryPromise{"world", 1, 1, 0}; };
  use.live = [](Asking& asking) { return live_rows(asking, "db", "/db", 32); };
  return {.name = "db",
          .checks = db_checks,
          .requests = [](const Setting&, const RightBodies&) { return std::vector{load_get("/db")}; },
          .database = std::move(use)};
}

Workload queries_workload() {
  DatabaseUse use;
  use.request = [](const Setting& setting, Draw&) { return get(target_of("queries", setting)); };
  use.promise = [](const Setting& setting) { return QueryPromise{"world", setting["n"], setting["n"], 0}; };
  use.counted_params = few_rows;
  use.live = [](Asking& asking) { return live_rows(asking, "queries", "/queries?n=100", 1); };
  return {.name = "queries",
          .params = row_params(),
          .checks = queries_checks,
          .requests = [](const Setting& setting,
                         const RightBodies&) { return std::vector{load_get(target_of("queries", setting))}; },
          .database = std::move(use)};
}

Workload updates_workload() {
  DatabaseUse use;
  use.request = [](const Setting& setting, Draw&) { return post(target_of("updates", setting), "", ""); };
  use.promise = [](const Setting& setting) { return QueryPromise{"world", setting["n"], setting["n"], setting["n"]}; };
  use.counted_params = few_rows;
  use.written = written_rows;
  return {.name = "updates",
          .params = row_params(),
          .checks = updates_checks,
          .requests = [](const Setting& setting,
                         const RightBodies&) { return std::vector{load_post(target_of("updates", setting), "", "")}; },
          .database = std::move(use)};
}

}  // namespace dyno::contract

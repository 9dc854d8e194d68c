// users: one row of the database by its key.
#include <fmt/format.h>

#include <set>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

std::string target_of(std::int64_t id) { return fmt::format("/users/{}", id); }

ExpectedAnswer user_answer(std::int64_t id) { return json_answer("GET " + target_of(id), user_json(id)); }

std::int64_t any_id(Asking& asking) { return asking.draw.between(1, asking.users); }

// Different ids, where there are enough, so that an answer meant for another request cannot be right by chance.
Check users_at_once(Asking& asking) {
  std::set<std::int64_t> ids;
  while (ids.size() < static_cast<std::size_t>(std::min<std::int64_t>(kAtOnce, asking.users)))
    ids.insert(any_id(asking));
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (const std::int64_t id : ids) {
    requests.push_back(get(target_of(id)));
    expected.push_back(user_answer(id));
  }
  return all_at_once(asking, "users", requests, std::move(expected));
}

Check in_order(Asking& asking) {
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> answers;
  for (int i = 0; i < 16; ++i) {
    const std::int64_t id = any_id(asking);
    requests.push_back(get(target_of(id)));
    answers.push_back(user_answer(id));
  }
  return check_of("users: each answer belongs to its request", pipelined(requests, asking.host), std::move(answers));
}

std::vector<Check> checks_for(Asking& asking) {
  std::vector<Check> checks;
  const std::int64_t id = any_id(asking);
  checks.push_back(ask(asking, "users: by value", get(target_of(id)), user_answer(id)));
  checks.push_back(ask(asking, "users: absent is 404", get("/users/2147483647"),
                       json_answer("GET /users/2147483647", R"({"error":"Not found"})", 404)));
  if (asking.depth == Depth::quick) return checks;
  for (const std::string& bad : {std::string("0"), std::string("-1"), std::string("abc"), std::string("1.5"),
                                 std::string("2147483648"), std::string("%00"), std::string(5000, '9')}) {
    checks.push_back(ask(asking, "users: refuses a bad id", get("/users/" + bad),
                         bad_request(fmt::format("GET /users/{:.20}", bad))));
  }
  checks.push_back(in_order(asking));
  checks.push_back(users_at_once(asking));
  checks.push_back(encoded_path(asking, "users", "/users/" + percent_encoded(std::to_string(id)), user_answer(id)));
  append(checks, transport_checks(asking, "users", target_of(id), user_answer(id)));
  return checks;
}

LiveCheck live_row(Asking& asking) {
  const std::int64_t id = any_id(asking);
  const std::string word = asking.draw.word(12);
  const std::string target = target_of(id);
  const std::string changed = fmt::format(R"({{"id":{},"name":"{}","email":"user{}@example.com"}})", id, word, id);
  const std::string shown = std::to_string(id);
  return {ask(asking, "users: a row as it was", get(target), user_answer(id)),
          {"users", shown, word},
          ask(asking, "users: a row that has just been changed", get(target), json_answer("GET " + target, changed)),
          {"users", shown, "User " + shown}};
}

// Every row that the database has: with fewer, the rest would not be measured.
std::vector<ports::RequestTemplate> load_of(const Setting& setting, const RightBodies&) {
  return {load_get(fmt::format("/users/{{1..{}}}", setting.users))};
}

}  // namespace

Workload users_workload() {
  DatabaseUse use;
  use.request = [](const Setting& setting, Draw& draw) { return get(target_of(draw.between(1, setting.users))); };
  use.promise = [](const Setting&) { return QueryPromise{"users", 1, 1, 0}; };
  use.live = live_row;
  return {.name = "users", .checks = checks_for, .requests = load_of, .database = std::move(use)};
}

}  // namespace dyno::contract

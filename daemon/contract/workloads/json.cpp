// json: a small object, said to the world, or to a name drawn for this run.
#include <fmt/format.h>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

std::string greeting(const std::string& name) { return fmt::format(R"({{"message":"Hello, {}!"}})", name); }

Check named(Asking& asking, std::int64_t size) {
  const std::string name = asking.draw.word(size);
  const std::string target = "/json?name=" + name;
  return ask(asking, "json: greets the name it is given", get(target), json_answer("GET " + target, greeting(name)));
}

// Two names on one connection: an answer made before its request was read, or kept from the one before, shows here.
Check two_names(Asking& asking) {
  const std::string first = asking.draw.word(8);
  const std::string second = asking.draw.word(8);
  return check_of("json: two names on one connection",
                  kept_alive({get("/json?name=" + first), get("/json?name=" + second)}, asking.host),
                  {json_answer("GET /json?name=" + first, greeting(first)),
                   json_answer("GET /json?name=" + second, greeting(second))});
}

Check names_at_once(Asking& asking) {
  std::vector<Request> requests;
  std::vector<ExpectedAnswer> expected;
  for (int i = 0; i < kAtOnce; ++i) {
    const std::string name = asking.draw.word(12);
    requests.push_back(get("/json?name=" + name));
    expected.push_back(json_answer("GET /json?name=" + name, greeting(name)));
  }
  return all_at_once(asking, "json", requests, std::move(expected));
}

std::vector<Check> checks_for(Asking& asking) {
  const ExpectedAnswer expected = json_answer("GET /json", greeting("World"));
  std::vector<Check> checks;
  checks.push_back(ask(asking, "json: the answer by value", get("/json"), expected));
  checks.back().shows_load_body = true;
  checks.push_back(named(asking, asking.draw.between(4, 16)));
  if (asking.depth == Depth::quick) return checks;
  checks.push_back(named(asking, 1));
  checks.push_back(named(asking, 32));
  checks.push_back(two_names(asking));
  for (const std::string& target :
       {"/json?name=" + asking.draw.word(33), std::string("/json?name=%00"), std::string("/json?name=%3Cb%3E")}) {
    checks.push_back(ask(asking, "json: refuses a bad name", get(target), bad_request("GET " + target)));
  }
  checks.push_back(encoded_path(asking, "json", "/js" + percent_encoded("o") + "n", expected));
  checks.push_back(names_at_once(asking));
  checks.push_back(large_body(asking, "json", "/json", {405, 404, 413, 415, 400}));
  const Request request = get("/json");
  checks.push_back(deserted(asking, "json", request, request_bytes(request, asking.host).size() / 2));
  append(checks, transport_checks(asking, "json", "/json", expected));
  return checks;
}

std::vector<ports::RequestTemplate> load_of(const Setting&, const RightBodies& right_bodies) {
  ports::RequestTemplate request = load_get("/json");
  request.accepted_bodies = right_bodies;
  return {request};
}

}  // namespace

Workload json_workload() { return {.name = "json", .checks = checks_for, .requests = load_of}; }

}  // namespace dyno::contract

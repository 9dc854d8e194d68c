#include "run/verified_work.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace dyno::run {
namespace {

struct Given {
  std::string image = "sha256:aa";
  model::Stack stack;
  model::Mode mode = model::Mode::single;
  std::size_t app_cpus = 1;
  std::vector<model::ProfilePhase> phases{model::ProfilePhase{}};
  std::vector<std::string> services{"sha256:bb sha256:cc"};
  std::optional<model::DatabaseRequest> database{model::DatabaseRequest{}};
};

std::string key_of(const Given& g) {
  return verified_key({.image_id = g.image,
                       .stack = g.stack,
                       .mode = g.mode,
                       .app_cpus = g.app_cpus,
                       .phases = g.phases,
                       .services = g.services,
                       .database = g.database});
}

struct Row {
  const char* what;
  std::function<void(Given&)> change;
};

TEST(VerifiedKey, IsAnotherForWhateverTheVerificationDependsOn) {
  const std::vector<Row> rows{
      {"image", [](Given& g) { g.image = "sha256:ab"; }},
      {"environment", [](Given& g) { g.stack.run.env["MODE"] = "fast"; }},
      {"an empty variable", [](Given& g) { g.stack.run.env["MODE"] = ""; }},
      {"command", [](Given& g) { g.stack.run.command = {"serve"}; }},
      {"command, split otherwise",
       [](Given& g) {
         g.stack.run.command = {"ser", "ve"};
       }},
      {"mode", [](Given& g) { g.mode = model::Mode::scaled; }},
      {"CPUs", [](Given& g) { g.app_cpus = 4; }},
      {"port", [](Given& g) { g.stack.run.port = 9000; }},
      {"user", [](Given& g) { g.stack.run.user = 1; }},
      {"service", [](Given& g) { g.services = {"sha256:bb sha256:cd"}; }},
      {"no service", [](Given& g) { g.services.clear(); }},
      {"rows", [](Given& g) { g.database->users = 5; }},
      {"connections", [](Given& g) { g.database->connections = 5; }},
      {"variant", [](Given& g) { g.database->variant = "users_without_index"; }},
      {"no database", [](Given& g) { g.database.reset(); }},
      {"params", [](Given& g) { g.phases[0].params["count"] = 20; }},
      {"workload", [](Given& g) { g.phases.emplace_back().workload = "plaintext"; }},
      {"beside", [](Given& g) { g.phases[0].beside.emplace().workload = "items"; }},
  };
  std::set<std::string> keys{key_of({})};
  for (const Row& row : rows) {
    Given given;
    row.change(given);
    EXPECT_TRUE(keys.insert(key_of(given)).second) << row.what;
  }
}

TEST(VerifiedKey, IsTheSameForAnotherLoad) {
  Given given;
  given.phases[0].connections = 512;
  given.phases[0].measure *= 2;
  given.phases.push_back(given.phases[0]);
  given.stack.hash = "sha256:of a readme";
  EXPECT_EQ(key_of(given), key_of({}));
}

}  // namespace
}  // namespace dyno::run

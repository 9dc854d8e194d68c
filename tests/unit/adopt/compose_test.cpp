#include "adopt/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "adopt/value.h"
#include "adopt/words.h"
#include "adopt/write_draft.h"
#include "base/text.h"

namespace dyno::adopt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

using Files = std::map<std::string, std::string>;

ReadBeside files(Files files) {
  return [files = std::move(files)](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
}

Draft draft_of(const std::string& text, const std::string& app = {}, const Files& beside = {}) {
  auto draft = draft_from_compose(text, "compose.yaml", app, files(beside));
  EXPECT_TRUE(draft) << draft.error().message;
  return draft ? *draft : Draft{};
}

std::string remarks_of(const Draft& draft) {
  std::string all;
  for (const auto& [place, message] : draft.remarks) all += place + ": " + message + "\n";
  return all;
}

// Five services and all that Compose knows: each key of each of them is taken over, or has a remark with its line.
constexpr const char* kEverything = R"(version: "3"
x-common: &common {restart: always, logging: {driver: none}}
services:
  api:
    <<: *common
    build: {context: ./app, dockerfile: Prod.Dockerfile, target: run, args: {A: 1}, ssh: [default], additional_contexts: {x: ../y}}
    command: ["node", "a b.js"]
    environment: {A: "1", B: "${B:-two}", C: "$$x", D: "${NOWHERE}", E: }
    ports: ["127.0.0.1:8080:3000/tcp", {target: 9229, published: 9229}]
    depends_on: {db: {condition: service_healthy}, cache: {condition: service_started}}
    healthcheck: {test: "wget -q http://127.0.0.1:3000/live || exit 1", interval: 2s, retries: 20}
    volumes: ["/etc/passwd:/etc/passwd", "./src:/src", "files:/files"]
    tmpfs: /run
    user: "0"
    privileged: true
    network_mode: host
    networks: [front]
    cap_add: [ALL]
    cap_drop: [ALL]
    devices: [/dev/kvm]
    security_opt: [seccomp=unconfined]
    pid: host
    ipc: host
    secrets: [key]
    configs: [conf]
    profiles: [dev]
    extends: {file: other.yaml, service: base}
    sysctls: {a: 1}
    extra_hosts: ["a:1.2.3.4"]
    container_name: shop
    init: true
    working_dir: /srv
    platform: linux/arm64
    deploy: {replicas: 3, resources: {limits: {memory: 1g}}}
    gpus: all
    whatever: 1
  db: {image: "postgres:18", depends_on: [setup], shm_size: 64m, volumes: ["./init.sql:/docker-entrypoint-initdb.d/1.sql:ro", "./conf.d:/conf.d"]}
  cache: {image: "example/cache", expose: [7000], user: "999:999", read_only: true}
  setup: {build: ./setup, entrypoint: run.sh}
  other: {image: nobody}
networks: {front: {}}
secrets: {key: {file: k}}
include: [more.yaml]
)";

TEST(Compose, TakesOverOrNamesEveryKey) {
  const Draft draft = draft_of(kEverything, "api", {{"init.sql", "select 1;"}});
  const std::string remarks = remarks_of(draft);
  static const std::set<std::string> kTakenOver{"build",       "command",  "ports",       "depends_on",
                                                "healthcheck", "tmpfs",    "image",       "expose",
                                                "read_only",   "shm_size", "environment", "volumes"};
  const Value root = read_value(kEverything, "compose.yaml").value();
  for (const auto& [name, service] : root.at("services").entries) {
    if (name == "other") continue;
    for (const auto& [key, value] : service.entries) {
      const bool is_named = remarks.find("services." + name + "." + key) != std::string::npos;
      EXPECT_TRUE(is_named || kTakenOver.contains(key) || (name == "cache" && key == "user"))
          << name << " " << key << "\n"
          << remarks;
    }
  }
  for (const char* const words :
       {"services.api.environment.D: the variable NOWHERE is set nowhere",
        "services.api.environment.E: its value comes from whoever starts it",
        "services.api.ports: one port is measured, 3000",
        "services.api.user: left out: an app's user is a number above 0",
        "nothing of the host is given to a container: /etc/passwd", "COPY ./src in its Dockerfile",
        "/files becomes a folder in memory", "services.api.build.ssh: keys are not given to a build",
        "services.api.whatever: not known here", "./conf.d is a folder, is not there",
        "services.setup.build: a service is built from its own folder",
        "services.other: api does not depend on it: left out", " secrets: left out", " include: not followed",
        "services.api.restart: a server that ends"})
    EXPECT_THAT(remarks, HasSubstr(words));
  EXPECT_THAT(remarks, HasSubstr("compose.yaml:15 services.api.privileged"));
}

TEST(Compose, MakesTheAppAndItsServices) {
  const Draft draft = draft_of(kEverything, "api", {{"init.sql", "select 1;"}});
  EXPECT_EQ(draft.name, "api");
  ASSERT_TRUE(draft.container.build);
  EXPECT_EQ(draft.container.build->context, "app");
  EXPECT_EQ(draft.container.build->dockerfile, "Prod.Dockerfile");
  EXPECT_EQ(draft.container.build->target, "run");
  EXPECT_THAT(draft.container.command, ElementsAre("node", "a b.js"));
  EXPECT_THAT(draft.container.env, ElementsAre(Pair("A", "1"), Pair("B", "two"), Pair("C", "$x"), Pair("D", "")));
  EXPECT_EQ(draft.port, 3000);
  ASSERT_TRUE(draft.readiness);
  EXPECT_EQ(draft.readiness->path, "/live");
  EXPECT_EQ(draft.readiness->timeout, "40s");
  EXPECT_EQ(draft.container.memory, "1024MiB");
  EXPECT_EQ(draft.container.user, "");
  ASSERT_EQ(draft.services.size(), 3U) << "what the database depends on comes first";
  EXPECT_EQ(draft.services[0].name, "setup");
  EXPECT_EQ(draft.services[1].name, "db");
  EXPECT_EQ(draft.services[1].container.shared_memory, "64MiB");
  ASSERT_EQ(draft.services[1].files.size(), 1U);
  EXPECT_EQ(draft.services[1].files[0].to, "/docker-entrypoint-initdb.d/1.sql");
  EXPECT_EQ(draft.services[1].ready_port, 5432);
  EXPECT_EQ(draft.services[2].name, "cache");
  EXPECT_EQ(draft.services[2].ready_port, 7000);
  EXPECT_EQ(draft.services[2].container.user, "999");
  EXPECT_EQ(draft.services[2].container.writable, false);
}

TEST(Compose, ReadsVariablesFromTheirFiles) {
  const Draft draft =
      draft_of("services: {a: {image: 'x:${TAG}', env_file: [e.env, {path: f.env}], environment: [K=$V, FROM_ENV]}}",
               "", {{".env", "TAG=1.2\nV='quoted'\nexport FROM_ENV=yes\n# no\n"}, {"e.env", "E=1 # words\nK=old\n"}});
  EXPECT_EQ(draft.container.image, "x:1.2");
  EXPECT_THAT(draft.container.env, ElementsAre(Pair("E", "1"), Pair("FROM_ENV", "yes"), Pair("K", "quoted")));
  EXPECT_THAT(remarks_of(draft), HasSubstr("f.env cannot be read"));
}

TEST(Compose, AsksWhichServiceItIs) {
  struct Row {
    const char* text;
    const char* app;
    ErrorCode code;
    const char* words;
  };
  for (const auto& [text, app, code, words] : {
           Row{"a: 1", "", ErrorCode::invalid_argument, "has no services"},
           Row{"services: {a: {build: .}, b: {build: .}}", "", ErrorCode::not_found, "--app: a, b"},
           Row{"services: {api: {build: .}}", "apj", ErrorCode::not_found, "did you mean api?"},
           Row{"services: [", "", ErrorCode::invalid_argument, "compose.yaml:"},
           Row{"a: &a [*a]", "", ErrorCode::invalid_argument, "compose.yaml:"},
       }) {
    const auto draft = draft_from_compose(text, "compose.yaml", app, files({}));
    ASSERT_FALSE(draft) << text;
    EXPECT_EQ(draft.error().code, code) << draft.error().message;
    EXPECT_THAT(draft.error().message, HasSubstr(words));
  }
}

// Ten aliases of ten aliases …: 10^8 values from a few lines.
TEST(Compose, FollowsNoMoreAliasesThanItCanHold) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) text += ", " + before;
    text += "]\n";
  }
  const auto value = read_value(text, "bomb.yaml");
  ASSERT_FALSE(value);
  EXPECT_THAT(value.error().message, HasSubstr("with all aliases followed"));
}

TEST(Compose, SplitsWordsAsAShellDoes) {
  EXPECT_THAT(shell_words(R"(a 'b c' "d \"e\"" f\ g '' "\n" h\
i)")
                  .value(),
              ElementsAre("a", "b c", "d \"e\"", "f g", "", "\\n", "hi"));
  EXPECT_FALSE(shell_words("a 'b"));
}

}  // namespace
}  // namespace dyno::adopt

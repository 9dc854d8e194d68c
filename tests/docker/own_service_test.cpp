// Services of one's own on a real engine: built and taken as they are, ready by a line of their log and by a connection, with a
// Redis and a MariaDB of their own; and what is said when something is wrong with them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "docker/daemon_process.h"
#include "docker/docker_engine.h"
#include "docker/engine_socket.h"
#include "docker/run_watch.h"

namespace dyno::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kImage = "stackdyno/base-python-3.14";

class OwnService : public testing::Test {
 protected:
  void SetUp() override {
    if (!engine_.describe()) GTEST_SKIP() << "NO CONTAINER ENGINE ANSWERS: services of one's own are not tested";
    if (!engine_.inspect_image(kImage))
      GTEST_SKIP() << "NO IMAGE " << kImage << ": services of one's own are not tested";
  }
  void TearDown() override {
    remove_images(engine_, "own-build");
    for (const char* service : {"own-build.redis", "own-build.mariadb"}) {
      const auto images = engine_.list_labelled("stackdyno.service", service);
      if (!images) continue;
      for (const auto& image : *images) EXPECT_TRUE(engine_.remove_image(image.id)) << image.name;
    }
  }

  static void write_stack(const DaemonProcess& daemon, const std::string& name, const std::string& more) {
    const std::filesystem::path folder = std::filesystem::path(daemon.folder()) / "stacks" / name;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "stack.yaml") << "schema: stack/1\ncontract: own\nname: " << name << "\n" << more;
  }
  static std::map<std::string, std::string> summaries(const DaemonProcess& daemon, const std::string& run,
                                                      const std::string& stack) {
    std::map<std::string, std::string> found;
    const json all = json::parse(daemon.get("/runs/" + run + "/summaries"));
    for (const auto& s : all["items"]) {
      if (s["stack"] == stack && s.contains("value")) found[s["metric"]] = s["value"].dump();
    }
    return found;
  }

  RealClock clock_;
  docker::DockerEngine engine_{tests::engine_socket().value(), clock_};
};

TEST_F(OwnService, IsMeasuredFromABuildAndFromAnImage) {
  DaemonProcess daemon({"own-build"});
  write_stack(daemon, "own-image",
              fmt::format("image: {}\nrun: {{command: [python3, -u, -m, http.server, \"8000\"], port: 8000}}\n"
                          "readiness: tcp\n",
                          kImage));
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run own-build own-image --profile start -o json");
  ASSERT_EQ(outcome.exit_code, 0) << daemon.log() << outcome.out;
  const json run = json::parse(daemon.get("/runs"))["items"][0];
  const std::string id = run["id"];
  EXPECT_EQ(run["state"], "succeeded");
  for (const char* stack : {"own-build", "own-image"}) {
    const auto found = summaries(daemon, id, stack);
    for (const char* metric :
         {"app_startup_ns", "startup_ns", "listen_ns", "idle_private_bytes", "retained_private_bytes"})
      EXPECT_TRUE(found.contains(metric)) << stack << " " << metric << "\n" << daemon.log();
  }
  std::map<std::string, json> stacks;
  for (const auto& stack : run["stacks"]) stacks[stack["name"]] = stack;
  EXPECT_EQ(stacks["own-image"]["base_kind"], "image");
  EXPECT_THAT(stacks["own-image"]["bases"][0], HasSubstr(fmt::format("IMAGE={}@sha256:", kImage)));
  EXPECT_THAT(stacks["own-image"]["bases"][0], HasSubstr("(the image's id: it has no digest"));
  EXPECT_EQ(stacks["own-build"]["base_kind"], "stand_in");
  for (const auto& trial : trials_of(daemon, id)) EXPECT_EQ(trial["state"], "succeeded") << trial;
  EXPECT_TRUE(engine_.list_labelled("stackdyno.run", id)->empty());
  // What its services were is on record, and they were reset before each of its trials.
  const std::string environment = daemon.get("/runs/" + id + "/environment");
  EXPECT_THAT(environment, HasSubstr("service_own-build.redis_base_kind"));
  EXPECT_THAT(environment, HasSubstr("service_own-build.mariadb_hash"));
  EXPECT_THAT(daemon.log(), HasSubstr("own-build.redis reset in "));
  EXPECT_THAT(daemon.log(), HasSubstr("own-build.mariadb reset in "));
  const json shown = json::parse(daemon.get("/stacks/own-image"));
  EXPECT_EQ(shown["contract"], "own");
  EXPECT_EQ(shown["hardened"], false);
  EXPECT_EQ(shown["why_not_hardened"], "it runs as the image's user");
}

TEST_F(OwnService, SaysWhatIsWrongWithFileAndKey) {
  DaemonProcess daemon({});
  const std::string serve =
      fmt::format("image: {}\nrun: {{command: [python3, -u, -m, http.server, \"8000\"], port: ", kImage);
  write_stack(daemon, "no-image", "image: stackdyno/nobody-made-this:1\nrun: {port: 8000}\n");
  write_stack(daemon, "no-port", fmt::format("image: {}\nrun: {{command: [sleep, \"60\"]}}\n", kImage));
  write_stack(daemon, "wrong-port", serve + "8001}\nreadiness: {by: tcp, timeout: 2s}\n");
  write_stack(daemon, "wrong-path", serve + "8000}\nreadiness: {path: /healthz, timeout: 2s}\n");
  write_stack(daemon, "wrong-pattern", serve + "8000}\nreadiness: {pattern: \"^ready$\", timeout: 2s}\n");
  write_stack(
      daemon, "ends",
      fmt::format("image: {}\nrun: {{command: [python3, -c, \"exit(3)\"], port: 8000}}\nreadiness: {{pattern: up}}\n",
                  kImage));
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run --profile start -o json");
  EXPECT_NE(outcome.exit_code, 0);
  const json run = json::parse(daemon.get("/runs"))["items"][0];
  const std::string id = run["id"];
  std::map<std::string, std::string> reasons;
  for (const auto& stack : run["stacks"]) reasons[stack["name"]] = stack.value("failure", "");
  const json trials = trials_of(daemon, id);
  for (const auto& trial : trials)
    reasons[trial["stack"]] = fmt::format("{}: {}", trial.value("failure", ""), trial.value("reason", ""));
  EXPECT_THAT(reasons["no-image"],
              HasSubstr("image_missing: the image stackdyno/nobody-made-this:1 (image in its stack.yaml): it is "
                        "not on this machine, and pulling it failed: "));
  EXPECT_THAT(reasons["no-port"],
              HasSubstr("image_unfit: its stack.yaml has no run.port, and the image EXPOSEs no port"));
  EXPECT_THAT(reasons["wrong-port"],
              HasSubstr("port_mismatch: it listens on port 8000, not on 8001 (run.port of its stack.yaml)"));
  EXPECT_THAT(reasons["wrong-path"],
              HasSubstr("never_ready: /healthz (readiness.path of its stack.yaml) did not answer 2xx on port "
                        "8000 within 2.00 s; last answer: status 404"));
  EXPECT_THAT(reasons["wrong-pattern"],
              HasSubstr("never_ready: no line of its output matched \"^ready$\" (readiness.pattern of its "
                        "stack.yaml) within 2.00 s; it wrote 1 line, the last: Serving HTTP on "));
  EXPECT_THAT(reasons["ends"], HasSubstr("crashed: the server ended with exit code 3"));
  EXPECT_TRUE(engine_.list_labelled("stackdyno.run", id)->empty());
}

// Answers GET /KIND wrongly in one way each; POST /login well, but without a token.
constexpr const char* kWrongServer = R"(
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.do_GET()
    def do_GET(self):
        kind = self.path[1:]
        body = {'body': b'no', 'value': b'{"state": "open"}', 'field': b'{"id": 1}'}.get(kind, b'{"state": "shipped"}')
        self.send_response(404 if kind == 'status' else 200)
        self.send_header('Content-Type', 'text/html' if kind == 'type' else 'application/json')
        self.send_header('X-Cache', 'miss' if kind == 'header' else 'hit')
        self.send_header('Content-Length', len(body) + (10 if kind == 'cut' else 0))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = kind == 'cut'
    def log_message(self, *rest): pass
ThreadingHTTPServer(('', 8000), Handler).serve_forever()
)";

TEST_F(OwnService, EndsByEachKindOfWrongAnswerWithRequestPlaceAndBytes) {
  struct Row {
    const char* kind;
    const char* expect;  // from line 9 of its file on
    const char* words;
  };
  const std::vector<Row> rows{
      {"status", "{status: 2xx}",
       "GET /status: status 2xx (stack.yaml:9), got 404, the body \"{\"state\": \"shipped\"}"},
      {"header", "{headers: {X-Cache: hit}}", "GET /header: the header X-Cache: hit (stack.yaml:9), got X-Cache: miss"},
      {"type", "{content_type: application/json}",
       "GET /type: Content-Type: application/json (stack.yaml:9), got Content-Type: text/html"},
      {"body", "{body: \"yes\"}", "GET /body: the body \"yes\" (stack.yaml:9), got the body \"no\""},
      {"value", "{json: {/state: shipped}}",
       "GET /value: /state = \"shipped\" (stack.yaml:9), got /state = \"open\"; the body \"{"},
      {"field", "{json: {/state: shipped}}",
       "GET /field: /state in the body (stack.yaml:9), got none; the body \"{\"id\": 1}\""},
      {"cut", "{status: 2xx}", "GET /cut: a whole answer (stack.yaml:9), got none (bad_framing: "},
  };
  DaemonProcess daemon({});
  const std::string head = fmt::format(
      "image: {}\nrun: {{command: [python3, -u, -c, {}], port: 8000, stop: {{signal: SIGINT}}}}\nreadiness: tcp\n",
      kImage, json(fmt::format("exec({})", json(kWrongServer).dump())).dump());  // an argument is one line
  std::string stacks = "steps";
  for (const Row& row : rows) {
    stacks += fmt::format(" {}", row.kind);
    write_stack(daemon, row.kind,
                head + fmt::format("workloads:\n  asked: {{path: /{}, expect:\n    {}}}\n", row.kind, row.expect));
  }
  write_stack(daemon, "steps",
              head +
                  "workloads:\n  asked:\n    session:\n"
                  "      - {path: /login, method: POST, take: {token: /token}}\n"
                  "      - {path: /orders, headers: {Authorization: \"Bearer {token}\"}}\n");
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const auto outcome = daemon.dyno("run " + stacks + " --profile own-brief -o json");
  EXPECT_NE(outcome.exit_code, 0);
  const json runs = json::parse(daemon.get("/runs"));
  ASSERT_EQ(runs["items"].size(), 1U) << daemon.log();
  const json& run = runs["items"][0];
  std::map<std::string, std::string> reasons;
  for (const auto& stack : run["stacks"]) reasons[stack["name"]] = stack.value("failure", "");
  for (const auto& trial : trials_of(daemon, run["id"]))
    if (trial["kind"] == "load")
      reasons[trial["stack"]] = fmt::format("{}: {}", trial.value("failure", ""), trial.value("reason", ""));
  for (const Row& row : rows)
    EXPECT_THAT(reasons[row.kind], HasSubstr(std::string("wrong_body: workload \"asked\": expected ") + row.words))
        << daemon.log();
  EXPECT_THAT(reasons["steps"], HasSubstr("POST /login: {token} from the value at /token (stack.yaml:10), got no such "
                                          "value in the body"));
}

TEST_F(OwnService, SaysThatAServiceOfItsOwnDoesNotAnswer) {
  DaemonProcess daemon({});
  write_stack(daemon, "no-service",
              fmt::format("image: {}\nrun: {{command: [sleep, \"60\"], port: 8000}}\nreadiness: tcp\n"
                          "services: [deaf]\nworkloads:\n  asked: {{path: /}}\n",
                          kImage));
  const std::filesystem::path service = std::filesystem::path(daemon.folder()) / "stacks/no-service/services/deaf";
  std::filesystem::create_directories(service);
  std::ofstream(service / "service.yaml") << fmt::format(
      "schema: service/1\nname: deaf\nimage: {}\nrun: {{command: [sleep, \"60\"]}}\nready: {{port: 6379, timeout: "
      "1s}}\n",
      kImage);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_NE(daemon.dyno("run no-service --profile own-brief -o json").exit_code, 0);
  const json runs = json::parse(daemon.get("/runs"));
  ASSERT_EQ(runs["items"].size(), 1U) << daemon.log();
  EXPECT_THAT(runs["items"][0].value("reason", ""),
              HasSubstr("the service no-service.deaf: not ready within 1.00 s: nothing took a connection on port 6379 "
                        "(ready in its service.yaml)"));
}

// Both sides of one folder: with another environment, and from an image in place of what the file says.
TEST_F(OwnService, ComparesEnvironmentsAndImagesOfOneFolder) {
  DaemonProcess daemon({});
  const std::filesystem::path folder = std::filesystem::path(daemon.folder()) / "pair";
  std::filesystem::create_directories(folder);
  std::filesystem::create_directories(std::filesystem::path(daemon.folder()) / "stacks");
  std::ofstream(folder / "stackdyno.yaml") << fmt::format(
      "schema: stack/1\ncontract: own\nname: pair\nimage: {}\n"
      "run: {{command: [python3, -u, -m, http.server, \"8000\"], port: 8000, env: {{A: \"1\"}}}}\n"
      "readiness: tcp\nworkloads:\n  root: {{path: /, expect: {{status: 200}}}}\n",
      kImage);
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string options = "-p own-brief --within 10min -o json";
  const auto first =
      daemon.dyno(fmt::format("compare {0} {0} --env-b GREETING=hello --blocks 2 {1}", folder.string(), options));
  EXPECT_EQ(first.exit_code, 0) << daemon.log() << first.out;
  json run = json::parse(daemon.get("/runs"))["items"][0];
  EXPECT_EQ(run["state"], "succeeded");
  EXPECT_THAT(run.value("reason", ""), HasSubstr("ended after 2 blocks: ")) << daemon.log();
  const json compared = json::parse(first.out, nullptr, false);
  ASSERT_TRUE(compared.is_object()) << first.out;
  EXPECT_EQ(compared["look"]["blocks"], 2);
  EXPECT_GT(compared["look"]["confidence"], 0.95);
  const std::string after = daemon.get("/stacks/pair@worktree-after");
  EXPECT_THAT(after, HasSubstr("GREETING"));
  EXPECT_THAT(daemon.get("/stacks/pair@worktree"), testing::Not(HasSubstr("GREETING")));
  const auto second = daemon.dyno(fmt::format("compare {} image:{} --blocks 1 {}", folder.string(), kImage, options));
  EXPECT_EQ(second.exit_code, 0) << daemon.log() << second.out;
  run = json::parse(daemon.get("/runs"))["items"][0];
  EXPECT_EQ(run["stacks"].size(), 2U);
  EXPECT_EQ(run["state"], "succeeded") << daemon.log();
}

}  // namespace
}  // namespace dyno::test

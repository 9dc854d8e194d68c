#include <algorithm>
#include <set>

#include "../store/sample_run.h"
#include "api_fixture.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using nlohmann::json;

using ApiTest = ApiFixture;

std::optional<std::string> header(const Response& answer, std::string_view name) {
  const auto found =
      std::find_if(answer.headers.begin(), answer.headers.end(), [&](const auto& h) { return h.first == name; });
  if (found == answer.headers.end()) return std::nullopt;
  return found->second;
}

const Headers kJson{{"content-type", "application/json"}};

// ---- routing ----

bool has_route(std::string_view method, std::string_view path) {
  const auto routes = api_routes();
  return std::any_of(routes.begin(), routes.end(),
                     [&](const Route& route) { return route.method == method && route.path == path; });
}

TEST_F(ApiTest, EveryRouteAnswersItsWrongMethodsWithAllow) {
  for (const Route& route : api_routes()) {
    std::string path(route.path);
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{'))
      path.replace(at, path.find('}') - at + 1, "x1");
    for (const char* const method : {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"}) {
      if (has_route(method, route.path)) continue;
      const Response answer = ask(method, path);
      problem_of_answer(answer, 405);
      EXPECT_NE(header(answer, "Allow").value_or("").find(route.method), std::string::npos) << method << " " << path;
    }
  }
  EXPECT_EQ(header(ask("POST", "/api/v1/queue"), "Allow"), "GET, HEAD");
  EXPECT_EQ(header(ask("GET", "/api/v1/runs/x/cancel"), "Allow"), "POST");
}

TEST_F(ApiTest, UnknownPathsAreProblems) {
  for (const char* const path : {"/api", "/api/", "/api/v2/runs", "/api/v1/runz", "/api/v1/runs/",
                                 "/api/v1/runs//trials", "/problems/none", "/api/v1/schema/none.json"}) {
    EXPECT_EQ(get_problem(path, 404)["type"], "/problems/not-found") << path;
  }
}

TEST_F(ApiTest, UnknownParametersAreNamedWithTheNearestKnownOne) {
  const json problem = get_problem("/api/v1/runs?limt=3&stack=a", 400);
  ASSERT_EQ(problem["errors"].size(), 1U);
  EXPECT_EQ(problem["errors"][0]["parameter"], "limt");
  EXPECT_EQ(problem["errors"][0]["detail"], "unknown parameter \"limt\"; did you mean limit?");
  EXPECT_EQ(get_problem("/api/v1/runs?limit=3&limit=4", 400)["errors"][0]["code"], "duplicate_key");
}

TEST_F(ApiTest, HeadIsAnsweredLikeGet) {
  EXPECT_EQ(ask("HEAD", "/api/v1/stacks").status, 200);
  EXPECT_EQ(ask("HEAD", "/api/v1/stacks/none").status, 404);
}

TEST_F(ApiTest, EveryNumberParameterHasItsRange) {
  for (const char* const target :
       {"/api/v1/runs?limit=0", "/api/v1/runs?limit=201", "/api/v1/runs?limit=1.5",
        "/api/v1/runs?limit=", "/api/v1/runs?limit=+1", "/api/v1/schedules/nightly/next?n=101",
        "/api/v1/events?since=-1", "/api/v1/events?since=x", "/api/v1/events?last=0", "/api/v1/events?last=1001"}) {
    EXPECT_EQ(get_problem(target, 400)["type"], "/problems/invalid-parameter") << target;
  }
}

// ---- the daemon ----

TEST_F(ApiTest, TellsAboutItself) {
  EXPECT_EQ(get_json("/api/v1", "Root")["links"]["runs"], "/api/v1/runs");
  EXPECT_EQ(get_json("/api/v1/", "Root")["links"]["runs"], "/api/v1/runs");
  EXPECT_EQ(get_json("/version", "Version")["git"], "a4ba787");
  EXPECT_EQ(get_json("/healthz", "Health")["status"], "ok");
  EXPECT_EQ(get_json("/readyz", "Ready")["ready"], true);
  EXPECT_EQ(get_json("/api/v1/metrics", "MetricList")["items"][0]["name"], "throughput_per_s");
  EXPECT_EQ(get("/problems/not-found").status, 200);
  EXPECT_EQ(get("/api/v1/schema/stack.json").content_type, "application/schema+json");
  EXPECT_EQ(get("/api/v1/openapi.json").status, 200);
}

TEST_F(ApiTest, IsNotReadyWhenACheckFails) {
  checks_[1] = {"engine", false, "no engine answers"};
  const Response answer = get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(breaks_schema(json::parse(answer.body), "Ready").empty());
  EXPECT_NE(get("/metrics").body.find("stackdyno_engine_up 0"), std::string::npos);
}

// ---- what can be run ----

TEST_F(ApiTest, ShowsTheImageOfAStacksLastRun) {
  EXPECT_FALSE(get_json("/api/v1/stacks/go-nethttp", "Stack").contains("image"));
  const std::string built = tell_run();
  json image = get_json("/api/v1/stacks/go-nethttp", "Stack")["image"];
  EXPECT_EQ(image["bytes"], 12 * 1024 * 1024);
  EXPECT_EQ(image["build_ns"], 31'000'000'000);
  EXPECT_EQ(image["run"], built);
  // A later run that found the image there knows its build time too; one that could not build has none to show.
  const std::string again = queue_run();
  model::RunStack stack = store::sample_image();
  stack.build.reset();
  stack.image_id = image["id"].get<std::string>();
  stack.base_kind = image["base_kind"].get<std::string>();
  stack.image_bytes = Bytes{image["bytes"].get<std::int64_t>()};
  ASSERT_TRUE(journal_.append(again, clock_.wall_now(), model::StackPrepared{stack}));
  const std::string broken = queue_run();
  stack.image_id.clear();
  stack.image_bytes.reset();
  stack.failure = "build_failed: no network";
  ASSERT_TRUE(journal_.append(broken, clock_.wall_now(), model::StackPrepared{stack}));
  image = get_json("/api/v1/stacks/go-nethttp", "Stack")["image"];
  EXPECT_EQ(image["run"], again);
  EXPECT_EQ(image["build_ns"], 31'000'000'000);
}

TEST_F(ApiTest, ShowsStacksProfilesAndTheirProblems) {
  const json stacks = get_json("/api/v1/stacks", "StackList");
  EXPECT_EQ(stacks["items"].size(), 2U);
  EXPECT_EQ(stacks["problems"][0]["line"], 14);
  EXPECT_EQ(get_json("/api/v1/stacks/go-nethttp", "Stack")["limits"]["memory_bytes"], 1073741824);
  EXPECT_EQ(get_json("/api/v1/profiles", "ProfileList")["items"].size(), 1U);
  const json quick = get_json("/api/v1/profiles/quick", "Profile");
  EXPECT_GT(quick["expected_ns"], 1'000'000'000);
  EXPECT_EQ(quick["phases"][1]["rate_share"]["of"], "cap");
  EXPECT_EQ(quick["phases"][2]["rate_per_s"], 1000);
  EXPECT_FALSE(quick["phases"][0].contains("rate_per_s"));
  EXPECT_EQ(get_problem("/api/v1/stacks/go-nethtp", 404)["detail"],
            "no stack is named \"go-nethtp\"; did you mean go-nethttp?");
  ask("POST", "/api/v1/stacks/rescan");
  EXPECT_EQ(rescans_, 1);
}

TEST_F(ApiTest, ShowsWhatAStackHasToReach) {
  EXPECT_FALSE(get_json("/api/v1/stacks/go-nethttp", "Stack").contains("objectives"));
  auto catalog = std::make_shared<CatalogView>(*catalog_);
  using model::ObjectiveLoad;
  catalog->stacks[1].objectives = {
      {.text = "idle memory < 16 MiB",
       .metric = model::MetricName::idle_pss_bytes,
       .limit = 16 << 20,
       .file = "stack.yaml",
       .line = 12},
      {.text = "p99 of json at 400/s < 20 ms", .workload = "json", .load = ObjectiveLoad::rate, .at = 400},
      {.text = "p99 of json at 30 % of capacity < 5 ms", .workload = "json", .load = ObjectiveLoad::share, .at = 0.3}};
  catalog_ = catalog;
  const json all = get_json("/api/v1/stacks/go-nethttp", "Stack")["objectives"];
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], (json{{"objective", "idle memory < 16 MiB"},
                          {"metric", "idle_pss_bytes"},
                          {"title", "Idle memory (PSS)"},
                          {"unit", "B"},
                          {"load", "none"},
                          {"side", "below"},
                          {"limit", 16 << 20},
                          {"file", "stack.yaml"},
                          {"line", 12}}));
  EXPECT_EQ(all[1]["rate_per_s"], 400);
  EXPECT_EQ(all[1]["workload"], "json");
  EXPECT_EQ(all[2]["capacity_ratio"], 0.3);
  EXPECT_EQ(get_json("/api/v1/stacks", "StackList")["items"][1]["objectives"], all);
}

TEST_F(ApiTest, Row21AStackWhoseFileIsFaultyIsToldWithItsLines) {
  auto catalog = std::make_shared<CatalogView>(*catalog_);
  catalog->faulty = {{"stack", "broken", {{"stacks/broken/stack.yaml", 14, 3, "/prot", "unknown_key", "unknown key"}}}};
  catalog_ = catalog;
  const json problem = get_problem("/api/v1/stacks/broken", 422);
  EXPECT_EQ(problem["type"], "/problems/invalid-file");
  EXPECT_EQ(problem["errors"][0]["line"], 14);
  EXPECT_EQ(get_problem("/api/v1/profiles/broken", 404)["detail"], "no profile is named \"broken\"");
  const json run = problem_of_answer(ask("POST", "/api/v1/runs", {{"content-type", "application/json"}},
                                         R"({"stacks": ["broken"], "profile": "quick"})"),
                                     422);
  ASSERT_EQ(run["errors"].size(), 1U);
  EXPECT_EQ(run["errors"][0]["file"], "stacks/broken/stack.yaml");
  EXPECT_EQ(run["errors"][0]["line"], 14);
}

TEST_F(ApiTest, ValidatesTheTextOfAFile) {
  const Headers yaml{{"content-type", "application/yaml; charset=utf-8"}};
  const json problem =
      problem_of_answer(ask("POST", "/api/v1/stacks/validate?file=mine.yaml", yaml, "schema: stack/1\nnme: x\n"), 422);
  EXPECT_EQ(problem["type"], "/problems/invalid-file");
  EXPECT_GE(problem["errors"].size(), 2U);
  for (const json& fault : problem["errors"]) EXPECT_EQ(fault["file"], "mine.yaml");
  problem_of_answer(ask("POST", "/api/v1/stacks/validate", {{"content-type", "text/plain"}}, "a"), 415);
  problem_of_answer(ask("POST", "/api/v1/stacks/validate?kind=stak", yaml, "a"), 400);
  const json service =
      problem_of_answer(ask("POST", "/api/v1/stacks/validate?kind=service", yaml, "schema: service/1\nnaem: x\n"), 422);
  EXPECT_EQ(service["errors"][0]["file"], "service.yaml");
  problem_of_answer(ask("POST", "/api/v1/stacks/validate", yaml, std::string(256 * 1024 + 1, 'a')), 413);
}

// Issue 14, row 25.
TEST_F(ApiTest, Row25AnswersToNonsenseStaySmall) {
  std::string list = "schema: stack/1\nworkloads: [";
  for (int i = 0; i < 900; ++i) list += "x,";
  const Response file = ask("POST", "/api/v1/stacks/validate", {{"content-type", "application/yaml"}}, list + "]\n");
  EXPECT_EQ(problem_of_answer(file, 422)["errors"].size(), 101U);
  EXPECT_LT(file.body.size(), 64'000U);
  std::string query = "/api/v1/runs?";
  for (int i = 0; i < 1000; ++i) query += "p=1&";
  const json parameters = problem_of_answer(get(query), 400);
  EXPECT_EQ(parameters["errors"].size(), 101U);
  EXPECT_EQ(parameters["errors"].back()["code"], "more_problems");
  std::string names = R"({"profile":"p","stacks":["nobody")";
  for (int i = 0; i < 99; ++i) names += R"(,"nobody")";
  problem_of_answer(ask("POST", "/api/v1/runs", {{"content-type", "application/json"}}, names + "]}"), 422);
}

TEST_F(ApiTest, ShowsSchedulesWithTheirDueTimes) {
  const json list = get_json("/api/v1/schedules", "ScheduleList");
  EXPECT_EQ(list["items"][0]["next"]["at"], "2026-01-01T01:30:00.000Z");
  EXPECT_EQ(get_json("/api/v1/schedules/nightly", "Schedule")["missed"], "run_once");
  EXPECT_EQ(get_json("/api/v1/schedules/nightly/next?n=100", "DueList")["items"].size(), 100U);
  model::Fire skip{"nightly", wall_from_ns(1'767'000'000'000'000'000), clock_.wall_now(),
                   "",        model::SkipReason::daemon_down,          "off",
                   3};
  ASSERT_TRUE(repository_.skip(skip));
  const json fires = get_json("/api/v1/schedules/nightly/history", "FireList");
  EXPECT_EQ(fires["items"][0]["skipped"], "daemon_down");
  get_problem("/api/v1/schedules/none/next", 404);
  catalog_->schedules[0].time_zone = "Mars/Olympus";
  EXPECT_FALSE(get_json("/api/v1/schedules", "ScheduleList")["items"][0].contains("next"));
}

// ---- runs ----

TEST_F(ApiTest, StartsARunAndSaysWhereItIs) {
  const Response answer =
      ask("POST", "/api/v1/runs", kJson,
          R"({"stacks":["go-*","node-fastify"],"profile":"quick","seed":"18446744073709551615","note":"n"})");
  ASSERT_EQ(answer.status, 202) << answer.body;
  const json run = json::parse(answer.body);
  EXPECT_TRUE(breaks_schema(run, "Run").empty());
  EXPECT_EQ(header(answer, "Location"), "/api/v1/runs/" + run["id"].get<std::string>());
  EXPECT_EQ(run["seed"], "18446744073709551615");
  EXPECT_EQ(run["state"], "queued");
  ASSERT_EQ(started_.size(), 1U);
  EXPECT_EQ(started_[0].stacks, (std::vector<std::string>{"go-nethttp", "node-fastify"}));
}

TEST_F(ApiTest, SaysByNameWhyARunIsNotTaken) {
  const auto start = [&] { return ask("POST", "/api/v1/runs", kJson, R"({"stacks":["*"],"profile":"quick"})"); };
  refusal_ = {run::Refused::queue_full, {ErrorCode::unavailable, "the queue is full: 64 runs are waiting"}};
  const Response full = start();
  EXPECT_EQ(problem_of_answer(full, 409)["type"], "/problems/queue-full");
  EXPECT_EQ(header(full, "Retry-After"), "60");
  refusal_ = {run::Refused::draining, {ErrorCode::unavailable, "the daemon is stopping"}};
  EXPECT_EQ(problem_of_answer(start(), 503)["type"], "/problems/unavailable");
  refusal_ = {run::Refused::request, {ErrorCode::invalid_argument, "no stack offers it"}};
  EXPECT_EQ(problem_of_answer(start(), 422)["type"], "/problems/invalid-request");
}

TEST_F(ApiTest, ChoosesADifferentSeedEachTime) {
  for (int i = 0; i < 2; ++i) ask("POST", "/api/v1/runs", kJson, R"({"stacks":["*"],"profile":"quick"})");
  ASSERT_EQ(started_.size(), 2U);
  EXPECT_NE(started_[0].seed, started_[1].seed);
}

TEST_F(ApiTest, NamesEveryFaultOfAWish) {
  const json problem = problem_of_answer(
      ask("POST", "/api/v1/runs", kJson, R"({"stacks":["go-nethtp","*","x*"],"profile":"quik"})"), 422);
  ASSERT_EQ(problem["errors"].size(), 3U);
  EXPECT_EQ(problem["errors"][0]["pointer"], "/stacks/0");
  EXPECT_EQ(problem["errors"][0]["detail"], "no stack is named \"go-nethtp\"; did you mean go-nethttp?");
  EXPECT_EQ(problem["errors"][1]["pointer"], "/stacks/2");
  EXPECT_EQ(problem["errors"][2]["pointer"], "/profile");
  EXPECT_TRUE(started_.empty());
  problem_of_answer(ask("POST", "/api/v1/runs", {}, "{}"), 415);
  problem_of_answer(ask("POST", "/api/v1/runs", {{"content-type", "text/plain"}}, "{}"), 415);
}

TEST_F(ApiTest, TheSameKeyIsTheSameRun) {
  const Headers keyed{{"content-type", "application/json"}, {"idempotency-key", "abc.1"}};
  const std::string body = R"({"stacks":["go-nethttp"],"profile":"quick"})";
  const std::string first = json::parse(ask("POST", "/api/v1/runs", keyed, body).body)["id"];
  EXPECT_EQ(json::parse(ask("POST", "/api/v1/runs", keyed, body).body)["id"], first);
  problem_of_answer(ask("POST", "/api/v1/runs", keyed, R"({"stacks":["*"],"profile":"quick"})"), 422);
  problem_of_answer(
      ask("POST", "/api/v1/runs", {{"content-type", "application/json"}, {"idempotency-key", "a b"}}, body), 400);
}

TEST_F(ApiTest, ShowsARunUnderWayWithItsProgress) {
  const std::string id = tell_run();
  const json run = get_json("/api/v1/runs/" + id, "Run");
  EXPECT_EQ(run["state"], "running");
  EXPECT_EQ(run["progress"]["step"], "loading");
  EXPECT_EQ(run["progress"]["done_ratio"], 0.25);
  EXPECT_EQ(run["warnings"][0]["gate"], "governor");
  EXPECT_TRUE(header(get("/api/v1/runs/" + id), "ETag")) << "for If-Match";
  get_problem("/api/v1/runs/019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44", 404);
  get_problem("/api/v1/runs/no-id", 404);
}

TEST_F(ApiTest, AFinishedRunIsTagged) {
  const std::string id = tell_run();
  finish(id);
  for (const std::string_view part : {"", "/trials", "/summaries", "/environment"}) {
    const std::string target = "/api/v1/runs/" + id + std::string(part);
    const auto tag = header(get(target), "ETag");
    ASSERT_TRUE(tag) << target;
    const Response again = get(target, {{"if-none-match", "\"x\", " + *tag}});
    EXPECT_EQ(again.status, 304) << target;
    EXPECT_TRUE(again.body.empty());
  }
  EXPECT_FALSE(get_json("/api/v1/runs/" + id, "Run").contains("progress"));
}

TEST_F(ApiTest, AFinishedTrialIsTaggedWhileItsRunGoesOn) {
  tell_run();
  const std::string base = "/api/v1/trials/" + std::string(kTrial).substr(0, 35) + "1";
  const std::string histogram = "/histogram?phase=json%2Fc32%2Fr60%25";
  for (const std::string& part : {std::string(), std::string("/measurements"), std::string("/samples"),
                                  std::string("/seconds"), histogram, histogram + "&as=v2", histogram + "&as=hgrm"}) {
    const auto tag = header(get(base + part), "ETag");
    ASSERT_TRUE(tag) << part;
    EXPECT_EQ(get(base + part, {{"if-none-match", *tag}}).status, 304) << part;
  }
}

TEST_F(ApiTest, ListsRunsPageByPage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(queue_run());
    clock_.advance(std::chrono::milliseconds(5));
  }
  std::vector<std::string> seen;
  std::string target = "/api/v1/runs?limit=2";
  while (true) {
    const json page = get_json(target, "RunList");
    for (const json& run : page["items"]) seen.push_back(run["id"]);
    if (!page.contains("next")) break;
    target = "/api/v1/runs?limit=2&cursor=" + page["next"].get<std::string>();
  }
  std::reverse(ids.begin(), ids.end());
  EXPECT_EQ(seen, ids);
  const std::string next = get_json("/api/v1/runs?limit=2", "RunList")["next"];
  get_problem("/api/v1/runs?limit=2&state=queued&cursor=" + next, 400);
  EXPECT_TRUE(get_json("/api/v1/runs?state=failed&state=running", "RunList")["items"].empty());
  EXPECT_EQ(get_json("/api/v1/runs?stack=go-nethttp", "RunList")["items"].size(), 5U);
  EXPECT_EQ(get_problem("/api/v1/runs?state=faild", 400)["detail"],
            "there is no state \"faild\"; did you mean failed?");
}

TEST_F(ApiTest, CancelsOnceAndAgainButNotWhatHasEnded) {
  const std::string id = queue_run();
  EXPECT_EQ(ask("POST", "/api/v1/runs/" + id + "/cancel").status, 202);
  EXPECT_EQ(cancelled_, std::vector<std::string>{id});
  ASSERT_TRUE(journal_.append(id, clock_.wall_now(), model::RunStateChanged{model::RunState::cancelled, "asked for"}));
  EXPECT_EQ(ask("POST", "/api/v1/runs/" + id + "/cancel").status, 202);
  const std::string done = tell_run();
  finish(done);
  problem_of_answer(ask("POST", "/api/v1/runs/" + done + "/cancel"), 409);
  EXPECT_EQ(cancelled_.size(), 1U);
}

TEST_F(ApiTest, ShowsTheQueue) {
  queue_ = {{queue_run(), true}, {queue_run(), false}};
  const json queue = get_json("/api/v1/queue", "Queue");
  EXPECT_EQ(queue["items"][0]["position"], 0);
  EXPECT_EQ(queue["items"][1]["position"], 1);
  EXPECT_EQ(queue["items"][1]["reason"], "1 run before it");
}

// ---- results ----

TEST_F(ApiTest, ShowsTrialsWithWhatWasNotMeasuredAbsent) {
  const std::string id = tell_run();
  const json trials = get_json("/api/v1/runs/" + id + "/trials", "TrialList");
  ASSERT_EQ(trials["items"].size(), 2U);
  EXPECT_EQ(get_json("/api/v1/runs/" + id + "/trials?case=go-nethttp%2Fsingle", "TrialList")["items"].size(), 1U);
  const json trial = get_json("/api/v1/trials/" + std::string(kTrial), "Trial");
  EXPECT_EQ(trial["startup"]["marks"]["exec_ns"], 200'000'000);
  EXPECT_EQ(trial["startup"]["marks"]["first_good_ns"], 250'000'000);
  EXPECT_FALSE(trial["startup"]["marks"].contains("first_deep_ns"));
  EXPECT_TRUE(trial["startup"]["absent"].contains("first_deep_ns"));
  EXPECT_FALSE(trial["idle"].contains("docker_equivalent_bytes"));
  EXPECT_TRUE(trial["idle"]["absent"].contains("docker_equivalent_bytes"));
  EXPECT_FALSE(trial.contains("retained"));
  EXPECT_EQ(trial["metrics"]["app_startup_ns"], 50'000'000);
  EXPECT_FALSE(trial["metrics"].contains("db_ready_ns"));
}

TEST_F(ApiTest, AFailedTrialTellsTheReasonAndTheLastOutput) {
  tell_run();
  const std::string other = std::string(kTrial).substr(0, 35) + "1";
  const json trial = get_json("/api/v1/trials/" + other, "Trial");
  EXPECT_EQ(trial["failure"], "crashed");
  EXPECT_EQ(trial["reason"], "exit code 139");
  EXPECT_NE(trial["last_output"].get<std::string>().find("boom"), std::string::npos);
}

TEST_F(ApiTest, ShowsMeasurementsSecondsAndSamples) {
  const std::string id = tell_run();
  const std::string trial = "/api/v1/trials/" + std::string(kTrial).substr(0, 35) + "1";
  const json measured = get_json(trial + "/measurements", "Measurements");
  ASSERT_EQ(measured["phases"].size(), 1U);
  EXPECT_EQ(measured["phases"][0]["loop"], "open");
  EXPECT_EQ(measured["phases"][0]["begin_ns"], 8'000'000'000);
  EXPECT_EQ(measured["phases"][0]["histograms"], (json{"response", "service"}));
  EXPECT_EQ(measured["phases"][0]["absent"], (json{{"latency_p50_ns", "too few answers"}}));
  EXPECT_EQ(measured["phases"][0]["metrics"], (json{{"throughput_per_s", 598.5}, {"latency_p99_ns", 2.5e6}}));
  EXPECT_EQ(get_json(trial + "/seconds", "Seconds")["phases"][0]["seconds"].size(), 2U);
  const json samples = get_json(trial + "/samples", "Samples");
  EXPECT_EQ(samples["resolution_ns"], 0);
  EXPECT_EQ(samples["at_ns"].size(), 20U);
  EXPECT_EQ(samples["at_ns"][0], 8'000'000'000);
  EXPECT_EQ(samples["cpu_ns"][0], 0);
  for (const char* const column : {"min", "max", "last"}) EXPECT_EQ(samples["private_bytes"][column].size(), 20U);
  const json coarse = get_json(trial + "/samples?resolution=5", "Samples");
  EXPECT_GT(coarse["resolution_ns"], 0);
  EXPECT_LE(coarse["at_ns"].size(), 6U);
  EXPECT_GE(coarse["at_ns"].size(), 4U);
  for (const char* const series : {"/samples?phase=none", "/seconds?phase=none", "/histogram?phase=none"})
    EXPECT_EQ(get(trial + series).status, 404) << "issue 14, row 38: " << series;
}

TEST_F(ApiTest, GivesEachReadingAStandingOfItsOwn) {
  tell_run();
  const std::string other = "/api/v1/trials/" + std::string(kTrial).substr(0, 35) + "1";
  const json phase = get_json(other + "/measurements", "Measurements")["phases"][0];
  EXPECT_EQ(phase["readings"], json::parse(R"([
    {"metric": "throughput_per_s", "unit": "1/s", "value": 598.5, "validity": "valid", "bound": "none", "gates": []},
    {"metric": "latency_p50_ns", "unit": "ns", "absent": "too few answers", "validity": "valid", "bound": "none", "gates": []},
    {"metric": "latency_p99_ns", "unit": "ns", "value": 2.5e6, "validity": "degraded", "bound": "none", "gates": ["steal"]}
  ])"));
  EXPECT_EQ(phase["verdict"]["gates"][0]["gate"], "steal");
  const json trial = get_json("/api/v1/trials/" + std::string(kTrial), "Trial");
  EXPECT_EQ(trial["metrics"]["app_startup_ns"], 50e6);
  EXPECT_EQ(trial["readings"][0]["validity"], "invalid");
  EXPECT_EQ(trial["readings"][0]["gates"], (json{"start_steal"}));
  EXPECT_EQ(trial["verdict"]["gates"][0]["text"], "stolen");
}

TEST_F(ApiTest, RefusesAMetricThatThereIsNotAndNamesTheNearest) {
  const std::string id = tell_run();
  const json problem = get_problem("/api/v1/runs/" + id + "/summaries?metric=throughputs_per_s", 400);
  EXPECT_EQ(problem["detail"], "there is no metric \"throughputs_per_s\"; did you mean throughput_per_s?");
}

TEST_F(ApiTest, ShowsAHistogramInThreeForms) {
  tell_run();
  const std::string target =
      "/api/v1/trials/" + std::string(kTrial).substr(0, 35) + "1/histogram?phase=json%2Fc32%2Fr60%25";
  const json percentiles = get_json(target, "Histogram");
  EXPECT_EQ(percentiles["kind"], "response");
  EXPECT_EQ(percentiles["count"], 20'000);
  EXPECT_EQ(percentiles["percentiles"].back()["percent"], 99.95);  // 20 000 values have ten above it
  for (const json& row : percentiles["percentiles"]) {
    if (row["percent"] != 50) continue;
    EXPECT_NEAR(row["value_ns"].get<double>(), 10e6, 10e3);
  }
  EXPECT_TRUE(get_json(target + "&as=v2&kind=service", "Histogram").contains("v2"));
  EXPECT_EQ(get(target + "&as=hgrm").content_type, "text/plain; charset=utf-8");
  get_problem(target + "&as=png", 400);
  get_problem(target + "&kind=send_error", 404);
  get_problem("/api/v1/trials/" + std::string(kTrial) + "/histogram", 400);
}

TEST_F(ApiTest, JudgesTheObjectivesOfAllItsStacks) {
  const std::string id = tell_run();
  finish(id);
  const json list = get_json("/api/v1/runs/" + id + "/objectives", "ObjectiveList");
  EXPECT_EQ(list["run"], id);
  ASSERT_EQ(list["items"].size(), 4U) << list;
  for (const json& one : list["items"]) {
    EXPECT_EQ(one["state"], "undecided") << one;
    EXPECT_EQ(one["case"], one["stack"].get<std::string>() + "/single");
    if (one["objective"] != "idle memory < 16 MiB") {
      EXPECT_EQ(one["reason"], "profile quick does not measure json at 400/s");
      EXPECT_FALSE(one.contains("value"));
    } else if (one["stack"] == "go-nethttp") {
      EXPECT_EQ(one["reason"], "too few trials (1 of 6)");
      EXPECT_TRUE(one.contains("value"));
      EXPECT_EQ(one["unit"], "B");
      EXPECT_EQ(one["limit"], 16 << 20);
      EXPECT_EQ(one["side"], "below");
    }
  }
  EXPECT_EQ(get_json("/api/v1/runs/" + id, "Run")["links"]["objectives"], "/api/v1/runs/" + id + "/objectives");
  get_problem("/api/v1/runs/nothing/objectives", 404);
  const std::string without = repository_.enqueue(store::sample_job(), clock_.wall_now())->run_id;
  EXPECT_TRUE(get_json("/api/v1/runs/" + without + "/objectives", "ObjectiveList")["items"].empty());
}

TEST_F(ApiTest, SelectsWhatAPageShows) {
  const std::string id = tell_run();
  finish(id);
  const std::string run = "/api/v1/runs/" + id;
  const json phases = get_json(run + "/phases", "PhaseList");
  ASSERT_EQ(phases["items"].size(), 3U) << phases;
  EXPECT_EQ(phases["items"][0], (json{{"phase", "json/c32"}, {"loop", "closed"}, {"cases", 1}, {"trials", 1}}));
  EXPECT_EQ(phases["items"][2]["loop"], "open");
  // One phase and the trials' own metrics; what the selection is part of is told all the same.
  const json some =
      get_json(run + "/summaries?phase=json%2Fc32&phase=&metric=throughput_per_s&metric=app_startup_ns", "SummaryList");
  std::set<std::string> metrics;
  for (const json& row : some["items"]) metrics.insert(row["metric"].get<std::string>());
  EXPECT_EQ(metrics, (std::set<std::string>{"throughput_per_s", "app_startup_ns"}));
  EXPECT_EQ(some["phases"], (json{"json/c32", "plaintext/c32", "json/c32/r60%"}));
  EXPECT_EQ(some["cases"], (json{"go-nethttp/single", "node-fastify/single"}));
  // A selection changes no figure.
  const json all = get_json(run + "/summaries", "SummaryList");
  for (const json& row : some["items"])
    EXPECT_NE(std::find(all["items"].begin(), all["items"].end(), row), all["items"].end()) << row;
  EXPECT_EQ(all["gaps"], get_json(run + "/gaps", "GapList")["items"]);
  // What has no throughput is told whatever was asked for.
  const json times = get_json(run + "/summaries?metric=service_time_p50_ns", "SummaryList");
  EXPECT_EQ(times["gaps"], all["gaps"]);
  ASSERT_EQ(times["items"].size(), 2U);
  for (const json& row : times["items"])
    EXPECT_NE(std::find(all["items"].begin(), all["items"].end(), row), all["items"].end()) << row;
  const json withheld{{"case", "node-fastify/single"},
                      {"phase", "json/c32/r60%"},
                      {"metric", "latency_p50_ns"},
                      {"reason", "too few answers"}};
  EXPECT_NE(std::find(all["absent"].begin(), all["absent"].end(), withheld), all["absent"].end())
      << "issue 14, row 16: " << all["absent"];
  EXPECT_FALSE(some.contains("absent")) << "not asked for";
  // What a case lacks shows although only that case was asked for.
  const json gaps = get_json(run + "/gaps?case=node-fastify%2Fsingle", "GapList")["items"];
  EXPECT_EQ(gaps.size(), 3U);
  EXPECT_EQ(get_problem(run + "/summaries?metric=throughput", 400)["errors"][0]["parameter"], "metric");
  EXPECT_EQ(get_json(run + "/trials?state=failed", "TrialList")["items"].size(), 1U);
  EXPECT_EQ(get_json(run + "/trials?phase=json%2Fc32", "TrialList")["items"].size(), 1U);
  const json trials = get_json(run + "/trials?metric=app_startup_ns", "TrialList");
  EXPECT_EQ(trials["items"][0]["metrics"].size(), 1U);
  get_problem(run + "/trials?state=dead", 400);
}

TEST_F(ApiTest, ReadingsAreEveryMetricOfEveryTrial) {
  const std::string id = tell_run();
  const std::string run = "/api/v1/runs/" + id;
  const json all = get_json(run + "/readings", "ReadingList");
  const json some = get_json(run + "/readings?phase=json%2Fc32%2Fr60%25&metric=throughput_per_s", "ReadingList");
  ASSERT_EQ(some["items"].size(), 1U);
  EXPECT_EQ(some["items"][0]["value"], 598.5);
  EXPECT_EQ(some["items"][0]["case"], "node-fastify/single");
  EXPECT_EQ(some["items"][0]["unit"], "1/s");
  EXPECT_NE(std::find(all["items"].begin(), all["items"].end(), some["items"][0]), all["items"].end());
  bool own = false;
  bool absent = false;
  for (const json& row : all["items"]) {
    own = own || (!row.contains("phase") && row["metric"] == "app_startup_ns");
    absent = absent || (row.contains("absent") && !row.contains("value"));
  }
  EXPECT_TRUE(own && absent);
  for (const json& row : get_json(run + "/readings?phase=", "ReadingList")["items"])
    EXPECT_FALSE(row.contains("phase"));
}

TEST_F(ApiTest, SummariesCarryUnitDirectionCountAndValues) {
  const std::string id = tell_run();
  finish(id);
  const json all = get_json("/api/v1/runs/" + id + "/summaries", "SummaryList");
  ASSERT_FALSE(all["items"].empty());
  const json one =
      get_json("/api/v1/runs/" + id + "/summaries?metric=throughput_per_s&phase=json%2Fc32", "SummaryList");
  ASSERT_EQ(one["items"].size(), 1U);
  EXPECT_EQ(one["items"][0]["case"], "go-nethttp/single");
  EXPECT_EQ(one["items"][0]["stack"], "go-nethttp");
  EXPECT_EQ(one["items"][0]["unit"], "1/s");
  EXPECT_EQ(one["items"][0]["better"], "higher");
  EXPECT_EQ(one["items"][0]["n"], 1);
  EXPECT_EQ(one["items"][0]["values"], json{21840.5});
  EXPECT_FALSE(one["items"][0].contains("ci95"));
  for (const json& row : all["items"]) EXPECT_NE(row["stack"], "node-fastify");  // its only trial failed
}

// Issue 14, row 19.
TEST_F(ApiTest, Row19ServesTheWholeLogOfABuild) {
  const std::string id = queue_run();
  const std::string builds = "/api/v1/runs/" + id + "/builds";
  EXPECT_TRUE(get_json(builds, "BuildList")["items"].empty());
  get_problem(builds + "/go-nethttp/log", 404);
  const model::BuildLogged told{store::sample_build(), store::sample_build_log()};
  store::must_append(journal_, id, 1, told);
  const json list = get_json(builds, "BuildList");
  ASSERT_EQ(list["items"].size(), 1U);
  EXPECT_EQ(list["items"][0], (json{{"name", "go-nethttp"},
                                    {"owner", "stack"},
                                    {"state", "failed"},
                                    {"step", "Step 3/4 : RUN go build"},
                                    {"lines", 402},
                                    {"log_bytes", told.log.told_bytes()},
                                    {"duration_ns", 3'000'000'000}}));
  const Response whole = get(builds + "/go-nethttp/log");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(whole.body, text_of(told.log));
  EXPECT_NE(whole.body.find("\nmain.go:7: undefined: server\n"), std::string::npos);
  EXPECT_EQ(get(builds + "/go-nethttp/log?from=" + std::to_string(told.log.told_bytes() - 10)).body, "noise 399\n");
  EXPECT_EQ(get(builds + "/go-nethttp/log?follow=true").body, whole.body) << "it has ended";
  get_problem(builds + "/node-fastify/log", 404);
  get_problem(builds + "/go-nethttp/log?from=-1", 400);
  get_problem(builds + "/go-nethttp/log?follow=yes", 400);
  get_problem("/api/v1/runs/nobody/builds", 404);
}

TEST_F(ApiTest, Row19FollowsALogUntilItsBuildHasEnded) {
  const std::string id = queue_run();
  const std::string log = "/api/v1/runs/" + id + "/builds/go-nethttp/log";
  model::BuildLog told;
  run::PresentBuild::Entry& entry = present_build_.begin(id, model::ImageOwner::stack, "go-nethttp");
  const auto print = [&](const std::string& line) {
    model::add_line(told, line);
    present_build_.add(entry, {line, "Step 1/1 : RUN make"});
  };
  print("one");
  EXPECT_EQ(get(log).body, "one\n") << "as far as it has come";
  const json list = get_json("/api/v1/runs/" + id + "/builds", "BuildList");
  ASSERT_EQ(list["items"].size(), 1U);
  EXPECT_EQ(list["items"][0]["state"], "running");
  EXPECT_FALSE(list["items"][0].contains("duration_ns"));
  const Response answer = get(log + "?follow=true");
  ASSERT_TRUE(answer.stream);
  std::vector<std::string> pieces;
  StreamSink sink;
  sink.is_open = [] { return true; };
  sink.write = [&](std::string_view bytes) {
    pieces.emplace_back(bytes);
    if (pieces.size() == 1) print("two");
    if (pieces.size() == 2) {
      print("three");
      store::must_append(journal_, id, 1, model::BuildLogged{store::sample_build(), told});
      present_build_.end(entry);
    }
    return true;
  };
  answer.stream(sink);
  EXPECT_EQ(pieces, (std::vector<std::string>{"one\n", "two\n", "three\n"}));
}

}  // namespace
}  // namespace dyno::api

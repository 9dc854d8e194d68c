// The command against the real API on a loopback port: output, progress and every exit code.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <clocale>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "../../unit/api/api_fixture.h"
#include "../../unit/store/sample_run.h"
#include "api/http_server.h"
#include "base/screen.h"
#include "base/text.h"
#include "fakes/reading.h"
#include "history/made_history.h"
#include "program.h"

namespace dyno::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class DynoCommandTest : public api::ApiFixture {
 protected:
  DynoCommandTest() {
    api::HttpOptions options;
    options.port = 0;
    auto server = api::HttpServer::start(options, real_clock_,
                                         [this](const api::Request& request) { return api_.handle(request); });
    EXPECT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    address_ = "http://127.0.0.1:" + std::to_string(server_->port());
  }
  ~DynoCommandTest() override {
    feed_.close();
    server_.reset();
  }

  static std::string dyno() { return std::string(DYNO_BIN_DIR) + "/dyno"; }
  Ended run(const std::vector<std::string>& arguments) { return Program(dyno(), arguments, address_).wait(); }

  // The command has opened its stream.
  void await_watcher(std::size_t count = 1) {
    const MonotonicTime end = real_clock_.now() + seconds(20);
    while (feed_.subscribers() < count && real_clock_.now() < end) wait_for(real_clock_, milliseconds(10), {});
    EXPECT_EQ(feed_.subscribers(), count);
  }
  void tell(const std::string& id, model::RunState state, const std::string& reason = {}) {
    EXPECT_TRUE(journal_.append(id, clock_.wall_now(), model::RunStateChanged{state, reason}));
  }
  std::string newest_run() { return reader_.runs({})->front().id; }

  RealClock real_clock_;
  std::unique_ptr<api::HttpServer> server_;
  std::string address_;
};

TEST_F(DynoCommandTest, ListsWhatThereIs) {
  const Ended stacks = run({"stack", "list"});
  EXPECT_EQ(stacks.exit_code, 0);
  EXPECT_NE(stacks.out.find("go-nethttp"), std::string::npos);
  EXPECT_NE(stacks.err.find("stacks/broken/stack.yaml:14:3: unknown key"), std::string::npos);
  EXPECT_EQ(run({"-q", "stack", "list"}).err, "");
  const Ended rescan = run({"stack", "rescan"});
  EXPECT_EQ(rescan.out, stacks.out);
  EXPECT_EQ(rescan.exit_code, 1) << "row 21: a file cannot be used";
  EXPECT_NE(run({"profile", "list"}).out.find("for tests"), std::string::npos);
  EXPECT_NE(run({"profile", "show", "quick"}).out.find("sha256:77aa"), std::string::npos);
  EXPECT_NE(run({"schedule", "list"}).out.find(" Jan 2026, "), std::string::npos);
  EXPECT_NE(run({"schedule", "next", "nightly", "-n", "3"}).out.find(" Jan 2026, "), std::string::npos);
  EXPECT_NE(run({"version"}).out.find("dynod"), std::string::npos);
}

// Every command that lists or shows, as the program itself names them.
std::vector<std::vector<std::string>> listing_commands(const std::string& completion) {
  const std::map<std::string, std::string> named{{"stack show", "a-stack"},       {"profile show", "quick"},
                                                 {"schedule show", "nightly"},    {"schedule next", "nightly"},
                                                 {"schedule history", "nightly"}, {"runs show", "latest"},
                                                 {"history", "go-nethttp"}};
  const std::set<std::string> others{"",
                                     "compare",  // has a test of its own
                                     "run",
                                     "runs",
                                     "init",
                                     "new",
                                     "new stack",
                                     "stack",
                                     "profile",
                                     "schedule",
                                     "completion",
                                     "stack validate",
                                     "runs watch",
                                     "runs cancel",
                                     "runs move",
                                     "runs retry",
                                     "runs log",
                                     "schedule run",
                                     "schedule pause",
                                     "schedule resume",
                                     "schedule add",
                                     "schedule remove",
                                     "runs note",
                                     "runs tag",
                                     "runs untag",
                                     "runs pin",
                                     "runs unpin",
                                     "runs exclude",
                                     "runs include",
                                     "baseline",
                                     "baseline set",
                                     "baseline rm",
                                     "export",
                                     "import",
                                     "gc",
                                     "backup"};
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(completion);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t end = line.find("\") words=");
    if (end == std::string::npos) continue;
    const std::string path = line.substr(5, end - 5);
    if (others.contains(path)) continue;
    std::vector<std::string> command;
    for (const std::string_view word : split(path, ' ')) command.emplace_back(word);
    if (const auto found = named.find(path); found != named.end()) command.push_back(found->second);
    commands.push_back(std::move(command));
  }
  return commands;
}

// Issue 14, row 24.
TEST_F(DynoCommandTest, Row24NoListIsWiderThan80Columns) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  auto view = std::make_shared<api::CatalogView>(*catalog_);
  model::Stack stack = view->stacks.front();
  stack.name = "a-stack";
  stack.title = "A title with µ and 日本語 of some length (TypeScript, experimental)";
  stack.framework = "a-framework-with-a-long-name";
  stack.version = "12.345.6789-alpha.12";
  stack.workloads = {"plaintext", "json", "items", "users", "fortunes", "updates", "validate", "cpu_offload"};
  view->stacks.push_back(stack);
  stack.name = "node-experimental-framework-of-the-future+with-a-long-variant@node-24";
  view->stacks.push_back(stack);
  model::Profile profile = view->profiles.front();
  profile.name = "a-profile-whose-name-has-forty-letters-x";
  profile.purpose = "A purpose that says at length what the profile is for and what it is not for; read it first.";
  view->profiles.push_back(profile);
  model::Schedule schedule = view->schedules.front();
  schedule.name = "a-schedule-whose-name-has-forty-letters";
  schedule.profile = profile.name;
  schedule.stacks = {"node-*", "a-stack", "node-experimental-framework-of-the-future*"};
  schedule.cron = "0,15,30,45 0-6,18-23 * * 1,2,3,4,5";
  schedule.time_zone = "America/Argentina/ComodRivadavia";
  view->schedules.push_back(schedule);
  catalog_ = view;
  finish(tell_run());
  const auto commands = listing_commands(run({"completion", "bash"}).out);
  EXPECT_GE(commands.size(), 11U);
  for (const auto& command : commands) {
    const Ended ended = run(command);
    const std::string name = fmt::format("{}", fmt::join(command, " "));
    EXPECT_NE(ended.out, "") << name << ended.err;
    for (const std::string_view line : split(ended.out, '\n'))
      EXPECT_LE(display_width(line), 80U) << name << "\n" << line;
  }
}

// Issue 14, row 24: what bash offers after a line.
TEST_F(DynoCommandTest, Row24CompletesNames) {
  auto view = std::make_shared<api::CatalogView>(*catalog_);
  view->stacks.push_back(view->stacks.front());
  view->stacks.back().name = "node-fastify@node-24";
  catalog_ = view;
  const std::string id = tell_run();
  const auto offered = [&](const std::string& line) {
    const std::string script =
        "PATH=" + std::string(DYNO_BIN_DIR) + ":$PATH; eval \"$(dyno completion bash)\"; COMP_LINE='" + line +
        "'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); case \"$COMP_LINE\" in *' ') "
        "COMP_WORDS+=('');; esac; COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _dyno; echo \"${COMPREPLY[*]}\"";
    const Ended ended = Program("/bin/bash", {"-c", script}, address_).wait();
    EXPECT_EQ(ended.err, "") << line;
    return ended.out;
  };
  EXPECT_EQ(offered("dyno run go-n"), "go-nethttp\n");
  EXPECT_EQ(offered("dyno run go-nethttp -p quick node-fastify@no"), "node-24\n")
      << "bash has taken what is before the @";
  EXPECT_EQ(offered("dyno stack show go-n"), "go-nethttp\n");
  EXPECT_EQ(offered("dyno run go-nethttp -p qui"), "quick\n");
  EXPECT_EQ(offered("dyno schedule next nig"), "nightly\n");
  EXPECT_EQ(offered("dyno runs show lat"), "latest\n");
  EXPECT_EQ(offered("dyno runs cancel " + id.substr(id.size() - 8, 5)), id.substr(id.size() - 8) + "\n");
  EXPECT_EQ(offered("dyno runs sh"), "show\n");
  EXPECT_EQ(offered("dyno run --ke"), "--keep-going\n");
  EXPECT_EQ(offered("dyno runs list --stack go-n"), "go-nethttp\n");
  EXPECT_EQ(run({"--help"}).out.find("names"), std::string::npos) << "for shells, not for people";
}

TEST_F(DynoCommandTest, BeginsAStackAndLeavesWhatIsThereAlone) {
  std::string pattern = (std::filesystem::temp_directory_path() / "dyno-new-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  const Ended made = run({"new", "stack", "go-mine", "--runtime", "go", "--in", folder.string()});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_NE(made.out.find("go-mine/main.go\n"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder / "go-mine/stack.yaml"));
  const Ended checked = run({"stack", "validate", (folder / "go-mine/stack.yaml").string()});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;

  const Ended again = run({"new", "stack", "go-mine", "--runtime", "node", "--in", folder.string()});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.err.find("already exists"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "go-mine/server.mjs"));
  EXPECT_EQ(run({"new", "stack", "Go", "--runtime", "go", "--in", folder.string()}).exit_code, 2);
  EXPECT_EQ(run({"new", "stack", "go-two", "--runtime", "cobol", "--in", folder.string()}).exit_code, 3);
  EXPECT_EQ(run({"new", "stack", "go-two", "--runtime", "go", "--in", (folder / "none").string()}).exit_code, 3);
  std::filesystem::remove_all(folder);
}

TEST_F(DynoCommandTest, WritesTheFormatsThatAreAsked) {
  const auto body = nlohmann::json::parse(run({"-o", "json", "stack", "list"}).out, nullptr, false);
  EXPECT_EQ(body, nlohmann::json::parse(get("/api/v1/stacks").body));
  const Ended lines = run({"stack", "list", "-o", "ndjson"});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 2);
  EXPECT_EQ(run({"stack", "list", "-o", "csv"}).out.substr(0, 10), "NAME,TITLE");
  EXPECT_EQ(run({"stack", "list", "-o", "markdown"}).out.substr(0, 8), "| NAME |");
}

TEST_F(DynoCommandTest, ShowsTheResultOfARun) {
  const std::string id = tell_run();
  finish(id);
  const Ended shown = run({"runs", "show", "latest"});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("21 800/s"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find(", block 1: crashed: exit code 139"), std::string::npos);
  EXPECT_NE(shown.out.find("    last output of the server:\n      boom"), std::string::npos) << "issue 14, row 20";
  EXPECT_NE(shown.out.find(address_ + "/runs/" + id), std::string::npos);
  const Ended csv = run({"runs", "show", id.substr(0, 12), "-o", "csv"});
  EXPECT_NE(csv.out.find(id + ",go-nethttp/single,json/c32,throughput_per_s,1/s,21840.5,1,"), std::string::npos)
      << csv.out;
  EXPECT_NE(run({"runs", "list"}).out.find(id.substr(id.size() - 8)), std::string::npos);
  EXPECT_NE(run({"runs", "list", "-o", "csv"}).out.find(id), std::string::npos);
}

TEST_F(DynoCommandTest, StartsARunAndWatchesItToItsTable) {
  Program program(dyno(), {"run", "go-*", "--profile", "quick", "--seed", "7", "--note", "n"}, address_);
  await_watcher();
  const std::string id = newest_run();
  for (const auto state : {model::RunState::acquiring, model::RunState::preparing, model::RunState::running,
                           model::RunState::collecting, model::RunState::analyzing, model::RunState::succeeded}) {
    tell(id, state);
  }
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(ended.err.find("Z running\n"), std::string::npos) << ended.err;  // one dated line a step
  EXPECT_EQ(ended.err.find('\r'), std::string::npos);
  EXPECT_NE(ended.out.find(", quick: 1 stack, "), std::string::npos) << ended.out;
  EXPECT_NE(run({"runs", "show", id, "--all"}).out.find("profile   quick, seed 7"), std::string::npos) << "row 24";
  ASSERT_EQ(started_.size(), 1U);
  EXPECT_EQ(started_[0].stacks, std::vector<std::string>{"go-nethttp"});
}

TEST_F(DynoCommandTest, DetachPrintsTheIdAndReturns) {
  const Ended ended = run({"run", "-d", "go-nethttp"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out, newest_run() + "\n");
}

TEST_F(DynoCommandTest, AFailedRunIsExit4) {
  Program program(dyno(), {"run", "-q", "go-nethttp"}, address_);
  await_watcher();
  tell(newest_run(), model::RunState::failed, "no engine answers");
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_EQ(ended.err, "");
  EXPECT_NE(ended.out.find("Failed: no engine answers"), std::string::npos);
}

// Issue 14, row 14.
class PartlyTest : public DynoCommandTest {
 protected:
  Ended end_partly(const std::string& option) {
    Program program(dyno(), {"run", option, "go-nethttp"}, address_);
    await_watcher();
    const std::string id = newest_run();
    for (const auto state : {model::RunState::acquiring, model::RunState::preparing, model::RunState::running,
                             model::RunState::collecting, model::RunState::analyzing})
      tell(id, state);
    tell(id, model::RunState::partly, "node-fastify: wrong_body: …");
    Ended ended = program.wait();
    EXPECT_NE(ended.out.find("Partly finished"), std::string::npos) << ended.out;
    return ended;
  }
};

TEST_F(PartlyTest, Row14ARunThatSucceededPartlyIsExit4) { EXPECT_EQ(end_partly("--quiet").exit_code, 4); }
TEST_F(PartlyTest, Row14OrExit0WhereItIsToKeepGoing) { EXPECT_EQ(end_partly("--keep-going").exit_code, 0); }

TEST_F(DynoCommandTest, CtrlCCancelsAndWaitsForTheCleanUp) {
  Program program(dyno(), {"run", "go-nethttp"}, address_);
  await_watcher();
  const std::string id = newest_run();
  program.signal(SIGINT);
  const MonotonicTime end = real_clock_.now() + seconds(20);
  while (ask_cancelled() != 1 && real_clock_.now() < end) wait_for(real_clock_, milliseconds(10), {});
  await_watcher();  // it watches on until the run has ended
  tell(id, model::RunState::cancelled, "asked for");
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.err;
  EXPECT_NE(ended.err.find("waiting for the clean-up"), std::string::npos);
  EXPECT_NE(ended.err.find("is cancelled"), std::string::npos);
}

TEST_F(DynoCommandTest, CtrlCTwiceLeavesAtOnce) {
  Program program(dyno(), {"run", "go-nethttp"}, address_);
  await_watcher();
  program.signal(SIGINT);
  const MonotonicTime end = real_clock_.now() + seconds(20);
  while (ask_cancelled() != 1 && real_clock_.now() < end) wait_for(real_clock_, milliseconds(10), {});
  await_watcher();
  program.signal(SIGINT);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_NE(ended.err.find("stopped watching; the run is " + newest_run()), std::string::npos) << ended.err;
}

TEST_F(DynoCommandTest, SigtermCancelsAndIsExit143) {
  Program program(dyno(), {"run", "go-nethttp"}, address_);
  await_watcher();
  program.signal(SIGTERM);
  const MonotonicTime end = real_clock_.now() + seconds(20);
  while (ask_cancelled() != 1 && real_clock_.now() < end) wait_for(real_clock_, milliseconds(10), {});
  tell(newest_run(), model::RunState::cancelled);
  EXPECT_EQ(program.wait().exit_code, 143);
}

TEST_F(DynoCommandTest, WatchingOnlyLeaves) {
  const std::string id = queue_run();
  Program program(dyno(), {"runs", "watch", id}, address_);
  await_watcher();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait().exit_code, 130);
  EXPECT_EQ(ask_cancelled(), 0U);
}

TEST_F(DynoCommandTest, ResumesWhenTheStreamBreaks) {
  const std::string id = queue_run();
  Program program(dyno(), {"runs", "watch", id}, address_);
  await_watcher();
  tell(id, model::RunState::acquiring);
  const int port = server_->port();
  server_.reset();
  wait_for(real_clock_, milliseconds(1500), {});  // nobody answers meanwhile
  EXPECT_TRUE(journal_.append(id, clock_.wall_now(), model::RunResumed{"the daemon was stopped", 3}));
  api::HttpOptions options;
  options.port = port;
  auto again = api::HttpServer::start(options, real_clock_,
                                      [this](const api::Request& request) { return api_.handle(request); });
  ASSERT_TRUE(again) << again.error().message;
  server_ = std::move(*again);
  await_watcher();
  tell(id, model::RunState::failed, "planted");
  const Ended ended = program.wait();
  EXPECT_EQ(ended.exit_code, 4) << ended.err;
  const std::string step = "acquiring\n";
  const std::size_t first = ended.err.find(step);
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(ended.err.find(step, first + 1), std::string::npos) << "told twice";
  EXPECT_NE(ended.err.find("the daemon does not answer; a run goes on when it is back"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.err.find("the daemon answers again"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("the daemon was stopped; it goes on after 3 finished trials"), std::string::npos)
      << ended.err;
}

TEST_F(DynoCommandTest, ABrokenObjectiveIsExit6) {
  const std::string id = tell_run();
  for (int i = 2; i <= 6; ++i) {
    const std::string trial = std::string(kTrial).substr(0, 35) + std::to_string(i);
    const model::PlannedTrial planned{i, i, 0, model::TrialKind::load, model::StartKind::warm, 1};
    store::must_append(journal_, id, 44, model::TrialStarted{trial, planned, "go-nethttp/single", "go-nethttp"});
    model::TrialFinished finished;
    finished.trial_id = trial;
    finished.state = model::TrialState::succeeded;
    finished.readings = {fakes::reading(model::MetricName::idle_pss_bytes, (20 << 20) + 1000 * i)};
    store::must_append(journal_, id, 45, finished);
  }
  finish(id);
  const Ended shown = run({"runs", "show", id});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_NE(shown.out.find("Objectives: 1 broken, 3 undecided.\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("broken     Go net/http: idle memory < 16 MiB: 20.0 MiB (20.0–20.0)\n"), std::string::npos)
      << shown.out;
  EXPECT_NE(shown.out.find("undecided  Go net/http: p99 of json at 400/s < 20 ms: profile quick"), std::string::npos)
      << shown.out;
  EXPECT_EQ(run({"runs", "watch", id}).exit_code, 6);
  EXPECT_EQ(run({"-o", "json", "runs", "watch", id}).exit_code, 6);
}

TEST_F(DynoCommandTest, ComparesRunsAndShowsTheirHistory) {
  finish(tell_run());
  const auto compared = run({"compare", "latest", "latest"});
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_NE(compared.out.find("too few trials"), std::string::npos) << compared.out;
  EXPECT_NE(compared.out.find("Better: 0. Worse: 0."), std::string::npos) << compared.out;
  for (const std::string_view line : split(compared.out, '\n')) EXPECT_LE(display_width(line), 80U) << compared.out;
  EXPECT_EQ(nlohmann::json::parse(run({"-o", "json", "compare", "latest", "latest"}).out)["items"][0]["design"],
            "paired");
  const auto history = run({"history", "go-nethttp"});
  EXPECT_NE(history.out.find("in the last of 1 run\n"), std::string::npos) << history.out << history.err;
  EXPECT_NE(run({"-o", "csv", "history", "go-nethttp"}).out.find("throughput_per_s"), std::string::npos);
  EXPECT_TRUE(compared.out.starts_with("Nothing is decided: ")) << compared.out;
  EXPECT_EQ(run({"compare", "latest", "latest", "--fail-on", "worse,inconclusive"}).exit_code, 5);
  EXPECT_EQ(run({"-o", "json", "compare", "latest", "latest", "--fail-on", "inconclusive"}).exit_code, 5);
  EXPECT_EQ(run({"compare", "latest", "latest", "--fail-on", "slow"}).exit_code, 2);
  const auto one_figure = run({"compare", "latest", "latest", "--metric", "idle_pss_bytes", "-o", "markdown"});
  EXPECT_NE(one_figure.out.find("| Idle memory |"), std::string::npos) << one_figure.out;
  EXPECT_EQ(one_figure.out.find("| Throughput |"), std::string::npos) << one_figure.out;
  EXPECT_NE(one_figure.out.find("<details>"), std::string::npos) << one_figure.out;
  EXPECT_EQ(run({"compare", "latest~5", "latest"}).exit_code, 3);
  EXPECT_EQ(run({"compare", "latest"}).exit_code, 2);
  EXPECT_EQ(run({"history", "nobody"}).exit_code, 3);
}

// The line of the terminal is thinned out, tables of points are not.
TEST_F(DynoCommandTest, AHistoryHasEveryPoint) {
  ASSERT_TRUE(bench::make_history(*database_, {.nights = 40, .cases = 1, .blocks = 1, .extra_starts = 0}));
  const std::vector<std::string> history{"history", "stack-00", "--phase", "json/c64"};
  const auto lines_of = [&](const std::string& format) {
    std::vector<std::string> arguments = history;
    arguments.insert(arguments.begin(), {"-o", format});
    const std::string out = run(arguments).out;
    return std::count(out.begin(), out.end(), '\n');
  };
  EXPECT_EQ(lines_of("csv"), 1 + 40);
  EXPECT_EQ(lines_of("markdown"), 2 + 40);
  EXPECT_NE(run(history).out.find("in the last of 40 runs"), std::string::npos);
}

TEST_F(DynoCommandTest, MovesRetriesAndListsWithWords) {
  const std::string id = queue_run();
  std::vector<std::string> asked;
  context_.runs.move = [&](const std::string& run_id, std::size_t position) -> Status {
    asked.push_back(run_id + " to " + std::to_string(position));
    return {};
  };
  context_.runs.retry = [&](const std::string& run_id) -> tl::expected<std::string, run::Refusal> {
    asked.push_back(run_id + " again");
    return run_id;
  };
  EXPECT_EQ(run({"runs", "move", id}).exit_code, 0);
  EXPECT_EQ(run({"runs", "move", id, "3"}).exit_code, 0);
  EXPECT_EQ(run({"runs", "move", id, "0"}).exit_code, 2);
  EXPECT_EQ(run({"runs", "retry", id}).out, id + "\n");
  EXPECT_EQ(asked, (std::vector<std::string>{id + " to 1", id + " to 3", id + " again"}));
  const Ended list = run({"runs", "list"});
  EXPECT_NE(list.out.find("Queued"), std::string::npos) << list.out;
  EXPECT_NE(list.out.find("ETA"), std::string::npos) << list.out;
  EXPECT_NE(run({"-o", "csv", "runs", "list"}).out.find(",queued,"), std::string::npos);
}

TEST_F(DynoCommandTest, CancelsByName) {
  const std::string id = queue_run();
  EXPECT_EQ(run({"runs", "cancel", id}).exit_code, 0);
  EXPECT_EQ(ask_cancelled(), 1U);
}

// Issue 14, row 22.
TEST_F(DynoCommandTest, Row22APartOfAnIdThatFitsSeveralRunsIsRefusedWithTheirList) {
  const std::string first = queue_run();
  const std::string second = queue_run();
  for (const char* const command : {"cancel", "show", "watch"}) {
    const Ended several = run({"runs", command, first.substr(0, 4)});
    EXPECT_EQ(several.exit_code, 2) << command;
    EXPECT_NE(several.err.find(first), std::string::npos) << several.err;
    EXPECT_NE(several.err.find(second), std::string::npos) << several.err;
  }
  EXPECT_EQ(ask_cancelled(), 0U);
  EXPECT_EQ(run({"runs", "cancel", first.substr(first.size() - 8)}).exit_code, 0) << "as the dashboard names it";
  EXPECT_EQ(ask_cancelled(), 1U);
}

// Issue 14, row 19.
TEST_F(DynoCommandTest, Row19PrintsTheWholeLogOfABuild) {
  const std::string id = queue_run();
  EXPECT_EQ(run({"runs", "log", id}).exit_code, 3) << "nothing was built";
  store::must_append(journal_, id, 1, model::BuildLogged{store::sample_build(), store::sample_build_log()});
  const std::string whole = text_of(store::sample_build_log());
  const Ended named = run({"runs", "log", id, "go-nethttp"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_EQ(named.out, whole);
  EXPECT_NE(named.out.find("main.go:7: undefined: server"), std::string::npos);
  EXPECT_EQ(run({"runs", "log", "latest"}).out, whole);
  EXPECT_EQ(run({"runs", "log", id, "--follow"}).out, whole) << "it has ended";
  EXPECT_EQ(run({"runs", "log", id, "node-koa"}).exit_code, 3);
  model::Build other = store::sample_build();
  other.name = "node-fastify";
  store::must_append(journal_, id, 2, model::BuildLogged{other, store::sample_build_log()});
  const Ended several = run({"runs", "log", id});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_NE(several.err.find("node-fastify  failed, Step 3/4 : RUN go build"), std::string::npos) << several.err;
}

TEST_F(DynoCommandTest, Row19FollowsTheLogOfABuild) {
  const std::string id = queue_run();
  run::PresentBuild::Entry& entry = present_build_.begin(id, model::ImageOwner::stack, "go-nethttp");
  present_build_.add(entry, {"one", {}});
  Program follower(dyno(), {"runs", "log", id, "-f"}, address_);
  const MonotonicTime end = real_clock_.now() + seconds(20);
  while (server_->open_streams() == 0 && real_clock_.now() < end) wait_for(real_clock_, milliseconds(10), {});
  present_build_.add(entry, {"two", {}});
  model::BuildLog told;
  for (const char* const line : {"one", "two"}) model::add_line(told, line);
  store::must_append(journal_, id, 1, model::BuildLogged{store::sample_build(), told});
  present_build_.end(entry);
  const Ended followed = follower.wait();
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_EQ(followed.out, "one\ntwo\n");
}

TEST_F(DynoCommandTest, ValidatesFiles) {
  const Ended bad = run({"stack", "validate", std::string(DYNO_SOURCE_DIR) + "/CMakePresets.json"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.out.find("CMakePresets.json:"), std::string::npos) << bad.out;
  const Ended good = run({"stack", "validate", std::string(DYNO_SOURCE_DIR) + "/stacks/go-nethttp/stack.yaml",
                          std::string(DYNO_SOURCE_DIR) + "/stacks/profiles/quick.yaml",
                          std::string(DYNO_SOURCE_DIR) + "/compose/postgres/service.yaml"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  // Of each kind that its help names: this file is read, and is none of them.
  for (const char* const kind : {"stack", "profile", "schedule", "service", "workload"})
    EXPECT_EQ(run({"stack", "validate", "--kind", kind, DYNO_SOURCE_DIR "/CMakePresets.json"}).exit_code, 1) << kind;
  EXPECT_EQ(run({"stack", "validate", "--kind", "song", DYNO_SOURCE_DIR "/CMakePresets.json"}).exit_code, 2);
  const Ended none = run({"stack", "validate", "/none.yaml"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_EQ(none.err, "dyno: cannot read /none.yaml: no such file\n");
}

TEST_F(DynoCommandTest, EachFailureHasItsExitCode) {
  EXPECT_EQ(run({}).exit_code, 2);
  const Ended typo = run({"rnu"});
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_EQ(typo.err, "dyno: unknown command rnu; did you mean run?\nSee dyno --help.\n");
  EXPECT_NE(run({"runs", "shwo", "x"}).err.find("unknown command shwo; did you mean show?"), std::string::npos);
  EXPECT_EQ(run({"run", "--prfile", "x"}).exit_code, 2);
  EXPECT_EQ(run({"runs", "list", "-n", "0"}).exit_code, 2);
  const Ended format = run({"-o", "xml", "stack", "list"});
  EXPECT_EQ(format.exit_code, 2);
  EXPECT_NE(format.err.find("must be table, json, ndjson, csv or markdown, not \"xml\""), std::string::npos)
      << format.err;
  EXPECT_EQ(run({"--server", "ftp://x", "stack", "list"}).exit_code, 2);
  EXPECT_EQ(run({"stack", "show", "none"}).exit_code, 3);
  EXPECT_EQ(run({"runs", "show", "019aa3c2"}).exit_code, 3);
  const Ended unknown = run({"run", "go-nethtp", "--profile", "quik"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("did you mean go-nethttp?"), std::string::npos);
  EXPECT_NE(unknown.err.find("did you mean quick?"), std::string::npos);
  const Ended away = run({"--server", "http://127.0.0.1:1", "stack", "list"});
  EXPECT_EQ(away.exit_code, 7);
  EXPECT_NE(away.err.find("Is dynod running?"), std::string::npos);
  EXPECT_EQ(run({"--server", "http://127.0.0.2:" + std::to_string(server_->port()), "stack", "list"}).exit_code, 7);
  EXPECT_EQ(run({"--help"}).exit_code, 0);
}

TEST_F(DynoCommandTest, ASilentDaemonIsExit9) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Ended ended = run(
      {"--server", "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), "--timeout", "1", "stack", "list"});
  ::close(listener);
  EXPECT_EQ(ended.exit_code, 9) << ended.err;
}

TEST_F(DynoCommandTest, AForeignNameIsNotAllowed) {
  EXPECT_EQ(run({"--server", "http://0.0.0.0:" + std::to_string(server_->port()), "stack", "list"}).exit_code, 8);
}

TEST_F(DynoCommandTest, EveryCommandHasHelpAndACompletion) {
  const std::string words = run({"completion", "bash"}).out;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"run"},
                                                  {"runs"},
                                                  {"runs", "list"},
                                                  {"runs", "show"},
                                                  {"runs", "watch"},
                                                  {"runs", "cancel"},
                                                  {"runs", "move"},
                                                  {"runs", "retry"},
                                                  {"stack"},
                                                  {"stack", "list"},
                                                  {"stack", "show"},
                                                  {"stack", "validate"},
                                                  {"profile"},
                                                  {"profile", "list"},
                                                  {"profile", "show"},
                                                  {"schedule"},
                                                  {"schedule", "list"},
                                                  {"schedule", "show"},
                                                  {"schedule", "next"},
                                                  {"version"},
                                                  {"completion"}}) {
    std::vector<std::string> help = command;
    help.emplace_back("--help");
    EXPECT_EQ(run(help).exit_code, 0) << command.back();
    EXPECT_NE(words.find(command.back()), std::string::npos) << command.back();
  }
}

}  // namespace
}  // namespace dyno::cli

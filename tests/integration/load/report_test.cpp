// What the real dyno-load program says and how it ends: exit codes, words, files, forms, progress and signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "fakes/stream_server.h"
#include "fakes/test_server.h"
#include "integration/load/dyno_load.h"
#include "stats/histogram.h"

namespace dyno::loadgen {
namespace {

using fakes::Reply;
using fakes::TestServer;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dyno-load-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }
  static std::string text(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return std::move(text).str();
  }

 private:
  std::string path_;
};

// ---- a run without any good answer ----
TEST(LoadReports, ARunWithoutAGoodAnswerFailsAndSaysWhatCame) {
  Reply close;
  close.close = true;
  Reply reset;
  reset.reset = true;
  struct Row {
    const char* name;
    Reply reply;
    std::vector<const char*> words;
  };
  const std::vector<Row> rows = {
      {"500",
       {"HTTP/1.1 500 No\r\nContent-Length: 11\r\n\r\nno database"},
       {"500: ", "bad_status ", "GET /x: status 500: \"no database\""}},
      {"chunked",
       {"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnope\r\n0\r\n\r\n"},
       {"404: ", "status 404", "nope"}},
      {"closes", close, {"reset ", "ended by the server without an answer"}},
      {"resets", reset, {"reset ", "connection reset by peer"}},
      {"no HTTP", {"220 smtp ready\r\n"}, {"bad_framing ", "220 smtp ready"}},
      {"silence", hold(), {"timeout ", "no answer in time"}},
  };
  for (const Row& row : rows) {
    TestServer server({.handler = [&row](const std::string&, std::int64_t) { return row.reply; }});
    const Outcome seen = run({url(server.port()), "-c", "2", "-d", "300ms", "-w", "0s", "-t", "100ms"});
    SCOPED_TRACE(row.name);
    EXPECT_EQ(seen.exit_code, 1);
    EXPECT_THAT(seen.err, HasSubstr("no good answer"));
    for (const char* const words : row.words) {
      EXPECT_THAT(seen.err, HasSubstr(words));
      EXPECT_THAT(seen.out, HasSubstr(words)) << "the report is printed all the same";
    }
  }
}

TEST(LoadReports, NothingThatListensIsAnError) {
  int port = 0;
  {
    const TestServer server;
    port = server.port();
  }
  const Outcome seen = run({url(port), "-d", "100ms"});
  EXPECT_EQ(seen.exit_code, 1);
  EXPECT_EQ(seen.out, "");
  EXPECT_THAT(seen.err, HasSubstr("connection refused"));
  EXPECT_LT(seen.seconds, 5) << "and not after the ten seconds that connecting may take";
}

TEST(LoadReports, StatusesAndExamplesAreKept) {
  TestServer server({.handler = [](const std::string&, std::int64_t number) {
    if (number % 4 == 1) return Reply{"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy"};
    if (number % 4 == 2) return Reply{"HTTP/1.1 429 No\r\nContent-Length: 4\r\n\r\nslow"};
    return fakes::ok("x");
  }});
  const Outcome seen = run_json({url(server.port()), "-c", "3", "-N", "400"});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  const json report = seen.report();
  EXPECT_EQ(report.at("statuses"), json::parse(R"({"200":200,"429":100,"503":100})"));
  ASSERT_EQ(report.at("error_examples").size(), 1U);
  EXPECT_THAT(report.at("error_examples").at(0).at("first_bytes").get<std::string>(), testing::AnyOf("busy", "slow"));
}

// ---- forms ----
TEST(LoadReports, JsonIsAsItsSchemaSaysOverEveryProtocol) {
  TestServer server;
  fakes::StreamServer streams;
  const std::vector<std::vector<std::string>> rows = {
      {url(server.port())},
      {url(server.port()), "-r", "500", "--poisson"},
      {url(server.port()), "--curve", "0s:100,200ms:1000"},
      {url(streams.port(), "ws")},
      {url(streams.port()), "--subscribers", "5", "-r", "50", "-c", "2"},
  };
  for (std::vector<std::string> row : rows) {
    row.insert(row.end(), {"-d", "200ms", "-w", "10ms"});
    const Outcome seen = run_json(row);
    SCOPED_TRACE(testing::PrintToString(row));
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    const json report = seen.report();
    EXPECT_EQ(report.at("url"), row.front());
    expect_sums(report);
  }
}

TEST(LoadReports, NoFormHasThePassword) {
  TestServer server;
  const std::string secret = "http://me:geheim@127.0.0.1:" + std::to_string(server.port()) + "/x";
  for (const char* const format : {"text", "json", "hdr"}) {
    const Outcome seen = run({secret, "-N", "30", "-H", "Cookie: geheim", "--format", format});
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    EXPECT_THAT(seen.out + seen.err, Not(HasSubstr("geheim")));
  }
}

TEST(LoadReports, HdrIsAPercentileDistribution) {
  TestServer server;
  const Outcome seen = run({url(server.port()), "-N", "500", "--format", "hdr"});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  const auto lines = split(seen.out, '\n');
  ASSERT_GT(lines.size(), 6U);
  EXPECT_EQ(lines[0], "       Value     Percentile TotalCount 1/(1-Percentile)");
  EXPECT_EQ(lines[1], "");
  double last = 0;
  std::int64_t count = 0;
  for (std::size_t i = 2; i < lines.size() && !lines[i].starts_with('#'); ++i) {
    double value = 0;
    double share = 0;
    std::istringstream line{std::string(lines[i])};
    line >> value >> share >> count;
    EXPECT_GE(share, last);
    last = share;
  }
  EXPECT_EQ(last, 1);
  EXPECT_EQ(count, 500);
  EXPECT_THAT(seen.out, AllOf(HasSubstr("#[Mean    ="), HasSubstr("#[Max     ="), HasSubstr("StdDeviation   =")));
}

// ---- files ----
TEST(LoadReports, AFileIsReplacedAsAWhole) {
  TestServer server;
  const Folder folder;
  const std::string path = folder.file("report.json");
  std::ofstream(path) << "before";
  ::chmod(path.c_str(), 0640);
  const std::string link = folder.file("link.json");
  std::filesystem::create_symlink(path, link);
  const Outcome seen = run({url(server.port()), "-N", "30", "--json", "-o", link});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_EQ(seen.out, "");
  EXPECT_EQ(json::parse(Folder::text(path)).at("good"), 30);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0640U);
  EXPECT_EQ(folder.files(), 2U) << "nothing is left beside it";
}

TEST(LoadReports, AWriteThatFailsIsAnError) {
  TestServer server;
  const Folder folder;
  for (const std::string& path : {std::string("/dev/full"), folder.file("none/report"), folder.file("")}) {
    const Outcome seen = run({url(server.port()), "-N", "30", "-o", path});
    EXPECT_EQ(seen.exit_code, 1) << path;
    EXPECT_THAT(seen.err, HasSubstr("cannot write " + path));
  }
  const auto before = server.requests();
  run({url(server.port()), "-N", "30", "-o", folder.file("none/report")});
  EXPECT_EQ(server.requests(), before) << "told before the load, not after";
  cli::Program full("/bin/sh", {"-c", std::string(kProgram) + " " + url(server.port()) + " -N 30 > /dev/full"});
  const cli::Ended ended = await_end(full);
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("cannot write standard output: no space left on device"));
}

// ---- signals ----
TEST(LoadReports, ASignalEndsTheWindowAndTheReportSaysSo) {
  TestServer server;
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    const auto before = server.requests();
    cli::Program program(kProgram, {url(server.port()), "-c", "4", "-d", "60s", "-w", "0s", "--json"});
    await_requests(server, before + 500);
    program.signal(number);
    const cli::Ended ended = await_end(program);
    EXPECT_EQ(ended.exit_code, code) << ended.err;
    const json report = Outcome{ended.exit_code, 0, ended.out, ended.err}.report();
    EXPECT_EQ(report.at("ended"), "interrupted");
    EXPECT_GT(report.at("good").get<int>(), 400);
    EXPECT_LT(report.at("window_s").get<double>(), 30);
    expect_sums(report);
  }
}

TEST(LoadReports, ASignalBeforeTheWindowLeavesNothingToReport) {
  TestServer server;
  cli::Program program(kProgram, {url(server.port()), "-w", "60s"});
  await_requests(server, 500);
  program.signal(SIGINT);
  const cli::Ended ended = await_end(program);
  EXPECT_EQ(ended.exit_code, 130);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("stopped in the warm-up: nothing was measured"));
}

TEST(LoadReports, ASecondSignalEndsAtOnce) {
  TestServer server(
      {.handler = [](const std::string&, std::int64_t number) { return number < 200 ? fakes::ok("x") : hold(); }});
  cli::Program program(kProgram, {url(server.port()), "-c", "4", "-d", "60s", "-w", "0s"});
  await_requests(server, 200);
  program.signal(SIGTERM);
  ::usleep(300'000);  // into the drain, which waits for the four
  program.signal(SIGTERM);
  const cli::Ended ended = await_end(program);
  EXPECT_EQ(ended.exit_code, 143);
  EXPECT_EQ(ended.out, "");
}

// ---- progress ----
std::string on_a_terminal(const std::string& settings, int port) {
  const std::string command = settings + " " + kProgram + " " + url(port) + " -c 4 -d 2200ms -w 0s";
  cli::Program script("/usr/bin/script", {"-qec", command, "/dev/null"});
  return await_end(script).out;
}

TEST(LoadReports, ProgressIsDrawnOnATerminalOnly) {
  TestServer server;
  const std::string drawn = on_a_terminal("TERM=xterm", server.port());
  EXPECT_THAT(drawn, AllOf(HasSubstr(" left · "), HasSubstr(" · p99 "), HasSubstr("0 errors\033[K")));
  EXPECT_THAT(drawn, HasSubstr("\r\033[K\033[1m"
                               "http"))
      << "the line is gone when the report comes";
  EXPECT_THAT(on_a_terminal("TERM=dumb", server.port()), Not(HasSubstr(" left · ")));
  const Outcome piped = run({url(server.port()), "-c", "4", "-d", "1200ms", "-w", "0s"});
  EXPECT_EQ(piped.err, "");
  EXPECT_THAT(piped.out, Not(HasSubstr("\033")));
}

TEST(LoadReports, ColoursAreOnATerminalOnlyAndNeverAgainstNoColor) {
  TestServer server;
  EXPECT_THAT(on_a_terminal("TERM=xterm", server.port()), HasSubstr("\033[1mhttp"));
  EXPECT_THAT(on_a_terminal("NO_COLOR=1 TERM=xterm", server.port()), Not(testing::ContainsRegex("\033\\[[0-9]+m")));
}

}  // namespace
}  // namespace dyno::loadgen

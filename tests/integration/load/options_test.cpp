// The real dyno-load program on command lines that people type: what is wrong is refused with words and exit code 2, and nothing that
// its table of options allows makes it abort or stay.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../cli/program.h"
#include "base/random.h"
#include "base/text.h"
#include "fakes/test_server.h"
#include "runners/load/options.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

using std::chrono::milliseconds;

class LoadOptions : public testing::Test {
 protected:
  std::string url(const std::string& path = "/") const {
    return fmt::format("http://127.0.0.1:{}{}", server_.port(), path);
  }
  static cli::Ended run(std::vector<std::string> words, milliseconds limit = milliseconds(20'000)) {
    return cli::Program(DYNO_BIN_DIR "/dyno-load", words).wait_at_most(limit);
  }

  fakes::TestServer server_;
};

struct Row {
  std::string line;      // words; a single URL of the server stands behind them unless they hold one
  std::string expected;  // of what is said on stderr
};

std::vector<std::string> words_of(const std::string& line, const std::string& url) {
  std::vector<std::string> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  if (line.find("://") == std::string::npos) words.push_back(url);
  return words;
}

TEST_F(LoadOptions, WrongOnesAreRefusedWithWords) {
  const std::string whole = "it must be a whole number from 1 to ";
  const std::vector<Row> rows = {
      {"-c -1", "--connections is \"-1\"; " + whole + "65000"},
      {"-c 0", "--connections is \"0\"; " + whole},
      {"-c 65001", "--connections is \"65001\"; " + whole},
      {"-c 1e99", "--connections is \"1e99\"; " + whole},
      {"-c nan", "--connections is \"nan\"; " + whole},
      {"-c 99999999999999999999", whole},
      {"-p -1", "--pipeline is \"-1\"; " + whole + "1024"},
      {"-p 0", "--pipeline is \"0\"; " + whole},
      {"-p 0 ws://127.0.0.1:1/", "--pipeline is \"0\"; " + whole},
      {"-p 1000000000", "--pipeline is"},
      {"--subscribers -1", "--subscribers is \"-1\"; " + whole},
      {"--subscribers 0 -r 5", "--subscribers is \"0\"; " + whole},
      {"--body-bytes -1", "--body-bytes is \"-1\"; it must be a number of bytes from 1 to 256MiB"},
      {"--body-bytes 999999999999", "--body-bytes is"},
      {"--body-bytes 1e18", "--body-bytes is"},
      {"--message-bytes -1 ws://127.0.0.1:1/", "--message-bytes is \"-1\"; it must be"},
      {"--message-bytes 99999999999 ws://127.0.0.1:1/", "--message-bytes is"},
      {"-b @/", "--body: "},
      {"-b @/tmp", "--body: "},
      {"-b @/no/such/file", "--body: cannot read /no/such/file: no such file"},
      {"--csv /no/such/file", "--csv: cannot read /no/such/file"},
      {"--csv /dev/null", "--csv: "},
      {"-r -5", "--rate is \"-5\"; it must be a number from 0.001 to 10000000"},
      {"-r 0", "--rate is \"0\"; it must be"},
      {"-r nan", "--rate is \"nan\"; it must be"},
      {"-r inf", "--rate is \"inf\"; it must be"},
      {"-r 1e9 -d 1s", "--rate is \"1e9\"; it must be"},
      {"--curve 0s:0,2s:0", "--curve is \"0s:0,2s:0\"; it must be moments and rates"},
      {"--curve 5s:1,1s:1", "in order of time"},
      {"--curve 0s:nan", "--curve is"},
      {"--curve 0s:5 -r 5", "--curve and --rate exclude each other"},
      {"-n -1", "--per-connection is \"-1\"; " + whole},
      {"-n 0", "--per-connection is \"0\"; " + whole},
      {"-N -1", "--count is \"-1\"; " + whole},
      {"-N 0", "--count is \"0\"; " + whole},
      {"--error-limit 5", "--error-limit is \"5\"; it must be a number from 0 to 1"},
      {"--error-limit -0.1", "--error-limit is"},
      {"-s 99999", "--status is \"99999\"; it must be a whole number from 100 to 999"},
      {"-s 2xx", "--status is \"2xx\"; it must be"},
      {"-t 0s", "--timeout is \"0s\"; it must be a time from 1ms to 1h"},
      {"-t -1s", "--timeout is \"-1s\"; it must be"},
      {"-d 0", "--duration is \"0\"; it must be a time from 100us to 26h"},
      {"-d 10x", "--duration is \"10x\"; it must be"},
      {"-d 1e9", "--duration is"},
      {"-w nan", "--warm-up is \"nan\"; it must be a time from 0s to 1h"},
      {"--http2 ws://127.0.0.1:1/", "--http2 is for http:// and https://, not for ws://"},
      {"--poisson", "--poisson needs --rate or --curve"},
      {"--spin", "--spin needs --rate or --curve"},
      {"-p 4 -r 5", "--pipeline and --rate exclude each other"},
      {"-p 4 -n 5", "--per-connection and --pipeline exclude each other"},
      {"-n 5 ws://127.0.0.1:1/", "--per-connection is for http:// and https://"},
      {"-m POST ws://127.0.0.1:1/", "--method is for http:// and https://"},
      {"http://127.0.0.1:1/ -m", "--method needs a value"},
      {"-m =", "--method is"},
      {"-H nocolon", "--header is \"nocolon\"; it must be a name, a colon and a value"},
      {"-H Host:a -H host:b", "--header Host is given twice"},
      {"-b x --body-bytes 5", "--body and --body-bytes exclude each other"},
      {"--fill-body", "--fill-body needs --body"},
      {"--subscribers 5 -b x", "--body and --subscribers exclude each other"},
      {"--subscribers 5 --body-bytes 50", "--body-bytes and --subscribers exclude each other"},
      {"--subscribers 5 --http2", "--http2 and --subscribers exclude each other"},
      {"--message-bytes 5", "--message-bytes is for ws:// and wss://, not for http://"},
      {"--unix /x --connect-to a:1", "--unix and --connect-to exclude each other"},
      {"--connect-to a", "--connect-to is \"a\"; it must be a host and a port"},
      {"--connect-to ::1:80", "--connect-to is"},
      {"--sni a", "--sni is for https:// and wss://"},
      {"--sni a/b https://127.0.0.1:1/", "--sni is \"a/b\"; it must be the name of a host"},
      {"--ca /no/such/file https://127.0.0.1:1/", "--ca: cannot read /no/such/file"},
      {"-H Sec-WebSocket-Key:x ws://127.0.0.1:1/", "checks the answer to a key of its own"},
      {"http://127.0.0.1:1/{x", "{ without a range"},
      {"--requests /no/such/file", "--requests: cannot read /no/such/file: no such file"},
      {"--requests /dev/null -b x", "--requests and --body exclude each other"},
      {"--requests /dev/null ws://127.0.0.1:1/", "--requests is for http:// and https://"},
      {"--completion csh", "--completion is \"csh\"; it must be one of bash, zsh, fish"},
      {"--ca x", "--ca is for https:// and wss://, not for http://"},
      {"-k", "--insecure is for https:// and wss://"},
      {"--tls 1.1 https://127.0.0.1:1/", "--tls is \"1.1\"; it must be one of 1.2, 1.3"},
      {"--transport kqueue", "--transport is \"kqueue\"; it must be one of auto, epoll, io_uring"},
      {"--cpus 0,0", "--cpus is \"0,0\"; it must be a list of CPU numbers"},
      {"--cpus -1", "--cpus is"},
      {"--nosuch", "unknown option --nosuch"},
      {"--durration 5", "unknown option --durration; did you mean --duration?"},
      {"-z 5s", "unknown option -z; here it is -d, --duration TIME"},
      {"-X POST", "unknown option -X; here it is -m, --method WORD"},
      {"-q 100", "unknown option -q; here it is -r, --rate PER_S"},
      {"--vus=10", "unknown option --vus; here it is -c, --connections N"},
      {"--disable-keepalive", "unknown option --disable-keepalive; here it is -n, --per-connection N"},
      {"--json=yes", "--json takes no value"},
      {"-c 1 -c 2", "--connections is given twice"},
      {"-c", "--connections is \"http"},
      {"http://a/ http://b/", "one URL is loaded, but 2 are given"},
      {"ftp://a/", "not ftp://"},
      {"http://a:99999/", "the port is not a number from 1 to 65535"},
  };
  for (const Row& row : rows) {
    const cli::Ended ended = run(words_of(row.line, url()), milliseconds(5'000));
    EXPECT_EQ(ended.exit_code, 2) << row.line << "\n" << ended.err << ended.out;
    EXPECT_NE(ended.err.find(row.expected), std::string::npos) << row.line << "\n" << ended.err;
    // No second complaint about what may be the value of an option that is unknown.
    EXPECT_TRUE(ended.err.find("unknown option") == std::string::npos || ended.err.find("one URL") == std::string::npos)
        << ended.err;
    EXPECT_EQ(ended.out, "") << row.line;
  }
  EXPECT_EQ(server_.requests(), 0);
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({""}).exit_code, 2);
  EXPECT_EQ(run({"localhost:8080"}).exit_code, 2);
}

TEST_F(LoadOptions, GoodOnesAreTaken) {
  for (const std::string& line : std::vector<std::string>{
           "-d 0.1 -w 0",
           "-d 100ms -w 0s -t 1m",
           "-d 50000us -w 1000\u00b5s",
           "-d0.1 -w0 -c4",
           "--duration=0.1 --warm-up=0 --connections=4",
           "-d 0.1 -w 0 -p 16",
           "-d 0.1 -w 0 -r 100",
           "-d 0.1 -w 0 -r 1e2 --poisson --spin",
           "-d 0.1 -w 0 --curve 0:100,0.1:200 --poisson",
           "-d 0.1 -w 0 -n 3",
           "-d 0.1 -w 0 -m POST -b hello",
           "-d 0.1 -w 0 --body-bytes 64KiB -m POST",
           "-d 0.1 -w 0 -H A:b -H C:",
           "-d 0.1 -w 0 --cpus 0 --transport epoll --json",
       }) {
    cli::Ended ended = run(words_of(line, url()));
    // On a machine that is busy building a short window may pass while nobody gets a CPU; that is told.
    for (int i = 0; i < 5 && ended.err.find("did not get its CPU") != std::string::npos; ++i)
      ended = run(words_of(line, url()));
    EXPECT_EQ(ended.exit_code, 0) << line << "\n" << ended.err << ended.out;
  }
  for (const char* flag : {"-h", "--help", "--version", "--completion=bash", "--completion=fish"}) {
    const cli::Ended ended = run({flag});
    EXPECT_EQ(ended.exit_code, 0) << flag;
    EXPECT_EQ(ended.err, "") << flag;
    EXPECT_NE(ended.out.find("dyno-load"), std::string::npos) << flag;
  }
}

// Memory that there is not is said before it is asked for.
TEST_F(LoadOptions, HugeOnesAreRefusedBeforeTheyTakeMemory) {
  for (const std::string& line :
       std::vector<std::string>{"-c 65000 -p 1024 --body-bytes 1MiB", "-c 2000 -m POST --body-bytes 4MiB",
                                "-c 1000 --message-bytes 16MiB ws://127.0.0.1:1/"}) {
    auto words = words_of(line, url("/{1..9}"));
    const cli::Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 1) << line << ended.err;
    EXPECT_NE(ended.err.find("GiB of memory"), std::string::npos) << line << ended.err;
  }
}

// ---- random command lines ----

// What a value may look like: good ones that are quick, and whatever people and scripts write otherwise.
class Generator {
 public:
  Generator(std::uint64_t seed, std::string url) : random_(seed), url_(std::move(url)) {}

  std::vector<std::string> words() {
    // Short, so that many can be tried; an option of the same name that is drawn as well is one more thing that can be wrong.
    std::vector<std::string> words;
    if (!one_in(60)) words = {"-d", quick({"0.02", "20ms", "1ms", "100us"}), "-w", quick({"0", "5ms"}), "-t", "100ms"};
    const std::size_t count = random_.below(5);
    for (std::size_t i = 0; i < count; ++i) add(words);
    if (!one_in(20)) words.push_back(one_in(10) ? odd_text() : url_);
    return words;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  std::string quick(std::vector<std::string> of) { return of[random_.below(of.size())]; }

  void add(std::vector<std::string>& words) {
    const Option& one = options()[random_.below(options().size())];
    if (one.id == Opt::output) return add_output(words);
    if (one.id == Opt::duration || one.id == Opt::warm_up || one.id == Opt::timeout) return add_wrong_time(one, words);
    const std::string name = one.letter != 0 && one_in(2) ? fmt::format("-{}", one.letter) : name_of(one.id);
    words.push_back(name);
    if (!std::holds_alternative<takes::Nothing>(one.takes)) words.push_back(one_in(4) ? odd_text() : good(one));
  }

  // Nothing random: it is written to.
  void add_output(std::vector<std::string>& words) {
    words.push_back("--output");
    words.push_back(quick({"/dev/null", "/no/such/folder/report", "/", ""}));
  }

  // The good ones of these stand in front already: this is the second.
  void add_wrong_time(const Option& one, std::vector<std::string>& words) {
    words.push_back(name_of(one.id));
    words.push_back(odd_text());
  }

  std::string odd_text() {
    return quick({"",   "-1",     "0",     "nan",      "inf",     "-inf",     "1e400",     "99999999999999999999",
                  "-0", "0x10",   "1e-5",  "\xff\xfe", "@",       "@/",       "@/no/such", "a b",
                  "%",  "{",      "{1..",  "ws://",    "http://", "http://[", "=",         ",",
                  ":",  "\u00b5", "1 000", "1,5",      "+1",      "--",       "-",         "0s:0",
                  "-c"});
  }

  std::string good(const Option& one) {
    if (const auto* const range = std::get_if<takes::Integer>(&one.takes)) {
      // Not the highest: 65000 connections measure the machine.
      const std::int64_t most = std::min<std::int64_t>(range->high, range->low + 40);
      return fmt::format("{}", range->low + static_cast<std::int64_t>(
                                                random_.below(static_cast<std::uint64_t>(most - range->low + 1))));
    }
    if (const auto* const range = std::get_if<takes::Number>(&one.takes))
      return quick({fmt::format("{:.15g}", range->low), fmt::format("{:.15g}", range->high), "0.5", "1"});
    if (std::holds_alternative<takes::Size>(one.takes)) return quick({"1", "28", "1024", "64KiB", "1MiB"});
    if (const auto* const word = std::get_if<takes::Word>(&one.takes))
      return std::string(word->words[random_.below(word->words.size())]);
    if (std::holds_alternative<takes::Curve>(one.takes)) return quick({"0s:100", "0:1e6,0.1:0", "0s:0,10ms:1000"});
    if (std::holds_alternative<takes::Cpus>(one.takes)) return quick({"0", "0,1", "4095"});
    if (std::holds_alternative<takes::Endpoint>(one.takes)) return url_.substr(7, url_.find('/', 7) - 7);
    if (std::holds_alternative<takes::Host>(one.takes)) return quick({"localhost", "example.org"});
    if (std::holds_alternative<takes::Header>(one.takes)) return quick({"A: b", "Host: x", "Content-Length: 3", "A:"});
    if (std::holds_alternative<takes::Method>(one.takes)) return quick({"GET", "POST", "HEAD", "X"});
    return quick({"text", "/etc/passwd", "@/etc/hostname", "{1..9}", "/dev/null", ""});
  }

  Random random_;
  std::string url_;
};

// Every end is one of those that are documented, and comes in time. More of them with DYNO_OPTION_LINES.
TEST_F(LoadOptions, RandomLinesEndInTimeWithADocumentedCode) {
  const char* const asked = std::getenv("DYNO_OPTION_LINES");
  const std::int64_t lines = parse_int(asked == nullptr ? "" : asked).value_or(150);
  const std::uint64_t seed = random_seed();
  Generator generator(seed, url("/{1..9}"));
  // Its window is at most 20 ms, its timeout 100 ms; those that were not given would be 10 s each, behind a warm-up of 1 s.
  const milliseconds limit(20 + 5 + 100 + 2000);
  const milliseconds limit_of_fallbacks(10'000 + 1'000 + 10'000 + 2000);
  std::size_t measured = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    const std::vector<std::string> words = generator.words();
    const bool is_short = !words.empty() && words.front() == "-d";
    const milliseconds most = is_short ? limit : limit_of_fallbacks;
    cli::Ended ended = run(words, most);
    // A busy machine may take longer; what hangs always hangs.
    for (int again = 0; again < 3 && ended.exit_code == -SIGKILL; ++again) ended = run(words, most);
    ASSERT_TRUE(ended.exit_code >= 0 && ended.exit_code <= 2)
        << ended.exit_code << ", seed " << seed << ", line " << i << ": " << fmt::format("{}", fmt::join(words, " "))
        << "\n"
        << ended.err;
    ASSERT_EQ(ended.exit_code == 0, ended.err.empty()) << fmt::format("{}", fmt::join(words, " ")) << "\n" << ended.err;
    if (ended.exit_code == 0) ++measured;
  }
  EXPECT_GT(measured, 0U) << "seed " << seed;
}

}  // namespace
}  // namespace dyno::loadgen

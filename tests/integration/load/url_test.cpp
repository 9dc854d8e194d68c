// What the real dyno-load program sends for URLs and headers as people give them, seen by a server that keeps each request as it came.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

#include "../cli/program.h"
#include "base/clock.h"
#include "base/text.h"
#include "fakes/scripted_server.h"
#include "fakes/secure_server.h"

namespace dyno::loadgen {
namespace {

using fakes::ScriptedServer;
using fakes::Talk;
using std::chrono::milliseconds;

// Answers everything with 200 and keeps the heads of the requests.
class Recorder {
 public:
  explicit Recorder(const std::string& address = "127.0.0.1", const std::string& unix_path = {})
      : server_({.script = [this](Talk& talk) { serve(talk); }, .address = address, .unix_path = unix_path}) {}

  int port() const { return server_.port(); }
  std::string first() {
    const std::lock_guard lock(mutex_);
    return heads_.empty() ? "" : heads_.front();
  }

 private:
  void serve(Talk& talk) {
    for (std::string head = talk.request(); !head.empty(); head = talk.request()) {
      {
        const std::lock_guard lock(mutex_);
        heads_.push_back(head);
      }
      talk.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  }

  std::mutex mutex_;
  std::vector<std::string> heads_;  // guarded by mutex_
  ScriptedServer server_;
};

cli::Ended run(std::vector<std::string> words) {
  words.insert(words.end(), {"-c", "1", "-w", "0s", "-d", "100ms", "-t", "5s"});
  const auto once = [&] { return cli::Program(DYNO_BIN_DIR "/dyno-load", words).wait_at_most(milliseconds(20'000)); };
  cli::Ended ended = once();
  for (int i = 0; i < 5 && ended.err.find("did not get its CPU") != std::string::npos; ++i) ended = once();
  return ended;
}

// "PORT" in the words is the server's.
std::vector<std::string> words_for(int port, std::vector<std::string> words) {
  for (std::string& word : words) {
    if (const std::size_t at = word.find("PORT"); at != std::string::npos) word.replace(at, 4, std::to_string(port));
  }
  return words;
}

// How often the head has a header of that name.
std::ptrdiff_t count_of(const std::string& head, std::string_view name) {
  const auto lines = split(head, '\n');
  return std::count_if(lines.begin(), lines.end(),
                       [&](std::string_view line) { return same_ignoring_case(line.substr(0, line.find(':')), name); });
}

struct Row {
  std::vector<std::string> words;
  std::string line;                  // of the request
  std::vector<std::string> headers;  // "Host: a", as lines
  std::string once = "Host";         // a header of which there is one
};

TEST(LoadUrl, IsSentAsServersExpectIt) {
  const std::vector<Row> rows = {
      {{"http://127.0.0.1:PORT"}, "GET / HTTP/1.1", {"Host: 127.0.0.1:PORT"}},
      {{"http://127.0.0.1:PORT/a?b=c#d"}, "GET /a?b=c HTTP/1.1", {}},
      {{"http://127.0.0.1:PORT?x=1"}, "GET /?x=1 HTTP/1.1", {}},
      {{"http://127.0.0.1:PORT#x"}, "GET / HTTP/1.1", {}},
      {{"http://localhost:PORT/"}, "GET / HTTP/1.1", {"Host: localhost:PORT"}},
      {{"HTTP://LOCALHOST:PORT/A"}, "GET /A HTTP/1.1", {"Host: localhost:PORT"}},
      {{"http://127.0.0.1:PORT/ü b"}, "GET /%C3%BC%20b HTTP/1.1", {}},
      {{"http://127.0.0.1:PORT/{7..7}"}, "GET /7 HTTP/1.1", {}},
      {{"http://user:p%40ss@127.0.0.1:PORT/"},
       "GET / HTTP/1.1",
       {"Authorization: Basic dXNlcjpwQHNz"},
       "Authorization"},
      {{"http://user:pw@127.0.0.1:PORT/", "-H", "authorization: Bearer x"},
       "GET / HTTP/1.1",
       {"authorization: Bearer x"},
       "Authorization"},
      {{"http://127.0.0.1:PORT/", "-H", "Host: other.example"}, "GET / HTTP/1.1", {"Host: other.example"}},
      {{"http://127.0.0.1:PORT/", "-m", "POST", "-b", "abc", "-H", "content-length: 3"},
       "POST / HTTP/1.1",
       {"content-length: 3"},
       "Content-Length"},
      {{"http://127.0.0.1:PORT/", "-m", "POST", "-b", "abc"},
       "POST / HTTP/1.1",
       {"Content-Length: 3"},
       "Content-Length"},
      {{"http://127.0.0.1:PORT/", "-n", "1", "-H", "Connection: keep-alive"},
       "GET / HTTP/1.1",
       {"Connection: keep-alive"},
       "Connection"},
      {{"http://127.0.0.1:PORT/", "-H", "User-Agent: mine"}, "GET / HTTP/1.1", {"User-Agent: mine"}, "User-Agent"},
      {{"http://example.org/x", "--connect-to", "127.0.0.1:PORT"}, "GET /x HTTP/1.1", {"Host: example.org"}},
      {{"http://example.org:8080/", "--connect-to", "localhost:PORT"}, "GET / HTTP/1.1", {"Host: example.org:8080"}},
      {{"http://127.0.0.1:PORT/", "--subscribers", "1", "-r", "100", "-H", "Accept: text/plain"},
       "GET / HTTP/1.1",
       {"Accept: text/plain"},
       "Accept"},
  };
  for (const Row& row : rows) {
    Recorder server;
    const auto words = words_for(server.port(), row.words);
    const cli::Ended ended = run(words);
    const std::string what = fmt::format("{}\n{}{}", fmt::join(words, " "), ended.err, ended.out);
    // A server that answers a subscriber at once has no stream: what was asked is what is looked at.
    const bool is_stream = row.once == "Accept";
    EXPECT_TRUE(ended.exit_code == 0 || is_stream) << what;
    const std::string head = server.first();
    EXPECT_TRUE(head.starts_with(row.line + "\r\n")) << head << "\n" << what;
    for (const std::string& header : words_for(server.port(), row.headers))
      EXPECT_NE(head.find("\r\n" + header + "\r\n"), std::string::npos) << head << "\n" << what;
    EXPECT_EQ(count_of(head, row.once), 1) << head;
    EXPECT_EQ(ended.out.find("pw@"), std::string::npos) << ended.out;
    EXPECT_EQ((ended.out + ended.err).find("p%40ss"), std::string::npos) << what;
  }
}

TEST(LoadUrl, LeavesNoPasswordInTheListOfProcesses) {
  Recorder server;
  const std::string url = fmt::format("http://user:secret@127.0.0.1:{}/", server.port());
  cli::Program program(DYNO_BIN_DIR "/dyno-load", {url, "-c", "1", "-d", "60s"});
  RealClock clock;
  const MonotonicTime end = clock.now() + std::chrono::seconds(10);
  while (server.first().empty() && clock.now() < end) wait_for(clock, milliseconds(10), {});
  std::ostringstream words;
  words << std::ifstream(fmt::format("/proc/{}/cmdline", program.pid())).rdbuf();
  EXPECT_NE(words.str().find("http://***********@127.0.0.1:"), std::string::npos) << words.str();
  EXPECT_EQ(words.str().find("secret"), std::string::npos) << words.str();
}

TEST(LoadUrl, OverHttp2IsSentToo) {
  fakes::SecureServer server({.http2 = true});
  EXPECT_EQ(run({fmt::format("https://user:pw@localhost:{}/", server.port()), "--http2", "--ca",
                 server.certificate_file(), "-H", "Host: other.example"})
                .exit_code,
            0);
}

TEST(LoadUrl, OfAnIpv6AddressIsTaken) {
  std::unique_ptr<Recorder> server;
  if (!std::filesystem::exists("/proc/sys/net/ipv6/conf/lo")) GTEST_SKIP() << "no IPv6 here: NOT TESTED";
  server = std::make_unique<Recorder>("::1");
  const cli::Ended ended = run({fmt::format("http://user:pw@[::1]:{}/", server->port())});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_NE(server->first().find(fmt::format("\r\nHost: [::1]:{}\r\n", server->port())), std::string::npos);
}

TEST(LoadUrl, GoesToAUnixSocket) {
  const std::string path = (std::filesystem::temp_directory_path() / fmt::format("dyno-url-{}", getpid())).string();
  Recorder server("127.0.0.1", path);
  const cli::Ended ended = run({"http://example.org/x", "--unix", path});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_TRUE(server.first().starts_with("GET /x HTTP/1.1\r\nHost: example.org\r\n")) << server.first();
  const cli::Ended missing = run({"http://example.org/x", "--unix", path + "-not"});
  EXPECT_NE(missing.exit_code, 0);
  EXPECT_EQ(run({"http://h/", "--unix", std::string(200, 'x')}).exit_code, 2);
}

TEST(LoadUrl, NamesTheServerInTheHandshake) {
  fakes::SecureServer server({.name = "shop.example"});
  const std::string address = fmt::format("127.0.0.1:{}", server.port());
  const auto tried = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--ca", server.certificate_file()});
    return run(std::move(words)).exit_code;
  };
  EXPECT_EQ(tried({"https://shop.example/", "--connect-to", address}), 0);
  EXPECT_EQ(tried({"https://" + address + "/", "--sni", "shop.example"}), 0);
  EXPECT_NE(tried({"https://shop.example/", "--connect-to", address, "--sni", "other.example"}), 0);
}

TEST(LoadUrl, WithoutAnAddressSaysSo) {
  const cli::Ended ended = run({"http://no-such-host.invalid/"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_NE(ended.err.find("no address for no-such-host.invalid"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace dyno::loadgen

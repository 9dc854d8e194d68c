// The hazards of the HTTP library and of hostile clients, each against the real front on a loopback port. The numbers H1 … H22
// are those of daemon/docs/rest.md.
#include "api/http_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "../../unit/api/unpack.h"
#include "api/answers.h"
#include "raw_client.h"

namespace dyno::api {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Steady = std::chrono::steady_clock;

std::int64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      std::int64_t kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

class HttpServerTest : public testing::Test {
 protected:
  // Answers with what it saw; /stream talks until it is stopped; /big is 4 MiB.
  Response answer(const Request& request) {
    ++handled_;
    if (request.path == "/stream") {
      Response stream;
      stream.content_type = "text/event-stream";
      stream.stream = [this](const StreamSink& sink) {
        sink.write(": hello\n\n");
        RealClock clock;
        while (sink.is_open() && !sink.stop.stop_requested()) wait_for(clock, milliseconds(100), sink.stop);
        ++ended_streams_;
      };
      return stream;
    }
    if (request.path == "/big") return text_answer(std::string(4 * 1024 * 1024, 'b'));
    if (request.path == "/tagged") return tagged_answer(text_answer(std::string(64 * 1024, 't')));
    if (request.path == "/pieces" || request.path == "/torn") {
      Response answer;
      answer.content_type = "text/csv";
      answer.pieces = [left = 40, torn = request.path == "/torn"]() mutable -> std::optional<std::string> {
        if (torn && left == 20) throw std::runtime_error("planted");
        return left-- > 0 ? std::optional<std::string>(std::string(100'000, 'p')) : std::nullopt;
      };
      return answer;
    }
    if (request.path == "/api/v1/stacks/rescan") {
      EXPECT_EQ(++rescanning_, 1) << "one after the other";
      wait_for(clock_, milliseconds(20), hurry_.get_token());
      while (!hurry_.stop_requested() && health_ < 20) wait_for(clock_, milliseconds(5), hurry_.get_token());
      --rescanning_;
    }
    if (request.path == "/readyz" || request.path == "/blocked") {
      ++blocked_;
      while (!hurry_.stop_requested()) wait_for(clock_, milliseconds(5), hurry_.get_token());
    }
    if (request.path == "/healthz") ++health_;
    if (request.path == "/throw") throw std::runtime_error("planted");
    return text_answer(request.method + " " + request.path + " peer=" + request.peer +
                       " body=" + std::to_string(request.body.size()) + "\n");
  }

  int start(FrontLimits limits = {}) {
    HttpOptions options;
    options.port = 0;
    options.front = limits;
    auto server = HttpServer::start(options, clock_, [this](const Request& request) { return answer(request); });
    EXPECT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    host_ = "Host: localhost:" + std::to_string(server_->port()) + "\r\n";
    return server_->port();
  }

  std::string get(const std::string& path) const { return "GET " + path + " HTTP/1.1\r\n" + host_ + "\r\n"; }

  RealClock clock_;
  std::atomic<int> handled_ = 0;
  std::atomic<int> ended_streams_ = 0;
  std::atomic<int> rescanning_ = 0;
  std::atomic<int> health_ = 0;
  std::atomic<int> blocked_ = 0;
  std::stop_source hurry_;
  std::string host_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndCloses) {
  const int port = start();
  const std::string answer = ask_raw(port, get("/a?b=c"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "GET /a peer=127.0.0.1 body=0\n");
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(answer.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none'"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: " + std::to_string(body_of(answer).size()) + "\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
}

TEST_F(HttpServerTest, Row26RescansStandInNobodysWay) {
  const int port = start();
  const std::string rescan = "POST /api/v1/stacks/rescan HTTP/1.1\r\n" + host_ + "Content-Length: 0\r\n\r\n";
  std::vector<std::future<std::string>> rescans;
  for (int i = 0; i < 6; ++i)
    rescans.push_back(std::async(std::launch::async, [port, rescan] { return ask_raw(port, rescan); }));
  // The first rescan ends only after these were answered.
  for (int i = 0; i < 20; ++i) {
    const std::string answer = ask_raw(port, get("/healthz"));
    if (status_of(answer) != 200) hurry_.request_stop();
    EXPECT_EQ(status_of(answer), 200);
  }
  for (auto& one : rescans) EXPECT_EQ(status_of(one.get()), 200);
}

// Issue 14, row 25.
TEST_F(HttpServerTest, Row25HealthWaitsForNoWorker) {
  const int port = start();
  std::vector<std::future<std::string>> others;
  for (const char* const path : {"/blocked", "/readyz"}) {
    for (int i = 0; i < 8; ++i)
      others.push_back(std::async(std::launch::async, [port, ask = get(path)] { return ask_raw(port, ask); }));
  }
  while (blocked_ < 5) wait_for(clock_, milliseconds(5), {});  // four workers, and the one of /readyz
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(ask_raw(port, get("/healthz"))), 200);
  EXPECT_EQ(blocked_, 5);
  hurry_.request_stop();
  for (auto& other : others) EXPECT_EQ(status_of(other.get()), 200);
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
  const int port = start();
  const std::string answer = ask_raw(port, "HEAD /a HTTP/1.1\r\n" + host_ + "\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "");
  EXPECT_NE(answer.find("Content-Length: "), std::string::npos);
}

TEST_F(HttpServerTest, LargeBodiesGoBothWays) {
  const int port = start();
  EXPECT_EQ(body_of(ask_raw(port, get("/big"))).size(), 4U * 1024 * 1024);
  const std::string body(1024 * 1024, 'x');
  const std::string answer = ask_raw(port, "POST /p HTTP/1.1\r\n" + host_ + "Content-Length: 1048576\r\n\r\n" + body);
  EXPECT_EQ(body_of(answer), "POST /p peer=127.0.0.1 body=1048576\n");
}

TEST_F(HttpServerTest, PacksWhatTheClientTakes) {
  const int port = start();
  for (const std::string coding : {"gzip", "br"}) {
    const std::string head = host_ + "Accept-Encoding: " + coding + "\r\n\r\n";
    for (const std::string path : {"/big", "/tagged"}) {
      const std::string answer = ask_raw(port, "GET " + path + " HTTP/1.1\r\n" + head);
      EXPECT_NE(answer.find("Content-Encoding: " + coding + "\r\n"), std::string::npos);
      EXPECT_NE(answer.find("Vary: Accept-Encoding\r\n"), std::string::npos);
      EXPECT_NE(answer.find("Content-Length: " + std::to_string(body_of(answer).size()) + "\r\n"), std::string::npos);
      const auto plain = unpack(coding, body_of(answer));
      ASSERT_TRUE(plain) << coding << " " << path;
      EXPECT_EQ(plain->size(), path == "/big" ? 4U * 1024 * 1024 : 64U * 1024);
      // HEAD says the same and sends nothing.
      const std::string same = ask_raw(port, "HEAD " + path + " HTTP/1.1\r\n" + head);
      EXPECT_EQ(same, answer.substr(0, answer.find("\r\n\r\n") + 4));
    }
  }
}

TEST_F(HttpServerTest, ATagIsOfOneCoding) {
  const int port = start();
  const auto ask = [&](const std::string& headers) {
    return ask_raw(port, "GET /tagged HTTP/1.1\r\n" + host_ + headers + "\r\n");
  };
  const auto tag_of = [](const std::string& answer) {
    const std::size_t at = answer.find("ETag: ") + 6;
    return answer.substr(at, answer.find("\r\n", at) - at);
  };
  const std::string br = tag_of(ask("Accept-Encoding: br\r\n"));
  EXPECT_NE(br, tag_of(ask("")));
  const std::string again = ask("Accept-Encoding: br\r\nIf-None-Match: " + br + "\r\n");
  EXPECT_EQ(status_of(again), 304);
  EXPECT_EQ(body_of(again), "");
  EXPECT_EQ(tag_of(again), br);
  EXPECT_EQ(status_of(ask("If-None-Match: " + br + "\r\n")), 200);
}

TEST_F(HttpServerTest, PiecesComeInChunksAndATornBodyShows) {
  const int port = start();
  const std::string answer = ask_raw(port, get("/pieces"));
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(unchunked(body_of(answer)).value_or("").size(), 4'000'000U);
  const std::string packed = ask_raw(port, "GET /pieces HTTP/1.1\r\n" + host_ + "Accept-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(unpack("gzip", unchunked(body_of(packed)).value_or("")).value_or("").size(), 4'000'000U);
  const std::string old = ask_raw(port, "GET /pieces HTTP/1.0\r\n" + host_ + "\r\n");
  EXPECT_EQ(old.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(body_of(old).size(), 4'000'000U);
  const std::string head = ask_raw(port, "HEAD /pieces HTTP/1.1\r\n" + host_ + "\r\n");
  EXPECT_EQ(status_of(head), 200);
  EXPECT_EQ(body_of(head), "");
  EXPECT_FALSE(unchunked(body_of(ask_raw(port, get("/torn")))));
  EXPECT_EQ(status_of(ask_raw(port, get("/"))), 200);
}

TEST_F(HttpServerTest, AnEventStreamIsNeverPacked) {
  const int port = start();
  const RawClient client(port);
  client.send("GET /stream HTTP/1.1\r\n" + host_ + "Accept-Encoding: br, gzip\r\n\r\n");
  const std::string answer = client.read_until(": hello\n\n", seconds(5));
  EXPECT_NE(answer.find(": hello\n\n"), std::string::npos);
  EXPECT_EQ(answer.find("Content-Encoding"), std::string::npos);
}

TEST_F(HttpServerTest, AFaultOfOursIsOneAnswer) {
  const int port = start();
  const std::string answer = ask_raw(port, get("/throw"));
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_NE(answer.find("\"detail\":\"something went wrong inside dynod\""), std::string::npos) << answer;
  EXPECT_EQ(status_of(ask_raw(port, get("/"))), 200);
}

TEST_F(HttpServerTest, H1SlowClientsHoldNobodyUp) {
  FrontLimits limits;
  limits.head = seconds(4);
  limits.whole = seconds(4);
  const int port = start(limits);
  std::vector<RawClient> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(port);
    ASSERT_TRUE(slow.back().connected());
    slow.back().send("G");
  }
  const auto began = Steady::now();
  std::vector<milliseconds> times;
  std::size_t dripped = 1;
  const std::string request = get("/");
  while (Steady::now() - began < seconds(3)) {
    for (const RawClient& client : slow) client.send(request.substr(dripped, 1));
    dripped = std::min(dripped + 1, request.size() - 5);
    for (int i = 0; i < 10; ++i) {
      const auto sent = Steady::now();
      ASSERT_EQ(status_of(ask_raw(port, get("/honest"))), 200);
      times.push_back(std::chrono::duration_cast<milliseconds>(Steady::now() - sent));
    }
    RealClock pause;
    wait_for(pause, milliseconds(100), {});
  }
  std::sort(times.begin(), times.end());
  EXPECT_LT(times[times.size() * 99 / 100].count(),
            500);  // the machine of a test may be busy; the front itself takes a few
  for (const RawClient& client : slow) EXPECT_EQ(status_of(client.read_all(seconds(8))), 408);
  EXPECT_LT(Steady::now() - began, seconds(11));
}

TEST_F(HttpServerTest, H2ASecondServerOnThePortFails) {
  const int port = start();
  HttpOptions options;
  options.port = port;
  const auto second = HttpServer::start(options, clock_, [](const Request&) { return Response{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

TEST_F(HttpServerTest, ListensOnLoopbackOnly) {
  for (const char* const address : {"0.0.0.0", "::", "192.0.2.1", ""}) {
    HttpOptions options;
    options.address = address;
    const auto server = HttpServer::start(options, clock_, [](const Request&) { return Response{}; });
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, ErrorCode::invalid_argument);
  }
}

TEST_F(HttpServerTest, H3StreamsHaveThreadsOfTheirOwnAndALimit) {
  const int port = start();
  std::vector<RawClient> readers;
  for (int i = 0; i < 16; ++i) {
    readers.emplace_back(port);
    readers.back().send(get("/stream"));
    EXPECT_NE(readers.back().read_until(": hello\n\n").find(": hello"), std::string::npos) << i;
  }
  EXPECT_EQ(server_->open_streams(), 16);
  EXPECT_EQ(status_of(ask_raw(port, get("/"))), 200);
  const std::string refused = ask_raw(port, get("/stream"));
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_NE(refused.find("too-many-streams"), std::string::npos);
  EXPECT_NE(refused.find("Retry-After"), std::string::npos);
  const auto stopped = Steady::now();
  server_.reset();
  EXPECT_LT(Steady::now() - stopped, seconds(2));
  EXPECT_EQ(ended_streams_, 16);
}

TEST_F(HttpServerTest, H21AReaderWhoLeavesFreesItsPlace) {
  const int port = start();
  {
    const RawClient reader(port);
    reader.send(get("/stream"));
    reader.read_until(": hello\n\n");
    EXPECT_EQ(server_->open_streams(), 1);
  }
  const auto left = Steady::now();
  while (server_->open_streams() > 0 && Steady::now() - left < seconds(10)) std::this_thread::yield();
  EXPECT_LT(Steady::now() - left, seconds(2));
}

struct Hostile {
  const char* name;
  std::string bytes;  // after the Host header is put in for %H
  int status;
};

TEST_F(HttpServerTest, H4ToH17HostileRequestsGetOneAnswerAndReachNobody) {
  const int port = start();
  const std::string hidden = "GET /hidden HTTP/1.1\r\n" + host_ + "\r\n";
  const std::string post = "POST /p HTTP/1.1\r\n" + host_;
  const std::vector<Hostile> rows{
      {"H4 chunked", post + "Transfer-Encoding: chunked\r\n\r\n10000\r\n", 411},
      {"H5 bomb", post + "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n0123456789", 415},
      {"H6 hidden request in a refused body", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 411},
      {"H6 hidden request after a refusal", post + "Content-Length: 5abc\r\n\r\n" + hidden, 400},
      {"H7 two framings", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 400},
      {"H7 two lengths", post + "Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + hidden, 400},
      {"H7 signed length", post + "Content-Length: +5\r\n\r\nabcde" + hidden, 400},
      {"H7 two hosts", "GET / HTTP/1.1\r\n" + host_ + host_ + "\r\n" + hidden, 400},
      {"H7 folded line", "GET / HTTP/1.1\r\n" + host_ + "X: a\r\n  b: c\r\n\r\n" + hidden, 400},
      {"H7 bare line feeds", "GET / HTTP/1.1\nHost: localhost\n\n" + hidden, 400},
      {"H11 a line too many",
       "GET / HTTP/1.1\r\n" + host_ +
           [] {
             std::string lines;
             for (int i = 0; i < 64; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
             return lines;
           }() +
           "\r\n",
       431},
      {"H11 long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host_ + "\r\n", 414},
      {"body too large", post + "Content-Length: 1048577\r\n\r\n", 413},
      {"H12 no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"H12 foreign host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"H12 other port", "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 421},
      {"H12 foreign page", post + "Origin: http://evil.example\r\nContent-Length: 0\r\n\r\n", 403},
      {"H12 foreign fetch", post + "Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n", 403},
      {"H15 encoded slash", "GET /assets/..%2f..%2fetc/passwd HTTP/1.1\r\n" + host_ + "\r\n", 404},
      {"H15 NUL", "GET /a%00b HTTP/1.1\r\n" + host_ + "\r\n", 404},
      {"H15 dots", "GET /../etc/passwd HTTP/1.1\r\n" + host_ + "\r\n", 404},
      {"H16 CONNECT", "CONNECT evil:80 HTTP/1.1\r\n" + host_ + "\r\n", 400},
      {"TLS", std::string("\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\n\n", 13), 400},
  };
  for (const Hostile& row : rows) {
    const std::string answer = ask_raw(port, row.bytes);
    EXPECT_EQ(status_of(answer), row.status) << row.name << "\n" << answer;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos) << row.name;
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << row.name << " got two answers";
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << row.name;
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpServerTest, H8WithoutALengthThereIsNoBodyAndNobodyWaitsForOne) {
  const int port = start();
  const auto began = Steady::now();
  const RawClient client(port);
  client.send("POST /p HTTP/1.1\r\n" + host_ + "\r\n");
  EXPECT_NE(client.read_until("body=0\n").find("POST /p"), std::string::npos);
  EXPECT_LT(Steady::now() - began, milliseconds(1000));
  EXPECT_EQ(body_of(ask_raw(port, "POST /p HTTP/1.1\r\n" + host_ + "\r\nGET /hidden HTTP/1.1\r\n" + host_ + "\r\n")),
            "POST /p peer=127.0.0.1 body=0\n");
}

TEST_F(HttpServerTest, H9H10HeadersCannotInjectOrSpoof) {
  const int port = start();
  const std::string answer =
      ask_raw(port, "GET / HTTP/1.1\r\n" + host_ +
                        "REMOTE_ADDR: 6.6.6.6\r\nX-Forwarded-For: 6.6.6.6\r\nX: a%0D%0ASet-Cookie: b\r\n\r\n");
  EXPECT_EQ(body_of(answer), "GET / peer=127.0.0.1 body=0\n");
  EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
}

TEST_F(HttpServerTest, H11ManyHeadersAndLongLinesCostNoMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers keep memory of their own, so that resident memory says nothing";
#endif
  const int port = start();
  ask_raw(port, get("/"));
  const std::int64_t before = resident_kib();
  const std::string lines = [] {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
    return text;
  }();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(status_of(ask_raw(port, "GET / HTTP/1.1\r\n" + host_ + lines + "\r\n")), 431);
    EXPECT_EQ(status_of(ask_raw(port, std::string(2'000'000, 'a'))), 414);
  }
  EXPECT_LT(resident_kib() - before, 8 * 1024);
}

TEST_F(HttpServerTest, H13RangesAreNotServed) {
  const int port = start();
  std::string ranges = "Range: bytes=0-0";
  for (int i = 0; i < 1500; ++i) ranges += ",0-0";
  const std::string answer = ask_raw(port, "GET / HTTP/1.1\r\n" + host_ + ranges + "\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_LT(answer.size(), 2000U);
  const std::string head = ask_raw(port, "HEAD / HTTP/1.1\r\n" + host_ + "\r\n");
  EXPECT_NE(head.find("Accept-Ranges: none\r\n"), std::string::npos) << "issue 14, row 38: " << head;
  EXPECT_EQ(head.find("Accept-Ranges: bytes"), std::string::npos) << head;
}

TEST_F(HttpServerTest, H16EveryMethodReachesTheHandlerOnlyAsAWord) {
  const int port = start();
  for (const char* const method : {"TRACE", "OPTIONS", "BREW", "DELETE"}) {
    const std::string answer = ask_raw(port, std::string(method) + " /x HTTP/1.1\r\n" + host_ + "\r\n");
    EXPECT_EQ(body_of(answer), std::string(method) + " /x peer=127.0.0.1 body=0\n");
  }
}

TEST_F(HttpServerTest, H17OfTwoRequestsInOnePacketTheFirstIsAnswered) {
  const int port = start();
  const std::string answer = ask_raw(port, get("/1") + get("/2"));
  EXPECT_NE(answer.find("GET /1"), std::string::npos);
  EXPECT_EQ(answer.find("GET /2"), std::string::npos);
  EXPECT_EQ(handled_, 1);
}

TEST_F(HttpServerTest, H18SixtyFourAtOnceAreAllAnswered) {
  const int port = start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 64; ++i) clients.emplace_back(port);
  for (const RawClient& client : clients) client.send(get("/"));
  for (const RawClient& client : clients) EXPECT_EQ(status_of(client.read_all()), 200);
}

TEST_F(HttpServerTest, AtTheLimitTheOldestUnfinishedConnectionGoes) {
  FrontLimits limits;
  limits.connections = 8;
  const int port = start(limits);
  std::vector<RawClient> idle;
  for (int i = 0; i < 8; ++i) {
    idle.emplace_back(port);
    idle.back().send("GET");
  }
  EXPECT_EQ(status_of(ask_raw(port, get("/"))), 200);
  EXPECT_EQ(idle.front().read_all(seconds(3)), "");
}

TEST_F(HttpServerTest, AClientThatWaitsForContinueGetsIt) {
  const int port = start();
  const RawClient client(port);
  client.send("POST /p HTTP/1.1\r\n" + host_ + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(body_of(client.read_all()), "POST /p peer=127.0.0.1 body=3\n");
}

TEST_F(HttpServerTest, ARefusalArrivesThoughTheClientIsStillSending) {
  const int port = start();
  const RawClient client(port);
  client.send("POST /p HTTP/1.1\r\n" + host_ + "Content-Length: 900000000\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(status_of(client.read_all()), 413);
}

}  // namespace
}  // namespace dyno::api

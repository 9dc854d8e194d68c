#include "api/request_collector.h"

#include <gtest/gtest.h>

#include <random>

namespace dyno::api {
namespace {

using State = RequestCollector::State;

// What came of these bytes, in one comparable text.
std::string outcome(RequestCollector& collector) {
  switch (collector.state()) {
    case State::in_head: return "in_head";
    case State::in_body: return "in_body";
    case State::complete: return collector.head().method + " " + collector.head().target + " " + collector.body();
    case State::refused: return std::to_string(collector.refusal().status) + " " + collector.refusal().slug;
  }
  return "";
}

std::string collect(std::string_view bytes) {
  RequestCollector collector;
  collector.feed(bytes);
  return outcome(collector);
}

std::string collect_in_pieces(std::string_view bytes, std::mt19937& random) {
  RequestCollector collector;
  while (!bytes.empty()) {
    const std::size_t size = 1 + random() % std::min<std::size_t>(bytes.size(), 700);
    collector.feed(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return outcome(collector);
}

struct Row {
  std::string name;
  std::string bytes;
  std::string expected;
};

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
  return text;
}

std::vector<Row> rows() {
  const std::string host = "Host: localhost:8080\r\n";
  const std::string get = "GET / HTTP/1.1\r\n" + host;
  const std::string post = "POST /p HTTP/1.1\r\n" + host;
  return {
      {"plain", get + "\r\n", "GET / "},
      {"http 1.0", "GET /a?b=c HTTP/1.0\r\n" + host + "\r\n", "GET /a?b=c "},
      {"body", post + "Content-Length: 3\r\n\r\nabc", "POST /p abc"},
      {"body of nothing", post + "Content-Length: 0\r\n\r\n", "POST /p "},
      {"what follows is not looked at", post + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n", "POST /p abc"},
      {"unfinished head", get, "in_head"},
      {"unfinished body", post + "Content-Length: 4\r\n\r\nabc", "in_body"},
      {"identity coding", post + "Content-Encoding: identity\r\nContent-Length: 1\r\n\r\na", "POST /p a"},
      // framing: whatever two readers could understand differently
      {"length and coding", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400 bad-request"},
      {"coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "400 bad-request"},
      {"two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", "400 bad-request"},
      {"two equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", "400 bad-request"},
      {"list of lengths", post + "Content-Length: 3, 3\r\n\r\n", "400 bad-request"},
      {"signed length", post + "Content-Length: +5\r\n\r\n", "400 bad-request"},
      {"negative length", post + "Content-Length: -5\r\n\r\n", "400 bad-request"},
      {"length with a tail", post + "Content-Length: 5abc\r\n\r\n", "400 bad-request"},
      {"hexadecimal length", post + "Content-Length: 0x5\r\n\r\n", "400 bad-request"},
      {"empty length", post + "Content-Length:\r\n\r\n", "400 bad-request"},
      {"length beyond 64 bits", post + "Content-Length: 99999999999999999999999\r\n\r\n", "413 body-too-large"},
      {"chunked", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "411 length-required"},
      {"obscured coding", post + "Transfer-Encoding: xchunked\r\n\r\n", "411 length-required"},
      {"blank before the colon", post + "Transfer-Encoding : chunked\r\nContent-Length: 1\r\n\r\n", "400 bad-request"},
      {"folded line", get + "X: a\r\n b\r\n\r\n", "400 bad-request"},
      {"folded by tab", get + "X: a\r\n\tb\r\n\r\n", "400 bad-request"},
      {"bare line feeds", "GET / HTTP/1.1\nHost: localhost:8080\n\n", "400 bad-request"},
      {"one bare line feed", get + "X: a\n\r\n\r\n", "400 bad-request"},
      {"bare return", get + "X: a\rb\r\n\r\n", "400 bad-request"},
      {"NUL in a value", get + std::string("X: a\0b\r\n\r\n", 11), "400 bad-request"},
      {"control character", get + "X: a\x01\r\n\r\n", "400 bad-request"},
      {"two hosts", get + "Host: other\r\n\r\n", "400 bad-request"},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "400 bad-request"},
      {"empty name", get + ": a\r\n\r\n", "400 bad-request"},
      {"line without a colon", get + "hello\r\n\r\n", "400 bad-request"},
      {"empty line first", "\r\n" + get + "\r\n", "400 bad-request"},
      {"GET with a body", get + "Content-Length: 3\r\n\r\nabc", "400 bad-request"},
      {"row 38: POST without a body", post + "\r\n", "POST /p "},
      {"compressed body", post + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n", "415 unsupported-media-type"},
      {"other expectation", post + "Expect: 200-maybe\r\nContent-Length: 3\r\n\r\n", "400 bad-request"},
      // the request line
      {"two blanks", "GET  / HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"no version", "GET /\r\n" + host + "\r\n", "400 bad-request"},
      {"HTTP/2", "GET / HTTP/2.0\r\n" + host + "\r\n", "400 bad-request"},
      {"small method", "get / HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"absolute target", "GET http://evil/ HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"authority target", "CONNECT evil:80 HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"star target", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"fragment", "GET /#a HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"raw bytes in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n", "400 bad-request"},
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), "400 bad-request"},
      // sizes: at the limit and one above
      {"target at the limit", "GET /" + std::string(kMaxTargetBytes - 1, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
       "GET /" + std::string(kMaxTargetBytes - 1, 'a') + " "},
      {"target one above", "GET /" + std::string(kMaxTargetBytes, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
       "414 target-too-long"},
      {"endless line", std::string(2'000'000, 'a'), "414 target-too-long"},
      {"64 lines", get + lines(63) + "\r\n", "GET / "},
      {"65 lines", get + lines(64) + "\r\n", "431 headers-too-large"},
      {"headers at the limit", get + "X: " + std::string(kMaxHeadBytes - host.size() - 7, 'a') + "\r\n\r\n", "GET / "},
      {"headers one above", get + "X: " + std::string(kMaxHeadBytes - host.size() - 6, 'a') + "\r\n\r\n",
       "431 headers-too-large"},
      {"20 000 headers", get + lines(20'000) + "\r\n", "431 headers-too-large"},
      {"body at the limit", post + "Content-Length: 1048576\r\n\r\n", "in_body"},
      {"body one above", post + "Content-Length: 1048577\r\n\r\n", "413 body-too-large"},
  };
}

TEST(RequestCollector, TakesWhatIsPlainAndRefusesTheRest) {
  for (const Row& row : rows()) EXPECT_EQ(collect(row.bytes), row.expected) << row.name;
}

TEST(RequestCollector, DoesNotDependOnHowTheBytesAreCut) {
  std::mt19937 random(4711);
  for (const Row& row : rows()) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(collect_in_pieces(row.bytes, random), row.expected) << row.name;
  }
}

TEST(RequestCollector, ByteByByteGivesTheSame) {
  for (const Row& row : rows()) {
    RequestCollector collector;
    for (const char c : std::string_view(row.bytes).substr(0, 60'000)) collector.feed(std::string_view(&c, 1));
    EXPECT_EQ(outcome(collector), row.expected) << row.name;
  }
}

TEST(RequestCollector, JoinsRepeatedHeadersAndLowersTheirNames) {
  RequestCollector collector;
  collector.feed("GET / HTTP/1.1\r\nHOST: localhost\r\nAccept: a\r\naccept:\tb \r\n\r\n");
  ASSERT_EQ(collector.state(), State::complete);
  EXPECT_EQ(collector.head().headers, (Headers{{"host", "localhost"}, {"accept", "a, b"}}));
}

TEST(RequestCollector, KnowsWhenTheClientWaitsForAWord) {
  RequestCollector collector;
  collector.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(collector.head().expects_continue);
}

}  // namespace
}  // namespace dyno::api

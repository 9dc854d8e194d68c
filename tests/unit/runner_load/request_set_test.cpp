#include "runners/load/request_set.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

std::string draw_once(const RequestSpec& spec) {
  const Result<RequestSet> set = RequestSet::make({spec}, "10.0.0.1:8080");
  EXPECT_TRUE(set) << (set ? "" : set.error().message);
  if (!set) return "";
  Random random(1);
  std::string buffer(set->max_bytes(), '\0');
  return std::string(set->draw(random, buffer.data()).bytes);
}

TEST(RequestSet, WritesRequests) {
  RequestSpec get;
  get.target = "/json";
  EXPECT_EQ(draw_once(get), "GET /json HTTP/1.1\r\nHost: 10.0.0.1:8080\r\n\r\n");
  RequestSpec post;
  post.method = "POST";
  post.headers = {{"host", "x"}, {"Content-Type", "application/json"}};
  post.body = "{}";
  EXPECT_EQ(draw_once(post),
            "POST / HTTP/1.1\r\nhost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  post.body = "";
  EXPECT_NE(draw_once(post).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(RequestSet, TheRequestsOwnHeadersStandInsteadOfOurs) {
  RequestSpec spec;
  spec.method = "POST";
  spec.body = "{}";
  spec.headers = {{"HOST", "a"}, {"content-length", "7"}};
  EXPECT_EQ(draw_once(spec), "POST / HTTP/1.1\r\nHOST: a\r\ncontent-length: 7\r\n\r\n{}");
  spec.headers = {{"Transfer-Encoding", "chunked"}};
  spec.body = "2\r\n{}\r\n0\r\n\r\n";
  EXPECT_EQ(draw_once(spec),
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: 10.0.0.1:8080\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
  spec.headers = {{"Content-Length", "3"}};
  spec.body = "{1..1}";
  spec.fills_body = true;
  EXPECT_EQ(draw_once(spec), "POST / HTTP/1.1\r\nContent-Length: 3\r\nHost: 10.0.0.1:8080\r\n\r\n1");
}

TEST(RequestSet, ItsOwnConnectionHeaderStandsWithTheLastToo) {
  RequestSpec spec;
  spec.target = "/{7..7}";
  spec.headers = {{"connection", "keep-alive"}};
  spec.body = "{1..1}{2..2}";
  spec.fills_body = true;
  const RequestSet set = RequestSet::make({spec}, "h").value();
  std::string buffer(set.max_bytes(), '\0');
  Random random(2);
  const std::string expected = "GET /7 HTTP/1.1\r\nconnection: keep-alive\r\nHost: h\r\nContent-Length: 2\r\n\r\n12";
  EXPECT_EQ(set.draw(random, buffer.data(), true).bytes, expected);
  EXPECT_EQ(set.draw(random, buffer.data(), false).bytes, expected);
}

TEST(RequestSet, OverHttp2HeadersOfAConnectionAreRefused) {
  for (const char* name : {"Connection", "keep-alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection"}) {
    RequestSpec spec;
    spec.headers = {{name, "x"}};
    EXPECT_FALSE(RequestSet::make({spec}, "h", Protocol::http2)) << name;
  }
  RequestSpec spec;
  spec.method = "POST";
  spec.body = "{}";
  spec.headers = {{"Content-Length", "2"}, {"Host", "a"}, {"X-Y", "z"}};
  const RequestSet set = RequestSet::make({spec}, "h", Protocol::http2).value();
  EXPECT_EQ(set.http2(0).authority, "a");
  EXPECT_EQ(set.http2(0).headers, (Headers{{"content-length", "2"}, {"x-y", "z"}}));
}

TEST(RequestSet, DrawsNumbersFromTheirRangesWithinTheBuffer) {
  RequestSpec spec;
  spec.target = "/{1..3}/{-9223372036854775808..9223372036854775807}?{7..7}";
  const RequestSet set = RequestSet::make({spec}, "h").value();
  ASSERT_TRUE(set.has_random_parts());
  std::string buffer(set.max_bytes(), '\0');
  Random random(2);
  std::set<char> first;
  for (int i = 0; i < 1000; ++i) {
    const std::string_view bytes = set.draw(random, buffer.data()).bytes;
    ASSERT_LE(bytes.size(), set.max_bytes());
    ASSERT_TRUE(bytes.ends_with("?7 HTTP/1.1\r\nHost: h\r\n\r\n")) << bytes;
    first.insert(bytes[5]);
  }
  EXPECT_EQ(first, (std::set<char>{'1', '2', '3'}));
}

TEST(RequestSet, AsksTheServerToCloseWithTheLast) {
  RequestSpec spec;
  spec.target = "/{7..7}";
  spec.body = "x";
  const RequestSet set = RequestSet::make({spec}, "h").value();
  std::string buffer(set.max_bytes(), '\0');
  Random random(2);
  EXPECT_EQ(set.draw(random, buffer.data(), true).bytes,
            "GET /7 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
}

TEST(RequestSet, DrawsByWeight) {
  std::vector<RequestSpec> specs(3);
  specs[0].weight = 9;
  specs[1].weight = 0;
  specs[2].weight = 1;
  const RequestSet set = RequestSet::make(specs, "h").value();
  Random random(3);
  std::map<std::uint32_t, int> drawn;
  for (int i = 0; i < 10'000; ++i) ++drawn[set.draw(random, nullptr).index];
  EXPECT_NEAR(drawn[0], 9000, 150);
  EXPECT_EQ(drawn[1], 0);
}

TEST(RequestSet, RefusesWhatWouldBreakARequest) {
  const auto refused = [](const RequestSpec& spec) { return !RequestSet::make({spec}, "h"); };
  for (const char* target : {"", "/a b", "/a\r\nX: y", "/{1..2", "/{1}", "/{2..1}", "/{a..b}", "/{..}"}) {
    RequestSpec spec;
    spec.target = target;
    EXPECT_TRUE(refused(spec)) << target;
  }
  RequestSpec method;
  method.method = "GET /";
  EXPECT_TRUE(refused(method));
  RequestSpec header;
  header.headers = {{"A", "b\r\nc"}};
  EXPECT_TRUE(refused(header));
}

TEST(RequestSet, TakesValuesOfOneRowAndCountsTheBody) {
  RequestSpec spec;
  spec.method = "POST";
  spec.target = "/users/{id}?x={1..1}";
  spec.body = "{\"name\":\"{name}\",\"id\":{id},\"n\":{10..99}}";
  spec.fills_body = true;
  const Table table = read_csv("id,name\n1,Ann\n22,Bartholomew\n", "t").value();
  const RequestSet set = RequestSet::make({spec}, "h", Protocol::http1, table).value();
  std::string buffer(set.max_bytes(), '\0');
  Random random(4);
  std::set<std::string> drawn;
  for (int i = 0; i < 500; ++i) {
    const bool last = i % 2 == 1;
    const std::string bytes(set.draw(random, buffer.data(), last).bytes);
    ASSERT_LE(bytes.size(), set.max_bytes());
    const std::size_t body = bytes.find("\r\n\r\n") + 4;
    const std::size_t length = bytes.find("Content-Length: ") + 16;
    EXPECT_EQ(bytes.size() - body, std::stoul(bytes.substr(length)));
    EXPECT_EQ(bytes.find("Connection: close\r\n") != std::string::npos, last);
    drawn.insert(bytes.substr(0, bytes.find(' ', 6)) + bytes.substr(body, bytes.rfind(':') - body));
  }
  EXPECT_EQ(drawn, (std::set<std::string>{"POST /users/1?x=1{\"name\":\"Ann\",\"id\":1,\"n\"",
                                          "POST /users/22?x=1{\"name\":\"Bartholomew\",\"id\":22,\"n\""}));
}

TEST(RequestSet, RefusesWhatTheTableCannotGive) {
  RequestSpec spec;
  spec.target = "/{id}";
  EXPECT_FALSE(RequestSet::make({spec}, "h"));
  const auto refused = RequestSet::make({spec}, "h", Protocol::http1, read_csv("id\na b\n", "t").value());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("\"a b\""), std::string::npos) << refused.error().message;
}

TEST(RequestSet, GeneratesBodies) {
  RequestSpec spec;
  spec.method = "POST";
  spec.body_bytes = 1000;
  const std::string bytes = draw_once(spec);
  EXPECT_NE(bytes.find("Content-Length: 1000\r\n\r\n"), std::string::npos);
  EXPECT_EQ(bytes.size() - bytes.find("\r\n\r\n") - 4, 1000U);
}

TEST(Expectation, JudgesStatusAndLength) {
  const Expectation any;
  EXPECT_TRUE(any.accepts_status(200));
  EXPECT_FALSE(any.accepts_status(204));
  EXPECT_TRUE(any.accepts_length(99));
  const Expectation loose{0, false, {"ab", "abcd"}};
  EXPECT_TRUE(loose.accepts_status(204));
  EXPECT_FALSE(loose.accepts_status(301));
  EXPECT_TRUE(loose.accepts_length(4));
  EXPECT_FALSE(loose.accepts_length(3));
}

}  // namespace
}  // namespace dyno::loadgen

#include "runners/load/request_set.h"

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/pattern.h"

namespace dyno::loadgen {
namespace {

std::string draw_once(const RequestSpec& spec) {
  const Result<RequestSet> set = RequestSet::make({spec}, "10.0.0.1:8080");
  EXPECT_TRUE(set) << (set ? "" : set.error().message);
  if (!set) return "";
  DrawSource random(1);
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
  DrawSource random(2);
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
  DrawSource random(2);
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
  DrawSource random(2);
  EXPECT_EQ(set.draw(random, buffer.data(), true).bytes,
            "GET /7 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
}

TEST(RequestSet, DrawsByWeight) {
  std::vector<RequestSpec> specs(3);
  specs[0].weight = 9;
  specs[1].weight = 0;
  specs[2].weight = 1;
  const RequestSet set = RequestSet::make(specs, "h").value();
  DrawSource random(3);
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
  const CsvTable table = read_csv("id,name\n1,Ann\n22,Bartholomew\n", "t").value();
  const RequestSet set = RequestSet::make({spec}, "h", Protocol::http1, table).value();
  std::string buffer(set.max_bytes(), '\0');
  DrawSource random(4);
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

TEST(RequestSet, NumbersAndNamesRequestsInTargetHeadersAndBody) {
  RequestSpec spec;
  spec.method = "PUT";
  spec.target = "/{seq}";
  spec.headers = {{"X-Id", "a{uuid}b{no}"}};
  spec.body = "{seq} {uuid} {x}";
  spec.fills_body = true;
  const RequestSet good = RequestSet::make({spec}, "h").value();
  std::string buffer(good.max_bytes(), '\0');
  std::atomic<std::int64_t> shared{1};
  DrawSource source(1, &shared);
  const std::string_view bytes = good.draw(source, buffer.data()).bytes;
  const auto pattern = Pattern::compile(
      "^PUT /1 HTTP/1.1\r\nX-Id: a[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}b\\{no\\}\r\n"
      "Host: h\r\nContent-Length: 42\r\n\r\n2 [0-9a-f-]{36} \\{x\\}$");
  ASSERT_TRUE(pattern) << pattern.error().message;
  EXPECT_TRUE(pattern->is_found_in(bytes)) << bytes;
}

TEST(RequestSet, NeverNamesTwoRequestsAlike) {
  RequestSpec spec;
  spec.target = "/{uuid}";
  const RequestSet set = RequestSet::make({spec}, "h").value();
  std::string buffer(set.max_bytes(), '\0');
  std::set<std::string> seen;
  // Seeds as two phases of two workers have them.
  for (const std::uint64_t seed : {7U, 8U, 9U}) {
    DrawSource source(seed);
    for (int i = 0; i < 5000; ++i) seen.emplace(set.draw(source, buffer.data()).bytes);
  }
  EXPECT_EQ(seen.size(), 15'000U);
}

TEST(Sequence, GivesNoNumberTwiceAndWithOneWorkerLeavesNoneOut) {
  std::atomic<std::int64_t> shared{1};
  std::vector<std::vector<std::int64_t>> drawn(3);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : drawn) {
      threads.emplace_back([&mine, &shared] {
        Sequence sequence(&shared);
        for (int i = 0; i < 10'000; ++i) mine.push_back(sequence.next());
      });
    }
  }
  std::set<std::int64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 30'000U);
  EXPECT_EQ(*all.begin(), 1);
  EXPECT_LE(*all.rbegin(), 30'000 + 3 * Sequence::kBlock);
  std::atomic<std::int64_t> alone{1};
  Sequence sequence(&alone);
  for (std::int64_t i = 1; i < 1000; ++i) ASSERT_EQ(sequence.next(), i);
}

TEST(RequestSet, StepsSendWhatStepsBeforeThemTook) {
  std::vector<RequestSpec> steps(2);
  steps[0].target = "/login/{user}";
  steps[0].takes = {{"token", TakeFrom::json, "/token"}, {"next", TakeFrom::header, "Location"}};
  steps[1].target = "/{next}/{user}";
  steps[1].headers = {{"Authorization", "Bearer {token}"}};
  const CsvTable table = read_csv("user\nann\nbob\n", "t").value();
  const RequestSet set = RequestSet::make(steps, "h", Protocol::http1, table, "http", true).value();
  ASSERT_EQ(set.taken_names(), (std::vector<std::string>{"token", "next"}));
  std::string buffer(set.max_bytes(), '\0');
  DrawSource source(1);
  const std::vector<std::string> taken{"secret", "orders"};
  EXPECT_EQ(set.draw_step(0, {1, taken.data()}, source, buffer.data()).bytes,
            "GET /login/bob HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(set.draw_step(1, {1, taken.data()}, source, buffer.data()).bytes,
            "GET /orders/bob HTTP/1.1\r\nAuthorization: Bearer secret\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(set.may_send(0, "a b"));
  EXPECT_FALSE(set.may_send(0, "a\r\nX: y"));
  EXPECT_FALSE(set.may_send(1, "a b")) << "it stands in a target";
}

TEST(RequestSet, RefusesWhatIsTakenTooLateOrOutsideASession) {
  std::vector<RequestSpec> steps(2);
  steps[0].headers = {{"Authorization", "{token}"}};
  steps[1].takes = {{"token", TakeFrom::json, "/token"}};
  const auto late = RequestSet::make(steps, "h", Protocol::http1, {}, "http", true);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "step 1 sends what no step before it takes: \"token\"");
  const auto mix = RequestSet::make(steps, "h");
  ASSERT_FALSE(mix);
  EXPECT_EQ(mix.error().message, "what is taken belongs to a session: \"token\"");
}

TEST(RequestSet, DrawsFieldsAndBodyOfHttp2) {
  RequestSpec spec;
  spec.method = "POST";
  spec.target = "/{7..7}/x";
  spec.headers = {{"A", "plain"}, {"B", "b{8..8}"}, {"C", "{9..9}{9..9}"}};
  spec.body = "<{10..10}>";
  const auto plain = RequestSet::make({spec}, "h", Protocol::http2);
  std::string buffer(1000, '\0');
  DrawSource source(1);
  const auto first = plain->draw(source, buffer.data());
  EXPECT_EQ(first.bytes, "/7/x");
  EXPECT_EQ(first.body, "<{10..10}>");
  EXPECT_EQ(source.fields[0], "b8");
  EXPECT_EQ(source.fields[1], "99");
  EXPECT_EQ(plain->http2(0).drawn, (std::vector<std::size_t>{1, 2}));
  spec.fills_body = true;
  const auto filled = RequestSet::make({spec}, "h", Protocol::http2);
  const auto second = filled->draw(source, buffer.data());
  EXPECT_EQ(second.bytes, "/7/x");
  EXPECT_EQ(source.fields[1], "99");
  EXPECT_EQ(source.fields[2], "4") << "content-length";
  EXPECT_EQ(second.body, "<10>");
}

TEST(RequestSet, DrawsAllPartsOfAWorkloadInHeadersOfHttp2) {
  RequestSpec spec;
  for (int i = 0; i < 15; ++i) spec.headers.emplace_back("x-" + std::to_string(i), "{7..7}");
  EXPECT_TRUE(RequestSet::make({spec}, "h", Protocol::http2));
  spec.headers.pop_back();
  spec.method = "POST";
  spec.body = "<{10..10}>";
  spec.fills_body = true;
  const auto set = RequestSet::make({spec}, "h", Protocol::http2);
  ASSERT_TRUE(set) << set.error().message;
  std::string buffer(set->max_bytes(), '\0');
  DrawSource source(1);
  EXPECT_EQ(set->draw(source, buffer.data()).body, "<10>");
  EXPECT_EQ(source.fields[13], "7");
  EXPECT_EQ(source.fields[14], "4") << "content-length";
}

TEST(RequestSet, DrawsMessagesAndExpectsNoEchoOfThem) {
  RequestSpec spec;
  spec.body = "{\"n\": {5..5}, \"id\": \"{uuid}\"}";
  spec.fills_body = true;
  for (const std::size_t pad : {0U, 100U, 70'000U}) {
    RequestSpec padded = spec;
    padded.body += std::string(pad, 'x');
    const RequestSet set = RequestSet::make({padded}, "h", Protocol::websocket).value();
    EXPECT_TRUE(set.expectation(0).bodies.empty());
    std::string buffer(set.max_bytes(), '\0');
    DrawSource source(3);
    std::string frame(set.draw(source, buffer.data()).bytes);
    const std::size_t size = 6 + 1 + 9 + 36 + 2 + pad;
    const std::size_t head = size < 126 ? 2 : size < 65536 ? 4 : 10;
    ASSERT_EQ(frame.size(), head + 4 + size);
    for (std::size_t i = 0; i < size; ++i)
      frame[head + 4 + i] = static_cast<char>(frame[head + 4 + i] ^ frame[head + i % 4]);
    EXPECT_EQ(frame.substr(head + 4, 16), "{\"n\": 5, \"id\": \"");
    EXPECT_TRUE(frame.ends_with("\"}" + std::string(pad, 'x')));
  }
  EXPECT_EQ(RequestSet::make({RequestSpec{.body = "hi"}}, "h", Protocol::websocket)->expectation(0).bodies.size(), 1U);
  EXPECT_EQ(RequestSet::make({RequestSpec{.body = "hi", .statuses = {{200, 299}}}}, "h", Protocol::websocket)
                ->expectation(0)
                .bodies.size(),
            0U);
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

#include "runners/load/load_spec.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace dyno::loadgen {
namespace {

Result<LoadSpec> read(const std::string& text) {
  std::vector<Line> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(Line::parse(line).value());
  }
  return read_load_spec(lines);
}

constexpr const char* kTarget = "target address=127.0.0.1 port=8080\n";
constexpr const char* kRest = "load loop=closed connections=4\ntimes measure_ns=1000000000\nrequest\n";

TEST(LoadSpec, ReadsEveryKey) {
  const Result<LoadSpec> spec = read(
      "target address=::1 port=80 netns=/proc/1/ns/net\n"
      "workers cpus=0,3 transport=epoll wait=hybrid\n"
      "load loop=open connections=64 rate=1234.5 arrivals=poisson queue=100 seed=-7\n"
      "times warm_up_ns=5 warm_up_max_ns=6 measure_ns=7000000 timeout_ns=8000000\n"
      "check sample=0.5 least=3\n"
      "request method=POST target=/a%20 body=%00 weight=2 status=201\n"
      "header name=A value=b\naccept body=x\naccept body=y\nrequest\n");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->target.address, "::1");
  EXPECT_EQ(spec->target.netns, "/proc/1/ns/net");
  EXPECT_EQ(spec->cpus, (std::vector<int>{0, 3}));
  EXPECT_EQ(spec->transport, TransportKind::epoll);
  EXPECT_EQ(spec->wait, WaitMode::hybrid);
  EXPECT_TRUE(spec->open_loop);
  EXPECT_EQ(spec->rate_per_s, 1234.5);
  EXPECT_EQ(spec->arrivals, Arrivals::poisson);
  EXPECT_EQ(spec->queue_limit, 100);
  EXPECT_EQ(spec->seed, static_cast<std::uint64_t>(-7));
  EXPECT_EQ(spec->warm_up_ns, 5);
  EXPECT_EQ(spec->warm_up_max_ns, 6);
  EXPECT_EQ(spec->measure_ns, 7'000'000);
  EXPECT_EQ(spec->timeout_ns, 8'000'000);
  EXPECT_EQ(spec->body_sample_ratio, 0.5);
  EXPECT_EQ(spec->body_sample_least, 3);
  ASSERT_EQ(spec->requests.size(), 2U);
  EXPECT_EQ(spec->requests[0].method, "POST");
  EXPECT_EQ(spec->requests[0].body, std::string(1, '\0'));
  EXPECT_EQ(spec->requests[0].accepted_bodies, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(spec->requests[0].expected_status, 201);
  EXPECT_EQ(spec->requests[1].target, "/");
}

TEST(LoadSpec, ReadsStreamsCurvesAndTables) {
  const Result<LoadSpec> spec = read(
      "target address=127.0.0.1 port=80\n"
      "load loop=open connections=2 protocol=sse subscribers=500 curve=0s:10,5s:10,5s:40 requests=99 error_limit=0.5\n"
      "times measure_ns=7000000\ntable csv=id%0A7%0A\n"
      "stream target=/sse\nheader name=A value=b\nrequest method=POST target=/{id} body_bytes=64 status=202\n");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->protocol, Protocol::sse);
  EXPECT_EQ(spec->subscribers, 500);
  EXPECT_EQ(spec->curve, (std::vector<RatePoint>{{0, 10}, {5'000'000'000, 10}, {5'000'000'000, 40}}));
  EXPECT_EQ(spec->rate_per_s, 40);
  EXPECT_EQ(spec->requests_limit, 99);
  EXPECT_EQ(spec->error_limit, 0.5);
  EXPECT_EQ(spec->stream.headers.size(), 1U);
  EXPECT_EQ(spec->requests.at(0).body_bytes, 64);
  EXPECT_EQ(spec->table.rows.size(), 1U);
}

TEST(LoadSpec, RefusesWhatItDoesNotUnderstand) {
  const std::string target = kTarget;
  const std::string rest = kRest;
  const std::string times = "times measure_ns=1000000\nrequest\n";
  ASSERT_TRUE(read(target + rest));
  const std::vector<std::pair<std::string, std::string>> rows = {
      {rest, "no target"},
      {"target address=localhost port=80\n" + rest, "address=localhost is not an IP address"},
      {"target address=1.2.3.4 port=0\n" + rest, "port=0"},
      {target + "load loop=closed connections=4\nrequest\n", "no times"},
      {target + "load loop=closed connections=4\ntimes measure_ns=1000000\n", "no request"},
      {target + rest + "accept body=x colour=red\n", "colour is not known here"},
      {target + rest + "colour red=1\n", "\"colour\" is not known"},
      {target + "accept body=x\n" + rest, "before any request"},
      {target + rest + "workers cpus=1,x\n", "no list of CPU numbers"},
      {target + rest + "workers wait=never\n", "none of sleep, hybrid"},
      {target + "load loop=open connections=4\ntimes measure_ns=1000000\nrequest\n", "needs a rate"},
      {target + "load loop=closed rate=5 connections=4\ntimes measure_ns=1000000\nrequest\n", "has no rate"},
      {target + "load loop=open rate=5 pipeline=2 connections=4\ntimes measure_ns=1000000\nrequest\n", "pipelining"},
      {target + rest + "table csv=id%0A\n", "no row of values"},
      {target + rest + "stream target=/ colour=red\n", "colour is not known here"},
      {target + "load loop=open connections=4 curve=1s:5,0s:6\n" + times,
       "curve=1s:5,0s:6: it must be moments and rates"},
      {target + "load loop=open connections=4 curve=1s\n" + times, "curve=1s: it must be moments and rates"},
      {target + "load loop=closed connections=4 protocol=smtp\n" + times, "none of http1, websocket, sse"},
      {target + "load loop=closed connections=4 protocol=sse\n" + times, "belong together"},
      {target + "load loop=closed connections=4 subscribers=3\n" + times, "belong together"},
      {target + "load loop=closed connections=4 protocol=sse subscribers=3\n" + times, "body_bytes=28 to 1024"},
      {target + "load loop=closed connections=4\ntimes measure_ns=1000000\nrequest body=x body_bytes=3\n", "not both"},
      {target + "load loop=closed connections=0\ntimes measure_ns=1000000\nrequest\n", "connections=0"},
      {target + "load loop=closed connections=4\ntimes measure_ns=1000000\nrequest weight=0\n", "weight 0"},
  };
  for (const auto& [text, words] : rows) {
    const Result<LoadSpec> spec = read(text);
    ASSERT_FALSE(spec) << text;
    EXPECT_NE(spec.error().message.find(words), std::string::npos) << spec.error().message << " instead of " << words;
  }
}

}  // namespace
}  // namespace dyno::loadgen

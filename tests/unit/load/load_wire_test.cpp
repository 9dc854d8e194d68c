#include "load/load_wire.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace dyno::load {
namespace {

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(Line::parse(line).value());
  }
  return lines;
}

constexpr const char* kResult =
    "result begin_ns=1000 end_ns=3000 steady=1 ended=time good=98 sent=101 in_flight=2 bytes_in=5 bytes_out=6 "
    "reconnects=7 "
    "stray=0 bodies_checked=20 "
    "service_mean_ns=9\n";

TEST(LoadWire, HasNoMoreWorkersThanConnections) {
  ports::LoadSpec spec;
  spec.target = {0, "10.0.0.2", 8080};
  spec.cpus = {0, 1, 8};
  spec.requests.emplace_back();
  const auto workers = [&](int connections) {
    spec.connections = connections;
    const std::string text = load_request(spec);
    const std::size_t at = text.find("workers ");
    return text.substr(at, text.find(" wait") - at);
  };
  EXPECT_EQ(workers(1), "workers cpus=0");
  EXPECT_EQ(workers(2), "workers cpus=0,1");
  EXPECT_EQ(workers(32), "workers cpus=0,1,8");
}

TEST(LoadWire, WritesALoadSpec) {
  ports::LoadSpec spec;
  spec.target = {7, "10.0.0.2", 8080};
  spec.loop = model::Loop::open;
  spec.rate = {1200.5};
  spec.connections = 32;
  spec.cpus = {0, 1};
  spec.measure = std::chrono::seconds(3);
  spec.requests.emplace_back();
  spec.requests.front().target = "/json?name=a b";
  spec.requests.front().accepted_bodies = {"{\"a\":1}\n"};
  EXPECT_EQ(load_request(spec),
            "dyno-load protocol=4\n"
            "target address=10.0.0.2 port=8080 netns=/proc/7/ns/net\n"
            "workers cpus=0,1 wait=hybrid\n"
            "load loop=open connections=32 rate=1200.5 seed=0\n"
            "times warm_up_ns=0 warm_up_max_ns=0 measure_ns=3000000000 timeout_ns=10000000000\n"
            "check sample=0.001\n"
            "request method=GET target=/json?name%3Da%20b body= weight=1 status=200\n"
            "accept body={\"a\":1}%0A\n"
            "go\n");
}

TEST(LoadWire, WritesStreams) {
  ports::LoadSpec spec;
  spec.target = {0, "10.0.0.2", 8080};
  spec.protocol = ports::LoadProtocol::sse;
  spec.loop = model::Loop::open;
  spec.rate = {10};
  spec.arrivals = ports::Arrivals::poisson;
  spec.subscribers = 500;
  spec.pipeline = 2;
  spec.stream.target = "/sse";
  spec.requests.emplace_back();
  spec.requests.front().body_bytes = 64;
  spec.requests.front().is_binary = true;
  const std::string text = load_request(spec);
  for (const char* line :
       {"load loop=open connections=1 protocol=sse subscribers=500 pipeline=2 rate=10 arrivals=poisson seed=0\n",
        "\nstream method=GET target=/sse body= weight=1 status=200\n",
        "\nrequest method=GET target=/ body= weight=1 status=200 body_bytes=64 binary=1\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(LoadWire, WritesRulesSessionsAndTables) {
  ports::LoadSpec spec;
  spec.is_session = true;
  spec.table_csv = "id\n7\n";
  ports::RequestTemplate& login = spec.requests.emplace_back();
  login.fills_body = true;
  login.takes = {{"token", model::CaptureFrom::json, "/token", 12}};
  model::AnswerRules& rules = login.rules.emplace();
  rules.statuses = {{200, 299}, {404, 404}};
  rules.content_type = "application/json";
  rules.headers = {{"ETag", "", "^W/", 3}};
  rules.bytes_least = 2;
  rules.body = "";
  rules.contains = {"a b"};
  rules.matches = "x+";
  rules.json.resize(2);
  rules.json[0].pointer = "/id";
  rules.json[0].type = model::JsonType::integer;
  rules.json[0].least = 1.5;
  rules.json[0].length_most = 3;
  rules.json[1].pointer = "/error";
  rules.json[1].present = false;
  const std::string text = load_request(spec);
  EXPECT_NE(text.find(" session=1 seed=0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("table csv=id%0A7%0A\n"
                      "request method=GET target=/ body= weight=1 status=200 fill_body=1 statuses=200..299,404..404\n"
                      "rule kind=content_type value=application/json\n"
                      "rule kind=header name=ETag matches=^W/\n"
                      "rule kind=size length_least=2\n"
                      "rule kind=body value=\n"
                      "rule kind=contains value=a%20b\n"
                      "rule kind=matches matches=x+\n"
                      "rule kind=json name=/id type=integer least=1.5 length_most=3\n"
                      "rule kind=json name=/error present=0\n"
                      "take name=token from=json where=/token\ngo\n"),
            std::string::npos)
      << text;
}

TEST(LoadWire, SaysWhereAnExpectationStands) {
  ports::LoadSpec spec;
  ports::RequestTemplate& request = spec.requests.emplace_back();
  request.takes = {{"token", model::CaptureFrom::json, "/token", 12}};
  model::AnswerRules& rules = request.rules.emplace();
  rules.file = "orders.yaml";
  rules.line = 4;
  rules.content_type = "text/plain";
  rules.json.resize(1);
  rules.json[0].line = 9;
  std::vector<ports::BadAnswer> answers(4);
  answers[0].rule = 0;
  answers[1].rule = 1;
  answers[2].take = "token";
  answers[3].status = 404;
  place_bad_answers(spec, answers);
  const auto place = [&](std::size_t i) { return answers[i].file + ":" + std::to_string(answers[i].line); };
  EXPECT_EQ(place(0), "orders.yaml:4");
  EXPECT_EQ(place(1), "orders.yaml:9");
  EXPECT_EQ(place(2), "orders.yaml:12");
  EXPECT_EQ(place(3), "orders.yaml:4");
  EXPECT_EQ(answers[3].why, "expected status 200..299, got 404");
}

TEST(LoadReader, TakesDeliveries) {
  const ports::LoadListener listener;
  LoadReader reader(listener);
  ASSERT_TRUE(
      reader.take(Line::parse("deliveries subscribers=3 expected=30 good=28 in_window=27 missed=2 doubled=1 bad=4 "
                              "lost_streams=5")
                      .value()));
  const ports::LoadOutcome outcome = std::move(reader).outcome();
  ASSERT_TRUE(outcome.deliveries);
  EXPECT_EQ(outcome.deliveries->expected, 30);
  EXPECT_EQ(outcome.deliveries->in_window, 27);
  EXPECT_EQ(outcome.deliveries->missed, 2);
  EXPECT_EQ(outcome.deliveries->lost_streams, 5);
}

TEST(LoadWire, SpinsOnlyOnCpusOfItsOwn) {
  ports::LoadSpec spec;
  EXPECT_NE(load_request(spec).find(" wait=sleep\n"), std::string::npos);
  spec.cpus = {0};
  EXPECT_NE(load_request(spec).find(" wait=hybrid\n"), std::string::npos);
  spec.shares_cpus = true;
  EXPECT_NE(load_request(spec).find(" wait=sleep\n"), std::string::npos);
}

TEST(LoadWire, WritesAProbeAndExchanges) {
  EXPECT_EQ(
      probe_request({{0, "10.0.0.2", 8080}, "/health", "/ready", {1}}),
      "dyno-load protocol=4\ntarget address=10.0.0.2 port=8080\nprobe path=/health deep_path=/ready cpus=1\ngo\n");
  ports::Exchange exchange;
  exchange.pieces = {"GET / HTTP/1.1\r\n", "\r\n"};
  EXPECT_EQ(
      exchange_request({0, "10.0.0.2", 8080}, {exchange}),
      "dyno-load protocol=4\ntarget address=10.0.0.2 port=8080\n"
      "exchange new_connection=1 expect_body=1 await_close=0 together=0 answers=1 timeout_ns=10000000000 pause_ns=0\n"
      "piece bytes=GET%20/%20HTTP/1.1%0D%0A\npiece bytes=%0D%0A\ngo\n");
}

TEST(LoadWire, WritesWhatAStreamAwaits) {
  ports::Exchange exchange;
  exchange.is_stream = true;
  exchange.stream_first = ": ok";
  exchange.stream_last = "end";
  const std::string rest =
      " new_connection=1 expect_body=1 await_close=0 together=0 answers=1 timeout_ns=10000000000 pause_ns=0\ngo\n";
  const std::string greeting = "dyno-load protocol=4\ntarget address=10.0.0.2 port=8080\n";
  EXPECT_EQ(exchange_request({0, "10.0.0.2", 8080}, {exchange}),
            greeting + "exchange stream=1 first=:%20ok last=end" + rest);
  exchange.stream_first = exchange.stream_last = "";
  exchange.stream_goodbye = "bye";
  exchange.stream_goodbye_after = 12;
  EXPECT_EQ(exchange_request({0, "10.0.0.2", 8080}, {exchange}),
            greeting + "exchange stream=1 first= last= goodbye=bye goodbye_after=12" + rest);
}

TEST(LoadReader, TakesAWholePhase) {
  std::vector<std::string> heard;
  const ports::LoadListener listener{
      [&](MonotonicTime at) { heard.push_back("begin " + std::to_string(to_ns(at))); },
      [&](MonotonicTime at) { heard.push_back("end " + std::to_string(to_ns(at))); },
      [&](const ports::LoadSecond& second) { heard.push_back(second.warming_up ? "warm" : "second"); }};
  LoadReader reader(listener);
  const auto lines = lines_of(
      std::string(
          "ready transport=epoll timer=hybrid connections=4\nplanned begin_ns=1 end_ns=2\n"
          "second warming_up=1 number=0 length_ns=1 good=5 errors=0 busy=0.5\nbegin t_ns=1000\n"
          "second warming_up=0 number=0 length_ns=1 good=98 errors=1 busy=0.5 p50_ns=3 p99_ns=4\nend t_ns=3000\n") +
      kResult +
      "errors connect=1 reset=2 timeout=3 bad_status=4 bad_framing=5 bad_body=6 dropped=7\n"
      "unanswered requests=1 waited_least_ns=2100000000 answered_late=3 connections=64 connections_unserved=62\n"
      "loader cpu_ns=10 spin_ns=1 cpu_all_ns=11 busy_peak=0.75 context_switches=12 run_queue_wait_ns=13\n"
      "open due=100 queued_begin=0 queued_end=7 unanswered=1 waited_least_ns=2100000000 late_ratio=0.25 lag_p50_ns=14 "
      "lag_p99_ns=15\n"
      "bad_body request=0 rule=2 why=x bytes=%00x\nbad_status request=0 status=503 bytes=no\nhistogram kind=service "
      "v2=AAAA\n");
  for (const Line& line : lines) {
    const auto step = reader.take(line);
    ASSERT_TRUE(step) << line.word() << ": " << step.error().message;
    EXPECT_EQ(*step, Step::more);
  }
  EXPECT_EQ(reader.take(Line("done")).value(), Step::done);
  const ports::LoadOutcome outcome = std::move(reader).outcome();
  EXPECT_EQ(heard, (std::vector<std::string>{"warm", "begin 1000", "second", "end 3000"}));
  EXPECT_EQ(outcome.good, 98);
  EXPECT_EQ(outcome.errors.total(), 28);
  EXPECT_EQ(outcome.errors.bad_framing, 5);
  EXPECT_EQ(outcome.loader_busy_ratio, 0.75);
  EXPECT_EQ(outcome.late_ratio, 0.25);
  EXPECT_EQ(outcome.lag_p99, Nanos(15));
  EXPECT_EQ(outcome.unanswered, 1);
  EXPECT_EQ(outcome.waited_least, Nanos(2'100'000'000));
  EXPECT_EQ(outcome.connections_asked, 64);
  EXPECT_EQ(outcome.connections_unserved, 62);
  EXPECT_EQ(outcome.queued, 7);
  EXPECT_EQ(outcome.first_bad_body, std::string("\0x", 2));
  ASSERT_EQ(outcome.bad_answers.size(), 2U);
  EXPECT_EQ(outcome.bad_answers[0].rule, 2U);
  EXPECT_EQ(outcome.bad_answers[1].status, 503);
  ASSERT_EQ(outcome.seconds.size(), 1U);
  EXPECT_EQ(outcome.seconds[0].p99_ns, 4);
  EXPECT_EQ(outcome.transport, "epoll");
}

TEST(LoadReader, RefusesUnknownWordsAndKeysAndAnEndWithoutAResult) {
  const ports::LoadListener listener;
  for (const char* text : {"colour red=1", "begin", "begin t_ns=1 more=2", "begin t_ns=-1", "ready transport=epoll",
                           "result begin_ns=1", "done"}) {
    LoadReader reader(listener);
    const auto step = reader.take(Line::parse(text).value());
    ASSERT_FALSE(step) << text;
    EXPECT_EQ(step.error().code, ErrorCode::protocol) << text;
  }
}

TEST(LoadWire, KeepsTheCodeOfAnError) {
  const ports::LoadListener listener;
  LoadReader reader(listener);
  const auto step = reader.take(Line("error").add("code", "unavailable").add("message", "only 3 of 4"));
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error(), (Error{ErrorCode::unavailable, "only 3 of 4"}));
}

TEST(ExchangeReader, PutsAnswersIntoTheirExchange) {
  ExchangeReader reader;
  for (const Line& line :
       lines_of("answer exchange=0 status=200 body=a\nheader name=X value=1\nanswer exchange=0 status=404 body=\n"
                "exchanged exchange=0 closed=1 error=\nexchanged exchange=1 closed=0 error=timeout:%20x\n")) {
    ASSERT_TRUE(reader.take(line));
  }
  EXPECT_EQ(reader.take(Line("done")).value(), Step::done);
  const auto outcomes = std::move(reader).outcomes();
  ASSERT_EQ(outcomes.size(), 2U);
  ASSERT_EQ(outcomes[0].answers.size(), 2U);
  EXPECT_EQ(outcomes[0].answers[0].headers.size(), 1U);
  EXPECT_TRUE(outcomes[0].closed_by_server);
  EXPECT_EQ(outcomes[1].error, "timeout: x");
  EXPECT_FALSE(ExchangeReader().take(Line::parse("header name=a value=b").value())) << "no answer to belong to";
}

TEST(ProbeLines, FillTheOutcome) {
  ports::ProbeOutcome outcome;
  EXPECT_EQ(
      read_probe_line(Line::parse("trouble attempts=9 last_status=0 last_error=refused").value(), outcome).value(),
      Step::more);
  EXPECT_EQ(read_probe_line(Line::parse("connected t_ns=5").value(), outcome).value(), Step::more);
  EXPECT_EQ(read_probe_line(Line::parse("good t_ns=6 gap_ns=2").value(), outcome).value(), Step::more);
  EXPECT_EQ(read_probe_line(Line::parse("done attempts=12 last_status=503 last_error=").value(), outcome).value(),
            Step::done);
  EXPECT_EQ(outcome.connected, monotonic_from_ns(5));
  EXPECT_EQ(outcome.good, monotonic_from_ns(6));
  EXPECT_EQ(outcome.good_gap, Nanos(2));
  EXPECT_FALSE(outcome.deep);
  EXPECT_EQ(read_probe_line(Line::parse("deep t_ns=9 gap_ns=3").value(), outcome).value(), Step::more);
  EXPECT_EQ(outcome.deep, monotonic_from_ns(9));
  EXPECT_EQ(outcome.deep_gap, Nanos(3));
  EXPECT_EQ(outcome.good_gap, Nanos(2)) << "each path has its own";
  EXPECT_EQ(outcome.attempts, 12);
  EXPECT_EQ(outcome.last_status, 503);
}

}  // namespace
}  // namespace dyno::load

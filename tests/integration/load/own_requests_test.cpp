// Requests, rules and sessions of somebody's own, in this process: against servers that remember what they said to whom.
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/random.h"
#include "base/text.h"
#include "fakes/scripted_server.h"
#include "fakes/secure_server.h"
#include "integration/load/load_phase.h"
#include "integration/load/over_transports.h"

namespace dyno::loadgen {
namespace {

using fakes::ScriptedServer;
using fakes::ScriptedServerOptions;
using fakes::SecureServer;
using fakes::Talk;
using testing::HasSubstr;

constexpr std::int64_t kMs = 1'000'000;

std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

std::string header_of(const std::string& head, std::string_view name) {
  const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return head.substr(from, head.find("\r\n", from) - from);
}

std::string target_of(const std::string& head) {
  const std::size_t from = head.find(' ') + 1;
  return head.substr(from, head.find(' ', from) - from);
}

AnswerRule json_rule(std::string pointer) {
  AnswerRule rule;
  rule.kind = RuleKind::json;
  rule.name = std::move(pointer);
  return rule;
}

// Gives out tokens and takes back none but its own, each on the connection and in the round that it was given for.
class Shop {
 public:
  explicit Shop(std::int64_t forgets_every = 0) : forgets_every_(forgets_every) {}

  void serve(Talk& talk) {
    Random random(static_cast<std::uint64_t>(talk.number()) + 1);
    std::string user;
    std::string token;
    int step = 0;
    for (std::string head = talk.request(); !head.empty(); head = talk.request()) {
      const std::string target = target_of(head);
      std::string said = answer("409 Conflict", "", "not in this order: " + target);
      if (target.starts_with("/login/")) {
        user = target.substr(7);
        const std::int64_t number = ++logins_;
        token = fmt::format("t{}\"{}", number, user);
        const bool forgets = forgets_every_ != 0 && number % forgets_every_ == 0;
        said = answer("200 OK", fmt::format("X-Next: orders/{}\r\n", number),
                      fmt::format(R"({{"user": "{}", {}"pad": "{}"}})", user,
                                  forgets ? "" : fmt::format(R"("token": "t{}\"{}", )", number, user),
                                  std::string(random.below(3000), 'x')));
        step = 1;
      } else if (step == 1 && target.starts_with("/orders/") && header_of(head, "Authorization") == "Bearer " + token) {
        said = answer("200 OK", "", fmt::format("order id=<{}> of {}", target.substr(8), user));
        step = 2;
      } else if (step == 2 && target == "/bye/" + user && header_of(head, "X-Order").starts_with("n-")) {
        said = "HTTP/1.1 204 No Content\r\n\r\n";
        step = 0;
        ++rounds_;
      } else {
        ++violations_;
      }
      const std::size_t cut = random.below(said.size() + 1);
      talk.say(said.substr(0, cut));
      if (random.below(4) == 0) ::usleep(300);
      talk.say(said.substr(cut));
    }
  }

  std::int64_t rounds() const { return rounds_; }
  std::int64_t violations() const { return violations_; }

 private:
  const std::int64_t forgets_every_;
  std::atomic<std::int64_t> logins_{0};
  std::atomic<std::int64_t> rounds_{0};
  std::atomic<std::int64_t> violations_{0};
};

class OwnRequests : public OverTransports {
 protected:
  static LoadSpec spec_for(int port) {
    LoadSpec spec = spec_of(port);
    spec.connections = 4;
    spec.measure_ns = 20'000 * kMs;
    spec.requests_limit = 600;
    return spec;
  }

  static LoadSpec session_for(int port) {
    LoadSpec spec = spec_for(port);
    spec.is_session = true;
    spec.table = read_csv("user\nann\nbob\nzoe\n", "t").value();
    spec.requests.resize(3);
    spec.requests[0].target = "/login/{user}";
    spec.requests[0].takes = {{"token", TakeFrom::json, "/token"}, {"next", TakeFrom::header, "x-next"}};
    spec.requests[1].target = "/{next}";
    spec.requests[1].headers = {{"Authorization", "Bearer {token}"}};
    spec.requests[1].takes = {{"order", TakeFrom::pattern, "id=<([0-9]+)>"}};
    spec.requests[2].target = "/bye/{user}";
    spec.requests[2].headers = {{"X-Order", "n-{order}"}};
    spec.requests[2].statuses = {{204, 204}};
    return spec;
  }
};

TEST_P(OwnRequests, SessionsTakeTheirStepsInOrderOnEachConnection) {
  Shop shop;
  ScriptedServer server({.script = [&shop](Talk& talk) { shop.serve(talk); }});
  const LoadReport report = run(session_for(server.port()));
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0)
      << (report.all.bad_bodies.empty() ? "" : report.all.bad_bodies.front().why);
  EXPECT_EQ(shop.violations(), 0);
  EXPECT_EQ(report.all.window.good, 600);
  EXPECT_EQ(report.all.window.rounds, shop.rounds());
  EXPECT_GE(shop.rounds(), 196);
}

TEST_P(OwnRequests, SessionsWorkAtARateAndOverConnectionsThatEnd) {
  Shop shop;
  ScriptedServer server({.script = [&shop](Talk& talk) { shop.serve(talk); }});
  LoadSpec spec = session_for(server.port());
  spec.open_loop = true;
  spec.rate_per_s = 2000;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0);
  EXPECT_EQ(shop.violations(), 0);
  EXPECT_GE(shop.rounds(), 190);
  // Three requests a connection: a round each.
  LoadSpec closing = session_for(server.port());
  closing.requests_per_connection = 3;
  const LoadReport closed = run(closing);
  EXPECT_EQ(closed.all.window.good, 600);
  EXPECT_GE(closed.all.window.rounds, 196);
}

TEST_P(OwnRequests, AMissingValueIsToldByNameAndStepAndTheSessionBeginsAgain) {
  Shop shop(5);
  ScriptedServer server({.script = [&shop](Talk& talk) { shop.serve(talk); }});
  const LoadReport report = run(session_for(server.port()));
  expect_sums(report);
  EXPECT_EQ(shop.violations(), 0) << "the step behind it was never sent";
  EXPECT_GT(errors(report, ErrorKind::bad_body), 30);
  EXPECT_EQ(errors(report, ErrorKind::bad_body), report.all.window.all_errors());
  EXPECT_EQ(report.all.window.rounds, shop.rounds());
  ASSERT_EQ(report.all.bad_bodies.size(), 1U);
  const BadBody& bad = report.all.bad_bodies.front();
  EXPECT_EQ(bad.request, 0U);
  EXPECT_EQ(bad.take, "token");
  EXPECT_EQ(bad.why, "step 1: {token} is taken from the value at /token, and there is none to take");
  EXPECT_THAT(bad.bytes, HasSubstr("\"pad\""));
}

TEST_P(OwnRequests, EveryAnswerIsHeldAgainstTheRulesOfItsRequest) {
  std::atomic<std::int64_t> wrong{0};
  std::atomic<std::int64_t> number{0};
  ScriptedServer server({.script = [&](Talk& talk) {
    Random random(static_cast<std::uint64_t>(talk.number()));
    for (std::string head = talk.request(); !head.empty(); head = talk.request()) {
      const std::string id = target_of(head).substr(7);
      const bool lies = ++number % 40 == 0;
      if (lies) ++wrong;
      const std::string said =
          answer("200 OK", "Content-Type: application/json\r\n",
                 fmt::format(R"({{"pad": "{}", "id": {}}})", std::string(random.below(2000), 'x'), lies ? "null" : id));
      const std::size_t cut = random.below(said.size() + 1);
      talk.say(said.substr(0, cut));
      talk.say(said.substr(cut));
    }
  }});
  LoadSpec spec = spec_for(server.port());
  spec.requests.emplace_back();
  spec.requests.front().target = "/items/{1..100}";
  AnswerRule type;
  type.kind = RuleKind::content_type;
  type.value = "application/json";
  spec.requests.front().rules = {type, json_rule("/id")};
  spec.requests.front().rules.back().type = JsonType::integer;
  spec.body_sample_ratio = 1;
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.bodies_checked, 600);
  EXPECT_EQ(errors(report, ErrorKind::bad_body), wrong);
  EXPECT_EQ(report.all.window.all_errors(), wrong);
  ASSERT_EQ(report.all.bad_bodies.size(), 1U);
  EXPECT_EQ(report.all.bad_bodies.front().rule, 1);
  EXPECT_EQ(report.all.bad_bodies.front().why, "/id: expected an integer, got null");
  spec.body_sample_ratio = 0.1;
  spec.body_sample_least = 0;
  EXPECT_EQ(run(spec).all.window.bodies_checked, 60);
}

TEST_P(OwnRequests, RequestsAreNumberedAndNamedOnceOverAllWorkers) {
  std::mutex mutex;
  std::set<std::string> numbers;
  std::set<std::string> names;
  ScriptedServer server({.script = [&](Talk& talk) {
    for (std::string head = talk.request(); !head.empty(); head = talk.request()) {
      {
        const std::lock_guard lock(mutex);
        numbers.insert(target_of(head));
        names.insert(header_of(head, "X-Id"));
      }
      talk.say(answer("200 OK", "", "ok"));
    }
  }});
  LoadSpec spec = spec_for(server.port());
  spec.requests.emplace_back();
  spec.requests.front().target = "/{seq}";
  spec.requests.front().headers = {{"X-Id", "{uuid}"}};
  run(spec);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(numbers.size(), 600U);
  EXPECT_EQ(names.size(), 600U);
  EXPECT_TRUE(numbers.contains("/1"));
  EXPECT_TRUE(numbers.contains("/600")) << "one worker leaves none out";
}

TEST_P(OwnRequests, DrawAndTakeOverHttp2) {
  // Answers with the path, or the number of bytes in a POST.
  SecureServer server({.tls = false, .http2 = true, .location = "next"});
  LoadSpec spec = spec_for(server.port());
  spec.protocol = Protocol::http2;
  spec.pipeline = 8;
  spec.is_session = true;
  spec.body_sample_ratio = 1;
  spec.requests.resize(3);
  spec.requests[0].target = "/x/{seq}";
  spec.requests[0].takes = {{"number", TakeFrom::pattern, "^/x/([0-9]+)$"}, {"where", TakeFrom::header, "Location"}};
  spec.requests[1].target = "/{where}/{number}";
  AnswerRule path;
  path.kind = RuleKind::matches;
  path.matches = "^/next/[0-9]+$";
  AnswerRule header;
  header.kind = RuleKind::header;
  header.name = "location";
  header.value = "next";
  spec.requests[1].rules = {path, header};
  spec.requests[2].method = "POST";
  spec.requests[2].headers = {{"X-Id", "{uuid}"}, {"X-N", "{number}"}};
  spec.requests[2].body = "<{10..99}{uuid}>";
  spec.requests[2].fills_body = true;
  AnswerRule length;
  length.kind = RuleKind::body;
  length.value = "40";
  spec.requests[2].rules = {length};
  const LoadReport report = run(spec);
  expect_sums(report);
  EXPECT_EQ(report.all.window.all_errors(), 0)
      << (report.all.bad_bodies.empty() ? "" : report.all.bad_bodies.front().why + report.all.bad_bodies.front().bytes);
  EXPECT_EQ(report.all.window.good, 600);
  EXPECT_GE(report.all.window.rounds, 150);
}

INSTANTIATE_TEST_SUITE_P(Transports, OwnRequests, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen

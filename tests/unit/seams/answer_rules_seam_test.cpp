// What a workload's file says of good answers is ruled on twice, before the load by `contract` and under it by dyno-load: both mean the
// same by each rule, and take the same values out of an answer. Parser, wire and dyno-load's own reader stand between the two.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result.h"
#include "contract/answer_judge.h"
#include "contract/own_workload.h"
#include "load/load_wire.h"
#include "loader_side.h"
#include "stackfile/files.h"

namespace dyno::seams {
namespace {

using model::OwnWorkload;

OwnWorkload workload(const std::string& keys) {
  const auto parsed =
      stackfile::parse_workloads(fmt::format("schema: workload/1\nworkloads:\n  asked: {{{}}}\n", keys), "own.yaml");
  for (const auto& problem : parsed.problems)
    ADD_FAILURE() << keys << ": " << problem.pointer << ": " << problem.message;
  return parsed.value ? parsed.value->front() : OwnWorkload{"none", {}, {}, {{}}};
}

Result<loadgen::RequestSet> loaded(const OwnWorkload& own) {
  const contract::Workload asked = contract::own_workload(own);
  ports::LoadSpec spec;
  spec.target = {0, "10.0.0.1", 8080};
  spec.measure = std::chrono::seconds(1);
  spec.requests = asked.requests({}, {});
  spec.is_session = asked.is_session;
  if (asked.stream) spec.protocol = asked.stream({}).protocol;
  const auto read = read_by_loader(load::load_request(spec));
  if (!read) return fail(read.error());
  return requests_of(*read);
}

struct Came {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};
  int status = 200;
};

std::string head_of(const Came& came) {
  std::string head = fmt::format("HTTP/1.1 {} X\r\n", came.status);
  for (const auto& [name, value] : came.headers) head += fmt::format("{}: {}\r\n", name, value);
  return head + "\r\n";
}

bool is_good_under_load(const loadgen::RequestSet& requests, const Came& came) {
  const loadgen::Expectation& expected = requests.expectation(0);
  if (!expected.accepts_status(came.status)) return false;
  if (!expected.rules) return true;
  const std::string head = head_of(came);
  loadgen::RuleScratch scratch;
  scratch.begin();
  return !expected.rules->broken({head, came.body}, scratch);
}

struct Row {
  const char* expect;
  Came came;
  bool is_good;
};

std::vector<Row> rows() {
  const Came json{
      R"({"id":7,"n":12.50,"e":1e2,"s":"Zo\u00eb","t":[{"a":1},2],"o":{"x":1,"y":[]},"z":null,"a/b":1,"~":2,"":3})"};
  return {
      {"status: [201, 4xx]", {"", {}, 404}, true},
      {"status: [201, 4xx]", {"", {}, 200}, false},
      {"{}", {"", {}, 299}, true},
      {"{}", {"", {}, 304}, false},
      {"content_type: text/html", {"", {{"content-type", "Text/HTML ; charset=utf-8"}}}, true},
      {"content_type: text/html", {"", {{"Content-Type", "text/htmlx"}}}, false},
      {"content_type: text/html", {"", {}}, false},
      {"headers: {etag: {}}", {"", {{"ETag", ""}}}, true},
      {"headers: {etag: {}}", {"", {{"ETagx", "1"}}}, false},
      {"headers: {etag: b}", {"", {{"ETag", "a"}, {"ETag", "b"}}}, true},
      {"headers: {etag: b}", {"", {{"ETag", "B"}}}, false},
      {"headers: {etag: {matches: ^v}}", {"", {{"ETag", "v1"}}}, true},
      {"headers: {etag: {matches: ^v}}", {"", {{"ETag", "wv"}}}, false},
      {"body: ''", {""}, true},
      {"body: ''", {" "}, false},
      {"body: 007", {"007"}, true},
      {"contains: [a, b]", {"ba"}, true},
      {"contains: [a, b]", {"aa"}, false},
      {"matches: ^a.c$", {"abc"}, true},
      {"matches: ^a.c$", {"abcd"}, false},
      {"size: 2..3", {"é"}, true},
      {"size: 2..3", {"éé"}, false},
      {"size: 3..", {"é"}, false},
      {"json: {/id: 7.0}", json, true},
      {"json: {/id: '7'}", json, false},
      {"json: {/n: 12.5}", json, true},
      {"json: {/e: 100}", json, true},
      {"json: {/s: Zoë}", json, true},
      {"json: {/s: {length: 3}}", json, true},
      {"json: {/s: {matches: ^Zoë$}}", json, true},
      {"json: {/id: {matches: '7'}}", json, false},
      {"json: {/id: {type: integer}}", json, true},
      {"json: {/e: {type: integer}}", json, true},
      {"json: {/n: {type: integer}}", json, false},
      {"json: {/n: {type: number, min: 12.5, max: 12.5}}", json, true},
      {"json: {/n: {min: 12.51}}", json, false},
      {"json: {/s: {min: 0}}", json, false},
      {"json: {/t/0/a: 1}", json, true},
      {"json: {/t/00: 2}", json, false},
      {"json: {/t/01: 2}", json, false},
      {"json: {/t/-: {}}", json, false},
      {"json: {/t: {length: 2}}", json, true},
      {"json: {/t: {equals: [{a: 1}, 2]}}", json, true},
      {"json: {/o: {equals: {y: [], x: 1}}}", json, true},
      {"json: {/o: {length: 3..}}", json, false},
      {"json: {/id: {length: 1}}", json, false},
      {"json: {/z: {type: 'null'}}", json, true},
      {"json: {/z: {present: true}}", json, true},
      {"json: {/z: {present: false}}", json, false},
      {"json: {/y: {present: false}}", json, true},
      {"json: {/y: {}}", json, false},
      {"json: {/a~1b: 1, '/~0': 2, /: 3}", json, true},
      {"json: {'': {type: object}}", json, true},
      {"json: {'': {type: array}}", json, false},
      {R"(json: {/a: "x\t\n"})", {R"({"a":"x\u0009\n"})"}, true},
      {"json: {/a: 2}", {R"({"a":1,"a":2})"}, true},
      {"json: {/a/b: {}}", {R"({"a":{"b":1},"a":{}})"}, false},
      {"json: {/a: 9007199254740993}", {R"({"a":9007199254740992})"}, false},
      {"json: {/a: -0}", {R"({"a":0})"}, true},
      {"json: {/a: {}}", {R"({"a":1)"}, false},
      {"json: {/a: {present: false}}", {"<html>"}, false},
      {"json: {/a: {}}", {"{\"a\":\"\xFF\"}"}, false},
      {"json: {/a: {}}", {R"({"a":"\ud800"})"}, false},
      {"json: {/a: {}}", {R"({"a":01})"}, false},
      {"json: {/a: {}}", {"{\"a\":1} x"}, false},
      {"json: {/a: {}}", {" \n{\"a\":1}\r\n"}, true},
      {"json: {/a: {}}", {R"({"a":)" + std::string(255, '[') + std::string(255, ']') + "}"}, true},
      {"json: {/a: {}}", {R"({"a":)" + std::string(256, '[') + std::string(256, ']') + "}"}, false},
  };
}

TEST(AnswerRulesSeam, ARuleMeansTheSameBeforeTheLoadAndUnderIt) {
  for (const Row& row : rows()) {
    const std::string rule = row.expect;
    const OwnWorkload own = workload("path: /, expect: " + (rule == "{}" ? rule : "{" + rule + "}"));
    const std::string shown = fmt::format("{} of {}{}", rule, head_of(row.came), row.came.body);
    EXPECT_EQ(
        !contract::broken_rule("GET /", own.requests[0].expect, {row.came.status, row.came.headers, row.came.body}),
        row.is_good)
        << "before the load: " << shown;
    const auto requests = loaded(own);
    ASSERT_TRUE(requests) << rule << ": " << requests.error().message;
    EXPECT_EQ(is_good_under_load(*requests, row.came), row.is_good) << "under load: " << shown;
  }
}

TEST(AnswerRulesSeam, TheSameValuesAreTakenBeforeTheLoadAndUnderIt) {
  const Came came{
      R"({"s":"a\"\u00eb","n":12.5,"i":18446744073709551615,"l":[ 1, "a b" ],"o":{"y":1,"x":2},"z":null,"t":true})",
      {{"Location", "/a"}, {"Location", "/b"}}};
  struct Taken {
    const char* from;
    const char* value;  // nullptr: none
  };
  for (const Taken& row :
       {Taken{"/s", "a\"ë"}, Taken{"/n", "12.5"}, Taken{"/i", "18446744073709551615"}, Taken{"/l", R"([1,"a b"])"},
        Taken{"/o", R"({"y":1,"x":2})"}, Taken{"/z", nullptr}, Taken{"/t", "true"}, Taken{"/none", nullptr},
        Taken{"{header: location}", "/a"}, Taken{"{header: x}", nullptr}, Taken{"{matches: 'n\":([0-9]+)'}", "12"},
        Taken{"{matches: '(x)?y'}", nullptr}}) {
    const OwnWorkload own = workload(fmt::format("session: [{{path: /, take: {{v: {}}}}}]", row.from));
    const auto before = contract::captured(own.requests[0].takes[0], {came.status, came.headers, came.body});
    EXPECT_EQ(before.value_or("none"), row.value == nullptr ? "none" : row.value) << "before the load: " << row.from;
    const auto requests = loaded(own);
    ASSERT_TRUE(requests) << row.from << ": " << requests.error().message;
    std::string under;
    loadgen::RuleScratch scratch;
    scratch.begin();
    const bool is_taken = requests->expectation(0).rules->take_into(under, 0, {head_of(came), came.body}, scratch);
    EXPECT_EQ(is_taken ? under : "none", row.value == nullptr ? "none" : row.value) << "under load: " << row.from;
  }
}

// So many entries as one flow map or list: "{a0: v, a1: v}".
std::string many(int count, const std::string& entry, const char* brackets) {
  std::string all(1, brackets[0]);
  for (int i = 0; i < count; ++i) all += fmt::format(fmt::runtime(entry), i) + ", ";
  return all + brackets[1];
}

TEST(AnswerRulesSeam, AsManyRulesAsAFileMayHaveAreTakenByTheLoadGenerator) {
  const std::string expect =
      fmt::format("expect: {{status: {}, headers: {}, contains: {}, json: {}}}", many(20, "2{0:02}", "[]"),
                  many(30, "X-{0}: a", "{}"), many(20, "part{0}", "[]"), many(100, "/a{0}: {0}", "{}"));
  const std::string takes = "take: " + many(20, "t{0}: /b{0}", "{}");
  for (const char* const protocol : {"http", "http2"}) {
    const bool is_http2 = std::string_view(protocol) == "http2";
    const std::string headers = is_http2 ? many(8, "D-{0}: '{{uuid}}'", "{}") : many(50, "H-{0}: a", "{}");
    const OwnWorkload own = workload(fmt::format("protocol: {}, session: [{{path: '/{{1..5}}', headers: {}, {}, {}}}]",
                                                 protocol, headers, expect, takes));
    const auto requests = loaded(own);
    EXPECT_TRUE(requests) << protocol << ": " << requests.error().message;
  }
}

}  // namespace
}  // namespace dyno::seams

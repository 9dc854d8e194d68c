// Each check of the contract, on a real engine, against a server that is wrong in just that: it must be found, in words. And
// against the same server without a fault: nothing may be found.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "contract/check.h"
#include "contract/verification.h"
#include "contract/workloads/registry.h"
#include "docker/stack_world.h"

namespace dyno::tests {
namespace {

constexpr std::uint64_t kSeed = 20261124;

struct Row {
  std::string fault;  // as FAULT tells it to tests/data/stacks/wrong-answers
  std::string check;
  std::string words;  // a part of the failure
};

// The rows of one workload; none: what holds for every answer.
struct Group {
  std::string name;
  std::optional<std::string> workload;
  std::vector<Row> rows;
};

void PrintTo(const Group& group, std::ostream* out) { *out << group.name; }

std::vector<Row> order_rows() {
  std::vector<Row> rows;
  for (const char* const fault : {"a list instead of an order",
                                  "a quantity of 0",
                                  "a quantity of 101",
                                  "a quantity of 1.5",
                                  "a quantity that is text",
                                  "a price of -1",
                                  "a price of 1000001",
                                  "a sku in lower case",
                                  "a sku that goes on",
                                  "a further key in an item",
                                  "an item without its price",
                                  "no items",
                                  "21 items",
                                  "an id that is not a UUID",
                                  "an id that is a number",
                                  "an email without @",
                                  "an email that is null",
                                  "a coupon of 17 letters",
                                  "a coupon that is a number",
                                  "a further key"}) {
    rows.push_back({fmt::format("overlooks {}", fault), fmt::format("validate: refuses {}", fault),
                    fmt::format("POST /validate with {}: status 422, got 200", fault)});
  }
  return rows;
}

std::vector<Row> sample_rows() {
  std::vector<Row> rows{{"scores a little more", "predict: scores a sample", "not within 0.0001 of"},
                        {"scores a little more", "predict: scores the samples of the load", "not within 0.0001 of"},
                        {"is lost far out", "predict: scores what is far out", "status 200, got 500"},
                        {"keeps the answer before", "predict: two samples on one connection", "score"},
                        {"keeps the answer before", "predict: two bodies in one segment", "score"},
                        {"wants a body whole", "predict: a request in fragments", "status 200, got 400"},
                        {"no JSON is 422", "predict: refuses what is not JSON", "status 400, got 422"},
                        {"accepts bad input", "predict: refuses NaN", "status 400, got 200"},
                        {"reads what is too large", "predict: refuses more than 64 KiB", "status 413"},
                        {"answers POST", "predict: a wrong method is 405", "status 405, got 200"},
                        {"reads what is too large", "predict: refuses 1 MiB", "predict: refuses 1 MiB"},
                        {"dies of clients that leave", "predict: clients that leave", "predict: clients that leave"},
                        {"mixes up what comes at once", "predict: 64 at once, each answer to its own request",
                         "predict: 64 at once, each answer to its own request"}};
  for (const char* const fault :
       {"29 features", "31 features", "no features", "a feature that is text", "a feature that is the text NaN",
        "a feature that is null", "a feature that is true", "a feature that is a list", "a feature above a million",
        "a feature below minus a million", "a feature beyond every number", "a further key", "another key",
        "features that are no list", "a list instead of an object"}) {
    rows.push_back({fmt::format("overlooks {}", fault), fmt::format("predict: refuses {}", fault),
                    fmt::format("POST /predict with {}: status 422, got 200", fault)});
  }
  return rows;
}

std::vector<Group> groups() {
  std::vector<Group> all;
  all.push_back({"every_answer",
                 std::nullopt,
                 {{"health says more", "health: answers ok", "the body \"ok\", got \"ok!\""},
                  {"unknown path is found", "every answer: an unknown path is 404", "status 404, got 200"},
                  {"old date", "every answer: Date is fresh", "a Date at least 2 s later than"}}});
  all.push_back({"plaintext",
                 "plaintext",
                 {{"a full stop", "plaintext: the answer", "got \"Hello, World.\""},
                  {"as HTML", "plaintext: the answer", "Content-Type: text/plain, got Content-Type: text/html"},
                  {"no type", "plaintext: the answer", "got no Content-Type"},
                  {"no date", "plaintext: the answer", "got no Date"},
                  {"date of another form", "plaintext: the answer", "got Date: 2026-11-23"},
                  {"cookie", "plaintext: the answer", "no Set-Cookie, got Set-Cookie: id=1"},
                  {"says it is compressed", "plaintext: the answer", "no Content-Encoding"},
                  {"closes after every answer", "plaintext: keep-alive", "expected 2 answers, got 1"},
                  {"stays open", "plaintext: Connection: close", "got a connection left open"},
                  {"HTTP/1.0 is refused", "plaintext: HTTP/1.0", "status 200, got 505"},
                  {"wants a request whole", "plaintext: a request in fragments", "expected an answer, got none"},
                  {"loses what was sent behind", "plaintext: two requests in one segment", "expected 3 answers, got 1"},
                  {"HEAD sends a body", "plaintext: HEAD", "bytes behind the last answer"},
                  {"HEAD without its length", "plaintext: HEAD", "got Content-Length: 0"},
                  {"answers POST", "plaintext: a wrong method is 405", "status 405, got 200"}}});
  all.push_back({"json",
                 "json",
                 {{"a full stop", "json: the answer by value", "Hello, World."},
                  {"as text", "json: the answer by value", "Content-Type: application/json"},
                  {"extra key", "json: the answer by value", "extra key time"},
                  {"not JSON", "json: the answer by value", "(not JSON)"},
                  {"padded", "json: the answer by value", "a body of at most 48 bytes"},
                  {"name is not read", "json: greets the name it is given", "Hello, World!"},
                  {"keeps the answer before", "json: two names on one connection", "message"},
                  {"accepts bad input", "json: refuses a bad name", "status 400, got 200"},
                  {"error in other words", "json: refuses a bad name", "key error is missing"},
                  {"mixes up what comes at once", "json: 64 at once, each answer to its own request",
                   "json: 64 at once, each answer to its own request"},
                  {"fails on an encoded path", "json: a percent-encoded path is what it encodes, or unknown",
                   "json: a percent-encoded path is what it encodes, or unknown"},
                  {"answers POST", "json: refuses 1 MiB", "json: refuses 1 MiB"},
                  {"dies of clients that leave", "json: clients that leave", "json: clients that leave"}}});
  all.push_back({"items",
                 "items",
                 {{"totals are floats", "items: by value", ".0"},
                  {"accepts bad input", "items: refuses a bad m", "status 400, got 200"},
                  {"fails on bad input", "items: refuses a bad m", "status 400, got 500"},
                  {"mixes up what comes at once", "items: 64 at once, each answer to its own request",
                   "items: 64 at once, each answer to its own request"}}});
  all.push_back({"users",
                 "users",
                 {{"user of another", "users: by value", "example.org"},
                  {"absent is empty", "users: absent is 404", "status 404, got 200"},
                  {"fails on bad input", "users: refuses a bad id", "status 400, got 500"},
                  {"user of another", "users: each answer belongs to its request", "example.org"},
                  {"mixes up what comes at once", "users: 64 at once, each answer to its own request",
                   "users: 64 at once, each answer to its own request"},
                  {"fails on an encoded path", "users: a percent-encoded path is what it encodes, or unknown",
                   "users: a percent-encoded path is what it encodes, or unknown"}}});
  all.push_back(
      {"db", "db", {{"one row for ever", "db: rows are drawn again for each request", "only 1 different ids"}}});
  all.push_back({"queries",
                 "queries",
                 {{"one row however many", "queries: as many rows as asked", "got 1 rows"},
                  {"dies of clients that leave", "queries: clients that leave", "queries: clients that leave"}}});
  all.push_back(
      {"updates", "updates", {{"changes nothing", "updates: as many rows as asked", "got the numbers of the seed"}}});
  all.push_back({"fortunes",
                 "fortunes",
                 {{"not escaped", "fortunes: the page", "<script>"},
                  {"added row is missing", "fortunes: the page", "expected GET /fortunes: 0, got 6"},
                  {"of 200 one is missing", "fortunes: the page of 200", "each id of 0 … 200 once, got 8"}}});
  std::vector<Row> orders = order_rows();
  for (Row& row :
       std::vector<Row>{{"adds up wrongly", "validate: adds up a right order", "total_cents"},
                        {"keeps the answer before", "validate: two bodies on one connection", "total_cents"},
                        {"keeps the answer before", "validate: two bodies in one segment", "total_cents"},
                        {"wants a body whole", "validate: a request in fragments", "status 200, got 400"},
                        {"no JSON is 422", "validate: refuses what is not JSON", "status 400, got 422"},
                        {"reads what is too large", "validate: refuses more than 64 KiB", "status 413"},
                        {"answers POST", "validate: a wrong method is 405", "status 405, got 200"},
                        {"reads what is too large", "validate: refuses 1 MiB", "validate: refuses 1 MiB"},
                        {"dies of clients that leave", "validate: clients that leave", "validate: clients that leave"},
                        {"mixes up what comes at once", "validate: 64 at once, each answer to its own request",
                         "validate: 64 at once, each answer to its own request"}})
    orders.push_back(std::move(row));
  all.push_back({"validate", "validate", std::move(orders)});
  all.push_back({"predict", "predict", sample_rows()});
  const std::vector<Row> cpu{{"another hash", "cpu: hash by value", "result"},
                             {"one prime more", "cpu: sieve by value", "result"},
                             {"accepts bad input", "cpu: refuses bad input", "status 400, got 200"}};
  all.push_back({"cpu", "cpu", cpu});
  all.push_back({"cpu_offload", "cpu_offload", cpu});
  all.push_back({"upload",
                 "upload",
                 {{"guesses the size", "upload: counts the bytes", "got"},
                  {"nothing is a bad request", "upload: counts nothing", "status 200, got 400"},
                  {"counts 1 MiB at most", "upload: counts over 1 MiB", "1048576"},
                  {"keeps the answer before", "upload: two bodies on one connection", "bytes"},
                  {"counts no chunks", "upload: counts chunks of one byte", "bytes"},
                  {"wants a body whole", "upload: a request in fragments", "bytes"}}});
  const std::string subscribers = "sse: 16 subscribers, nothing lost, duplicated or delivered to another client";
  all.push_back({"sse",
                 "sse",
                 {{"events as text", "sse: hands on what is published", "Content-Type: text/event-stream"},
                  {"greets otherwise", "sse: hands on what is published", "first, got \": hello"},
                  {"no id", "sse: hands on what is published", "an id above -1"},
                  {"numbers all alike", "sse: hands on what is published", "an id above 7"},
                  {"published is 200", "sse: hands on what is published", "status 202, got 200"},
                  {"hands on four at a time", "sse: hands on what is published", "no further message"},
                  {"cuts at 1000 bytes", "sse: hands on 1 KiB", "the message"},
                  {"hands on twice", subscribers, "the message"},
                  {"hands on to every topic", subscribers, "the message"},
                  {"forgets the last subscriber", subscribers, "the message"},
                  {"dies of clients that leave", "sse: clients that leave", "sse: clients that leave"}}});
  const std::string clients = "ws: 16 at once, none lost, duplicated or delivered to another client";
  all.push_back({"ws",
                 "ws",
                 {{"refuses the upgrade", "ws: echoes text and bytes", "status 101, got status 426"},
                  {"another accept", "ws: echoes text and bytes", "Sec-WebSocket-Accept"},
                  {"agrees to compress", "ws: echoes text and bytes", "no extension"},
                  {"bytes come back as text", "ws: echoes text and bytes", "the bytes"},
                  {"says no goodbye", "ws: echoes text and bytes", "a goodbye in answer to one"},
                  {"never ends", "ws: echoes text and bytes", "the end of the connection after the goodbye"},
                  {"64 KiB is too much", "ws: echoes nothing, and 64 KiB", "of 65535 bytes"},
                  {"answers no ping", "ws: answers pings", "the pong"},
                  {"echoes each fragment", "ws: joins fragments", "the text"},
                  {"loses a message", clients, "the text"},
                  {"echoes twice", clients, "the text"},
                  {"crosses messages", clients, "the text"},
                  {"dies of clients that leave", "ws: clients that leave", "ws: clients that leave"}}});
  return all;
}

std::vector<contract::Check> checks_of(const Group& group, const std::string& host) {
  if (!group.workload) return contract::general_checks({host, kSeed}, contract::Depth::full);
  return contract::verification_plan(contract::workload_named(*group.workload), {host, kSeed}, contract::Depth::full);
}

// How a request is carried is checked for each workload by the same code: seen to bite once, for plaintext.
bool is_carriage(const std::string& check) {
  static const std::set<std::string> kCarriage{": keep-alive",
                                               ": Connection: close",
                                               ": HTTP/1.0",
                                               ": a request in fragments",
                                               ": two requests in one segment",
                                               ": HEAD",
                                               ": a wrong method is 405"};
  return kCarriage.contains(check.substr(std::min(check.find(": "), check.size())));
}

class ContractChecks : public ::testing::TestWithParam<Group> {
 protected:
  void SetUp() override {
    const model::Stack* const found = catalog_.find_stack("wrong-answers");
    ASSERT_NE(found, nullptr);
    stack_ = *found;
    if (const std::string why = world_.why_not(stack_); !why.empty()) GTEST_SKIP() << why;
    image_ = world_.build(stack_).value_or("");
    ASSERT_NE(image_, "");
  }

  void TearDown() override {
    if (!image_.empty()) world_.forget(image_);
  }

  // What the checks of this name find in the server with that fault; every check where no name is given.
  std::vector<std::string> find(const std::string& fault, const std::string& check) {
    stack_.run.env["FAULT"] = fault;
    const std::string failed = world_.start(stack_, model::Mode::single, image_);
    if (!failed.empty()) return {"the server did not start: " + failed};
    std::vector<contract::Check> chosen;
    for (auto& one : checks_of(GetParam(), world_.host()))
      if (check.empty() || one.name == check) chosen.push_back(std::move(one));
    EXPECT_FALSE(chosen.empty()) << "there is no check " << check;
    return world_.failures(chosen);
  }

  StackWorld world_{{}};
  stackfile::Catalog catalog_ = read_catalog("tests/data/stacks");
  model::Stack stack_;
  std::string image_;
};

TEST_P(ContractChecks, FindNothingInARightServer) { EXPECT_THAT(find("", ""), ::testing::IsEmpty()); }

TEST_P(ContractChecks, FindEachFault) {
  for (const Row& row : GetParam().rows) {
    const auto found = find(row.fault, row.check);
    EXPECT_THAT(found, ::testing::Contains(::testing::HasSubstr(row.words))) << row.fault << " → " << row.check;
  }
}

INSTANTIATE_TEST_SUITE_P(Wrong, ContractChecks, ::testing::ValuesIn(groups()),
                         [](const auto& row) { return row.param.name; });

TEST(ContractFaults, ThereIsOneForEveryCheck) {
  std::set<std::optional<std::string>> workloads;
  for (const Group& group : groups()) {
    workloads.insert(group.workload);
    std::set<std::string> seen;
    for (const Row& row : group.rows) seen.insert(row.check);
    for (const auto& check : checks_of(group, "")) {
      if (group.name != "plaintext" && is_carriage(check.name)) continue;
      EXPECT_TRUE(seen.contains(check.name)) << "no wrong server shows that this bites: " << check.name;
    }
  }
  for (const std::string_view name : contract::workload_names())
    EXPECT_TRUE(workloads.contains(std::string(name))) << name;
}

}  // namespace
}  // namespace dyno::tests

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "problem_cases.h"
#include "stackfile/files.h"

namespace dyno::stackfile {
namespace {

using model::OwnRequest;
using model::OwnWorkload;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFile = "orders/load.yaml";

Result<std::string> folder(const std::string& path) {
  if (path == "customers.csv") return std::string("id,city\n7,Rome\n8,New York\n");
  if (path == "tabs.csv") return std::string("id,note\n7,a b\n8,a\tb\n");
  if (path == "note.txt") return std::string("a {note}\n");
  if (path == "bytes.bin") return std::string("\xFF\xFE");
  if (path == "more.yaml") return std::string("schema: workload/1\nworkloads:\n  more: {path: /more}\n");
  if (path == "broken.yaml") return std::string("schema: workload/1\nworkloads:\n  more: {pth: /more}\n");
  return fail(ErrorCode::not_found, path + " does not exist");
}

class BadWorkloads : public testing::TestWithParam<ProblemCase> {};

TEST_P(BadWorkloads, GiveExactlyTheseProblems) {
  const auto parsed = parse_workloads(GetParam().text, kFile, folder);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Stackfile, BadWorkloads,
                         testing::ValuesIn(problem_cases("good_workloads.yaml", "bad_workloads.txt")), case_name);

TEST(ParseWorkloads, ReadsEveryKey) {
  const auto parsed = parse_workloads(data_file("good_workloads.yaml"), kFile, folder);
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const auto& all = *parsed.value;
  ASSERT_THAT(all, SizeIs(5));

  const OwnRequest& list = all[0].requests.at(0);
  EXPECT_EQ(all[0].name, "list-orders");
  EXPECT_EQ(all[0].file, "load.yaml");
  EXPECT_EQ(list.name, "GET /orders?page={1..50}");
  EXPECT_EQ(list.headers.at(1).value, "{uuid}");
  const model::AnswerRules& rules = list.expect;
  EXPECT_EQ(rules.file, "load.yaml");
  EXPECT_EQ(rules.line, 7);
  EXPECT_EQ(rules.statuses.size(), 2U);
  EXPECT_EQ(rules.statuses.at(1).to, 304);
  EXPECT_EQ(rules.content_type, "application/json");
  EXPECT_EQ(rules.headers.at(0).value, "");
  EXPECT_EQ(rules.headers.at(1).value, "no-store");
  EXPECT_EQ(rules.headers.at(2).matches, "^v[0-9]+$");
  EXPECT_EQ(rules.headers.at(2).line, 12);
  EXPECT_THAT(rules.contains, ElementsAre("orders"));
  EXPECT_EQ(rules.matches, "total");
  EXPECT_EQ(rules.bytes_least, 10);
  EXPECT_EQ(rules.bytes_most, 5000);
  EXPECT_FALSE(rules.body);
  ASSERT_THAT(rules.json, SizeIs(8));
  EXPECT_EQ(rules.json[0].length_least, 1);
  EXPECT_EQ(rules.json[0].length_most, 50);
  EXPECT_EQ(rules.json[1].type, model::JsonType::integer);
  EXPECT_EQ(rules.json[1].most, 1e6);
  EXPECT_EQ(rules.json[2].equals, "\"open\"");
  EXPECT_EQ(rules.json[3].equals, "12.50");
  EXPECT_EQ(rules.json[4].equals, R"({"a":[1,"2",true,null]})");
  EXPECT_EQ(rules.json[5].length_least, std::nullopt);
  EXPECT_EQ(rules.json[5].length_most, 20);
  EXPECT_FALSE(rules.json[6].present);
  EXPECT_EQ(rules.json[7].pointer, "");
  EXPECT_EQ(rules.json[7].line, 24);
}

TEST(ParseWorkloads, ReadsMixesSessionsAndOtherProtocols) {
  const auto parsed = parse_workloads(data_file("good_workloads.yaml"), kFile, folder);
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const OwnWorkload& mix = (*parsed.value)[1];
  EXPECT_EQ(mix.kind, model::OwnWorkloadKind::mix);
  EXPECT_THAT(mix.table.csv, HasSubstr("New York"));
  EXPECT_EQ(mix.requests.at(0).weight, 8);
  EXPECT_EQ(mix.requests.at(1).body, R"({"customer":"{id}","lines":[{"sku":"a","count":2}]})");
  EXPECT_EQ(mix.requests.at(1).method, "PUT");
  EXPECT_EQ(mix.requests.at(1).headers.at(0).value, "application/json");
  EXPECT_EQ(mix.requests.at(2).body, "a {note}\n");
  EXPECT_EQ(mix.requests.at(2).method, "POST");
  EXPECT_EQ(mix.requests.at(3).body_bytes, 64 * 1024);
  EXPECT_EQ(mix.requests.at(3).expect.body, "");

  const OwnWorkload& session = (*parsed.value)[2];
  EXPECT_EQ(session.kind, model::OwnWorkloadKind::session);
  const auto& takes = session.requests.at(0).takes;
  ASSERT_THAT(takes, SizeIs(3));
  EXPECT_EQ(takes[0].where, "/token");
  EXPECT_EQ(takes[1].from, model::CaptureFrom::header);
  EXPECT_EQ(takes[2].from, model::CaptureFrom::pattern);
  EXPECT_EQ(takes[2].where, "basket=([0-9]+)");
  EXPECT_EQ((*parsed.value)[3].protocol, model::OwnProtocol::ws);
  EXPECT_EQ((*parsed.value)[4].protocol, model::OwnProtocol::sse);
}

TEST(ParseWorkloads, SaysOfAFileThatItIsNoText) {
  const auto parsed =
      parse_workloads("schema: workload/1\nworkloads:\n  up: {path: /, body: {file: bytes.bin}}\n", kFile, folder);
  EXPECT_THAT(as_lines(parsed.problems),
              ElementsAre("3:30 /workloads/up/body/file bad_text bytes.bin is not UTF-8; for any bytes take body: "
                          "{bytes: …}"));
}

TEST(ParseWorkloads, SendsNoTabsInHeaders) {
  const auto parsed = parse_workloads(
      "schema: workload/1\nworkloads:\n  up:\n    table: tabs.csv\n    path: /{id}\n"
      "    headers: {A: \"{note}\", B: \"a\\tb\"}\n    body: \"{note}\\t\"\n",
      kFile, folder);
  EXPECT_THAT(as_lines(parsed.problems),
              ElementsAre("6:18 /workloads/up/headers/A bad_value row 2 of the table has \"a\\tb\" for {note}, which "
                          "cannot stand in a header",
                          "6:31 /workloads/up/headers/B bad_value a header that is sent has no tabs"));
}

TEST(ParseWorkloads, LooksAtNoFileWithoutAFolder) {
  EXPECT_THAT(as_lines(parse_workloads(data_file("good_workloads.yaml"), kFile).problems), IsEmpty());
}

TEST(ParseWorkloads, TakesNoTenThousand) {
  std::string text = "schema: workload/1\nworkloads:\n";
  for (int i = 0; i < 10000; ++i) text += fmt::format("  w{}: {{path: /}}\n", i);
  const auto parsed = parse_workloads(text, kFile, folder);
  ASSERT_FALSE(parsed.problems.empty());
  EXPECT_THAT(as_lines(parsed.problems).front(), HasSubstr("1000"));
  text = "schema: workload/1\nworkloads:\n";
  for (int i = 0; i < 101; ++i) text += fmt::format("  w{}: {{path: /}}\n", i);
  EXPECT_THAT(as_lines(parse_workloads(text, kFile, folder).problems),
              ElementsAre("3:3 /workloads out_of_range workloads has 101 entries; it must have between 0 and 100"));
}

std::string own_stack(const std::string& rest) { return "schema: stack/1\nname: orders\ncontract: own\n" + rest; }

TEST(OwnStack, HasItsWorkloadsFromItsFileItsFolderAndBesideIt) {
  const StackFiles files{folder, [](const std::string& path) -> Result<std::string> {
                           if (path != "common.yaml") return fail(ErrorCode::not_found, path + " does not exist");
                           return std::string("schema: workload/1\nworkloads:\n  health-check: {path: /health}\n");
                         }};
  const auto parsed =
      parse_stack(own_stack("workloads:\n  list: {path: /}\nworkload_files: [more.yaml]\nshared_workloads: [common]\n"),
                  "stacks/orders/stack.yaml", files);
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  EXPECT_THAT(parsed.value->workloads, ElementsAre("list", "more", "health-check"));
  EXPECT_EQ(parsed.value->own_workloads.at(0).file, "stack.yaml");
  EXPECT_EQ(parsed.value->own_workloads.at(1).file, "more.yaml");
  EXPECT_EQ(parsed.value->own_workloads.at(2).file, "workloads/common.yaml");
}

TEST(OwnStack, TellsWhatIsWrongInItsFilesByTheirNames) {
  const auto parsed =
      parse_stack(own_stack("workloads:\n  more: {path: /}\nworkload_files: [broken.yaml, gone.yaml]\n"),
                  "stacks/orders/stack.yaml", {folder, folder});
  ASSERT_THAT(as_lines(parsed.problems),
              ElementsAre("6:31 /workload_files/1 missing_file gone.yaml does not exist",
                          "3:3 /workloads/more repeated more is a workload of stack.yaml already",
                          "3:10 /workloads/more/pth unknown_key unknown key pth; did you mean path?"));
  EXPECT_EQ(parsed.problems[1].file, "stacks/orders/broken.yaml");
}

}  // namespace
}  // namespace dyno::stackfile

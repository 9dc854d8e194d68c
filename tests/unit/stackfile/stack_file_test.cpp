#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFile = "stacks/node-good/stack.yaml";

class BadStack : public testing::TestWithParam<ProblemCase> {};

TEST_P(BadStack, GivesExactlyTheseProblems) {
  const auto parsed = parse_stack(GetParam().text, kFile);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(GetParam().problems));
  for (const auto& problem : parsed.problems) EXPECT_EQ(problem.file, kFile);
}

INSTANTIATE_TEST_SUITE_P(Stackfile, BadStack, testing::ValuesIn(problem_cases("good_stack.yaml", "bad_stacks.txt")),
                         case_name);

TEST(ParseStack, ReadsEveryKey) {
  const auto parsed = parse_stack(data_file("good_stack.yaml"), kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  ASSERT_TRUE(parsed.value.has_value());
  const model::Stack& stack = *parsed.value;
  EXPECT_EQ(stack.name, "node-good");
  EXPECT_EQ(stack.title, "Good (TypeScript)");
  EXPECT_EQ(stack.runtime, model::Runtime::node);
  EXPECT_EQ(stack.runtime_version, "26");
  EXPECT_EQ(stack.language, "typescript");
  EXPECT_EQ(stack.framework, "good");
  EXPECT_EQ(stack.version, "1.10");
  EXPECT_EQ(stack.stack_class, model::StackClass::production);
  EXPECT_EQ(stack.default_mode, model::Mode::single);
  EXPECT_THAT(stack.offered_modes, testing::ElementsAre(model::Mode::single, model::Mode::scaled));
  EXPECT_EQ(stack.build.context, ".");
  EXPECT_EQ(stack.build.dockerfile, "Dockerfile");
  ASSERT_EQ(stack.build.base.size(), 2U);
  EXPECT_EQ(stack.build.base[1].arg, "RUN_IMAGE");
  EXPECT_EQ(stack.build.base[1].image, "node:26-slim");
  EXPECT_EQ(stack.build.base[1].stand_in, "stackdyno/base-node-26");
  EXPECT_THAT(stack.build.args, testing::ElementsAre(testing::Pair("FLAVOUR", "plain")));
  EXPECT_EQ(stack.build.network, model::BuildNetwork::packages);
  EXPECT_EQ(stack.build.timeout, 20min);
  EXPECT_THAT(stack.run.command, testing::ElementsAre("node", "dist/server.js"));
  EXPECT_THAT(stack.run.command_scaled, testing::ElementsAre("node", "dist/cluster.js"));
  EXPECT_EQ(stack.run.port, 8080);
  EXPECT_EQ(stack.run.user, 65532);
  EXPECT_THAT(stack.run.env, testing::ElementsAre(testing::Pair("NODE_ENV", "production")));
  EXPECT_EQ(stack.run.stop_signal, "SIGTERM");
  EXPECT_EQ(stack.run.stop_grace, 10s);
  EXPECT_EQ(stack.readiness.path, "/health");
  EXPECT_EQ(stack.readiness.deep_path, "/ready");
  EXPECT_EQ(stack.readiness.timeout, 90s);
  EXPECT_EQ(stack.limits.memory, mib(1024));
  EXPECT_EQ(stack.limits.pids, 256);
  EXPECT_EQ(stack.limits.open_files, 65535);
  EXPECT_EQ(stack.limits.tmp, mib(64));
  ASSERT_EQ(stack.services.size(), 1U);
  EXPECT_TRUE(stack.services.at("postgres").required);
  EXPECT_THAT(stack.workloads, testing::ElementsAre("plaintext", "json", "users"));
  EXPECT_EQ(stack.metadata.async_model, "event loop");
  EXPECT_EQ(stack.metadata.template_engine, "none");
  EXPECT_EQ(stack.metadata.notes, "日本 counts as two characters.");
}

INSTANTIATE_TEST_SUITE_P(OwnStackfile, BadStack,
                         testing::ValuesIn(problem_cases("good_own_stack.yaml", "bad_own_stacks.txt")), case_name);

TEST(ParseOwnStack, ReadsEveryKey) {
  const auto parsed = parse_stack(data_file("good_own_stack.yaml"), kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  const model::Stack& stack = *parsed.value;
  EXPECT_EQ(stack.contract, model::ContractKind::own);
  EXPECT_EQ(stack.title, "Orders");
  EXPECT_EQ(stack.runtime, model::Runtime::node);
  EXPECT_EQ(stack.version, "2.1");
  EXPECT_EQ(stack.build.context, "app");
  EXPECT_EQ(stack.build.dockerfile, "Dockerfile.prod");
  EXPECT_EQ(stack.build.target, "runtime");
  EXPECT_EQ(stack.build.args.at("flavour"), "plain");
  EXPECT_THAT(stack.run.command, testing::ElementsAre("node", "server.js"));
  EXPECT_EQ(stack.run.port, 3000);
  EXPECT_EQ(stack.run.user, 1000);
  EXPECT_EQ(stack.run.env.at("PORT"), "3000");
  EXPECT_EQ(stack.run.stop_signal, "SIGINT");
  EXPECT_EQ(stack.run.stop_grace, 5s);
  EXPECT_TRUE(stack.run.writable);
  ASSERT_EQ(stack.run.folders.size(), 1U);
  EXPECT_EQ(stack.run.folders[0].path, "/var/cache/orders");
  EXPECT_EQ(stack.run.folders[0].size, mib(32));
  EXPECT_EQ(stack.readiness.by, model::ReadyBy::http);
  EXPECT_EQ(stack.readiness.path, "/healthz");
  EXPECT_EQ(stack.readiness.deep_path, "/readyz");
  EXPECT_EQ(stack.readiness.timeout, 90s);
  EXPECT_EQ(stack.limits.memory, mib(512));
  EXPECT_EQ(stack.services.size(), 2U);
  EXPECT_EQ(stack.metadata.notes, "A service of somebody's own.");
  EXPECT_EQ(model::why_not_hardened(stack), "its root file system is writable");
}

TEST(ParseOwnStack, HasADefaultForAllButTheName) {
  const auto parsed = parse_stack("schema: stack/1\ncontract: own\nname: orders\n", "stack.yaml");
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  const model::Stack& stack = *parsed.value;
  EXPECT_EQ(stack.title, "orders");
  EXPECT_EQ(stack.runtime, model::Runtime::other);
  EXPECT_EQ(stack.stack_class, model::StackClass::production);
  EXPECT_THAT(stack.offered_modes, testing::ElementsAre(model::Mode::single));
  EXPECT_EQ(stack.build.context, ".");
  EXPECT_EQ(stack.build.dockerfile, "Dockerfile");
  EXPECT_EQ(stack.build.network, model::BuildNetwork::packages);
  EXPECT_TRUE(stack.run.command.empty());
  EXPECT_EQ(stack.run.port, 0);
  EXPECT_EQ(stack.run.user, model::kUserOfImage);
  EXPECT_EQ(stack.readiness.by, model::ReadyBy::http);
  EXPECT_EQ(stack.readiness.path, "/");
  EXPECT_EQ(stack.limits.pids, 1024);
  EXPECT_EQ(model::why_not_hardened(stack), "it runs as the image's user");
}

TEST(ParseOwnStack, IsReadyByWhatItGives) {
  const auto readiness = [](const std::string& text) {
    const auto parsed =
        parse_stack("schema: stack/1\ncontract: own\nname: orders\nreadiness: " + text + "\n", "stack.yaml");
    EXPECT_THAT(as_lines(parsed.problems), testing::IsEmpty());
    return parsed.value.value_or(model::Stack{}).readiness;
  };
  EXPECT_EQ(readiness("tcp").by, model::ReadyBy::tcp);
  EXPECT_EQ(readiness("tcp").path, "");
  EXPECT_EQ(readiness("{by: tcp, timeout: 2s}").timeout, 2s);
  EXPECT_EQ(readiness("{pattern: 'listening on \\d+'}").by, model::ReadyBy::log);
  EXPECT_EQ(readiness("{pattern: 'listening on \\d+'}").pattern, "listening on \\d+");
  EXPECT_EQ(readiness("{timeout: 2s}").path, "/");
}

TEST(ParseStack, AcceptsEmptyMapsAndAbsentOptionalKeys) {
  std::string text = data_file("good_stack.yaml");
  const auto cut = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  cut("services: {postgres: {required: true}}", "services: {}");
  cut("  args: {FLAVOUR: plain}\n", "");
  cut("  env: {NODE_ENV: production}\n", "");
  cut("[single, scaled]", "[single]");
  cut("  command_scaled: [node, dist/cluster.js]\n", "");
  cut("deep_path: /ready, ", "");
  const auto parsed = parse_stack(text, kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  EXPECT_TRUE(parsed.value->services.empty());
  EXPECT_TRUE(parsed.value->run.command_scaled.empty());
  EXPECT_TRUE(parsed.value->readiness.deep_path.empty());
}

TEST(ParseStack, Row34TakesAByteOrderMarkAndEmptyArgumentsAndVariables) {
  std::string text = "\xEF\xBB\xBF" + data_file("good_stack.yaml");
  const auto cut = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  cut("{FLAVOUR: plain}", "{FLAVOUR: \"\"}");
  cut("{NODE_ENV: production}", "{NODE_ENV: \"\", DEBUG: ''}");
  cut("command: [node, dist/server.js]", "command: [node, \"\", x]");
  const auto parsed = parse_stack(text, kFile);
  ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty());
  EXPECT_EQ(parsed.value->run.command, (std::vector<std::string>{"node", "", "x"}));
  EXPECT_EQ(parsed.value->run.env, (std::map<std::string, std::string>{{"DEBUG", ""}, {"NODE_ENV", ""}}));
  EXPECT_EQ(parsed.value->build.args.at("FLAVOUR"), "");
}

TEST(ParseStack, DoesNotCompareTheNameWithoutAFolder) {
  EXPECT_THAT(as_lines(parse_stack(data_file("good_stack.yaml"), "stack.yaml").problems), testing::IsEmpty());
}

}  // namespace
}  // namespace dyno::stackfile

#include "stackfile/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "problem_cases.h"

namespace dyno::stackfile {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kFile = "services/good/service.yaml";

class BadService : public testing::TestWithParam<ProblemCase> {};

TEST_P(BadService, GivesExactlyTheseProblems) {
  const auto parsed = parse_service(GetParam().text, kFile);
  EXPECT_FALSE(parsed.value.has_value());
  EXPECT_THAT(as_lines(parsed.problems), testing::ElementsAreArray(GetParam().problems));
}

INSTANTIATE_TEST_SUITE_P(Stackfile, BadService,
                         testing::ValuesIn(problem_cases("good_service.yaml", "bad_services.txt")), case_name);

TEST(ParseService, ReadsEveryKey) {
  const auto parsed = parse_service(data_file("good_service.yaml"), kFile);
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const model::Service& service = *parsed.value;
  EXPECT_EQ(service.name, "good");
  EXPECT_EQ(service.title, "Good store");
  ASSERT_EQ(service.build.base.size(), 1U);
  EXPECT_EQ(service.build.base[0].stand_in, "stackdyno/base-debian-trixie");
  EXPECT_EQ(service.build.network, model::BuildNetwork::packages);
  EXPECT_THAT(service.run.command, ElementsAre("-c", "workers=4"));
  EXPECT_EQ(service.run.user, "keeper");
  EXPECT_EQ(service.run.env.at("ROWS"), "{users}");
  EXPECT_THAT(service.run.secrets, ElementsAre("PASSWORD"));
  EXPECT_EQ(service.limits.memory, mib(2048));
  EXPECT_EQ(service.limits.pids, 512);
  EXPECT_EQ(service.limits.open_files, 1024);
  EXPECT_EQ(service.limits.tmp, mib(64));
  EXPECT_EQ(service.shared_memory, mib(128));
  ASSERT_EQ(service.folders.size(), 1U);
  EXPECT_EQ(service.folders[0].path, "/data");
  EXPECT_EQ(service.folders[0].size, mib(1024));
  EXPECT_THAT(service.ready.command, ElementsAre("sh", "/ready.sh"));
  EXPECT_EQ(service.ready.timeout, 60s);
  EXPECT_THAT(service.reset.command, ElementsAre("sh", "/reset.sh"));
  EXPECT_EQ(service.reset.timeout, 500ms);
  EXPECT_EQ(service.app_env.at("STORE_URL"), "store://me:{PASSWORD}@{address}:7000/{connections}");
  EXPECT_THAT(service.workloads, ElementsAre("users", "db"));
  EXPECT_THAT(service.variants, ElementsAre("no_index"));
  EXPECT_THAT(service.users, ElementsAre(10000, 100000));
  ASSERT_TRUE(service.verification);
  const model::ServiceVerification& verification = *service.verification;
  std::vector<std::string> words;
  Nanos timeouts{};
  for (const auto* command : {&verification.watch, &verification.audit, &verification.change, &verification.read,
                              &verification.restore, &verification.fail, &verification.stall, &verification.recover}) {
    words.push_back(command->command.at(1));
    timeouts += command->timeout;
  }
  EXPECT_THAT(words, ElementsAre("watch", "audit", "change", "read", "restore", "fail", "stall", "recover"));
  EXPECT_EQ(timeouts, 36s);
}

TEST(ParseService, HasADefaultForAllButNameAndReadiness) {
  const auto parsed =
      parse_service("schema: service/1\nname: redis\nimage: redis:7\nready: {port: 6379}\n", "service.yaml");
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const model::Service& service = *parsed.value;
  EXPECT_EQ(service.title, "redis");
  EXPECT_EQ(service.image, "redis:7");
  EXPECT_EQ(service.run.user, "");
  EXPECT_FALSE(service.run.writable);
  EXPECT_EQ(service.ready_port, 6379);
  EXPECT_EQ(service.reset_by, model::ResetBy::restart);
  EXPECT_TRUE(service.workloads.empty());
}

TEST(ParseService, ReadsWhatItIsGivenAndHowItIsReset) {
  const auto parsed = parse_service(
      "schema: service/1\nname: search\nbuild: {target: run}\nready: {port: 9200, path: /_health, timeout: 90s}\n"
      "files: [{from: seed/a.sql, to: /seed/a.sql}]\nreset: none\napp_env: {URL: \"http://{host}:{port}\"}\n",
      "service.yaml");
  ASSERT_THAT(as_lines(parsed.problems), IsEmpty());
  const model::Service& service = *parsed.value;
  EXPECT_EQ(service.build.target, "run");
  EXPECT_EQ(service.build.context, ".");
  EXPECT_EQ(service.ready_path, "/_health");
  EXPECT_EQ(service.ready.timeout, 90s);
  EXPECT_EQ(service.reset_by, model::ResetBy::none);
  ASSERT_EQ(service.files.size(), 1U);
  EXPECT_EQ(service.files[0].to, "/seed/a.sql");
  EXPECT_TRUE(service.run.writable) << "nothing can be copied into a root that is read-only";
}

}  // namespace
}  // namespace dyno::stackfile

#include "contract/query_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

using testing::HasSubstr;

std::string broken(const std::string& name, const std::string& printed, AskedRequests asked = {512, 512},
                   double slack = 0) {
  const auto audit = parse_audit(printed);
  const Workload& workload = workload_named(name);
  const auto promise = promised_queries(workload, setting_of(workload, {{"n", 7}}));
  if (!audit) return "unread: " + audit.error().message;
  const auto found = broken_promise(*promise, asked, slack, *audit);
  return found ? found->expected + "; got " + found->got : "";
}

TEST(QueryAudit, ReadsWhatAServicePrints) {
  const auto audit =
      parse_audit("read world 3584 3584\nwrite world 512 3584\nother 4 SELECT 1 AS x\nconnections 20\n\n");
  ASSERT_TRUE(audit) << audit.error().message;
  ASSERT_EQ(audit->statements.size(), 3U);
  EXPECT_EQ(audit->statements[1].kind, StatementKind::write);
  EXPECT_EQ(audit->statements[1].calls, 512);
  EXPECT_EQ(audit->statements[1].rows, 3584);
  EXPECT_EQ(audit->statements[2].what, "SELECT 1 AS x");
  EXPECT_EQ(audit->connections, 20);
}

TEST(QueryAudit, RefusesLinesThatItDoesNotKnow) {
  for (const char* line : {"read world 1", "read world x 1", "reads world 1 1", "other 3", "other -1 BEGIN",
                           "connections", "connections many", "psql: error"}) {
    const auto audit = parse_audit(line);
    ASSERT_FALSE(audit) << line;
    EXPECT_THAT(audit.error().message, HasSubstr(line));
  }
}

TEST(QueryAudit, PassesExactlyWhatWasPromised) {
  EXPECT_EQ(broken("users", "read users 512 512\n"), "");
  EXPECT_EQ(broken("db", "read world 512 512\n"), "");
  EXPECT_EQ(broken("queries", "read world 3584 3584\n"), "");
  EXPECT_EQ(broken("fortunes", "read fortune 512 6144\n"), "");
  EXPECT_EQ(broken("updates", "read world 3584 3584\nwrite world 3584 3584\n"), "");
  EXPECT_EQ(broken("updates", "read world 3584 3584\nwrite world 512 3584\n"), "") << "rows count, not calls";
  EXPECT_EQ(broken("users", "read users 300 300\nread users 212 212\n"), "") << "two wordings of one statement";
  EXPECT_EQ(broken("users", "read users 512 512\nother 20 SET timezone TO $1\n"), "") << "one a connection";
  EXPECT_FALSE(promised_queries(workload_named("json"), {}));
}

struct Cheat {
  const char* name;
  std::string workload;
  const char* printed;
  const char* said;
};

TEST(QueryAudit, SaysHowAStackDoesOtherwise) {
  const Cheat cheats[] = {
      {"answers from memory", "users", "connections 20\n",
       "1 reads of users for each of 512 requests; got 0, 0.00 per request"},
      {"caches some answers", "users", "read users 511 511\n", "got 511, 1.00 per request"},
      {"merges the reads into one", "queries", "read world 512 3584\n",
       "7 reads of world for each of 512 requests; got 512, 1.00 per request"},
      {"reads every row and picks", "db", "read world 512 5120000\n", "1 rows read of world"},
      {"writes nothing", "updates", "read world 3584 3584\n",
       "7 rows written to world for each of 512 requests; got 0"},
      {"reads another table", "fortunes", "read fortune200 512 6144\n", "1 reads of fortune"},
      {"looks whether it is there", "users", "read users 512 512\nother 512 SELECT $1\n",
       "no other statement during 512 requests; got 512 × SELECT $1"},
      {"begins transactions", "db", "read world 512 512\nother 512 BEGIN\n", "got 512 × BEGIN"},
      {"counts visits", "db", "read world 512 512\nwrite users 512 512\n", "got 512 × writes to users"},
      {"writes where it may only read", "queries", "read world 3584 3584\nwrite world 60 60\n",
       "0 rows written to world"},
  };
  for (const Cheat& cheat : cheats)
    EXPECT_THAT(broken(cheat.workload, cheat.printed), HasSubstr(cheat.said)) << cheat.name;
}

TEST(QueryAudit, AllowsUnderLoadWhatWasUnderWayAtTheEdges) {
  const AskedRequests asked{100'000, 100'064};
  EXPECT_EQ(broken("users", "read users 100064 100064\n", asked, 0.01), "");
  EXPECT_EQ(broken("users", "read users 99001 99001\n", asked, 0.01), "");
  EXPECT_THAT(broken("users", "read users 98900 98900\n", asked, 0.01), HasSubstr("100000 to 100064 requests"));
  EXPECT_THAT(broken("users", "read users 101100 101100\n", asked, 0.01), HasSubstr("got 101100, 1.01 per request"));
}

}  // namespace
}  // namespace dyno::contract

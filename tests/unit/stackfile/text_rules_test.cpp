#include "stackfile/shape.h"

#include <gtest/gtest.h>

#include <array>
#include <regex>
#include <string>

#include "base/text.h"

namespace dyno::stackfile {
namespace {

// Every rule on every text: what the published pattern says must be what the parser does.
TEST(TextRules, PatternsAndPredicatesAgree) {
  const std::array<std::pair<const char*, const TextRule*>, 15> rules{{{"one line", &kOneLine},
                                                                       {"name", &kName},
                                                                       {"name glob", &kNameGlob},
                                                                       {"variant name", &kVariantName},
                                                                       {"identifier", &kIdentifier},
                                                                       {"version", &kVersion},
                                                                       {"env name", &kEnvName},
                                                                       {"arg name", &kArgName},
                                                                       {"image", &kImage},
                                                                       {"url path", &kUrlPath},
                                                                       {"url", &kUrl},
                                                                       {"inner path", &kInnerPath},
                                                                       {"phase rate", &kPhaseRate},
                                                                       {"cron", &kCron},
                                                                       {"time zone", &kTimeZone}}};
  const std::array<std::string, 83> texts{"ab@1",
                                          "ab@node-24",
                                          "ab+pq@go-1.25",
                                          "ab@",
                                          "ab+-a",
                                          "a@1",
                                          "ab@A",
                                          "ab@" + std::string(78, '1'),
                                          "a",
                                          "ab",
                                          "A",
                                          "a-b",
                                          "a_b",
                                          "A_B",
                                          "1a",
                                          "a1",
                                          "-a",
                                          "*",
                                          "node-*",
                                          "node*x",
                                          std::string(40, 'a'),
                                          std::string(41, 'a'),
                                          std::string(100, 'A'),
                                          std::string(101, 'A'),
                                          std::string(200, '/'),
                                          std::string(201, '/'),
                                          std::string(255, 'a'),
                                          std::string(256, 'a'),
                                          "26",
                                          "1.10",
                                          "5.12.8",
                                          "1.0+b~c",
                                          ".1",
                                          "_X",
                                          "PORT",
                                          "node:26-slim",
                                          "docker.io/library/node@sha256:ab",
                                          "/node",
                                          "a b",
                                          " ",
                                          "/",
                                          "/health",
                                          "/a?b=c",
                                          "/a#b",
                                          "health",
                                          "https://x",
                                          "http://",
                                          "https://a b",
                                          "ftp://x",
                                          ".",
                                          "..",
                                          "a/..",
                                          "../a",
                                          "a/../b",
                                          "a..b",
                                          "...",
                                          "/etc",
                                          "a\\b",
                                          "./a",
                                          "a/b/c",
                                          "1000/s",
                                          "0.5/s",
                                          "01/s",
                                          ".5/s",
                                          "5./s",
                                          "1000",
                                          "60% of cap",
                                          "60%of cap",
                                          "60% of Cap",
                                          "-1/s",
                                          "100% of a1_b",
                                          "1e3/s",
                                          "30 1 * * *",
                                          "* * * *",
                                          "0 0 1,15 * 1-5",
                                          "@daily",
                                          "@",
                                          "@Daily",
                                          "1 2 3 4 5 6",
                                          "Europe/Berlin",
                                          "Etc/GMT+1",
                                          "two\nlines",
                                          "tab\there"};
  for (const auto& [name, rule] : rules) {
    const std::regex pattern(std::string(rule->pattern), std::regex::ECMAScript);
    for (const std::string& text : texts) {
      EXPECT_EQ(rule->matches(text), std::regex_search(text, pattern)) << name << ": " << visible(text, 60);
    }
    EXPECT_FALSE(rule->matches("")) << name;
  }
}

}  // namespace
}  // namespace dyno::stackfile

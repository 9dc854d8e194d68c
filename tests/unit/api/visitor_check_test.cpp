#include "api/visitor_check.h"

#include <gtest/gtest.h>

#include <array>

namespace dyno::api {
namespace {

int status(const Headers& headers, const std::string& method, const std::vector<std::string>& more = {}) {
  Request request;
  request.method = method;
  request.headers = headers;
  const auto refusal = check_visitor(request, own_hosts(8080, more));
  return refusal ? refusal->status : 0;
}

TEST(VisitorCheck, AnswersOnlyUnderItsOwnNames) {
  for (const char* const host : {"localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"})
    EXPECT_EQ(status({{"host", host}}, "GET"), 0) << host;
  for (const char* const host : {"localhost", "localhost:80", "localhost:8081", "127.0.0.1", "evil.example",
                                 "evil.example:8080", "localhost.evil.example:8080", "127.0.0.1.evil.example:8080",
                                 "localhost:8080.evil", "127.1:8080", "0.0.0.0:8080", "localhost.:8080",
                                 "2130706433:8080", "user@localhost:8080", "localhost:8080@evil", "dyno.lan:8080"}) {
    EXPECT_EQ(status({{"host", host}}, "GET"), 421) << host;
    EXPECT_EQ(status({{"host", host}}, "POST"), 421) << host;
  }
  EXPECT_EQ(status({{"host", "dyno.lan:8080"}}, "GET", {"dyno.lan"}), 0);
  EXPECT_EQ(status({}, "GET"), 400);
  EXPECT_EQ(status({{"host", ""}}, "GET"), 400);
}

TEST(VisitorCheck, OnPort80TheNameAloneWillDo) {
  Request request;
  request.method = "GET";
  request.headers = {{"host", "localhost"}};
  EXPECT_FALSE(check_visitor(request, own_hosts(80, {})));
}

// Every mixture of where a browser says it comes from, for reading and for changing.
TEST(VisitorCheck, ChangesComeOnlyFromOurOwnPageOrFromNoPage) {
  constexpr std::array<std::string_view, 6> kSites{"", "same-origin", "none", "same-site", "cross-site", "weird"};
  constexpr std::array<std::string_view, 6> kOrigins{"",     "http://localhost:8080", "http://127.0.0.1:8080",
                                                     "null", "http://evil.example",   "https://localhost:8080"};
  for (const std::string_view site : kSites) {
    for (const std::string_view origin : kOrigins) {
      Headers headers{{"host", "localhost:8080"}};
      if (!site.empty()) headers.emplace_back("sec-fetch-site", site);
      if (!origin.empty()) headers.emplace_back("origin", origin);
      const bool site_is_fine = site.empty() || site == "same-origin" || site == "none";
      const bool origin_is_fine = origin.empty() || origin == "http://localhost:8080";
      EXPECT_EQ(status(headers, "GET"), 0) << site << " " << origin;
      EXPECT_EQ(status(headers, "HEAD"), 0) << site << " " << origin;
      for (const char* const method : {"POST", "DELETE", "PUT", "PATCH", "OPTIONS"}) {
        EXPECT_EQ(status(headers, method), site_is_fine && origin_is_fine ? 0 : 403)
            << method << " " << site << " " << origin;
      }
    }
  }
}

}  // namespace
}  // namespace dyno::api

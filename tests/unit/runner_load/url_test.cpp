#include "runners/load/url.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

TEST(Url, ReadsWhatPeoplePaste) {
  struct Row {
    const char* text;
    const char* authority;
    const char* target;
    const char* host = "h";
    int port = 80;
  };
  const Row rows[] = {
      {"http://h", "h", "/"},
      {"http://h/", "h", "/"},
      {"http://h:80/", "h", "/"},
      {"http://h:/", "h", "/"},
      {"http://h:8080/a/b?c=d", "h:8080", "/a/b?c=d", "h", 8080},
      {"http://h:0080/", "h", "/"},
      {"HTTP://H/A", "h", "/A"},
      {"http://h/a#b", "h", "/a"},
      {"http://h#b", "h", "/"},
      {"http://h?x=1", "h", "/?x=1"},
      {"http://h/?x=http://y/", "h", "/?x=http://y/"},
      {"http://h?x#y", "h", "/?x"},
      {"https://h/", "h", "/", "h", 443},
      {"https://h:80/", "h:80", "/", "h", 80},
      {"ws://h/", "h", "/"},
      {"WSS://h/", "h", "/", "h", 443},
      {"http://[::1]/", "[::1]", "/", "::1", 80},
      {"http://[::1]:8080/", "[::1]:8080", "/", "::1", 8080},
      {"http://[FE80::A]/", "[fe80::a]", "/", "fe80::a", 80},
      {"http://user:pw@[::1]:8080/", "[::1]:8080", "/", "::1", 8080},
      {"http://h/a b", "h", "/a%20b"},
      {"http://h/ü?ö=ä", "h", "/%C3%BC?%C3%B6=%C3%A4"},
      {"http://h/a%20b", "h", "/a%20b"},
      {"http://h/a\"<>`b", "h", "/a%22%3C%3E%60b"},
      {"http://h/{1..9}/{my name}/x y", "h", "/{1..9}/{my name}/x%20y"},
      {"http://h/{ x", "h", "/{%20x"},
      {"http://my_host-1.example/", "my_host-1.example", "/", "my_host-1.example"},
  };
  for (const Row& row : rows) {
    const Result<Url> url = parse_url(row.text);
    ASSERT_TRUE(url) << row.text << ": " << url.error().message;
    EXPECT_EQ(url->authority(), row.authority) << row.text;
    EXPECT_EQ(url->target, row.target) << row.text;
    EXPECT_EQ(url->host, row.host) << row.text;
    EXPECT_EQ(url->port, row.port) << row.text;
  }
}

TEST(Url, TakesCredentialsAndShowsThemNowhere) {
  const std::pair<const char*, const char*> rows[] = {
      {"http://user:pw@h/", "user:pw"},       {"http://user@h/", "user:"},        {"http://:pw@h/", ":pw"},
      {"http://us%65r:p%40w@h/", "user:p@w"}, {"http://user:p@w@h/", "user:p@w"}, {"http://@h/", ""},
      {"http://user:p%C3%BC@h/", "user:pü"},
  };
  for (const auto& [text, credentials] : rows) {
    const Result<Url> url = parse_url(text);
    ASSERT_TRUE(url) << text << ": " << url.error().message;
    EXPECT_EQ(url->credentials, credentials) << text;
    EXPECT_EQ(url->text(), "http://h/") << text;
  }
}

TEST(Url, RefusesWithWordsAndWithoutPasswords) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "has no scheme: write http://"},
      {"localhost:8080", "localhost:8080 has no scheme: write http://localhost:8080, or https://, ws:// or wss://"},
      {"/a?b=http://h/", "has no scheme"},
      {"ftp://h/", "dyno-load speaks http://, https://, ws:// and wss://, not ftp://"},
      {"http://", "there is no host"},
      {"http:///a", "there is no host"},
      {"http://:80/", "there is no host"},
      {"http://h:0/", "the port is not a number from 1 to 65535"},
      {"http://h:65536/", "the port is not"},
      {"http://h:99999999999999999999/", "the port is not"},
      {"http://h:-1/", "the port is not"},
      {"http://h:8o/", "the port is not"},
      {"http://::1/", "stands in brackets"},
      {"http://::1:80/", "stands in brackets"},
      {"http://[::1/", "stands in brackets"},
      {"http://[::g]/", "is not an IPv6 address"},
      {"http://[127.0.0.1]/", "is not an IPv6 address"},
      {"http://[::1]x/", ""},
      {"http://höst/", "not ASCII"},
      {"http://a b/", "other characters"},
      {"http://h/\n", "control characters"},
      {"http://us:secret@h:x/", "the port"},
      {"us:secret@h/", "no scheme"},
      {"http:/us:secret@h/", "no scheme"},
      {"http://us:sec/ret@h/", "the port"},
      {"http://us:secret#@h/", "the port"},
      {"http://us:%secret@h/", "%25"},
      {"gopher://us:secret@h/", "not gopher://"},
  };
  for (const auto& [text, words] : rows) {
    const Result<Url> url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_NE(url.error().message.find(words), std::string::npos) << text << ": " << url.error().message;
    EXPECT_EQ(url.error().message.find("sec"), std::string::npos) << url.error().message;
  }
}

TEST(Endpoint, HasHostAndPort) {
  const Result<Endpoint> one = parse_endpoint("[::1]:80");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->host, "::1");
  EXPECT_EQ(one->port, 80);
  EXPECT_EQ(parse_endpoint("LocalHost:8080")->host, "localhost");
  for (const char* text : {"", "h", "h:", ":80", "h:0", "::1:80", "h:80:80", "http://h:80"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

}  // namespace
}  // namespace dyno::loadgen

#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace dyno {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;

constexpr std::array<std::string_view, 5> kKnown{"port", "command", "env", "json_cap", "timeout"};

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,b,,c", ','), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split(",", ','), ElementsAre("", ""));
}

TEST(Trim, TakesWhiteSpaceOffBothEnds) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Lower, KnowsAsciiLettersAlone) {
  EXPECT_EQ(lower("Content-TYPE: [Z]\xc3\x84"), "content-type: [z]\xc3\x84");
  EXPECT_TRUE(same_ignoring_case("Host", "hOST"));
  EXPECT_FALSE(same_ignoring_case("Host", "Hosts"));
  EXPECT_FALSE(same_ignoring_case("[", "{"));
}

TEST(NearestWord, FindsWhatWasMeant) {
  EXPECT_THAT(nearest_word("prot", kKnown), Optional(std::string("port")));
  EXPECT_THAT(nearest_word("comand", kKnown), Optional(std::string("command")));
  EXPECT_THAT(nearest_word("jsn_cap", kKnown), Optional(std::string("json_cap")));
  EXPECT_THAT(nearest_word("env", kKnown), Optional(std::string("env")));
  EXPECT_EQ(nearest_word("privileged", kKnown), std::nullopt);
  EXPECT_EQ(nearest_word("", kKnown), std::nullopt);
  EXPECT_EQ(nearest_word("port", {}), std::nullopt);
}

TEST(DidYouMean, IsReadyToAppend) {
  EXPECT_EQ(did_you_mean("prot", kKnown), "; did you mean port?");
  EXPECT_EQ(did_you_mean("privileged", kKnown), "");
}

TEST(ParseInt, TakesDecimalIntegersOnly) {
  EXPECT_THAT(parse_int("0"), Optional(0));
  EXPECT_THAT(parse_int("-12"), Optional(-12));
  EXPECT_THAT(parse_int("9223372036854775807"), Optional(INT64_MAX));
  EXPECT_THAT(parse_int("-9223372036854775808"), Optional(INT64_MIN));
  for (const char* wrong :
       {"", "-", "+1", "010", "-01", "1.0", "1e3", " 1", "1 ", "0x1", "9223372036854775808", "--1"}) {
    EXPECT_EQ(parse_int(wrong), std::nullopt) << wrong;
  }
}

TEST(ParseDouble, TakesFiniteDecimalsOnly) {
  EXPECT_THAT(parse_double("12"), Optional(12.0));
  EXPECT_THAT(parse_double("0.5"), Optional(0.5));
  EXPECT_THAT(parse_double("-99.9"), Optional(-99.9));
  for (const char* wrong : {"", "-", ".5", "5.", "1e3", "nan", "inf", "010", "1..2", "1-2", " 1", "0x1"})
    EXPECT_EQ(parse_double(wrong), std::nullopt) << wrong;
}

TEST(ParseDuration, NeedsItsUnit) {
  EXPECT_THAT(parse_duration("20min"), Optional(Nanos(20min)));
  EXPECT_THAT(parse_duration("1.5s"), Optional(Nanos(1500ms)));
  EXPECT_THAT(parse_duration("250us"), Optional(Nanos(250us)));
  EXPECT_THAT(parse_duration("7ns"), Optional(Nanos(7)));
  EXPECT_THAT(parse_duration("2d"), Optional(Nanos(48h)));
  EXPECT_THAT(parse_duration("0s"), Optional(Nanos(0)));
  for (const char* wrong : {"20", "20 min", "min", "-1s", "1m", "1S", "1.s", "", "1s2", "99999999999h"})
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

TEST(ParseBytes, NeedsItsUnit) {
  EXPECT_THAT(parse_bytes("64MiB"), Optional(mib(64)));
  EXPECT_THAT(parse_bytes("1.5KiB"), Optional(Bytes{1536}));
  EXPECT_THAT(parse_bytes("2GiB"), Optional(mib(2048)));
  for (const char* wrong : {"64", "64MB", "64M", "64 MiB", "-1KiB", "KiB", "9999999999999GiB"})
    EXPECT_EQ(parse_bytes(wrong), std::nullopt) << wrong;
}

TEST(GlobMatch, StarStandsForAnyRun) {
  EXPECT_TRUE(glob_match("*", "go-nethttp"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("go-*", "go-nethttp"));
  EXPECT_TRUE(glob_match("*-net*", "go-nethttp"));
  EXPECT_TRUE(glob_match("a*b*c", "aXbYbZc"));
  EXPECT_TRUE(glob_match("go-nethttp", "go-nethttp"));
  EXPECT_TRUE(glob_match("**", "x"));
  EXPECT_FALSE(glob_match("go-*", "node-fastify"));
  EXPECT_FALSE(glob_match("go", "go-nethttp"));
  EXPECT_FALSE(glob_match("*-x", "go-nethttp"));
  EXPECT_FALSE(glob_match("", "x"));
}

TEST(Instants, ReadBackAsTheyWereWritten) {
  EXPECT_EQ(format_instant(wall_from_ns(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_instant(wall_from_ns(1795435200'123'000'000)), "2026-11-23T12:00:00.123Z");
  EXPECT_EQ(format_instant(wall_from_ns(-1'000'000)), "1969-12-31T23:59:59.999Z");
  EXPECT_THAT(parse_instant("2026-11-23T12:00:00.123Z"), Optional(wall_from_ns(1795435200'123'000'000)));
  EXPECT_THAT(parse_instant("2026-11-23T12:00:00Z"), Optional(wall_from_ns(1795435200'000'000'000)));
  EXPECT_THAT(parse_instant("2024-02-29T00:00:00.5Z"), Optional(wall_from_ns(1709164800'500'000'000)));
}

TEST(ParseInstant, RefusesWhatIsNotAnInstantInUtc) {
  for (const char* wrong :
       {"", "2026-11-23", "2026-11-23T12:00:00", "2026-11-23T12:00:00+01:00", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T12:60:00Z", "2026-11-23T12:00:00.Z",
        "2026-11-23T12:00:00.0123456789Z", "2026-11-23 12:00:00Z", "2026-11-23T12:00:0xZ"}) {
    EXPECT_EQ(parse_instant(wrong), std::nullopt) << wrong;
  }
}

TEST(Visible, MakesOneSafeLine) {
  EXPECT_EQ(visible("a\nb\tc\r\x1B[31m\x7F", 100), "a\\nb\\tc\\r\\x1b[31m\\x7f");
  EXPECT_EQ(visible("abcdef", 3), "abc…");
  EXPECT_EQ(visible("abc", 3), "abc");
  EXPECT_EQ(visible("日本", 4), "日…");
  EXPECT_EQ(visible("", 0), "");
}

TEST(Utf8, KnowsWhatIsValid) {
  for (const char* right : {"", "abc", "é", "日本", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_valid_utf8(right)) << right;
  for (const char* wrong : {"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF5\x80\x80\x80", "\xE6\x97", "a\xFF"}) {
    EXPECT_FALSE(is_valid_utf8(wrong)) << visible(wrong, 10);
  }
}

}  // namespace
}  // namespace dyno

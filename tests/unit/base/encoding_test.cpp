#include "base/encoding.h"

#include <gtest/gtest.h>

namespace dyno {
namespace {

// RFC 4648, section 10.
constexpr struct {
  std::string_view plain, text;
} kVectors[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};

TEST(Base64, KnowsTheVectorsOfTheStandard) {
  for (const auto& v : kVectors) {
    EXPECT_EQ(to_base64(v.plain), v.text);
    EXPECT_EQ(from_base64(v.text), v.plain);
  }
}

TEST(Base64, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Z===", "====", "Zm9v\n", "Zm 9v", "Zm-_", "Zg==Zg==", "Zm9=Zg=="}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Hex, IsTwoLowerCaseDigitsPerByte) {
  EXPECT_EQ(to_hex(std::string_view("\0\x7f\xff", 3)), "007fff");
  std::string digits;
  for (int c = -128; c < 128; ++c) {
    if (hex_digit(static_cast<char>(c)) >= 0) digits.push_back(static_cast<char>(c));
  }
  EXPECT_EQ(digits, "0123456789ABCDEFabcdef");
  EXPECT_EQ(hex_digit('f'), 15);
  EXPECT_EQ(hex_digit('A'), 10);
}

TEST(Percent, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encoded("a Z9-._~/\xc3\xbc%"), "a%20Z9-._~%2F%C3%BC%25");
  EXPECT_EQ(percent_encoded("a/b c", [](char c) { return c == '/' || is_unreserved(c); }), "a/b%20c");
}

TEST(Percent, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decoded(percent_encoded(bytes)), bytes);
  EXPECT_EQ(percent_decoded("%c3%BC+"), "\xc3\xbc+");
}

TEST(Percent, RefusesABrokenEscape) {
  for (const std::string_view text : {"%", "%4", "a%4", "%g0", "%0g", "%%41"})
    EXPECT_FALSE(percent_decoded(text)) << text;
}

TEST(Encoding, CsvFieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
  EXPECT_EQ(csv_field(" a"), "\" a\"");
  EXPECT_TRUE(looks_like_a_formula("=1"));
  EXPECT_FALSE(looks_like_a_formula("1=1"));
}

TEST(Encoding, StringsOfJsonHaveNoControlCharacters) {
  EXPECT_EQ(json_text(""), "\"\"");
  EXPECT_EQ(json_text("Zoë \"Z\" \\"), "\"Zoë \\\"Z\\\" \\\\\"");
  EXPECT_EQ(json_text("a\nb\r\t\x01\x1F\x7F"), "\"a\\nb\\r\\t\\u0001\\u001f\x7F\"");
}

}  // namespace
}  // namespace dyno

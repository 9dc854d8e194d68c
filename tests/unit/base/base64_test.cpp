#include "base/base64.h"

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

}  // namespace
}  // namespace dyno

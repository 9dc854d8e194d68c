#include "runners/load/rules/json_scan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/random.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

using Json = nlohmann::ordered_json;

JsonValue find_one(std::string_view pointer, std::string_view text) {
  JsonPointers pointers;
  EXPECT_TRUE(pointers.add(pointer)) << pointer;
  std::vector<JsonValue> found;
  EXPECT_FALSE(find_json(pointers, text, found)) << text;
  return found.front();
}

TEST(JsonScan, FindsValuesWhereTheyLie) {
  constexpr std::string_view kText =
      R"( {"a/b": [ {"~": "x\"y"}, -1.5e3, [ ] ], "" : null, "0": {"00": true}, "a": {"b": 12 } } )";
  EXPECT_EQ(find_one("/a~1b/0/~0", kText).text, R"("x\"y")");
  EXPECT_EQ(find_one("/a~1b/1", kText).text, "-1.5e3");
  EXPECT_EQ(find_one("/a~1b/1", kText).type, JsonType::number);
  EXPECT_EQ(find_one("/a~1b/2", kText).text, "[ ]");
  EXPECT_EQ(find_one("/a~1b", kText).entries, 3);
  EXPECT_EQ(find_one("/", kText).type, JsonType::null);
  EXPECT_EQ(find_one("/0/00", kText).type, JsonType::boolean) << "00 is a key, and never an index";
  EXPECT_EQ(find_one("/a/b", kText).type, JsonType::integer);
  EXPECT_EQ(find_one("", kText).entries, 4);
  for (const char* none : {"/a~1b/3", "/a~1b/00", "/a~1b/-", "/b", "/a/b/c", "/a~1b/0/~0/0"})
    EXPECT_EQ(find_one(none, kText).type, JsonType::absent) << none;
}

TEST(JsonScan, TheLastOfTwoEqualKeysCounts) {
  EXPECT_EQ(find_one("/a/b", R"({"a":{"b":1},"a":{"b":2}})").text, "2");
  EXPECT_EQ(find_one("/a/b", R"({"a":{"b":1},"\u0061":{}})").type, JsonType::absent);
}

TEST(JsonScan, RefusesWrongPointers) {
  JsonPointers pointers;
  for (const char* wrong : {"a", "/~", "/~2", "#/a"}) EXPECT_FALSE(pointers.add(wrong)) << wrong;
  EXPECT_EQ(pointers.add("/~2").error().message, "\"/~2\" is no JSON pointer: ~ is written ~0, and / within a key ~1");
  for (std::size_t i = 0; i < JsonPointers::kMost; ++i) ASSERT_TRUE(pointers.add("/" + std::to_string(i)));
  EXPECT_FALSE(pointers.add("/more"));
  EXPECT_EQ(pointers.add("/3").value(), 3U) << "one that is there takes no room";
}

TEST(JsonScan, SaysWhereATextIsNoJson) {
  const auto wrong_at = [](std::string_view text) {
    std::vector<JsonValue> found;
    return find_json({}, text, found);
  };
  EXPECT_FALSE(wrong_at("[1,{\"a\":[true,false,null,\"\\ud83d\\ude00\"]}]"));
  EXPECT_EQ(wrong_at(""), 0U);
  EXPECT_EQ(wrong_at("{\"a\":1"), 6U);
  EXPECT_EQ(wrong_at("[1,]"), 3U);
  EXPECT_EQ(wrong_at("[1 2]"), 3U);
  EXPECT_EQ(wrong_at("1 2"), 2U);
  EXPECT_EQ(wrong_at("{\"a\" 1}"), 5U);
  for (const char* text : {"01",
                           "-",
                           "1.",
                           "1e",
                           ".5",
                           "+1",
                           "tru",
                           "nul",
                           "True",
                           "'a'",
                           "\"a",
                           "\"\x01\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\xff\"",
                           "\"\xc3\"",
                           "\"\xed\xa0\x80\"",
                           "{1:2}",
                           "[",
                           "{",
                           "}",
                           "[}",
                           "nan",
                           "\xef\xbb\xbf[]"})
    EXPECT_TRUE(wrong_at(text)) << text;
  EXPECT_FALSE(wrong_at(std::string(kMostJsonDepth, '[') + std::string(kMostJsonDepth, ']')));
  EXPECT_TRUE(wrong_at(std::string(kMostJsonDepth + 1, '[') + std::string(kMostJsonDepth + 1, ']')));
}

TEST(JsonScan, ComparesByWhatIsMeant) {
  const auto equal = [](std::string_view a, std::string_view b) {
    return json_equal(whole_json(a).value(), whole_json(b).value());
  };
  EXPECT_TRUE(equal(R"({"a":[1,"é"],"b":{}})", R"({ "b" : { } , "a" : [ 1.0 , "\u00e9" ] })"));
  EXPECT_FALSE(equal(R"({"a":1,"b":2})", R"({"a":1,"c":2})"));
  EXPECT_FALSE(equal(R"({"a":1,"b":2})", R"({"a":1,"a":1})"));
  EXPECT_FALSE(equal("[1,2]", "[2,1]"));
  EXPECT_TRUE(equal("-0", "0"));
  EXPECT_TRUE(equal("1e2", "100"));
  EXPECT_FALSE(equal("9007199254740993", "9007199254740992"));
  EXPECT_FALSE(equal("1", "\"1\""));
  EXPECT_FALSE(equal("true", "false"));
  EXPECT_TRUE(equal(R"("\ud83d\ude00\/")", "\"😀/\""));
}

TEST(JsonScan, CountsCharactersNotBytes) {
  EXPECT_EQ(code_points(R"("aé\u00e9😀\ud83d\ude00\n")"), 6);
  std::string out;
  EXPECT_TRUE(append_unescaped(R"("aé\u00e9\ud83d\ude00\n")", out, 100));
  EXPECT_EQ(out, "aéé😀\n");
  EXPECT_FALSE(append_unescaped("\"abc\"", out, 2));
}

// ---- against another implementation, on documents that nobody thought of ----
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  Json value(int depth) {
    switch (random_.below(depth > 0 ? 8 : 6)) {
      case 0: return nullptr;
      case 1: return random_.below(2) == 1;
      case 2: return static_cast<std::int64_t>(random_.next() >> random_.below(64));
      case 3: return -static_cast<std::int64_t>(random_.below(1'000'000));
      case 4: return static_cast<double>(random_.next() >> 11U) * (random_.below(2) == 1 ? 1e-9 : 1e30);
      case 5: return text();
      case 6: {
        Json list = Json::array();
        for (std::uint64_t i = random_.below(5); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
      default: {
        Json map = Json::object();
        for (std::uint64_t i = random_.below(5); i > 0; --i) map[text()] = value(depth - 1);
        return map;
      }
    }
  }
  std::string text() {
    constexpr std::array<std::string_view, 14> kPieces{
        "a", "b", "0", "1", "/", "~", "\"", "\\", "\n", "é", "😀", "\x01", "long and plain text", ""};
    std::string made;
    for (std::uint64_t i = random_.below(4); i > 0; --i) made += kPieces[random_.below(kPieces.size())];
    return made;
  }
  std::string printed(const Json& json) {
    return json.dump(random_.below(2) == 1 ? -1 : static_cast<int>(random_.below(3)), ' ', random_.below(2) == 1);
  }
  // A way into it, which may lead nowhere.
  std::vector<std::string> way(const Json& json) {
    std::vector<std::string> keys;
    const Json* here = &json;
    while (here->is_structured() && !here->empty() && random_.below(6) != 0) {
      auto entry = here->begin();
      std::advance(entry, static_cast<std::ptrdiff_t>(random_.below(here->size())));
      keys.push_back(here->is_object() ? entry.key() : std::to_string(entry - here->begin()));
      here = &*entry;
    }
    if (random_.below(4) == 0) keys.push_back(text());
    return keys;
  }
  Random& random() { return random_; }

 private:
  Random random_;
};

std::string pointer_of(const std::vector<std::string>& keys) {
  std::string pointer;
  for (const std::string& key : keys) {
    pointer += '/';
    for (const char c : key) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return pointer;
}

const Json* led_to(const Json& json, const std::vector<std::string>& keys) {
  const Json* here = &json;
  for (const std::string& key : keys) {
    const auto index = parse_int(key);
    if (here->is_object() && here->contains(key)) here = &here->at(key);
    else if (here->is_array() && index && *index >= 0 && static_cast<std::size_t>(*index) < here->size())
      here = &here->at(static_cast<std::size_t>(*index));
    else return nullptr;
  }
  return here;
}

void expect_same(const JsonValue& found, const Json* led, const std::string& document) {
  ASSERT_EQ(found.type != JsonType::absent, led != nullptr) << document;
  if (led == nullptr) return;
  const Json& expected = *led;
  EXPECT_EQ(Json::parse(found.text), expected) << document;
  if (expected.is_structured()) {
    EXPECT_EQ(static_cast<std::size_t>(found.entries), expected.size()) << document;
  }
  if (expected.is_string()) {
    std::string plain;
    append_unescaped(found.text, plain, found.text.size());
    EXPECT_EQ(plain, expected.get<std::string>()) << document;
  }
  EXPECT_EQ(found.type == JsonType::integer, expected.is_number_integer()) << document;
  const std::string again = Json::parse(found.text).dump();
  EXPECT_TRUE(json_equal(whole_json(again).value(), found)) << again << " in " << document;
}

TEST(JsonScanProperty, FindsWhatAnotherImplementationFinds) {
  Documents documents(18);
  for (int i = 0; i < 20'000; ++i) {
    const Json json = documents.value(4);
    const std::string document = documents.printed(json);
    JsonPointers pointers;
    std::vector<std::vector<std::string>> asked;
    for (int k = 0; k < 4; ++k) {
      const std::vector<std::string> way = documents.way(json);
      const auto place = pointers.add(pointer_of(way));
      ASSERT_TRUE(place);
      if (*place == asked.size()) asked.push_back(way);
    }
    std::vector<JsonValue> found;
    ASSERT_FALSE(find_json(pointers, document, found)) << document;
    for (std::size_t k = 0; k < asked.size(); ++k) {
      SCOPED_TRACE(pointer_of(asked[k]));
      expect_same(found[k], led_to(json, asked[k]), document);
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(JsonScanProperty, RefusesWhatAnotherImplementationRefuses) {
  Documents documents(81);
  int refused = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string document = documents.printed(documents.value(3));
    Random& random = documents.random();
    const std::size_t at = random.below(document.size() + 1);
    switch (random.below(3)) {
      case 0: document.resize(at); break;
      case 1: document.insert(at, 1, "{}[],:\"\\0 \xc3\x80"[random.below(12)]); break;
      default:
        if (at < document.size()) document.erase(at, 1);
    }
    if (document.find("e+") != std::string::npos) continue;  // it calls numbers beyond a double wrong
    std::vector<JsonValue> found;
    const bool is_good = !find_json({}, document, found);
    ASSERT_EQ(is_good, Json::accept(document)) << document;
    if (!is_good) ++refused;
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace dyno::loadgen

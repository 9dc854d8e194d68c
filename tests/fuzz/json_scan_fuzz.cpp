// A pointer and a document: what the pass over the bytes finds must be what a parser that builds a tree finds, and what is no JSON for
// the one is none for the other.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "runners/load/rules/json_scan.h"

namespace {

using Json = nlohmann::json;

void require(bool holds) {
  if (!holds) std::abort();
}

// What the two mean to see differently: the parser ends at a zero byte, skips a byte order mark, and takes no number beyond a double;
// the pass takes nothing deeper than its stack.
bool is_comparable(std::string_view document) {
  return document.find('\0') == std::string_view::npos && !document.starts_with('\xef') &&
         document.find_first_of("eE") == std::string_view::npos && document.size() < 300;
}

void compare(const dyno::loadgen::JsonValue& found, const Json& whole, const std::string& pointer) {
  using namespace dyno::loadgen;
  // The library throws for an empty key in an array.
  Json::json_pointer at(pointer);
  const Json* expected = nullptr;
  try {
    if (whole.contains(at)) expected = &whole.at(at);
  } catch (const Json::exception&) {
    return;
  }
  require((found.type != JsonType::absent) == (expected != nullptr));
  if (expected == nullptr) return;
  require(Json::parse(found.text) == *expected);
  std::string plain;
  if (found.type == JsonType::string) {
    require(append_unescaped(found.text, plain, found.text.size()) && plain == expected->get<std::string>());
    code_points(found.text);
  }
  require(json_equal(found, found) || expected->is_structured() || expected->is_number());
  const std::string again = expected->dump();
  if (!expected->is_structured()) require(json_equal(*whole_json(again), found));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dyno::loadgen;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string pointer(bytes.substr(0, line));
  const std::string document(bytes.substr(line + 1));
  JsonPointers pointers;
  if (!pointers.add(pointer)) return 0;
  std::vector<JsonValue> found;
  const auto wrong = find_json(pointers, document, found);
  if (wrong) require(*wrong <= document.size());
  if (!is_comparable(document)) return 0;
  require(!wrong == Json::accept(document));
  if (!wrong) compare(found.front(), Json::parse(document), pointer);
  return 0;
}

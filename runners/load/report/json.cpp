#include "runners/load/report/json.h"

#include "base/text.h"

namespace dyno::loadgen {

std::string json_text(std::string_view text) {
  const bool is_utf8 = is_valid_utf8(text);
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') json += '\\';
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8)) json += fmt::format("\\u{:04x}", byte);
    else json += c;
  }
  return json + '"';
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += json_text(name);
  text_ += ':';
  text_ += json;
  return *this;
}

JsonArray& JsonArray::raw(std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += json;
  return *this;
}

}  // namespace dyno::loadgen

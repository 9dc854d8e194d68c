#include "runners/load/websocket/upgrade.h"

#include <cstddef>

#include "base/text.h"
#include "runners/load/http/response_parser.h"

namespace dyno::loadgen {
namespace {

// The example of RFC 6455, 1.3.
constexpr std::string_view kNonce = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::size_t kMaxHead = 16 * 1024;

bool agrees(std::string_view head, bool offers_protocol) {
  ResponseParser parser;
  HeaderMemo memo;
  parser.begin(false);
  std::string_view input = head;
  if (parser.next(input, memo) != ResponseParser::Event::head || parser.head().status != 101) return false;
  bool upgrade = false;
  bool connection = false;
  bool accept = false;
  for (std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name = lower(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (name == "upgrade") upgrade = lower(value) == "websocket";
    if (name == "connection") connection = lower(value).find("upgrade") != std::string::npos;
    if (name == "sec-websocket-accept") accept = value == kAccept;
    // What was not offered may not be chosen; extensions never are.
    if (name == "sec-websocket-extensions" || (name == "sec-websocket-protocol" && !offers_protocol)) return false;
  }
  return upgrade && connection && accept;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> upgrade_headers() {
  return {{"Upgrade", "websocket"},
          {"Connection", "Upgrade"},
          {"Sec-WebSocket-Key", std::string(kNonce)},
          {"Sec-WebSocket-Version", "13"}};
}

UpgradeReader::Event UpgradeReader::next(std::string_view& input) {
  const std::size_t before = head_.size();
  head_.append(input.substr(0, kMaxHead - before));
  const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (head_.size() == kMaxHead) return Event::refused;
    input = {};
    return Event::need_more;
  }
  input.remove_prefix(end + 4 - before);
  head_.resize(end + 4);
  return agrees(head_, offers_protocol_) ? Event::accepted : Event::refused;
}

}  // namespace dyno::loadgen

// The readers of WebSocket frames, event streams and upgrades: however the bytes are cut they must say the same. The first byte chooses
// the reader, the second the cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runners/load/sse/event_reader.h"
#include "runners/load/websocket/frames.h"
#include "runners/load/websocket/upgrade.h"

namespace {

using namespace dyno::loadgen;

std::string frames(std::string_view bytes, std::size_t piece) {
  std::string said;
  FrameReader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    std::string_view input = bytes.substr(0, piece);
    for (auto event = reader.next(input); event != FrameReader::Event::need_more; event = reader.next(input)) {
      if (event == FrameReader::Event::piece) said += reader.piece();
      else said += static_cast<char>('A' + static_cast<int>(event));
      if (event == FrameReader::Event::ping) said += reader.ping();
      if (event == FrameReader::Event::error) return said;
    }
  }
  return said;
}

std::string events(std::string_view bytes, std::size_t piece) {
  std::string said;
  EventReader reader;
  reader.begin(40);  // so that it is reached
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    std::string_view input = bytes.substr(0, piece);
    for (auto event = reader.next(input); event != EventReader::Event::need_more; event = reader.next(input)) {
      if (event == EventReader::Event::too_long) return said + "too long";
      said += reader.data();
      said += '|';
    }
  }
  return said;
}

std::string upgrade(std::string_view bytes, std::size_t piece) {
  UpgradeReader reader;
  while (!bytes.empty()) {
    std::string_view input = bytes.substr(0, piece);
    const std::size_t before = input.size();
    const auto event = reader.next(input);
    bytes.remove_prefix(before - input.size());
    if (event != UpgradeReader::Event::need_more)
      return (event == UpgradeReader::Event::accepted ? "yes" : "no") + std::string(bytes);
  }
  return "more";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 60'000) return 0;
  const std::size_t piece = data[1] % 32 + 1U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto read = data[0] % 3 == 0 ? frames : data[0] % 3 == 1 ? events : upgrade;
  const std::string whole = read(bytes, bytes.size() + 1);
  const std::string cut = read(bytes, piece);
  // An upgrade that is refused for its length leaves more or less behind, as it was cut.
  if (data[0] % 3 == 2 && whole.starts_with("no") && cut.starts_with("no")) return 0;
  if (whole != cut) std::abort();
  return 0;
}

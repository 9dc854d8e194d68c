#include "runners/load/websocket/frames.h"

#include <vector>

#include <gtest/gtest.h>

#include "runners/load/websocket/upgrade.h"

namespace dyno::loadgen {
namespace {

using Event = FrameReader::Event;

// What a reader says of `text` when it comes in pieces of the given size.
std::vector<std::string> read(std::string_view text, std::size_t piece) {
  std::vector<std::string> said;
  std::string message;
  FrameReader reader;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    std::string_view input = text.substr(0, piece);
    for (Event event = reader.next(input); event != Event::need_more; event = reader.next(input)) {
      if (event == Event::head) message.clear();
      if (event == Event::piece) message += reader.piece();
      if (event == Event::message) {
        EXPECT_EQ(reader.message_bytes(), message.size());
        said.push_back((reader.opcode() == Opcode::text ? "text " : "binary ") + message);
      }
      if (event == Event::ping) said.push_back("ping " + std::string(reader.ping()));
      if (event == Event::closed) said.emplace_back("closed");
      if (event == Event::error) {
        said.emplace_back("error");
        return said;
      }
    }
  }
  return said;
}

const std::string kZero(1, '\0');

TEST(FrameReader, ReadsTheSameHoweverItIsCut) {
  const std::string text = "\x81\x05Hello" + std::string("\x82\x00", 2) + "\x01\x03Hel" + "\x89\x03you" + "\x8a\x02ok" +
                           std::string("\x00\x00", 2) + "\x80\x02lo" + "\x89" + kZero + "\x82\x7e" + kZero + "\x7e" +
                           std::string(126, 'b') + "\x88\x02\x03\xe8";
  const std::vector<std::string> expected = {
      "text Hello", "binary ", "ping you", "text Hello", "ping ", "binary " + std::string(126, 'b'), "closed"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(read(text, piece), expected) << piece;
}

TEST(FrameReader, RefusesWhatAServerMustNotSend) {
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"masked", std::string("\x81\x85") + "1234Hello"},
      {"reserved bit", "\xc1\x05Hello"},
      {"unknown opcode", "\x83\x05Hello"},
      {"long ping", std::string("\x89\x7e") + kZero + "\x7e"},
      {"cut ping", std::string("\x09\x01x")},
      {"continues nothing", std::string("\x80\x01x")},
      {"begins within", std::string("\x01\x01x\x81\x01x")},
      {"two bytes for a short length", std::string("\x82\x7e") + kZero + "\x7d"},
      {"eight bytes for a short length", std::string("\x82\x7f") + std::string(6, '\0') + "\xff\xff"},
      {"too large", std::string("\x82\x7f") + std::string(4, '\0') + "\x7f" + std::string(3, '\0')},
  };
  for (const auto& [name, text] : rows) EXPECT_EQ(read(text, 3), (std::vector<std::string>{"error"})) << name;
}

TEST(FrameWriter, MasksAsTheRfcDoes) {
  // RFC 6455, 5.7: a masked "Hello".
  std::array<char, 32> out{};
  char* const end = write_frame(out.data(), Opcode::text, "Hello", 0x3d21fa37);
  EXPECT_EQ(std::string(out.data(), end), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(FrameWriter, WritesEveryLengthForm) {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U, 70'001U}) {
    std::string payload(size, ' ');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
    std::string out(size + kMaxFrameHeader, '\0');
    const char* const end = write_frame(out.data(), Opcode::binary, payload, 0xa1b2c3d4);
    const std::size_t header = size < 126 ? 6 : size < 65536 ? 8 : 14;
    ASSERT_EQ(static_cast<std::size_t>(end - out.data()), size + header);
    for (std::size_t i = 0; i < size; ++i)
      ASSERT_EQ(static_cast<char>(out[header + i] ^ out[header - 4 + i % 4]), payload[i]) << size << " at " << i;
  }
}

UpgradeReader::Event upgrade(std::string text, std::size_t piece, std::string* rest = nullptr) {
  UpgradeReader reader;
  for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(piece, left.size()))) {
    std::string_view input = left.substr(0, piece);
    const auto event = reader.next(input);
    if (event == UpgradeReader::Event::need_more) continue;
    if (rest != nullptr) *rest = std::string(input);
    return event;
  }
  return UpgradeReader::Event::need_more;
}

TEST(UpgradeReader, AgreesOnlyToAFullAnswer) {
  const std::string good =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
  std::string rest;
  for (std::size_t piece = 1; piece < good.size() + 10; ++piece)
    EXPECT_EQ(upgrade(good + "\r\n\x81\x01x", piece, &rest), UpgradeReader::Event::accepted) << piece;
  EXPECT_EQ(upgrade(good + "\r\n\x81\x01x", 10'000, &rest), UpgradeReader::Event::accepted);
  EXPECT_EQ(rest, "\x81\x01x");
  EXPECT_EQ(upgrade(good, 7), UpgradeReader::Event::need_more);
  const auto replaced = [&good](const std::string& what, const std::string& with) {
    std::string text = good + "\r\n";
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  EXPECT_EQ(upgrade(replaced(" 101 ", " 200 "), 9), UpgradeReader::Event::refused);
  EXPECT_EQ(upgrade(replaced("WebSocket", "h2c"), 9), UpgradeReader::Event::refused);
  EXPECT_EQ(upgrade(replaced(", Upgrade", ""), 9), UpgradeReader::Event::refused);
  EXPECT_EQ(upgrade(replaced("s3p", "S3p"), 9), UpgradeReader::Event::refused);
  EXPECT_EQ(upgrade(good + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 9), UpgradeReader::Event::refused);
  const std::string chosen = good + "Sec-WebSocket-Protocol: chat\r\n\r\n";
  EXPECT_EQ(upgrade(chosen, 9), UpgradeReader::Event::refused) << "it was not offered";
  UpgradeReader offering;
  offering.begin(true);
  std::string_view input = chosen;
  EXPECT_EQ(offering.next(input), UpgradeReader::Event::accepted);
  EXPECT_EQ(upgrade("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 9), UpgradeReader::Event::refused);
  EXPECT_EQ(upgrade(std::string(20'000, 'x'), 999), UpgradeReader::Event::refused);
}

}  // namespace
}  // namespace dyno::loadgen

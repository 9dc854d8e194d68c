#include "runners/load/sse/event_reader.h"

#include <vector>

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

std::vector<std::string> events_of(std::string_view text, std::size_t piece,
                                   std::size_t limit = EventReader::kMaxBytes) {
  std::vector<std::string> events;
  EventReader reader;
  reader.begin(limit);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    std::string_view input = text.substr(0, piece);
    for (auto event = reader.next(input); event != EventReader::Event::need_more; event = reader.next(input)) {
      if (event == EventReader::Event::too_long) return {"too long"};
      events.emplace_back(reader.data());
    }
  }
  return events;
}

TEST(EventReader, ReadsTheSameHoweverItIsCut) {
  const std::string text =
      ": ok\n\nid: 1\ndata: first\n\nevent: x\r\ndata:second\r\n\r\ndata\n\n: only a comment\n\nid: 7\n\n"
      "data:  two spaces\ndata: and a line\n\ndatax: none\n\nretry: 3\rdata: old Mac\r\rdata: never ended\n";
  const std::vector<std::string> expected = {"first", "second", "", " two spaces\nand a line", "old Mac"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(events_of(text, piece), expected) << piece;
}

// Of what an event holds, and not of the lines that it comes in.
TEST(EventReader, HasALimitToTheByteHoweverItIsCut) {
  const std::string text = ": " + std::string(30, 'c') + "\nid: 0123456789\ndata: 12345\ndata: 789\nretry: 1000000\n\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    EXPECT_EQ(events_of(text, piece, 9), (std::vector<std::string>{"12345\n789"})) << piece;
    EXPECT_EQ(events_of(text, piece, 8), (std::vector<std::string>{"too long"})) << piece;
    EXPECT_EQ(events_of("data:\ndata:x\ndata\n\n", piece, 3), (std::vector<std::string>{"\nx\n"})) << piece;
    EXPECT_EQ(events_of("data:\ndata:x\ndata\n\n", piece, 2), (std::vector<std::string>{"too long"})) << piece;
  }
  EXPECT_EQ(events_of(std::string(100'000, ':') + "\ndata: x\n\n", 1000, 1), (std::vector<std::string>{"x"}));
}

TEST(EventReader, GivesUpOnLinesAndEventsThatDoNotEnd) {
  EXPECT_EQ(events_of("data: " + std::string(70'000, 'x'), 1000), (std::vector<std::string>{"too long"}));
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "data: " + std::string(50, 'x') + "\n";
  EXPECT_EQ(events_of(lines, 1000), (std::vector<std::string>{"too long"}));
}

}  // namespace
}  // namespace dyno::loadgen

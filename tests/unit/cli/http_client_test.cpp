#include "cli/http_client.h"

#include <gtest/gtest.h>

#include <vector>

namespace dyno::cli {
namespace {

std::vector<std::string> parse(std::string_view text, std::size_t piece) {
  std::vector<std::string> events;
  EventParser parser(
      [&](const StreamEvent& event) { events.push_back(event.id + "|" + event.name + "|" + event.data); });
  for (std::size_t at = 0; at < text.size(); at += piece) parser.feed(text.substr(at, piece));
  return events;
}

TEST(EventParser, GivesTheSameForAnyPieces) {
  const std::string text =
      "retry: 3000\n\n: comment\nid: 7\nevent: phase\ndata: {\"a\":1}\n\n:\n\nevent: sample\ndata:x\r\ndata: "
      "y\r\n\r\nid: 8\nevent: done\ndata: z\n\nevent: cut\ndata: off";
  const std::vector<std::string> expected{"7|phase|{\"a\":1}", "7|sample|x\ny", "8|done|z"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(parse(text, piece), expected) << piece;
}

}  // namespace
}  // namespace dyno::cli

#include "base/screen.h"

#include <gtest/gtest.h>

#include <clocale>

namespace dyno {
namespace {

using Lines = std::vector<std::string>;

TEST(Screen, KnowsWidths) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("µs – …"), 6U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("\xff\xc3"), 2U);
  EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 3), "abc");
}

TEST(Screen, WrapsByWidthAndNotByBytes) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  EXPECT_EQ(wrap_to_width("", 4), Lines{""});
  EXPECT_EQ(wrap_to_width("µµ µµ µ", 5), (Lines{"µµ µµ", "µ"}));
  EXPECT_EQ(wrap_to_width("日本語", 4), (Lines{"日本", "語"}));
  EXPECT_EQ(wrap_to_width("a bcdefg", 3), (Lines{"a", "bcd", "efg"}));
  EXPECT_EQ(wrap_to_width("ab,cd,ef", 7), (Lines{"ab,cd,", "ef"}));
  EXPECT_EQ(hanging("page http://127.0.0.1/a b", 10, 2), "page\n  http://127.0.0.1/a\n  b") << "an address stays whole";
}

// Issue 14, row 24.
TEST(Screen, Row24AsksTheTerminalAndTheEnvironment) {
  struct Case {
    const char* what;
    ScreenFacts facts;
    std::size_t width;
    bool colour;
  };
  const ScreenFacts pipe;
  ScreenFacts terminal;
  terminal.terminal = true;
  terminal.columns = 120;
  terminal.term = "xterm";
  const auto with = [](ScreenFacts facts, const char* ScreenFacts::*variable, const char* value) {
    facts.*variable = value;
    return facts;
  };
  const std::vector<Case> cases{
      {"a pipe", pipe, 80, false},
      {"a pipe with COLUMNS", with(pipe, &ScreenFacts::columns_variable, "132"), 132, false},
      {"a pipe that wants colour", with(pipe, &ScreenFacts::clicolor_force, "1"), 80, true},
      {"a pipe that does not", with(pipe, &ScreenFacts::clicolor_force, "0"), 80, false},
      {"a terminal", terminal, 120, true},
      {"a terminal with COLUMNS", with(terminal, &ScreenFacts::columns_variable, "100"), 100, true},
      {"nonsense in COLUMNS", with(terminal, &ScreenFacts::columns_variable, "wide"), 120, true},
      {"too few", with(terminal, &ScreenFacts::columns_variable, "3"), 40, true},
      {"NO_COLOR", with(terminal, &ScreenFacts::no_color, "1"), 120, false},
      {"an empty NO_COLOR", with(terminal, &ScreenFacts::no_color, ""), 120, true},
      {"NO_COLOR beats the other", with(with(pipe, &ScreenFacts::no_color, "1"), &ScreenFacts::clicolor_force, "1"), 80,
       false},
      {"CLICOLOR=0", with(terminal, &ScreenFacts::clicolor, "0"), 120, false},
      {"a dumb terminal", with(terminal, &ScreenFacts::term, "dumb"), 120, false},
  };
  for (const Case& each : cases) {
    const Screen screen = screen_from(each.facts);
    EXPECT_EQ(screen.width, each.width) << each.what;
    EXPECT_EQ(screen.colour, each.colour) << each.what;
  }
}

TEST(Screen, InksOnlyWhereColourIs) {
  EXPECT_EQ(inked("a", Ink::bold, {80, false}), "a");
  EXPECT_EQ(inked("a", Ink::bold, {80, true}), "\033[1ma\033[0m");
  EXPECT_EQ(inked("a", Ink::red, {80, true}), "\033[31ma\033[0m");
  EXPECT_EQ(inked("a", Ink::plain, {80, true}), "a");
}

}  // namespace
}  // namespace dyno

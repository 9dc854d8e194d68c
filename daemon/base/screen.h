// What text is written for: how many columns fit, whether colours do, and text cut, wrapped and inked for that. Only screen_of asks
// the terminal and the environment; everything else is pure and thread-safe (widths read the locale).
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace dyno {

struct Screen {
  std::size_t width = 80;
  bool colour = false;
};

// What the rules look at. A variable that is not set is a null pointer.
struct ScreenFacts {
  bool terminal = false;
  std::size_t columns = 0;  // that the terminal says it has; 0: unknown
  const char* columns_variable = nullptr;
  const char* term = nullptr;
  const char* no_color = nullptr;
  const char* clicolor = nullptr;
  const char* clicolor_force = nullptr;
};

// COLUMNS, otherwise the terminal's width, otherwise 80. Colour where a terminal is or CLICOLOR_FORCE asks for it, never against
// NO_COLOR.
Screen screen_from(const ScreenFacts& facts);
Screen screen_of(std::FILE* out);
// A terminal on which a line can be redrawn.
bool can_redraw(std::FILE* out);

enum class Ink { plain, bold, dim, red };
std::string inked(std::string_view text, Ink ink, const Screen& screen);

// Columns on a terminal.
std::size_t display_width(std::string_view text);
// At most `width` columns, with an ellipsis where it was cut.
std::string cut_to_width(std::string_view text, std::size_t width);
// Lines of at most `width` columns, broken at spaces, and within a word (after a comma, if it has one) only where the word alone is
// wider. Never empty.
std::vector<std::string> wrap_to_width(std::string_view text, std::size_t width);
// The same, with lines after the first indented by `indent`. Words are left whole: an address or a path stays one to copy.
std::string hanging(std::string_view text, std::size_t width, std::size_t indent);
std::size_t longest_word(std::string_view text);
// Filled up with blanks, on the left for `right`.
std::string padded(std::string_view text, std::size_t width, bool right = false);

}  // namespace dyno

#include "base/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cwchar>

#include "base/text.h"

namespace dyno {
namespace {

constexpr std::size_t kFewestColumns = 40;
constexpr std::size_t kMostColumns = 1000;

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The first character; a byte that begins none stands for itself.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (bytes == 1 || bytes > text.size()) return {lead, 1};
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {code, bytes};
}

std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;  // also where no locale is set and wcwidth knows ASCII only
  const int width = ::wcwidth(static_cast<wchar_t>(code));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

// What of the text fits, in bytes; one character at least.
std::size_t bytes_that_fit(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  for (std::size_t used = 0; bytes < text.size();) {
    const Character character = first_character(text.substr(bytes));
    used += width_of(character.code);
    if (used > width && bytes > 0) break;
    bytes += character.bytes;
  }
  return bytes;
}

bool is_set(const char* variable) { return variable != nullptr && *variable != '\0'; }
bool says(const char* variable, std::string_view value) { return variable != nullptr && variable == value; }

bool has_colour(const ScreenFacts& facts) {
  if (is_set(facts.no_color)) return false;
  if (is_set(facts.clicolor_force) && !says(facts.clicolor_force, "0")) return true;
  return facts.terminal && is_set(facts.term) && !says(facts.term, "dumb") && !says(facts.clicolor, "0");
}

}  // namespace

Screen screen_from(const ScreenFacts& facts) {
  Screen screen;
  screen.colour = has_colour(facts);
  const auto wanted = is_set(facts.columns_variable) ? parse_int(facts.columns_variable) : std::nullopt;
  if (wanted && *wanted > 0) screen.width = static_cast<std::size_t>(*wanted);
  else if (facts.terminal && facts.columns > 0) screen.width = facts.columns;
  screen.width = std::clamp(screen.width, kFewestColumns, kMostColumns);
  return screen;
}

Screen screen_of(std::FILE* out) {
  const int file = ::fileno(out);
  winsize size{};
  ScreenFacts facts;
  facts.terminal = ::isatty(file) == 1;
  if (facts.terminal && ::ioctl(file, TIOCGWINSZ, &size) == 0) facts.columns = size.ws_col;
  facts.columns_variable = std::getenv("COLUMNS");
  facts.term = std::getenv("TERM");
  facts.no_color = std::getenv("NO_COLOR");
  facts.clicolor = std::getenv("CLICOLOR");
  facts.clicolor_force = std::getenv("CLICOLOR_FORCE");
  return screen_from(facts);
}

bool can_redraw(std::FILE* out) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(out)) == 1 && is_set(kind) && !says(kind, "dumb");
}

std::string inked(std::string_view text, Ink ink, const Screen& screen) {
  if (!screen.colour || ink == Ink::plain || text.empty()) return std::string(text);
  const char* const code = ink == Ink::bold ? "1" : ink == Ink::dim ? "2" : "31";
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += width_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string cut;
  std::size_t used = 1;  // the ellipsis
  while (!text.empty()) {
    const Character character = first_character(text);
    used += width_of(character.code);
    if (used > width) break;
    cut.append(text.substr(0, character.bytes));
    text.remove_prefix(character.bytes);
  }
  return cut + "…";
}

std::vector<std::string> wrap_to_width(std::string_view text, std::size_t width) {
  std::vector<std::string> lines{""};
  for (std::string_view word : split(text, ' ')) {
    const std::size_t used = display_width(lines.back());
    if (used > 0 && used + 1 + display_width(word) > width) lines.emplace_back();
    else if (used > 0) lines.back() += ' ';
    while (display_width(word) > width) {
      std::size_t bytes = bytes_that_fit(word, width);
      if (const std::size_t comma = word.substr(0, bytes).rfind(','); comma != std::string_view::npos)
        bytes = comma + 1;
      lines.back() += word.substr(0, bytes);
      word.remove_prefix(bytes);
      lines.emplace_back();
    }
    lines.back() += word;
  }
  return lines;
}

std::string hanging(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  for (const std::string_view word : split(text, ' ')) {
    const std::size_t wide = display_width(word);
    if (used > indent && used + 1 + wide > width) {
      lines += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += wide;
  }
  return lines;
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string_view word : split(text, ' ')) longest = std::max(longest, display_width(word));
  return longest;
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, display_width(text)), ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

}  // namespace dyno

#include "model/dockerfile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"

namespace dyno::model {
namespace {

constexpr std::size_t kMostStages = 1000;
constexpr int kDeepestDefault = 8;               // ${A:-${B:-…}}
constexpr std::size_t kLongestWord = 64 * 1024;  // with its variables in place, which may be made of each other

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_name_start(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The engine skips every white space of Unicode in front of a line.
std::string_view without_leading_space(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kSpaces{"\u0085", "\u00a0", "\u1680", "\u2028",
                                                           "\u2029", "\u202f", "\u205f", "\u3000"};
  while (!text.empty()) {
    if (is_blank(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    std::size_t length = 0;
    for (const std::string_view space : kSpaces) {
      if (text.starts_with(space)) length = space.size();
    }
    // U+2000 to U+200A.
    const int third = text.size() >= 3 ? static_cast<unsigned char>(text[2]) : 0;
    if (text.starts_with("\xe2\x80") && third >= 0x80 && third <= 0x8a) length = 3;
    if (length == 0) break;
    text.remove_prefix(length);
  }
  return text;
}

struct Line {
  int number = 0;
  std::string text;
};

// ---- lines and directives ----

// The text as instructions, each one line whatever its continuations.
class Lines {
 public:
  Lines(std::string_view text, std::vector<Problem>& problems, const std::string& file)
      : problems_(problems), file_(file) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    read_directives(text);
    int number = 0;
    for (std::string_view line : split(text, '\n')) {
      ++number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      for (const char c : line) {
        if (c != '\t' && (static_cast<unsigned char>(c) < ' ' || c == '\x7f')) {
          report(number, "control_character", "holds a control character");
          break;
        }
      }
      take(line, number);
    }
    if (open_) lines_.push_back(std::move(line_));
  }

  char escape() const { return escape_; }
  const std::vector<Line>& all() const { return lines_; }

 private:
  void report(int number, std::string code, std::string message) {
    if (problems_.size() >= kMostProblems) return;
    problems_.push_back({file_, number, 1, "", std::move(code), std::move(message)});
  }

  // `# name = value`, before anything else. Engines differ about where `escape` still counts, so it stands in the first line.
  void read_directives(std::string_view text) {
    int number = 0;
    int instructions = 0;  // before this line
    for (std::string_view line : split(text, '\n')) {
      ++number;
      const std::string_view start = without_leading_space(line);
      if (!start.starts_with('#')) {
        instructions += start.empty() ? 0 : 1;
        continue;
      }
      const std::size_t equals = start.find('=');
      if (equals == std::string_view::npos) continue;
      const std::string name = lower(dyno::trim(start.substr(1, equals - 1)));
      const std::string_view value = dyno::trim(start.substr(equals + 1));
      if (name == "syntax" && instructions == 0)
        report(number, "syntax_directive",
               "# syntax= names a program that the engine would fetch and run: leave it out");
      if (name != "escape") continue;
      if (number != 1 || !line.starts_with('#') || (value != "\\" && value != "`"))
        report(number, "escape_directive", "# escape= stands in the first line, and is \\ or `");
      else escape_ = value.front();
    }
  }

  // A comment, and an empty line too, ends no continuation.
  void take(std::string_view line, int number) {
    const std::string_view start = without_leading_space(line);
    if (start.empty() || start.starts_with('#')) return;
    std::string_view part = open_ ? line : start;
    const std::size_t last = part.find_last_not_of(" \t");
    const bool goes_on = last != std::string_view::npos && part[last] == escape_;
    if (goes_on && last > 0 && part[last - 1] == escape_)
      report(number, "escaped_line_end", fmt::format("ends in {0}{0}, which engines read differently", escape_));
    if (goes_on) part = part.substr(0, last);
    if (!open_) line_ = {number, ""};
    line_.text += part;
    open_ = goes_on;
    if (!open_) lines_.push_back(std::exchange(line_, {}));
  }

  std::vector<Problem>& problems_;
  const std::string& file_;
  char escape_ = '\\';
  std::vector<Line> lines_;
  Line line_;
  bool open_ = false;
};

// ---- one instruction ----

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (!is_blank(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// The --flags in front of an instruction's arguments, with quotes and backslashes resolved as the engine does, and the rest.
std::pair<std::vector<std::string>, std::string_view> split_flags(std::string_view text) {
  std::vector<std::string> flags;
  const auto is_space = [](char c) { return is_blank(c) || c == '\x85' || c == '\xa0'; };
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && is_space(text[at])) ++at;
    if (!text.substr(at).starts_with("--")) return {flags, text.substr(at)};
    std::string word;
    char quote = 0;
    for (; at < text.size() && (quote != 0 || !is_space(text[at])); ++at) {
      const char c = text[at];
      if (c == '\\') {
        if (++at < text.size()) word += text[at];
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    }
    if (word == "--") return {flags, text.substr(std::min(at, text.size()))};
    flags.push_back(std::move(word));
    if (at >= text.size()) return {flags, {}};
  }
}

// What a word stands for; nothing where that cannot be told: an escape, a form of ${…} that not every engine knows.
using Variables = std::map<std::string, std::optional<std::string>>;

std::optional<std::string> expand(std::string_view word, const Variables& variables, int depth = 0);

// `body` is what stands between ${ and }.
std::optional<std::string> expand_braces(std::string_view body, const Variables& variables, int depth) {
  std::size_t end = 0;
  while (end < body.size() && is_name(body[end])) ++end;
  if (end == 0 || !is_name_start(body.front())) return std::nullopt;
  const auto found = variables.find(std::string(body.substr(0, end)));
  std::optional<std::string> value = found == variables.end() ? std::string() : found->second;
  const std::string_view rest = body.substr(end);
  if (!value || rest.empty()) return value;
  if (rest.starts_with(":-")) return value->empty() ? expand(rest.substr(2), variables, depth + 1) : value;
  if (rest.starts_with(":+")) return value->empty() ? value : expand(rest.substr(2), variables, depth + 1);
  return std::nullopt;
}

std::size_t closing_brace(std::string_view text) {
  int open = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++open;
    if (text[i] == '}' && --open == 0) return i;
  }
  return std::string_view::npos;
}

std::optional<std::string> expand(std::string_view word, const Variables& variables, int depth) {
  if (depth > kDeepestDefault) return std::nullopt;
  std::string text;
  char quote = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' || c == '`') {
      return std::nullopt;
    } else if (c != '$' || quote == '\'') {
      text += c;
    } else {
      std::optional<std::string> value;
      const std::string_view rest = word.substr(i + 1);
      if (rest.starts_with('{')) {
        const std::size_t end = closing_brace(rest.substr(1));
        if (end == std::string_view::npos) return std::nullopt;
        value = expand_braces(rest.substr(1, end), variables, depth);
        i += end + 2;
      } else {
        std::size_t end = 0;
        while (end < rest.size() && is_name(rest[end])) ++end;
        value = expand_braces(rest.substr(0, end), variables, depth);
        i += end;
      }
      if (!value || text.size() + value->size() > kLongestWord) return std::nullopt;
      text += *value;
    }
  }
  if (quote != 0) return std::nullopt;
  return text;
}

// True for what the engine, of whatever age, would fetch: an address with a scheme, git's own short forms.
bool is_address(std::string_view word) {
  const std::string plain = lower(word);
  const std::size_t at = plain.find('@');
  const bool git_over_ssh = at != std::string::npos && plain.find(':', at) != std::string::npos;
  return plain.find("://") != std::string::npos || plain.starts_with("github.com/") || git_over_ssh;
}

// A word that opens a here-document: 2<<-EOF. What stands in quotes counts too: better too strict than mistaken.
bool has_here_document(std::string_view text) {
  for (std::size_t at = text.find("<<"); at != std::string_view::npos; at = text.find("<<", at + 2)) {
    std::size_t before = at;
    while (before > 0 && is_digit(text[before - 1])) --before;
    std::size_t after = at + 2;
    if (after < text.size() && text[after] == '-') ++after;
    const bool begins_word = before == 0 || is_blank(text[before - 1]);
    if (begins_word && after < text.size() && !is_blank(text[after]) && text[after] != '<') return true;
  }
  return false;
}

// ---- all of them ----

class Reader {
 public:
  Reader(const std::map<std::string, std::string>& args, const std::vector<std::string>& bases, const std::string& file,
         Volumes volumes)
      : args_(args), bases_(bases), file_(file), volumes_(volumes) {
    // Whether these are known without an ARG depends on the engine.
    for (const auto& [name, value] : args) meta_[name] = std::nullopt;
    for (const char* const of : {"TARGET", "BUILD"}) {
      for (const char* const what : {"PLATFORM", "OS", "ARCH", "VARIANT"}) meta_[std::string(of) + what] = std::nullopt;
    }
  }

  DockerfileReading read(std::string_view text) {
    const Lines lines(text, reading_.problems, file_);
    for (const Line& line : lines.all()) {
      if (reading_.problems.size() < kMostProblems) take(line);
    }
    std::stable_sort(reading_.problems.begin(), reading_.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    if (reading_.problems.size() > kMostProblems) reading_.problems.resize(kMostProblems);
    if (reading_.problems.size() == kMostProblems) reading_.problems.push_back(more_problems(file_));
    return std::move(reading_);
  }

 private:
  void report(std::string code, std::string message) {
    reading_.problems.push_back({file_, line_, 1, "", std::move(code), std::move(message)});
  }

  void take(const Line& line) {
    line_ = line.number;
    const std::size_t end = line.text.find_first_of(" \t\r");
    const std::string word = lower(line.text.substr(0, end));
    const auto [flags, rest] =
        split_flags(end == std::string::npos ? std::string_view() : std::string_view(line.text).substr(end));
    if (!is_plain(word)) {
      report("unknown_instruction", fmt::format("{} is no instruction", visible(word, 40)));
    } else if (word == "from") {
      take_from(rest);
    } else if (word == "arg") {
      if (!in_stage_) take_args(rest);  // those before the first FROM, which alone are known to it
    } else if (word == "add" || word == "copy" || word == "run") {
      take_flags(word, flags);
      if (word == "add") take_add(rest);
      if (has_here_document(rest))
        report("here_document", fmt::format("{} has a here-document, which engines read differently", shown(word)));
    } else if (word == "onbuild") {
      report("on_build", "ONBUILD acts in other builds: write the instruction where it acts");
    } else if (word == "volume" && volumes_ == Volumes::refused) {
      report("volume", "VOLUME is a folder without a limit on this machine's disk: write to /tmp, or ask a service");
    }
  }

  static std::string shown(std::string_view word) {
    std::string name(word);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
  }

  void take_from(std::string_view rest) {
    if (in_stage_) {
      ++stages_;
      stage_names_.insert(std::exchange(stage_, {}));
    }
    in_stage_ = true;
    const auto words = words_of(rest);
    if (words.size() == 3) stage_ = lower(words[2]);
    if (words.empty() || stages_ > kMostStages) return;
    const auto image = expand(words.front(), meta_);
    if (!image || !is_plain(*image)) {
      report("unreadable_image",
             fmt::format("FROM {}: which image it means cannot be told before the build", visible(words.front(), 80)));
      return;
    }
    if (image->empty() || *image == "scratch" || is_stage(*image)) return;
    auto& images = reading_.images;
    if (std::find(images.begin(), images.end(), *image) == images.end()) images.push_back(*image);
  }

  // Only a stage that has ended is known by its name: the engine takes any other for an image.
  bool is_stage(std::string_view name) const { return !name.empty() && stage_names_.contains(lower(name)); }

  void take_args(std::string_view rest) {
    std::string word;
    char quote = 0;
    for (const char c : rest) {
      if (quote == 0 && is_blank(c)) {
        take_arg(std::exchange(word, {}));
        continue;
      }
      if (quote != 0 ? c == quote : c == '"' || c == '\'') quote = quote == 0 ? c : '\0';
      word += c;
    }
    take_arg(word);
  }

  void take_arg(const std::string& arg) {
    if (arg.empty()) return;
    const std::size_t equals = arg.find('=');
    const std::string name = arg.substr(0, equals);
    if (!std::all_of(name.begin(), name.end(), is_name) || arg.find_first_of("\\`") != std::string::npos) {
      report("unreadable_argument", fmt::format("ARG {}: write name and default plainly", visible(arg, 80)));
      return;
    }
    const auto given = args_.find(name);
    if (given != args_.end()) {
      meta_[name] = given->second;
    } else if (equals != std::string::npos) {
      meta_[name] = expand(std::string_view(arg).substr(equals + 1), meta_);
    } else if (meta_.contains(name)) {
      meta_[name] = std::nullopt;  // engines differ in whether it keeps its earlier default
    }
  }

  void take_flags(const std::string& word, const std::vector<std::string>& flags) {
    for (const std::string& flag : flags) {
      const std::size_t equals = flag.find('=');
      const std::string name = flag.substr(2, equals == std::string::npos ? equals : equals - 2);
      const std::string value = equals == std::string::npos ? "" : flag.substr(equals + 1);
      if (word != "run") {
        if (name == "from") check_source("--from=", value);
      } else if (name == "mount") {
        for (const std::string_view part : split(value, ',')) {
          const std::size_t is = part.find('=');
          if (is != std::string_view::npos && same_ignoring_case(dyno::trim(part.substr(0, is)), "from"))
            check_source("--mount=from=", std::string(part.substr(is + 1)));
        }
      } else if (name == "network" || name == "security" || name == "device") {
        report("foreign_right", fmt::format("RUN --{}: a stack says in build.network what its build reaches", name));
      }
    }
  }

  void check_source(std::string_view flag, const std::string& name) {
    if (name.empty() || is_stage(name)) return;
    const bool number = name.size() <= 4 && std::all_of(name.begin(), name.end(), is_digit);
    if (number && static_cast<std::size_t>(parse_int(name).value_or(kMostStages + 1)) < stages_) return;
    const auto named_in = [&name](const std::vector<std::string>& images) {
      return std::find(images.begin(), images.end(), name) != images.end();
    };
    if (named_in(reading_.images) || named_in(bases_)) return;
    report("foreign_image",
           fmt::format("{}{}: neither a stage above nor an image that a FROM above names", flag, visible(name, 80)));
  }

  // Its sources are told by their words alone, so those must be plain: no variable, no escape.
  void take_add(std::string_view rest) {
    if (rest.find_first_of("$\\`") != std::string_view::npos) {
      report("unreadable_source", "ADD: write its files out, without variables or escapes, or use COPY");
      return;
    }
    std::string plain;
    for (const char c : rest) {
      if (c == ',' || c == '[' || c == ']') plain += ' ';
      else if (c != '"' && c != '\'') plain += c;
    }
    for (const std::string& word : words_of(plain)) {
      if (!is_address(word)) continue;
      report("fetched_file",
             fmt::format("ADD {}: the engine would fetch it, whatever build.network says; put the file into the folder",
                         visible(word, 80)));
      return;
    }
  }

  const std::map<std::string, std::string>& args_;
  const std::vector<std::string>& bases_;
  const std::string& file_;
  const Volumes volumes_;
  DockerfileReading reading_;
  Variables meta_;
  std::size_t stages_ = 0;  // that have ended
  std::set<std::string> stage_names_;
  std::string stage_;
  bool in_stage_ = false;
  int line_ = 0;
};

}  // namespace

DockerfileReading read_dockerfile(std::string_view text, const std::map<std::string, std::string>& args,
                                  const std::vector<std::string>& bases, const std::string& file, Volumes volumes) {
  return Reader(args, bases, file, volumes).read(text);
}

}  // namespace dyno::model

#include "runners/load/help.h"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "runners/load/options.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 29;

constexpr std::string_view kSummary =
    "dyno-load: an HTTP load generator that measures latency from the moment a request was due";
constexpr std::string_view kUrl =
    "http://, https://, ws:// or wss://, host, port and path. In path and query {1..9} is a random number, {uuid} a "
    "new "
    "UUID, {seq} 1, 2, 3 and so on, and {name} a value of that column of the CSV file, new for each request";

struct Example {
  std::string_view what;
  std::string_view command;
};
constexpr std::array<Example, 6> kExamples{{
    {"How much it can take", "dyno-load http://localhost:8080/ -c 64 -d 10s"},
    {"Latency at a fixed rate", "dyno-load http://localhost:8080/ -c 64 -r 1000 -d 30s"},
    {"A ramp", "dyno-load http://localhost:8080/ -c 64 --curve 0s:100,30s:5000 -d 30s"},
    {"HTTPS with a CA of your own", "dyno-load https://localhost:8443/ --ca ca.pem -d 10s"},
    {"POST from a file",
     "dyno-load http://localhost:8080/items -m POST -H \"Content-Type: application/json\" -b @item.json"},
    {"Several requests, drawn by weight", "dyno-load http://localhost:8080/ --requests requests.yaml"},
}};
constexpr std::string_view kTimes = "Times are written 500us, 10s, 1m30s; a bare number is seconds.";
struct Exit {
  int code = 0;
  std::string_view meaning{};
};
constexpr std::array<Exit, 5> kExits{{
    {0, "The load was measured: at least one good answer."},
    {1, "No good answer, no connection, or a report that could not be written."},
    {2, "The command line is wrong."},
    {130, "Cut short by Ctrl-C (SIGINT); the report holds what was measured until then."},
    {143, "The same, by SIGTERM."},
}};
constexpr std::string_view kModes = "Modes for programs: dyno-load run | probe | exchange";
constexpr std::array<Group, 5> kGroups{Group::load, Group::request, Group::protocol, Group::machine, Group::output};

std::string_view title_of(Group group) {
  switch (group) {
    case Group::load: return "Load";
    case Group::request: return "Request";
    case Group::protocol: return "Protocol";
    case Group::machine: return "This machine";
    case Group::output: return "Output";
  }
  return "";
}

// -c, --connections N
std::string usage_of(const Option& one) {
  std::string text = one.letter == 0 ? "    " : fmt::format("-{}, ", one.letter);
  text += "--" + std::string(one.name);
  if (!one.value.empty()) text += fmt::format(" {}", one.value);
  return text;
}

std::string meaning_of(const Option& one) {
  return std::string(one.meaning) + (one.fallback.empty() ? "" : fmt::format(" [default: {}]", one.fallback));
}

// In lines of the width; all but the first are indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t at) {
  std::string out;
  for (const std::string_view word : split(text, ' ')) {
    if (at + word.size() + 1 > kWidth) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out;
}

std::string row(std::string_view left, std::string_view right) {
  std::string text = fmt::format("  {:<{}}", left, kIndent - 2);
  if (left.size() + 4 > kIndent) text = fmt::format("  {}\n{}", left, std::string(kIndent, ' '));
  return text + wrapped(right, kIndent, kIndent) + "\n";
}

// ---- man(7) ----
// A line that does not begin a request of its own, with dashes that can be copied.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '-') out += "\\-";
    else if (c == '\\') out += "\\e";
    else out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

std::string man_option(const Option& one) {
  std::string text = ".TP\n";
  if (one.letter != 0) text += fmt::format("\\fB\\-{}\\fR, ", one.letter);
  text += fmt::format("\\fB{}\\fR", roff(name_of(one.id)));
  if (!one.value.empty()) text += fmt::format(" \\fI{}\\fR", roff(one.value));
  return text + "\n" + roff(meaning_of(one)) + "\n";
}

// ---- completions ----
std::string words_of(const Option& one) {
  const auto* const word = std::get_if<takes::Word>(&one.takes);
  return word == nullptr ? "" : fmt::format("{}", fmt::join(word->words, " "));
}

std::string bash_completion() {
  std::string names;
  std::string files;
  std::string values;
  std::string others;
  for (const Option& one : options()) {
    const std::string forms = name_of(one.id) + (one.letter == 0 ? "" : fmt::format("|-{}", one.letter));
    names += " " + name_of(one.id);
    if (std::holds_alternative<takes::File>(one.takes)) files += (files.empty() ? "" : "|") + forms;
    else if (const std::string words = words_of(one); !words.empty())
      values += fmt::format("    {}) words=\"{}\" ;;\n", forms, words);
    else if (!std::holds_alternative<takes::Nothing>(one.takes)) others += (others.empty() ? "" : "|") + forms;
  }
  return fmt::format(
      R"sh(_dyno_load() {{
  local words="{}" cur="${{COMP_WORDS[COMP_CWORD]}}"
  case "${{COMP_WORDS[COMP_CWORD-1]}}" in
{}    {}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    {}) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -F _dyno_load dyno-load
)sh",
      names.substr(1), values, files, others);
}

// Sourced, or a function of zsh's that is loaded when it is first asked for, and then has to answer.
std::string zsh_completion() {
  return "#compdef dyno-load\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion() +
         "if [[ ${funcstack[1]} == _dyno-load ]]; then _bash_complete -F _dyno_load; fi\n";
}

std::string fish_completion() {
  std::string text = "complete -c dyno-load -f\n";
  for (const Option& one : options()) {
    text += fmt::format("complete -c dyno-load -l {}", one.name);
    if (one.letter != 0) text += fmt::format(" -s {}", one.letter);
    if (std::holds_alternative<takes::File>(one.takes)) text += " -r -F";
    else if (const std::string words = words_of(one); !words.empty()) text += fmt::format(" -x -a '{}'", words);
    else if (!std::holds_alternative<takes::Nothing>(one.takes)) text += " -x";
    std::string meaning(one.meaning);
    for (std::size_t at = meaning.find('\''); at != std::string::npos; at = meaning.find('\'', at + 2))
      meaning.insert(at, 1, '\\');
    text += fmt::format(" -d '{}'\n", meaning);
  }
  return text;
}

}  // namespace

std::string help_text() {
  std::string text = fmt::format("{}\n\nUsage: dyno-load [OPTIONS] URL\n\n{}", kSummary, row("URL", kUrl));
  for (const Group group : kGroups) {
    text += fmt::format("\n{}:\n", title_of(group));
    for (const Option& one : options()) {
      if (one.group == group) text += row(usage_of(one), meaning_of(one));
    }
  }
  text += fmt::format("\n{}\n\nExamples:\n", kTimes);
  for (const Example& one : kExamples) text += fmt::format("  {}\n    {}\n", one.what, one.command);
  text += "\nExit code:\n";
  for (const Exit& one : kExits) text += fmt::format("  {:<5}{}\n", one.code, one.meaning);
  return text + fmt::format("\n{}\n", kModes);
}

std::string man_page() {
  std::string text = fmt::format(
      ".TH DYNO\\-LOAD 1 \"\" \"stackdyno\"\n.SH NAME\ndyno\\-load \\- {}\n.SH SYNOPSIS\n.B dyno\\-load\n"
      "[\\fIOPTIONS\\fR] \\fIURL\\fR\n.SH DESCRIPTION\n\\fIURL\\fR is {}.\n.PP\n{}\n.SH OPTIONS\n",
      roff(kSummary.substr(kSummary.find(": ") + 2)), roff(kUrl), roff(kTimes));
  for (const Group group : kGroups) {
    text += fmt::format(".SS {}\n", title_of(group));
    for (const Option& one : options()) {
      if (one.group == group) text += man_option(one);
    }
  }
  text += ".SH EXAMPLES\n";
  for (const Example& one : kExamples)
    text += fmt::format(".TP\n{}\n.nf\n{}\n.fi\n", roff(one.what), roff(one.command));
  text += ".SH EXIT STATUS\n";
  for (const Exit& one : kExits) text += fmt::format(".TP\n{}\n{}\n", one.code, roff(one.meaning));
  return text;
}

std::string completion_for(std::string_view shell) {
  if (shell == "fish") return fish_completion();
  if (shell == "zsh") return zsh_completion();
  return shell == "bash" ? bash_completion() : "";
}

}  // namespace dyno::loadgen

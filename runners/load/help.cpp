#include "runners/load/help.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/options.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 29;

constexpr std::string_view kSummary =
    "dyno-load: an HTTP load generator that measures latency from the moment a request was due";
constexpr std::string_view kUrl =
    "http://, https://, ws:// or wss://, host, port and path. In path and query {1..9} is a random number and {name} a "
    "value "
    "of that column of the CSV file, new for each request";

struct Example {
  std::string_view what;
  std::string_view command;
};
constexpr std::array<Example, 5> kExamples{{
    {"How much it can take", "dyno-load http://localhost:8080/ -c 64 -d 10s"},
    {"Latency at a fixed rate", "dyno-load http://localhost:8080/ -c 64 -r 1000 -d 30s"},
    {"A ramp", "dyno-load http://localhost:8080/ -c 64 --curve 0s:100,30s:5000 -d 30s"},
    {"HTTPS with a CA of your own", "dyno-load https://localhost:8443/ --ca ca.pem -d 10s"},
    {"POST from a file",
     "dyno-load http://localhost:8080/items -m POST -H \"Content-Type: application/json\" -b @item.json"},
}};

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

}  // namespace

std::string help_text() {
  std::string text = fmt::format("{}\n\nUsage: dyno-load [OPTIONS] URL\n\n{}", kSummary, row("URL", kUrl));
  for (const Group group : {Group::load, Group::request, Group::protocol, Group::machine, Group::output}) {
    text += fmt::format("\n{}:\n", title_of(group));
    for (const Option& one : options()) {
      if (one.group == group) text += row(usage_of(one), meaning_of(one));
    }
  }
  text += "\nTimes are written 500us, 10s, 1m30s; a bare number is seconds.\n\nExamples:\n";
  for (const Example& one : kExamples) text += fmt::format("  {}\n    {}\n", one.what, one.command);
  return text +
         "\nExit code: 0 the load was measured, 1 it could not be, 2 the command line is wrong.\n"
         "Modes for programs: dyno-load run | probe | exchange\n";
}

}  // namespace dyno::loadgen

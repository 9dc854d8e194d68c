#include "runners/load/arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "runners/load/values.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kShown = 60;  // of a value in a message

const Option* find_long(std::string_view name) {
  const auto all = options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Option& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

const Option* find_short(char letter) {
  const auto all = options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Option& one) { return one.letter == letter; });
  return letter == 0 || found == all.end() ? nullptr : &*found;
}

bool is_flag(const Option& option) { return std::holds_alternative<takes::Nothing>(option.takes); }

// "-5" is a value, "-d" is an option, "-d5" one with its value.
bool is_option(std::string_view word) {
  if (word.starts_with("--")) return find_long(word.substr(2, word.find('=') - 2)) != nullptr;
  return word.size() > 1 && word[0] == '-' && find_short(word[1]) != nullptr;
}

std::string list_of(Opts set) {
  std::string text;
  for (const Option& one : options()) {
    if (set.has(one.id)) text += (text.empty() ? "" : " or ") + name_of(one.id);
  }
  return text;
}

const Option* find_elsewhere(std::string_view word) {
  const auto all = options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Option& one) {
    return std::find(one.elsewhere.begin(), one.elsewhere.end(), word) != one.elsewhere.end();
  });
  return found == all.end() ? nullptr : &*found;
}

// -z of hey is --duration here.
std::string unknown(std::string_view word) {
  word = word.substr(0, word.find('='));
  if (const Option* const known = find_elsewhere(word); known != nullptr) {
    const std::string letter = known->letter == 0 ? "" : fmt::format("-{}, ", known->letter);
    const std::string value = known->value.empty() ? "" : fmt::format(" {}", known->value);
    return fmt::format("unknown option {}; here it is {}{}{}", word, letter, name_of(known->id), value);
  }
  std::vector<std::string_view> names;
  names.reserve(options().size());
  for (const Option& one : options()) names.push_back(one.name);
  const auto nearest = word.starts_with("--") ? nearest_word(word.substr(2), names) : std::optional<std::string>();
  return fmt::format("unknown option {}{}", visible(word, kShown),
                     nearest ? fmt::format("; did you mean --{}?", *nearest) : "");
}

}  // namespace

Arguments::Arguments(std::span<const char* const> words) {
  bool options_end = false;
  while (!words.empty()) {
    const std::string_view word = words.front();
    std::size_t used = 1;
    if (options_end || !word.starts_with('-') || word == "-") take_url(word);
    else if (word == "--") options_end = true;
    else used = word.starts_with("--") ? take_long(words) : take_short(words);
    words = words.subspan(used);
  }
  if (url_.empty()) problems_.emplace_back("no URL, such as http://localhost:8080/");
  // What stands behind an unknown option may be its value.
  if (urls_ > 1 && !has_unknown_) problems_.push_back(fmt::format("one URL is loaded, but {} are given", urls_));
  check_together();
}

void Arguments::take_url(std::string_view word) {
  if (urls_++ == 0) url_ = word;
}

std::size_t Arguments::take_long(std::span<const char* const> words) {
  const std::string_view word = words.front();
  const std::size_t equals = word.find('=');
  const Option* const found = find_long(word.substr(2, equals - 2));
  if (found == nullptr) {
    has_unknown_ = true;
    problems_.push_back(unknown(word));
    return 1;
  }
  if (is_flag(*found)) {
    if (equals != std::string_view::npos) problems_.push_back(fmt::format("{} takes no value", name_of(found->id)));
    give(*found, "");
    return 1;
  }
  if (equals == std::string_view::npos) return take_value(*found, words);
  give(*found, std::string(word.substr(equals + 1)));
  return 1;
}

std::size_t Arguments::take_short(std::span<const char* const> words) {
  std::string_view letters = std::string_view(words.front()).substr(1);
  while (!letters.empty()) {
    const Option* const found = find_short(letters.front());
    if (found == nullptr) {
      has_unknown_ = true;
      problems_.push_back(unknown(fmt::format("-{}", letters.substr(0, letters.size() > 1 && letters[0] < 0 ? 4 : 1))));
      return 1;
    }
    letters.remove_prefix(1);
    if (is_flag(*found)) {
      give(*found, "");
      continue;
    }
    if (letters.empty()) return take_value(*found, words);
    give(*found, std::string(letters));
    return 1;
  }
  return 1;
}

std::size_t Arguments::take_value(const Option& option, std::span<const char* const> words) {
  if (words.size() == 1 || is_option(words[1])) {
    problems_.push_back(fmt::format("{} needs a value: {}", name_of(option.id), wanted(option.takes)));
    return 1;
  }
  give(option, words[1]);
  return 2;
}

void Arguments::give(const Option& option, std::string value) {
  std::vector<std::string>& values = values_[static_cast<std::size_t>(option.id)];
  if (!values.empty() && !option.repeats && !is_flag(option))
    problems_.push_back(fmt::format("{} is given twice", name_of(option.id)));
  if (!is_flag(option)) {
    if (const auto instead = wanted_instead(option.takes, value))
      problems_.push_back(
          fmt::format("{} is \"{}\"; it must be {}", name_of(option.id), visible(value, kShown), *instead));
  }
  values.push_back(std::move(value));
}

bool Arguments::is_set(Opt id) const {
  return has(id) && (is_flag(option(id)) || of(id).back() != option(id).fallback);
}

bool Arguments::has_any(Opts set) const {
  return std::any_of(options().begin(), options().end(),
                     [&](const Option& one) { return set.has(one.id) && is_set(one.id); });
}

void Arguments::check_together() {
  for (const Option& one : options()) {
    if (!is_set(one.id)) continue;
    if (!one.needs.is_empty() && !has_any(one.needs))
      problems_.push_back(fmt::format("{} needs {}", name_of(one.id), list_of(one.needs)));
    for (const Option& other : options()) {
      if (one.excludes.has(other.id) && is_set(other.id) && !has_any(one.unless))
        problems_.push_back(fmt::format("{} and {} exclude each other", name_of(one.id), name_of(other.id)));
    }
  }
}

std::string_view Arguments::text(Opt id) const {
  return has(id) ? std::string_view(of(id).back()) : option(id).fallback;
}

std::int64_t Arguments::integer(Opt id) const { return read_integer(text(id)).value_or(0); }
double Arguments::number(Opt id) const { return read_number(text(id)).value_or(0); }
Nanos Arguments::duration(Opt id) const { return read_time(text(id)).value_or(Nanos(0)); }
std::int64_t Arguments::bytes(Opt id) const { return read_size(text(id)).value_or(0); }

}  // namespace dyno::loadgen

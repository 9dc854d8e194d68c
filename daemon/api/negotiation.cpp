#include "api/negotiation.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace dyno::api {
namespace {

struct Weighted {
  std::string word;  // in lower case, without parameters
  int thousandths = 1000;
};

// "0", "0.5", "1.000": at most three digits behind the point, at most one. Nothing else is a weight.
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.front() != '0' && text.front() != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int value = (text.front() - '0') * 1000;
  int place = 100;
  for (const char digit : text.size() > 1 ? text.substr(2) : std::string_view()) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value += (digit - '0') * place;
    place /= 10;
  }
  return value <= 1000 ? std::optional<int>(value) : std::nullopt;
}

std::vector<Weighted> parse_list(std::string_view header) {
  std::vector<Weighted> list;
  for (const std::string_view element : split(header, ',')) {
    const auto parts = split(element, ';');
    Weighted one{lower(trim(parts.front())), 1000};
    bool readable = !one.word.empty();
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::string parameter = lower(trim(parts[i]));
      if (!parameter.starts_with("q=")) continue;
      const auto weight = parse_weight(std::string_view(parameter).substr(2));
      readable = readable && weight;
      if (weight) one.thousandths = *weight;
    }
    if (readable) list.push_back(std::move(one));
  }
  return list;
}

const Weighted* find_word(const std::vector<Weighted>& list, std::string_view word) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Weighted& one) { return one.word == word; });
  return found == list.end() ? nullptr : &*found;
}

int weight_of(Coding coding, const std::vector<Weighted>& list) {
  const Weighted* named = find_word(list, to_string(coding));
  if (named == nullptr && coding == Coding::gzip) named = find_word(list, "x-gzip");
  if (named == nullptr) named = find_word(list, "*");
  if (named != nullptr) return named->thousandths;
  // Not named, identity is taken all the same, but only where nothing that was asked for exists.
  return coding == Coding::identity ? 1 : 0;
}

// The most specific range that fits counts, whatever stands before it.
int weight_of(std::string_view type, const std::vector<Weighted>& list) {
  if (const Weighted* const exact = find_word(list, type)) return exact->thousandths;
  const std::string group = std::string(type.substr(0, type.find('/'))) + "/*";
  if (const Weighted* const ranged = find_word(list, group)) return ranged->thousandths;
  const Weighted* const any = find_word(list, "*/*");
  return any == nullptr ? 0 : any->thousandths;
}

}  // namespace

std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::identity: return "identity";
    case Coding::gzip: return "gzip";
    case Coding::br: return "br";
  }
  return "";
}

std::optional<Coding> choose_coding(std::optional<std::string_view> accept_encoding, std::span<const Coding> offered) {
  const auto list = parse_list(accept_encoding.value_or(""));
  std::optional<Coding> best;
  int best_weight = 0;
  for (const Coding coding : offered) {
    const int weight = weight_of(coding, list);
    if (weight <= best_weight) continue;
    best = coding;
    best_weight = weight;
  }
  return best;
}

std::optional<std::size_t> choose_type(std::optional<std::string_view> accept,
                                       std::span<const std::string_view> offered) {
  const auto list = parse_list(accept.value_or("*/*"));
  std::optional<std::size_t> best;
  int best_weight = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const int weight = weight_of(offered[i], list);
    if (weight <= best_weight) continue;
    best = i;
    best_weight = weight;
  }
  return best;
}

}  // namespace dyno::api

#include "runners/load/rules/answer_rules.h"

#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kShown = 120;

// The fields of a head, line by line.
class Fields {
 public:
  explicit Fields(std::string_view head) : left_(head) {}

  bool next(std::string_view wanted) {
    while (!left_.empty()) {
      const std::size_t end = left_.find('\n');
      const std::string_view line = left_.substr(0, end);
      left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
      if (line.size() <= wanted.size() || line[wanted.size()] != ':') continue;
      if (!same_ignoring_case(line.substr(0, wanted.size()), wanted)) continue;
      value = trim(line.substr(wanted.size() + 1));
      return true;
    }
    return false;
  }

  std::string_view value;

 private:
  std::string_view left_;
};

bool is_found(std::string_view text, std::string_view part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool is_type_of(std::string_view content_type, std::string_view wanted) {
  return same_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), wanted);
}

template <class Number>
bool is_within(Number value, const std::optional<Number>& least, const std::optional<Number>& most) {
  return (!least || value >= *least) && (!most || value <= *most);
}

bool is_of(const JsonValue& value, JsonType type) {
  if (type == JsonType::number) return value.is_number();
  if (type != JsonType::integer || value.type != JsonType::number) return value.type == type;
  const auto number = number_of(value.text);
  return number && std::trunc(*number) == *number;
}

bool has_length(const JsonValue& value) {
  return value.type == JsonType::string || value.type == JsonType::array || value.type == JsonType::object;
}

std::int64_t length_of(const JsonValue& value) {
  return value.type == JsonType::string ? code_points(value.text) : value.entries;
}

// A string's characters; where it has escapes, in `text`.
std::string_view plain_of(const JsonValue& value, std::string& text) {
  const std::string_view inside = value.text.substr(1, value.text.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside;
  text.clear();
  append_unescaped(value.text, text, value.text.size());
  return text;
}

// JSON without the white space between its words.
bool append_compact(std::string_view text, std::string& out, std::size_t most) {
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    if (out.size() == most) return false;
    out += c;
    if (c == '"') in_string = !in_string;
    else if (c == '\\' && i + 1 < text.size() && out.size() < most) out += text[++i];
  }
  return true;
}

std::string quoted(std::string_view text) { return fmt::format("\"{}\"", visible(text, kShown)); }

template <class Number>
std::string range_words(const std::optional<Number>& least, const std::optional<Number>& most) {
  if (least && most) return *least == *most ? fmt::format("{}", *least) : fmt::format("{} to {}", *least, *most);
  return least ? fmt::format("at least {}", *least) : fmt::format("at most {}", *most);
}

std::string type_words(JsonType type) {
  const std::string_view name = kJsonTypes[static_cast<std::size_t>(type)];
  if (type == JsonType::null) return "null";
  return fmt::format("{} {}", std::string_view("aeiou").find(name.front()) == std::string_view::npos ? "a" : "an",
                     name);
}

std::string header_words(const AnswerRule& rule, std::string_view name, const SeenAnswer& answer) {
  const std::string wanted = rule.value             ? quoted(*rule.value)
                             : rule.matches.empty() ? "any"
                                                    : "one that matches " + rule.matches;
  const auto came = header_in(answer.head, name);
  return fmt::format("{}: expected {}, got {}", name, wanted, came ? quoted(*came) : "none");
}

}  // namespace

std::optional<std::string_view> header_in(std::string_view head, std::string_view name) {
  Fields fields(head);
  return fields.next(name) ? std::optional(fields.value) : std::nullopt;
}

// ---- compiling ----
Result<AnswerRules> AnswerRules::compile(const std::vector<AnswerRule>& rules, const std::vector<Take>& takes) {
  AnswerRules made;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (Status added = made.add_rule(rules[i]); !added) return fail(added.error(), fmt::format("rule {}", i + 1));
  }
  for (const Take& take : takes) {
    if (Status added = made.add_take(take); !added)
      return fail(added.error(), fmt::format("what is taken as {}", quoted(take.name)));
  }
  return made;
}

std::string_view AnswerRules::what_is_missing(const AnswerRule& rule) {
  switch (rule.kind) {
    case RuleKind::content_type:
    case RuleKind::body: return rule.value ? "" : "value";
    case RuleKind::contains: return rule.value && !rule.value->empty() ? "" : "value";
    case RuleKind::header: return rule.name.empty() ? "name" : "";
    case RuleKind::matches: return rule.matches.empty() ? "matches" : "";
    case RuleKind::size: return rule.length_least || rule.length_most ? "" : "length_least or length_most";
    case RuleKind::json: return "";
  }
  return "";
}

Status AnswerRules::add_rule(const AnswerRule& as) {
  Rule rule{as, 0, nullptr, std::nullopt, std::nullopt};
  if (const std::string_view missing = what_is_missing(as); !missing.empty())
    return fail(ErrorCode::invalid_argument, fmt::format("it has no {}", missing));
  if (!as.matches.empty()) {
    auto pattern = Pattern::compile(as.matches);
    if (!pattern) return fail(pattern.error());
    rule.pattern = std::move(*pattern);
  }
  if (as.kind == RuleKind::json) {
    const auto place = pointers_.add(as.name);
    if (!place) return fail(place.error());
    rule.place = *place;
    if (as.value) {
      rule.json = std::make_unique<std::string>(*as.value);
      rule.equals = whole_json(*rule.json);
      if (!rule.equals) return fail(ErrorCode::invalid_argument, fmt::format("{} is no JSON", quoted(*as.value)));
    }
  }
  rules_.push_back(std::move(rule));
  return {};
}

Status AnswerRules::add_take(const Take& as) {
  TakeRule take{as, 0, std::nullopt};
  if (as.name.empty()) return fail(ErrorCode::invalid_argument, "it has no name");
  if (as.from == TakeFrom::json) {
    const auto place = pointers_.add(as.where);
    if (!place) return fail(place.error());
    take.place = *place;
  }
  if (as.from == TakeFrom::pattern) {
    auto pattern = Pattern::compile(as.where);
    if (!pattern) return fail(pattern.error());
    if (pattern->groups() != 1) {
      return fail(ErrorCode::invalid_argument, fmt::format("a pattern with one group is wanted, and {} has {}",
                                                           quoted(as.where), pattern->groups()));
    }
    take.pattern = std::move(*pattern);
  }
  takes_.push_back(std::move(take));
  return {};
}

// ---- applying ----
void AnswerRules::scan(const SeenAnswer& answer, RuleScratch& scratch) const {
  if (scratch.is_scanned_) return;
  scratch.is_scanned_ = true;
  scratch.wrong_at_ = find_json(pointers_, answer.body, scratch.found_);
}

std::optional<std::size_t> AnswerRules::broken(const SeenAnswer& answer, RuleScratch& scratch) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!is_kept(rules_[i], answer, scratch)) return i;
  }
  return std::nullopt;
}

bool AnswerRules::is_kept(const Rule& rule, const SeenAnswer& answer, RuleScratch& scratch) const {
  switch (rule.as.kind) {
    case RuleKind::content_type: {
      const auto came = header_in(answer.head, "Content-Type");
      return came && is_type_of(*came, *rule.as.value);
    }
    case RuleKind::header: {
      for (Fields fields(answer.head); fields.next(rule.as.name);) {
        const bool is_equal = !rule.as.value || fields.value == *rule.as.value;
        if (is_equal && (!rule.pattern || rule.pattern->is_found_in(fields.value))) return true;
      }
      return false;
    }
    case RuleKind::size:
      return is_within(static_cast<std::int64_t>(answer.body.size()), rule.as.length_least, rule.as.length_most);
    case RuleKind::body: return answer.body == *rule.as.value;
    case RuleKind::contains: return is_found(answer.body, *rule.as.value);
    case RuleKind::matches: return rule.pattern->is_found_in(answer.body);
    case RuleKind::json: return is_json_kept(rule, answer, scratch);
  }
  return false;
}

bool AnswerRules::is_json_kept(const Rule& rule, const SeenAnswer& answer, RuleScratch& scratch) const {
  scan(answer, scratch);
  if (scratch.wrong_at_) return false;
  const JsonValue& came = scratch.found_[rule.place];
  const AnswerRule& as = rule.as;
  if (!as.present || came.type == JsonType::absent) return as.present == (came.type != JsonType::absent);
  if (as.type != JsonType::absent && !is_of(came, as.type)) return false;
  if (rule.equals && !json_equal(*rule.equals, came)) return false;
  if (as.least || as.most) {
    const auto number = came.is_number() ? number_of(came.text) : std::nullopt;
    if (!number || !is_within(*number, as.least, as.most)) return false;
  }
  if (rule.pattern && (came.type != JsonType::string || !rule.pattern->is_found_in(plain_of(came, scratch.text_))))
    return false;
  if (!as.length_least && !as.length_most) return true;
  return has_length(came) && is_within(length_of(came), as.length_least, as.length_most);
}

bool AnswerRules::take_into(std::string& out, std::size_t number, const SeenAnswer& answer,
                            RuleScratch& scratch) const {
  const TakeRule& take = takes_[number];
  out.clear();
  switch (take.as.from) {
    case TakeFrom::json: {
      scan(answer, scratch);
      if (scratch.wrong_at_) return false;
      const JsonValue& came = scratch.found_[take.place];
      if (came.type == JsonType::absent || came.type == JsonType::null) return false;
      return came.type == JsonType::string ? append_unescaped(came.text, out, kMostTaken)
                                           : append_compact(came.text, out, kMostTaken);
    }
    case TakeFrom::header: {
      const auto value = header_in(answer.head, take.as.where);
      if (!value || value->size() > kMostTaken) return false;
      out = *value;
      return true;
    }
    case TakeFrom::pattern: {
      const auto group = take.pattern->first_group(answer.body);
      if (!group || group->size() > kMostTaken) return false;
      out = *group;
      return true;
    }
  }
  return false;
}

// ---- words ----
std::string AnswerRules::words(std::size_t number, const SeenAnswer& answer, RuleScratch& scratch) const {
  const Rule& rule = rules_[number];
  switch (rule.as.kind) {
    case RuleKind::content_type: return header_words(rule.as, "Content-Type", answer);
    case RuleKind::header: return header_words(rule.as, rule.as.name, answer);
    case RuleKind::size:
      return fmt::format("expected a body of {} bytes, got {}", range_words(rule.as.length_least, rule.as.length_most),
                         answer.body.size());
    case RuleKind::body: return fmt::format("expected the body {}, got another", quoted(*rule.as.value));
    case RuleKind::contains: return fmt::format("expected a body with {}, got none", quoted(*rule.as.value));
    case RuleKind::matches: return fmt::format("expected a body that matches {}, got another", rule.as.matches);
    case RuleKind::json: break;
  }
  scan(answer, scratch);
  if (!scratch.wrong_at_) return json_words(rule, scratch.found_[rule.place]);
  if (answer.body.empty()) return "expected JSON, got an empty body";
  return *scratch.wrong_at_ >= answer.body.size()
             ? fmt::format("expected JSON, and it ends too early, behind {} bytes", answer.body.size())
             : fmt::format("expected JSON, got a body that is none from byte {} on", *scratch.wrong_at_);
}

std::string missing_words(const Take& take, bool is_there) {
  std::string from = fmt::format("what matches {}", take.where);
  if (take.from == TakeFrom::header) from = fmt::format("the header {}", take.where);
  if (take.from == TakeFrom::json)
    from = take.where.empty() ? "the whole body" : fmt::format("the value at {}", take.where);
  return fmt::format("{{{}}} is taken from {}, and {}", take.name, from,
                     is_there ? "what stands there has characters that cannot be sent" : "there is none to take");
}

std::string AnswerRules::json_words(const Rule& rule, const JsonValue& came) {
  const AnswerRule& as = rule.as;
  std::string wanted = as.type == JsonType::absent ? "a value" : type_words(as.type);
  if (!as.present) wanted = "none";
  else if (as.value) wanted = visible(*as.value, kShown);
  else if (as.least || as.most) wanted = "a number, " + range_words(as.least, as.most);
  else if (!as.matches.empty()) wanted = "a string that matches " + as.matches;
  else if (as.length_least || as.length_most) wanted = "length " + range_words(as.length_least, as.length_most);
  std::string is = came.type == JsonType::absent ? "none" : visible(came.text, kShown);
  if ((as.length_least || as.length_most) && has_length(came)) is += fmt::format(" (length {})", length_of(came));
  return fmt::format("{}: expected {}, got {}", as.name.empty() ? "the whole body" : as.name, wanted, is);
}

}  // namespace dyno::loadgen

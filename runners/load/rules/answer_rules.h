// The rules on the answers to one request, ready to be applied: which of them an answer breaks, and the values that are taken from it.
// Immutable after compile(), shared by all workers. No allocation once a scratch has been used, except inside the engine of patterns.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/pattern.h"
#include "base/result.h"
#include "runners/load/rules/answer_rule.h"

namespace dyno::loadgen {

// An answer as it lies in memory. `head`: lines of "name: value" that end in CR LF; a status line is no harm.
struct SeenAnswer {
  std::string_view head;
  std::string_view body;
};

// What belongs to one answer while it is looked at; used again for the next. One a worker.
class RuleScratch {
 public:
  void begin() { is_scanned_ = false; }

 private:
  friend class AnswerRules;
  bool is_scanned_ = false;
  std::optional<std::size_t> wrong_at_;  // where the body is no JSON
  std::vector<JsonValue> found_;
  std::string text_;
};

class AnswerRules {
 public:
  // invalid_argument, with the rule's number from 1 in front.
  static Result<AnswerRules> compile(const std::vector<AnswerRule>& rules, const std::vector<Take>& takes);

  bool has_rules() const { return !rules_.empty(); }
  bool has_takes() const { return !takes_.empty(); }
  // From 0, in the order in which they were given: the first that the answer breaks.
  std::optional<std::size_t> broken(const SeenAnswer& answer, RuleScratch& scratch) const;
  // What that rule expects and what came, for a person: "/items/0/id: expected an integer, got "x"".
  std::string words(std::size_t rule, const SeenAnswer& answer, RuleScratch& scratch) const;

  std::size_t takes() const { return takes_.size(); }
  const Take& take(std::size_t number) const { return takes_[number].as; }
  // False: the answer has no such value, or it has more than kMostTaken bytes. A JSON string without its quotes, anything else as JSON;
  // null is none.
  bool take_into(std::string& out, std::size_t number, const SeenAnswer& answer, RuleScratch& scratch) const;

 private:
  struct Rule {
    AnswerRule as;
    std::size_t place = 0;              // of a JSON value in what was found
    std::unique_ptr<std::string> json;  // what it equals, where it stays when a rule is moved
    std::optional<JsonValue> equals;
    std::optional<Pattern> pattern;
  };
  struct TakeRule {
    Take as;
    std::size_t place = 0;
    std::optional<Pattern> pattern;
  };

  Status add_rule(const AnswerRule& rule);
  Status add_take(const Take& take);
  void scan(const SeenAnswer& answer, RuleScratch& scratch) const;
  bool is_kept(const Rule& rule, const SeenAnswer& answer, RuleScratch& scratch) const;
  bool is_json_kept(const Rule& rule, const SeenAnswer& answer, RuleScratch& scratch) const;
  static std::string_view what_is_missing(const AnswerRule& rule);
  static std::string json_words(const Rule& rule, const JsonValue& came);

  std::vector<Rule> rules_;
  std::vector<TakeRule> takes_;
  JsonPointers pointers_;
};

// Why a value was not taken. `is_there`: it was, and cannot be sent.
std::string missing_words(const Take& take, bool is_there);
// The value of a field, the first of that name; nothing: there is none.
std::optional<std::string_view> header_in(std::string_view head, std::string_view name);

}  // namespace dyno::loadgen

// Whether an answer of somebody's own service is as its workload's file says, and what is taken from it for later steps: one pure
// function for every kind of rule, with words that name the request, the rule's place and what came. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/expected_answer.h"
#include "model/answer_rules.h"
#include "ports/load_driver.h"

namespace dyno::contract {

// The first rule that the answer breaks. `request` is named in the words: "GET /orders/5".
std::optional<Difference> broken_rule(std::string_view request, const model::AnswerRules& rules,
                                      const ports::Answer& answer);
// The same of an exchange of one request: one that brought no whole answer breaks the rules, too.
std::optional<Difference> broken_rule(std::string_view request, const model::AnswerRules& rules,
                                      const ports::ExchangeOutcome& outcome);

// Nothing: the answer has no such value.
std::optional<std::string> captured(const model::Capture& capture, const ports::Answer& answer);
Difference not_captured(std::string_view request, const model::AnswerRules& rules, const model::Capture& capture,
                        const ports::Answer& answer);

// "2xx", "200", "400–404".
std::string status_words(const std::vector<model::StatusRange>& statuses);

}  // namespace dyno::contract

// A check of the contract: the exchanges to make with a stack, and the ruling on what came back. Pure values and functions:
// run/verification makes the exchanges, waits where a step says so, and asks judge(). Thread-safe after it was made.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "ports/load_driver.h"

namespace dyno::contract {

struct CheckFailure {
  std::string check;  // "json: by value"
  std::string expected;
  std::string got;
  std::string kind = "contract check";  // of the check
};

struct Judgement {
  std::optional<CheckFailure> failure;
  // What was tolerated: "POST /json answers 404 instead of 405". Tests read it; stacks/CONTRACT.md lists these departures by stack.
  std::vector<std::string> notes;
};

using Outcomes = std::span<const ports::ExchangeOutcome>;

struct Step {
  Nanos wait_before{};  // on the clock, before the exchange
  ports::Exchange exchange{};
  // In place of `exchange`, where it follows from what came before in the check. Nothing: that does not give what it needs, the steps
  // end there, and the ruling says why.
  std::function<std::optional<ports::Exchange>(Outcomes before)> follows{};
};

struct Check {
  std::string name;
  std::vector<Step> steps;                    // in order
  std::function<Judgement(Outcomes)> ruling;  // called by judge()
  bool shows_load_body = false;               // its answers, once judged right, are what load phases will see
  std::string kind = "contract check";
};

// One outcome for each step, in their order; fewer when an exchange could not be made: that is a failure, unless a step that follows
// from others did not: then the ruling finds it.
Judgement judge(const Check& check, Outcomes outcomes);

// The bodies of a check that shows_load_body and was judged right.
std::vector<std::string> bodies_of(Outcomes outcomes);

// "json: by value: expected 200, got 500"
std::string describe(const CheckFailure& failure);

}  // namespace dyno::contract

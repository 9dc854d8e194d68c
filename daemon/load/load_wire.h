// The protocol of dyno-load (daemon/docs/load-protocol.md) from the daemon's side: port values to lines, lines to port values.
// Pure; the process that speaks it is in dyno_load_driver.
#pragma once

#include <string>

#include "base/line_protocol.h"
#include "ports/load_driver.h"

namespace dyno::load {

std::string probe_request(const ports::ProbeSpec& spec);
std::string exchange_request(const ports::LoadTarget& target, const std::vector<ports::Exchange>& exchanges);
std::string load_request(const ports::LoadSpec& spec);

// Gives the bad answers of a phase the place of their expectation, and the words of a wrong status.
void place_bad_answers(const ports::LoadSpec& spec, std::vector<ports::BadAnswer>& answers);

// The first line of every answer.
Status check_greeting(const Line& line);
// The error an `error` line carries.
Error read_error(const Line& line);
// Whose fault an error of a phase is, by its code: dyno-load's own, or what became of the process.
ports::LoadFault load_fault_of(ErrorCode code);

enum class Step { more, done };

// Takes the lines of a probe into `outcome`; done at the last one.
Result<Step> read_probe_line(const Line& line, ports::ProbeOutcome& outcome);

class ExchangeReader {
 public:
  Result<Step> take(const Line& line);
  std::vector<ports::ExchangeOutcome> outcomes() && { return std::move(outcomes_); }

 private:
  ports::ExchangeOutcome current_;
  std::vector<ports::ExchangeOutcome> outcomes_;
};

// Takes the lines of a load phase, calling the listener as they come.
class LoadReader {
 public:
  explicit LoadReader(const ports::LoadListener& listener) : listener_(listener) {}
  Result<Step> take(const Line& line);
  ports::LoadOutcome outcome() && { return std::move(outcome_); }

 private:
  Status take_second(const Line& line);
  Status take_result(const Line& line);
  Status take_errors(const Line& line);
  Status take_loader(const Line& line);
  Status take_unanswered(const Line& line);
  Status take_open(const Line& line);
  Status take_deliveries(const Line& line);
  Status take_bad_answer(const Line& line);

  const ports::LoadListener& listener_;
  ports::LoadOutcome outcome_;
  bool has_result_ = false;
};

}  // namespace dyno::load

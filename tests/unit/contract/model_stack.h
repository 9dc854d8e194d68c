// A stack that exists only as a function: answers the exchanges of a check as the contract wants it, unless it is told to
// spoil an answer. Lets every check be tried against a right stack and against one planted fault.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/units.h"
#include "contract/check.h"

namespace dyno::contract {

struct SeenRequest {
  std::string method;
  std::string written_path;                  // as it came
  std::string path;                          // decoded, without the query
  std::map<std::string, std::string> query;  // as written, not decoded
  std::string version;                       // "1.1"
  std::map<std::string, std::string> headers;
  std::string body;
};

class ModelStack {
 public:
  // Called for each answer before it leaves.
  std::function<void(const SeenRequest&, ports::Answer&)> spoil;
  // Called for each finished exchange.
  std::function<void(const ports::Exchange&, ports::ExchangeOutcome&)> spoil_outcome;
  // Called for each stream, when all that belongs into it is there.
  std::function<void(ports::Answer&)> spoil_stream;
  bool date_stands_still = false;
  bool database_is_away = false;

  // As a service's command `change` does it (daemon/docs/services.md).
  void change(const std::vector<std::string>& arguments);
  // As its command `read` prints them.
  std::string read(const std::vector<std::string>& ids) const;

  // Makes the exchanges of a check; its waits only move the stack's own clock.
  std::vector<ports::ExchangeOutcome> perform(const Check& check);

 private:
  ports::Answer answer(const SeenRequest& request);
  std::tuple<int, std::string, std::string> content(const SeenRequest& request);
  std::int64_t next_id();
  std::int64_t number_of(std::int64_t id) const;
  std::string row(std::int64_t id) const;
  ports::ExchangeOutcome perform(const ports::Exchange& exchange);

  std::int64_t last_id_ = 1;
  std::map<std::int64_t, std::string> names_;     // of users that were changed
  std::map<std::int64_t, std::string> messages_;  // of fortunes that were changed
  std::map<std::int64_t, std::int64_t> numbers_;  // rows of world that are no longer as seeded
  WallTime now_ = wall_from_ns(1795000000'000'000'000);
};

void set_header(ports::Answer& answer, const std::string& name, const std::string& value);
void remove_header(ports::Answer& answer, const std::string& name);
void set_body(ports::Answer& answer, const std::string& body);  // and Content-Length

}  // namespace dyno::contract

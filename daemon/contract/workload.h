// A workload as a value: all that the daemon knows about one kind of request (stacks/CONTRACT.md). Everything else names a workload
// by its name alone; one that is described in a file of somebody's own is a further value of this type.
// Values and pure functions; thread-safe after they were made.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/asking.h"
#include "contract/check.h"
#include "contract/draw.h"
#include "contract/query_audit.h"
#include "contract/request.h"
#include "ports/load_driver.h"

namespace dyno::contract {

using Params = std::map<std::string, std::int64_t>;

// A number of a workload's requests that a phase of a profile may set.
struct Param {
  std::string name;
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::optional<std::int64_t> fallback{};  // where a phase says nothing; none: the param is left out then
  std::string instead_of{};                // the param whose place it takes: a phase has one of the two
};

// The numbers that a workload is asked with.
struct Setting {
  Params params;                   // the phase's, and the fallbacks of those it leaves out
  std::int64_t users = kUserRows;  // rows of the table `users` in the run's database

  // Of a param with a fallback.
  std::int64_t operator[](const std::string& name) const { return params.at(name); }
};

// What carries the requests where it is more than HTTP: messages through a WebSocket, or published to subscribers.
struct LoadStream {
  ports::LoadProtocol protocol = ports::LoadProtocol::http1;
  ports::RequestTemplate request{};
  int subscribers = 0;
};

using CommandArguments = std::vector<std::string>;  // of a service's command (daemon/docs/services.md)

// Asked, then changed behind the stack's back, then asked again: what was kept from before is wrong now.
struct LiveCheck {
  Check before;
  CommandArguments change;
  Check after;
  CommandArguments undo;  // of `change`, too
};

// Rows that a stack says it wrote, compared with those that stand in the database.
struct WrittenCheck {
  Check check;
  std::function<CommandArguments(Outcomes)> ids;  // arguments of the service's `read`
  // `rows` is what `read` printed, "<id> <number>" a line.
  std::function<std::optional<CheckFailure>(Outcomes, std::string_view rows)> ruling;
};

// What a workload asks of a database.
struct DatabaseUse {
  std::function<Request(const Setting&, Draw&)>
      request;  // one that is answered by 200, or by 503 while the database is away
  std::function<QueryPromise(const Setting&)> promise;  // the statements of one request
  std::function<Params(Draw&)> counted_params{};  // for the requests whose statements are counted; empty: the fallbacks
  std::function<LiveCheck(Asking&)> live{};       // empty: it shows no row as it stands
  std::function<WrittenCheck(Asking&)> written{};  // empty: it writes none
};

// Bodies that verification saw and found right. JSON may differ from stack to stack in white space and key order; within
// one stack it does not.
using RightBodies = std::vector<std::string>;

struct Workload {
  std::string name;  // in stack.yaml, profiles and results
  std::vector<Param> params{};

  std::function<std::vector<Check>(Asking&)> checks;  // before any load; never none
  std::function<std::vector<ports::RequestTemplate>(const Setting&, const RightBodies&)> requests;
  std::function<LoadStream(const Setting&)> stream{};  // empty: plain requests
  std::optional<DatabaseUse> database{};               // nothing: it asks none

  bool is_session = false;       // its requests are steps, sent in order on each connection
  std::string_view table_csv{};  // borrowed; from which requests draw rows

  std::string why_open_loop{};    // why it cannot be asked in a closed loop; empty: it can
  std::string why_one_process{};  // why one process has to answer all of it; empty: several may
};

// `given` as a phase gives it, which knows the workload's params and their ranges.
Setting setting_of(const Workload& workload, const Params& given, std::int64_t users = kUserRows);

// What is sent for the workload, and which bodies are accepted when one is looked at.
std::vector<ports::RequestTemplate> load_requests(const Workload& workload, const Setting& setting,
                                                  const RightBodies& right_bodies);
LoadStream load_stream(const Workload& workload, const Setting& setting);
// Nothing for a workload that asks no database.
std::optional<QueryPromise> promised_queries(const Workload& workload, const Setting& setting);

}  // namespace dyno::contract

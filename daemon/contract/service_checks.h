// Checks that need somebody behind the service: rows changed or read back where a stack cannot see it, statements counted, a
// database that is gone. What is to be done there is given as the arguments of the service's commands (daemon/docs/services.md);
// the executor does it between the exchanges. Pure: seed in, checks out. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/check.h"
#include "model/workload.h"

namespace dyno::contract {

using CommandArguments = std::vector<std::string>;

// Asked, then changed behind the stack's back, then asked again: what was kept from before is wrong now.
struct LiveCheck {
  Check before;
  CommandArguments change;
  Check after;
  CommandArguments undo;  // of `change`, too
};
// Nothing for workloads that show no rows of a table.
std::optional<LiveCheck> live_check(model::Workload workload, const std::string& host, std::uint64_t seed);

// So many requests at sixteen connections, for the statements to be counted meanwhile.
constexpr std::int64_t kAuditedRequests = 512;
struct AuditedLoad {
  Check check;
  std::map<std::string, std::int64_t> params;  // of the workload, as they were asked
};
AuditedLoad audited_load(model::Workload workload, const std::string& host, std::uint64_t seed);

// An update whose rows are then read back.
Check written_check(const std::string& host, std::uint64_t seed);
// The ids that the answers of written_check name: arguments of the service's `read`.
CommandArguments written_ids(Outcomes outcomes);
// `rows` is what `read` printed, "<id> <number>" a line.
std::optional<CheckFailure> judge_written(Outcomes outcomes, std::string_view rows);

// While the database is gone, or (`hangs`) there and silent: every workload, /ready and /health at once. `private_words` may
// not show in an answer: addresses, names and secrets of the service.
struct Outage {
  std::set<model::Workload> workloads;
  bool hangs = false;
  std::vector<std::string> private_words;
};
Check outage_check(const Outage& outage, const std::string& host);
// When it is back: so many requests at once that no dead connection stays in a pool unseen.
Check recovered_check(const std::set<model::Workload>& workloads, const std::string& host, std::uint64_t seed);

}  // namespace dyno::contract

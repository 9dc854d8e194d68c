// Checks that need somebody behind the service: statements counted, a database that is gone. What is to be done there is given as
// the arguments of the service's commands (daemon/docs/services.md); the executor does it between the exchanges. Pure: seed in,
// checks out. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/verification.h"
#include "contract/workload.h"

namespace dyno::contract {

// Nothing for workloads that show no row as it stands, or write none.
std::optional<LiveCheck> live_check(const Workload& workload, const Examination& examination);
std::optional<WrittenCheck> written_check(const Workload& workload, const Examination& examination);

// So many requests over sixteen connections, while the statements are counted.
constexpr std::int64_t kAuditedRequests = 512;
struct AuditedLoad {
  Check check;
  QueryPromise promise;  // of each of them
};
// Nothing for workloads that ask no database.
std::optional<AuditedLoad> audited_load(const Workload& workload, const Examination& examination);

// While the database is gone, or (`hangs`) there and silent: every workload that asks it, /ready and /health at once.
// `private_words` may not show in an answer: addresses, names and secrets of the service.
struct Outage {
  std::vector<Workload> workloads;
  bool hangs = false;
  std::vector<std::string> private_words;
};
Check outage_check(const Outage& outage, const Examination& examination);
// When it is back: so many requests at once that no dead connection stays in a pool unseen.
Check recovered_check(const std::vector<Workload>& workloads, const Examination& examination);

}  // namespace dyno::contract

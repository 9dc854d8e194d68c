// What a service counted behind a stack's back, and what the contract promises: how many statements a request makes.
// Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/expected_answer.h"

namespace dyno::contract {

enum class StatementKind { read, write, other };

struct StatementCount {
  StatementKind kind = StatementKind::other;
  std::string what;  // the table; of other statements their text
  std::int64_t calls = 0;
  std::int64_t rows = 0;  // read or written; not counted for other statements
};

struct QueryAudit {
  std::vector<StatementCount> statements;
  std::int64_t connections = 0;  // that the stack holds now
};

// The lines of a service's `audit` command (daemon/docs/services.md); protocol, with the line, when one is wrong.
Result<QueryAudit> parse_audit(std::string_view text);

// Of one request.
struct QueryPromise {
  std::string table;
  std::int64_t reads = 0;
  std::int64_t rows_read = 0;
  std::int64_t rows_written = 0;
};

// How many requests the statements belong to: exactly, or between those that were answered and those that were begun.
struct AskedRequests {
  std::int64_t answered = 0;
  std::int64_t begun = 0;
};

// The first way in which the audit is not what was promised. Counts must fit `asked`, widened by `slack` (0.01 is 1 %); another
// statement must be rarer than one in ten requests, so that what a pool says on opening a connection does not count.
std::optional<Difference> broken_promise(const QueryPromise& promise, const AskedRequests& asked, double slack,
                                         const QueryAudit& audit);

}  // namespace dyno::contract

#include "contract/query_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace dyno::contract {
namespace {

// The first word of `rest`, which then begins behind the space after it.
std::string_view take_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  return word;
}

std::optional<std::int64_t> count_of(std::string_view word) {
  const auto number = parse_int(word);
  return number && *number >= 0 ? number : std::nullopt;
}

bool take_line(std::string_view line, QueryAudit& audit) {
  std::string_view rest = line;
  const std::string_view kind = take_word(rest);
  if (kind == "connections") {
    const auto now = count_of(rest);
    audit.connections = now.value_or(0);
    return now.has_value();
  }
  StatementCount statement;
  if (kind == "other") {
    const auto calls = count_of(take_word(rest));
    statement.calls = calls.value_or(0);
    statement.what = std::string(rest);
    audit.statements.push_back(std::move(statement));
    return calls && !rest.empty();
  }
  if (kind != "read" && kind != "write") return false;
  statement.kind = kind == "read" ? StatementKind::read : StatementKind::write;
  statement.what = std::string(take_word(rest));
  const auto calls = count_of(take_word(rest));
  const auto rows = count_of(rest);
  statement.calls = calls.value_or(0);
  statement.rows = rows.value_or(0);
  audit.statements.push_back(std::move(statement));
  return calls && rows;
}

StatementCount sum_of(const QueryAudit& audit, StatementKind kind, const std::string& table) {
  StatementCount sum{kind, table, 0, 0};
  for (const StatementCount& statement : audit.statements) {
    if (statement.kind != kind || statement.what != table) continue;
    sum.calls += statement.calls;
    sum.rows += statement.rows;
  }
  return sum;
}

bool fits(std::int64_t count, std::int64_t each, const AskedRequests& asked, double slack) {
  const auto least = std::ceil(static_cast<double>(asked.answered * each) * (1 - slack));
  const auto most = std::floor(static_cast<double>(asked.begun * each) * (1 + slack));
  return static_cast<double>(count) >= least && static_cast<double>(count) <= most;
}

std::string requests_of(const AskedRequests& asked) {
  return asked.answered == asked.begun ? fmt::format("{} requests", asked.answered)
                                       : fmt::format("{} to {} requests", asked.answered, asked.begun);
}

Difference other_count(const AskedRequests& asked, std::int64_t each, const std::string& what, std::int64_t got) {
  const double ratio = asked.answered > 0 ? static_cast<double>(got) / static_cast<double>(asked.answered) : 0;
  return {fmt::format("{} {} for each of {}", each, what, requests_of(asked)),
          fmt::format("{}, {:.2f} per request", got, ratio)};
}

bool is_promised(const StatementCount& statement, const QueryPromise& promise) {
  if (statement.what != promise.table) return false;
  return statement.kind == StatementKind::read || (statement.kind == StatementKind::write && promise.rows_written > 0);
}

const char* verb_of(StatementKind kind) {
  switch (kind) {
    case StatementKind::read: return "reads of ";
    case StatementKind::write: return "writes to ";
    case StatementKind::other: break;
  }
  return "";
}

}  // namespace

Result<QueryAudit> parse_audit(std::string_view text) {
  QueryAudit audit;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty() || take_line(trim(line), audit)) continue;
    return fail(ErrorCode::protocol,
                fmt::format("the audit says \"{}\"; it may say read or write <table> <calls> <rows>, "
                            "other <calls> <text>, connections <now>",
                            visible(line, 100)));
  }
  return audit;
}

std::optional<Difference> broken_promise(const QueryPromise& promise, const AskedRequests& asked, double slack,
                                         const QueryAudit& audit) {
  const StatementCount read = sum_of(audit, StatementKind::read, promise.table);
  const StatementCount written = sum_of(audit, StatementKind::write, promise.table);
  if (!fits(read.calls, promise.reads, asked, slack))
    return other_count(asked, promise.reads, "reads of " + promise.table, read.calls);
  if (!fits(read.rows, promise.rows_read, asked, slack))
    return other_count(asked, promise.rows_read, "rows read of " + promise.table, read.rows);
  if (!fits(written.rows, promise.rows_written, asked, slack))
    return other_count(asked, promise.rows_written, "rows written to " + promise.table, written.rows);
  for (const StatementCount& statement : audit.statements) {
    if (is_promised(statement, promise) || statement.calls * 10 < asked.answered) continue;
    return Difference{fmt::format("no other statement during {}", requests_of(asked)),
                      fmt::format("{} × {}{}", statement.calls, verb_of(statement.kind), visible(statement.what, 100))};
  }
  return std::nullopt;
}

}  // namespace dyno::contract

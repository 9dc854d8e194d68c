#include "store/journal.h"

#include <fmt/format.h>

#include "store/event_rows.h"
#include "store/events.h"
#include "store/payload_rows.h"

namespace dyno::store {

Result<std::int64_t> Journal::append(const std::string& run_id, WallTime at, const model::RunEvent& event) {
  // Only the repository makes runs, because it stores the job and the key in the same transaction.
  if (std::holds_alternative<model::RunQueued>(event)) return fail(ErrorCode::conflict, "a run is queued only once");
  model::EventRow row = flat_row(run_id, at, event);
  const std::string what = fmt::format("storing the event \"{}\" of run {}", row.kind, run_id);
  const Result<Payload> payload = payload_of(event);
  if (!payload) return fail(payload.error(), what);
  const Status stored = database_.write(
      what, [&](SQLite::Database& connection) { return append_event(connection, event, *payload, row); },
      [&] { feed_.post(row); });
  if (!stored) return fail(stored.error());
  // The end of a run is a quiet moment: what it wrote moves from the log into the file. A failure costs nothing but time.
  if (row.state && model::is_terminal(*row.state)) static_cast<void>(database_.truncate_log());
  return row.id;
}

void Journal::publish(const model::LiveSample& sample) { feed_.post(sample); }

}  // namespace dyno::store

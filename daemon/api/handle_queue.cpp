#include <fmt/format.h>

#include <algorithm>

#include "api/answers.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "api/wire.h"

namespace dyno::api {
namespace {

constexpr int kMostPositions = 1000;

std::string why_it_waits(const std::optional<run::Hold>& hold, std::size_t before) {
  if (before > 0) return fmt::format("{} run{} before it", before, before == 1 ? "" : "s");
  return hold ? run::describe(*hold) : "about to begin";
}

// When it ends by what its trials took so far, otherwise by what a run like it took; nothing: neither is known.
Result<std::optional<WallTime>> end_of(const ApiContext& context, const model::Run& run, std::optional<WallTime> begin,
                                       bool is_running) {
  if (is_running) {
    const auto progress = context.reader.progress(run.id);
    if (!progress) return fail(progress.error());
    if (*progress && (*progress)->eta_at) return (*progress)->eta_at;
    begin = run.started_at;
  }
  // One that was cut off has some of its trials already.
  if (!begin || run.resumed > 0) return std::nullopt;
  const auto duration = context.reader.duration_of(run);
  if (!duration) return fail(duration.error());
  return *duration ? std::optional(*begin + **duration) : std::nullopt;
}

}  // namespace

Response show_queue(const ApiContext& context, const Request& request, const PathValues&) {
  std::vector<wire::QueueRow> rows;
  const auto hold = context.runs.hold();
  const WallTime now = context.clock.wall_now();
  // Where nothing says how long one takes, nothing is known of those behind it; the same while the queue is held.
  std::optional<WallTime> free_at = now;
  int position = 1;
  for (const run::QueueEntry& entry : context.runs.queue()) {
    auto run = context.reader.run(entry.run_id);
    if (!run) return problem_answer(run.error(), request);
    wire::QueueRow row{std::move(*run), 0, "", std::nullopt, std::nullopt};
    if (!entry.running) {
      row.position = position++;
      row.reason = why_it_waits(hold, rows.size());
      if (!hold) row.begins_at = free_at;
    }
    const auto end = end_of(context, row.run, row.begins_at, entry.running);
    if (!end) return problem_answer(end.error(), request);
    row.ends_at = *end;
    if (row.ends_at) row.ends_at = std::max(*row.ends_at, now);  // later than it took last time
    free_at = row.ends_at;
    rows.push_back(std::move(row));
  }
  return rows_answer(
      request, [&] { return wire::queue(rows, hold); }, [&] { return tables::queue(std::move(rows)); });
}

Response move_run(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto position = int_parameter(request, "position", {1, kMostPositions, 1});
  if (!position) return problem_answer(position.error(), request.id);
  const auto run = context.reader.run(path.at(0));
  if (!run) return problem_answer(run.error(), request);
  const Status moved = context.runs.move(run->id, static_cast<std::size_t>(*position));
  if (!moved && moved.error().code == ErrorCode::not_found)
    return problem_answer(Error{ErrorCode::conflict, "the run does not wait in the queue"}, request);
  if (!moved) return problem_answer(moved.error(), request);
  return run_answer(context, run->id, request, 200);
}

Response retry_run(const ApiContext& context, const Request& request, const PathValues& path) {
  const auto run_id = context.runs.retry(path.at(0));
  if (!run_id) return refused_answer(run_id.error(), request);
  return run_answer(context, *run_id, request, 202);
}

}  // namespace dyno::api

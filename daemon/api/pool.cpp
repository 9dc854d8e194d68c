#include "api/pool.h"

#include <algorithm>

#include "results/compare.h"
#include "schedule/due_times.h"

namespace dyno::api {
namespace {

// When the nth night from now on has ended, if the schedule still fires; a night takes as long as this one did.
std::optional<WallTime> ready_at(const ApiContext& context, const model::Run& newest, int nights) {
  if (!context.schedules.list) return std::nullopt;
  for (const ScheduleEntry& entry : context.schedules.list()) {
    if (entry.schedule.name != newest.request.schedule || !entry.fires()) continue;
    const auto due = schedule::next_due_times(entry.schedule, context.clock.wall_now(), nights);
    if (!due || due->empty()) return std::nullopt;
    const bool has_taken = newest.started_at && newest.finished_at;
    return due->back().at + (has_taken ? *newest.finished_at - *newest.started_at : Nanos::zero());
  }
  return std::nullopt;
}

}  // namespace

wire::PoolView pool_view(const ApiContext& context, const std::vector<store::PastRun>& runs, const model::Run& newest) {
  wire::PoolView view;
  view.schedule = newest.request.schedule;
  view.nights = runs;
  for (store::PastRun& night : view.nights) {
    if (night.id == newest.id) night.blocks = newest.blocks;
    view.blocks += night.blocks;
  }
  const int each = std::max(1, newest.blocks);
  view.blocks_lacking = std::max(0, results::kTrialsToDecide - view.blocks);
  view.nights_needed = each >= results::kTrialsToDecide ? 1 : results::kNightsToDecide;
  view.nights_lacking =
      std::max({0, view.nights_needed - static_cast<int>(runs.size()), (view.blocks_lacking + each - 1) / each});
  if (view.nights_lacking > 0 && !view.schedule.empty()) view.ready_at = ready_at(context, newest, view.nights_lacking);
  return view;
}

Result<std::optional<wire::PoolView>> pool_of_run(const ApiContext& context, const model::Run& run) {
  if (run.state != model::RunState::succeeded) return std::optional<wire::PoolView>();
  const auto past = context.reader.past_runs({.id = run.id});
  if (!past) return fail(past.error());
  if (past->empty()) return std::optional<wire::PoolView>();
  const auto nights = context.reader.pool_of(past->front());
  if (!nights) return fail(nights.error());
  return std::optional(pool_view(context, *nights, run));
}

}  // namespace dyno::api

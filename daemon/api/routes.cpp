#include <iterator>

#include "api/handlers.h"
#include "api/router.h"

namespace dyno::api {
namespace {

Route rows(std::string_view path, Handler handler, std::vector<Parameter> parameters = {}) {
  parameters.push_back({"format"});
  return {"GET", path, handler, std::move(parameters), true};
}

std::vector<Route> catalogue_routes() {
  return {
      {"GET", "/api/v1", show_root, {}},
      rows("/api/v1/stacks", list_stacks),
      {"GET", "/api/v1/stacks/{name}", show_stack, {}},
      {"POST", "/api/v1/stacks/validate", validate_file, {{"file"}, {"kind"}}},
      {"POST", "/api/v1/stacks/rescan", rescan, {}},
      rows("/api/v1/profiles", list_profiles),
      {"GET", "/api/v1/profiles/{name}", show_profile, {}},
      rows("/api/v1/metrics", list_metrics),
  };
}

std::vector<Route> run_routes() {
  return {
      {"POST", "/api/v1/runs", start_run, {}},
      rows("/api/v1/runs", list_runs,
           {{"limit"}, {"cursor"}, {"stack", true}, {"state", true}, {"tag", true}, {"pinned"}, {"excluded"}}),
      {"GET", "/api/v1/runs/{id}", show_run, {}},
      {"PATCH", "/api/v1/runs/{id}", mark_run, {}},
      {"POST", "/api/v1/runs/{id}/cancel", cancel_run, {}},
      rows("/api/v1/runs/{id}/environment", show_environment),
      rows("/api/v1/runs/{id}/builds", list_builds),
      {"GET", "/api/v1/runs/{id}/builds/{name}/log", show_build_log, {{"from"}, {"follow"}}},
      rows("/api/v1/runs/{id}/trials", list_trials,
           {{"case", true}, {"phase", true}, {"metric", true}, {"state", true}}),
      rows("/api/v1/runs/{id}/phases", list_phases),
      rows("/api/v1/runs/{id}/readings", list_readings, {{"case", true}, {"phase", true}, {"metric", true}}),
      rows("/api/v1/runs/{id}/gaps", list_gaps, {{"case", true}, {"phase", true}}),
      rows("/api/v1/runs/{id}/objectives", list_objectives, {}),
      rows("/api/v1/runs/{id}/summaries", list_summaries, {{"case", true}, {"phase", true}, {"metric", true}}),
      rows("/api/v1/queue", show_queue),
      {"POST", "/api/v1/runs/{id}/move", move_run, {{"position"}}},
      {"POST", "/api/v1/runs/{id}/retry", retry_run, {}},
      {"GET", "/api/v1/runs/{id}/bundle", export_run, {}},
      {"POST", "/api/v1/imports", begin_import, {}},
      {"GET", "/api/v1/imports/{id}", get_import, {}},
      {"PUT", "/api/v1/imports/{id}", append_import, {{"offset"}}},
      {"DELETE", "/api/v1/imports/{id}", drop_import, {}},
      {"POST", "/api/v1/imports/{id}/finish", finish_import, {}},
      {"POST", "/api/v1/folders", begin_folder, {}},
      {"GET", "/api/v1/folders/{id}", get_folder, {}},
      {"PUT", "/api/v1/folders/{id}", append_folder, {{"offset"}}},
      {"DELETE", "/api/v1/folders/{id}", drop_folder, {}},
      {"POST", "/api/v1/folders/{id}/finish", finish_folder, {{"name"}}},
  };
}

std::vector<Route> history_routes() {
  return {
      rows("/api/v1/compare", show_comparison,
           {{"a"},
            {"b", true},
            {"a_case"},
            {"b_case"},
            {"stack", true},
            {"case", true},
            {"phase", true},
            {"metric", true},
            {"profile", true},
            {"schedule", true},
            {"pool"}}),
      rows("/api/v1/leaderboard", show_leaderboard,
           {{"run", true},
            {"pool"},
            {"workload", true},
            {"stack", true},
            {"case", true},
            {"phase", true},
            {"metric", true},
            {"language", true},
            {"class", true},
            {"mode", true},
            {"validity", true},
            {"bound", true},
            {"profile", true},
            {"schedule", true}}),
      rows("/api/v1/series", list_series,
           {{"limit"},
            {"cursor"},
            {"stack", true},
            {"case", true},
            {"phase", true},
            {"metric", true},
            {"profile", true}}),
      rows("/api/v1/series/{id}/points", show_points, {{"since"}, {"until"}, {"points"}}),
      rows("/api/v1/baselines", list_baselines),
      {"GET", "/api/v1/baselines/{name}", show_baseline, {}},
      {"PUT", "/api/v1/baselines/{name}", put_baseline, {}},
      {"DELETE", "/api/v1/baselines/{name}", remove_baseline, {}},
  };
}

std::vector<Route> trial_routes() {
  return {
      {"GET", "/api/v1/trials/{id}", show_trial, {}},
      rows("/api/v1/trials/{id}/measurements", list_measurements, {{"phase", true}, {"metric", true}}),
      rows("/api/v1/trials/{id}/samples", show_samples, {{"phase", true}, {"resolution"}}),
      rows("/api/v1/trials/{id}/seconds", show_seconds, {{"phase", true}}),
      {"GET", "/api/v1/trials/{id}/histogram", show_histogram, {{"phase"}, {"kind"}, {"as"}, {"format"}}},
  };
}

std::vector<Route> schedule_routes() {
  return {
      rows("/api/v1/schedules", list_schedules),
      {"GET", "/api/v1/schedules/{name}", show_schedule, {}},
      rows("/api/v1/schedules/{name}/next", list_due_times, {{"n"}}),
      rows("/api/v1/schedules/{name}/history", list_fires, {{"limit"}}),
      {"POST", "/api/v1/schedules", add_schedule, {}},
      {"PUT", "/api/v1/schedules/{name}", change_schedule, {}},
      {"DELETE", "/api/v1/schedules/{name}", remove_schedule, {}},
      {"POST", "/api/v1/schedules/{name}/pause", pause_schedule, {}},
      {"POST", "/api/v1/schedules/{name}/resume", resume_schedule, {}},
      {"POST", "/api/v1/schedules/{name}/run", run_schedule, {{"force"}}},
  };
}

// What the daemon says of itself.
std::vector<Route> own_routes() {
  return {
      {"GET", "/api/v1/events", watch_events, {{"run"}, {"since"}, {"last"}, {"limit"}, {"format"}}},
      {"POST", "/api/v1/admin/prune", prune, {{"dry_run"}}},
      {"POST", "/api/v1/admin/backup", back_up, {}},
      {"GET", "/api/v1/admin/backups/{name}", show_backup, {}},
      {"GET", "/api/v1/schema/{file}", show_schema, {}},
      {"GET", "/api/v1/openapi.json", show_openapi, {}},
      {"GET", "/healthz", show_health, {}},
      {"GET", "/readyz", show_ready, {}},
      {"GET", "/version", show_version, {}},
      {"GET", "/metrics", show_prometheus, {}},
      {"GET", "/problems/{slug}", show_problem_type, {}},
  };
}

}  // namespace

std::vector<Route> api_routes() {
  std::vector<Route> routes;
  for (auto* const part : {catalogue_routes, run_routes, history_routes, trial_routes, schedule_routes, own_routes}) {
    std::vector<Route> more = part();
    routes.insert(routes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return routes;
}

}  // namespace dyno::api

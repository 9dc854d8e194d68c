// The handlers, one for each route, grouped by resource in handle_*.cpp. Each turns a request into a response by reading the
// context; none keeps anything. Thread-safe.
#pragma once

#include "api/router.h"

namespace dyno::api {

// clang-format off
// handle_daemon.cpp
Response show_root(const ApiContext&, const Request&, const PathValues&);
Response show_health(const ApiContext&, const Request&, const PathValues&);
Response show_ready(const ApiContext&, const Request&, const PathValues&);
Response show_version(const ApiContext&, const Request&, const PathValues&);
Response show_prometheus(const ApiContext&, const Request&, const PathValues&);
Response show_openapi(const ApiContext&, const Request&, const PathValues&);
Response show_schema(const ApiContext&, const Request&, const PathValues&);
Response show_problem_type(const ApiContext&, const Request&, const PathValues&);
Response list_metrics(const ApiContext&, const Request&, const PathValues&);

// handle_catalog.cpp
Response list_stacks(const ApiContext&, const Request&, const PathValues&);
Response show_stack(const ApiContext&, const Request&, const PathValues&);
Response validate_file(const ApiContext&, const Request&, const PathValues&);
Response rescan(const ApiContext&, const Request&, const PathValues&);
Response list_profiles(const ApiContext&, const Request&, const PathValues&);
Response show_profile(const ApiContext&, const Request&, const PathValues&);

// handle_schedules.cpp
Response list_schedules(const ApiContext&, const Request&, const PathValues&);
Response show_schedule(const ApiContext&, const Request&, const PathValues&);
Response list_due_times(const ApiContext&, const Request&, const PathValues&);
Response list_fires(const ApiContext&, const Request&, const PathValues&);
Response add_schedule(const ApiContext&, const Request&, const PathValues&);
Response change_schedule(const ApiContext&, const Request&, const PathValues&);
Response remove_schedule(const ApiContext&, const Request&, const PathValues&);
Response pause_schedule(const ApiContext&, const Request&, const PathValues&);
Response resume_schedule(const ApiContext&, const Request&, const PathValues&);
Response run_schedule(const ApiContext&, const Request&, const PathValues&);

// handle_runs.cpp
Response start_run(const ApiContext&, const Request&, const PathValues&);
Response list_runs(const ApiContext&, const Request&, const PathValues&);
Response show_run(const ApiContext&, const Request&, const PathValues&);
Response cancel_run(const ApiContext&, const Request&, const PathValues&);
Response show_environment(const ApiContext&, const Request&, const PathValues&);
Response list_phases(const ApiContext&, const Request&, const PathValues&);
Response list_gaps(const ApiContext&, const Request&, const PathValues&);
Response list_summaries(const ApiContext&, const Request&, const PathValues&);
Response list_objectives(const ApiContext&, const Request&, const PathValues&);

// handle_marks.cpp
Response mark_run(const ApiContext&, const Request&, const PathValues&);

// handle_queue.cpp
Response show_queue(const ApiContext&, const Request&, const PathValues&);
Response move_run(const ApiContext&, const Request&, const PathValues&);
Response retry_run(const ApiContext&, const Request&, const PathValues&);

// handle_history.cpp
Response show_comparison(const ApiContext&, const Request&, const PathValues&);
Response show_leaderboard(const ApiContext&, const Request&, const PathValues&);  // handle_leaderboard.cpp
Response list_series(const ApiContext&, const Request&, const PathValues&);
Response show_points(const ApiContext&, const Request&, const PathValues&);

// handle_baselines.cpp
Response list_baselines(const ApiContext&, const Request&, const PathValues&);
Response show_baseline(const ApiContext&, const Request&, const PathValues&);
Response put_baseline(const ApiContext&, const Request&, const PathValues&);
Response remove_baseline(const ApiContext&, const Request&, const PathValues&);

// handle_bundles.cpp
Response export_run(const ApiContext&, const Request&, const PathValues&);
Response finish_import(const ApiContext&, const Request&, const PathValues&);

// handle_uploads.cpp
Response begin_import(const ApiContext&, const Request&, const PathValues&);
Response get_import(const ApiContext&, const Request&, const PathValues&);
Response append_import(const ApiContext&, const Request&, const PathValues&);
Response drop_import(const ApiContext&, const Request&, const PathValues&);
Response begin_folder(const ApiContext&, const Request&, const PathValues&);
Response get_folder(const ApiContext&, const Request&, const PathValues&);
Response append_folder(const ApiContext&, const Request&, const PathValues&);
Response drop_folder(const ApiContext&, const Request&, const PathValues&);
Response finish_folder(const ApiContext&, const Request&, const PathValues&);

// handle_admin.cpp
Response prune(const ApiContext&, const Request&, const PathValues&);
Response back_up(const ApiContext&, const Request&, const PathValues&);
Response show_backup(const ApiContext&, const Request&, const PathValues&);

// handle_trials.cpp
Response list_readings(const ApiContext&, const Request&, const PathValues&);
Response list_trials(const ApiContext&, const Request&, const PathValues&);
Response show_trial(const ApiContext&, const Request&, const PathValues&);
Response list_measurements(const ApiContext&, const Request&, const PathValues&);
Response show_samples(const ApiContext&, const Request&, const PathValues&);
Response show_seconds(const ApiContext&, const Request&, const PathValues&);
Response show_histogram(const ApiContext&, const Request&, const PathValues&);

// handle_builds.cpp
Response list_builds(const ApiContext&, const Request&, const PathValues&);
Response show_build_log(const ApiContext&, const Request&, const PathValues&);

// handle_events.cpp
Response watch_events(const ApiContext&, const Request&, const PathValues&);
// clang-format on

// Answers that several of them give: a run as it is now, and why none was started.
Response run_answer(const ApiContext& context, const std::string& id, const Request& request, int status);
// With its ETag, whose first part stands for what PATCH changes.
Response tagged_run_answer(const ApiContext& context, const std::string& id, const Request& request);
std::string version_of(const model::Marks& marks);
Response refused_answer(const run::Refusal& refusal, const Request& request);
// Whether the body is application/json, or one of YAML's types.
bool is_json(const Request& request);
bool is_yaml(const Request& request);

}  // namespace dyno::api

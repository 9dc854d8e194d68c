#include <fmt/format.h>

#include "api/wire.h"
#include "api/wire_json.h"
#include "run/plan.h"

namespace dyno::api::wire {
namespace {

Json problem_row(const model::Problem& problem) {
  Json row;
  row["file"] = problem.file;
  if (problem.line > 0) row["line"] = problem.line;
  if (problem.column > 0) row["column"] = problem.column;
  put_text(row, "pointer", problem.pointer);
  row["code"] = problem.code;
  row["detail"] = problem.message;
  return row;
}

Json problem_rows(const CatalogView& catalog) {
  Json rows = Json::array();
  for (const model::Problem& problem : catalog.problems) rows.push_back(problem_row(problem));
  return rows;
}

Json build_json(const model::StackBuild& build) {
  Json bases = Json::array();
  for (const model::BaseImage& base : build.base)
    bases.push_back({{"arg", base.arg}, {"image", base.image}, {"stand_in", base.stand_in}});
  Json json{{"network", word(build.network)},
            {"bases", std::move(bases)},
            {"args", Json(build.args)},
            {"timeout_ns", build.timeout.count()}};
  put_text(json, "target", build.target);
  return json;
}

Json run_json(const model::StackRun& run) {
  Json json;
  json["command"] = run.command;
  json["port"] = run.port;
  json["user"] = run.user;
  json["env"] = Json(run.env);
  json["stop_signal"] = run.stop_signal;
  json["stop_grace_ns"] = run.stop_grace.count();
  json["writable"] = run.writable;
  json["tmpfs"] = Json::array();
  for (const model::TmpFolder& folder : run.folders)
    json["tmpfs"].push_back({{"path", folder.path}, {"size_bytes", folder.size.value}});
  return json;
}

Json metadata_json(const model::StackMetadata& m) {
  Json json = Json::object();
  put_text(json, "async_model", m.async_model);
  put_text(json, "type_system", m.type_system);
  put_text(json, "json", m.json);
  put_text(json, "validation", m.validation);
  put_text(json, "driver", m.driver);
  put_text(json, "template", m.template_engine);
  put_text(json, "realtime", m.realtime);
  put_text(json, "homepage", m.homepage);
  put_text(json, "licence", m.licence);
  put_text(json, "notes", m.notes);
  return json;
}

Json objective_json(const model::Objective& objective) {
  const model::Metric& metric = model::metric_of(objective.metric);
  Json json{{"objective", objective.text},
            {"metric", word(objective.metric)},
            {"title", metric.title},
            {"unit", metric.unit},
            {"load", word(objective.load)}};
  put_text(json, "workload", objective.workload);
  if (objective.load == model::ObjectiveLoad::rate) json["rate_per_s"] = objective.at;
  if (objective.load == model::ObjectiveLoad::share) json["capacity_ratio"] = objective.at;
  json["side"] = objective.is_ceiling ? "below" : "above";
  json["limit"] = objective.limit;
  json["file"] = objective.file;
  json["line"] = objective.line;
  return json;
}

Json stack_json(const model::Stack& s) {
  Json json;
  json["name"] = s.name;
  json["title"] = s.title;
  json["runtime"] = word(s.runtime);
  json["runtime_version"] = s.runtime_version;
  json["language"] = s.language;
  json["framework"] = s.framework;
  json["version"] = s.version;
  json["class"] = word(s.stack_class);
  put_text(json, "variant_of", s.variant_of);
  Json offers = Json::array();
  for (const model::Mode mode : s.offered_modes) offers.push_back(word(mode));
  json["mode"] = {{"default", word(s.default_mode)}, {"offers", std::move(offers)}};
  json["workloads"] = Json::array();
  for (const std::string& workload : s.workloads) json["workloads"].push_back(workload);
  if (!s.objectives.empty()) json["objectives"] = Json::array();
  for (const model::Objective& objective : s.objectives) json["objectives"].push_back(objective_json(objective));
  json["services"] = Json::array();
  for (const auto& [name, need] : s.services) json["services"].push_back({{"name", name}, {"required", need.required}});
  json["build"] = build_json(s.build);
  json["run"] = run_json(s.run);
  json["contract"] = word(s.contract);
  put_text(json["build"], "image", s.image);
  const std::string why_not = why_not_hardened(s);
  json["hardened"] = why_not.empty();
  put_text(json, "why_not_hardened", why_not);
  json["readiness"] = {
      {"by", word(s.readiness.by)}, {"path", s.readiness.path}, {"timeout_ns", s.readiness.timeout.count()}};
  put_text(json["readiness"], "pattern", s.readiness.pattern);
  put_text(json["readiness"], "deep_path", s.readiness.deep_path);
  json["limits"] = {{"memory_bytes", s.limits.memory.value},
                    {"pids", s.limits.pids},
                    {"open_files", s.limits.open_files},
                    {"tmp_bytes", s.limits.tmp.value}};
  json["metadata"] = metadata_json(s.metadata);
  json["hash"] = s.hash;
  json["links"] = {{"self", "/api/v1/stacks/" + s.name}};
  return json;
}

Json phase_json(const model::ProfilePhase& phase) {
  Json json;
  json["name"] = phase.name;
  json["workload"] = phase.workload;
  json["loop"] = word(phase.loop);
  json["connections"] = phase.connections;
  if (const auto* const rate = std::get_if<Rate>(&phase.rate)) json["rate_per_s"] = rate->per_s;
  if (std::holds_alternative<model::RatesOfObjectives>(phase.rate)) json["rate"] = "objectives";
  if (const auto* const share = std::get_if<model::ShareOfCap>(&phase.rate))
    json["rate_share"] = {{"ratio", share->share}, {"of", share->cap}};
  json["measure_ns"] = phase.measure.count();
  if (phase.measure_max > Nanos(0)) json["measure_max_ns"] = phase.measure_max.count();
  put_text(json, "as", phase.as);
  json["params"] = phase.params.empty() ? Json::object() : Json(phase.params);
  if (phase.beside) {
    const model::BesideLoad& beside = *phase.beside;
    json["beside"] = {{"workload", beside.workload},
                      {"connections", beside.connections},
                      {"params", beside.params.empty() ? Json::object() : Json(beside.params)}};
  }
  return json;
}

Json profile_json(const model::Profile& p) {
  Json json;
  json["name"] = p.name;
  json["purpose"] = p.purpose;
  json["blocks"] = p.blocks;
  json["order"] = word(p.order);
  json["reverse_alternate_blocks"] = p.reverse_alternate_blocks;
  json["mode"] = word(p.mode);
  json["placement"] = {{"automatic", p.placement.automatic},
                       {"stack_cpus", p.placement.stack_cpus},
                       {"load_cpus", p.placement.load_cpus},
                       {"database_shared_with_load", p.placement.database_shared_with_load}};
  if (p.database) json["database"] = {{"connections", p.database->connections}, {"users", p.database->users}};
  if (p.database) put_text(json["database"], "variant", p.database->variant);
  json["startup"] = {{"warm", p.startup.warm}, {"cache_cold", p.startup.cache_cold}};
  json["memory"] = {{"idle_ns", p.memory.idle.count()},
                    {"after_ns", p.memory.after.count()},
                    {"sample_every_ns", p.memory.sample_every.count()}};
  json["warm_up"] = {{"kind", word(p.warm_up.kind)},
                     {"each_ns", p.warm_up.each.count()},
                     {"min_ns", p.warm_up.min.count()},
                     {"max_ns", p.warm_up.max.count()}};
  json["phases"] = Json::array();
  for (const model::ProfilePhase& phase : p.phases) json["phases"].push_back(phase_json(phase));
  json["gates"] = {{"errors_max_ratio", p.gates.errors_max},
                   {"late_max_ratio", p.gates.late_max},
                   {"load_worker_max_ratio", p.gates.load_worker_max}};
  json["expected_ns"] = run::expected_per_stack(p).count();
  json["hash"] = p.hash;
  json["links"] = {{"self", "/api/v1/profiles/" + p.name}};
  return json;
}

Json due_json(const schedule::DueTime& due) {
  Json json{{"at", format_instant(due.at)}, {"local", due.local}};
  put_text(json, "note", due.note);
  return json;
}

std::string hours_text(const model::DailyHours& hours) {
  const auto text = [](std::chrono::minutes t) { return fmt::format("{:02}:{:02}", t.count() / 60, t.count() % 60); };
  return text(hours.begin) + "-" + text(hours.end);
}

Json schedule_json(const ScheduleView& view) {
  const model::Schedule& s = view.schedule;
  Json json;
  json["name"] = s.name;
  json["stacks"] = s.stacks;
  json["profile"] = s.profile;
  json["cron"] = s.cron;
  json["time_zone"] = s.time_zone;
  json["budget_ns"] = s.budget.count();
  json["missed"] = word(s.missed);
  json["missed_within_ns"] = s.missed_within.count();
  json["overlap"] = word(s.overlap);
  json["start_deadline_ns"] = s.start_deadline.count();
  json["jitter_ns"] = s.jitter.count();
  if (s.quiet_hours) json["quiet_hours"] = hours_text(*s.quiet_hours);
  put_ns(json, "expect_every_ns", s.expect_every);
  put_ns(json, "only_if_changed_ns", s.only_if_changed);
  json["enabled"] = s.enabled;
  put_instant(json, "paused_at", view.paused_at);
  put_text(json, "problem", view.problem);
  json["source"] = view.text.empty() ? "file" : "api";
  put_text(json, "text", view.text);
  if (view.fit) {
    json["fit"] = {{"expected_ns", view.fit->expected.count()}, {"fits", view.fit->expected <= s.budget}};
    put_text(json["fit"], "run", view.fit->run);
  }
  if (view.next) json["next"] = due_json(*view.next);
  const std::string self = "/api/v1/schedules/" + s.name;
  json["links"] = {{"self", self}, {"next", self + "/next"}, {"history", self + "/history"}};
  return json;
}

}  // namespace

std::string stack(const model::Stack& stack, const std::optional<model::LastImage>& image) {
  Json json = stack_json(stack);
  if (image) {
    json["image"] = {{"id", image->image_id}, {"base_kind", image->base_kind}, {"bytes", image->bytes.value}};
    put_ns(json["image"], "build_ns", image->build);
    json["image"]["run"] = image->run_id;
  }
  return text_of(json);
}

std::string stacks(const CatalogView& catalog) {
  Json items = Json::array();
  for (const model::Stack& stack : catalog.stacks) items.push_back(stack_json(stack));
  return text_of({{"items", std::move(items)}, {"problems", problem_rows(catalog)}});
}

std::string profile(const model::Profile& profile) { return text_of(profile_json(profile)); }

std::string profiles(const CatalogView& catalog) {
  Json items = Json::array();
  for (const model::Profile& profile : catalog.profiles) items.push_back(profile_json(profile));
  return text_of({{"items", std::move(items)}, {"problems", problem_rows(catalog)}});
}

std::string validated(std::string_view kind, std::string_view name) {
  return text_of({{"valid", true}, {"kind", kind}, {"name", name}});
}

std::string schedule(const ScheduleView& view) { return text_of(schedule_json(view)); }

std::string schedules(const std::vector<ScheduleView>& views, const CatalogView& catalog) {
  Json items = Json::array();
  for (const ScheduleView& view : views) items.push_back(schedule_json(view));
  return text_of({{"items", std::move(items)}, {"problems", problem_rows(catalog)}});
}

}  // namespace dyno::api::wire

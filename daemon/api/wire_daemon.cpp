#include "api/wire.h"
#include "api/wire_json.h"
#include "model/metric.h"

namespace dyno::api::wire {
namespace {

Json fault_json(const Fault& fault) {
  Json json{{"detail", fault.detail}, {"code", fault.code}};
  put_text(json, "pointer", fault.pointer);
  put_text(json, "parameter", fault.parameter);
  put_text(json, "file", fault.file);
  if (fault.line > 0) json["line"] = fault.line;
  if (fault.column > 0) json["column"] = fault.column;
  return json;
}

}  // namespace

std::string problem(const Problem& problem, std::string_view request_id) {
  Json json{{"type", "/problems/" + problem.slug},
            {"title", title_of(problem.slug)},
            {"status", problem.status},
            {"detail", problem.detail},
            {"instance", request_id}};
  if (!problem.faults.empty()) json["errors"] = Json::array();
  for (const Fault& fault : problem.faults) json["errors"].push_back(fault_json(fault));
  return text_of(json);
}

std::string root(const BuildFacts& build) {
  Json links = Json::object();
  for (const char* const name : {"stacks", "profiles", "runs", "schedules", "queue", "metrics", "events"})
    links[name] = std::string("/api/v1/") + name;
  links["openapi"] = "/api/v1/openapi.json";
  return text_of({{"name", "stackdyno"},
                  {"version", build.version},
                  {"schema_version", build.schema_version},
                  {"links", std::move(links)}});
}

std::string version(const BuildFacts& build) {
  Json json{{"name", "dynod"}, {"version", build.version}};
  put_text(json, "git", build.git);
  json["api"] = "v1";
  json["schema_version"] = build.schema_version;
  return text_of(json);
}

std::string healthy() { return text_of({{"status", "ok"}}); }

std::string ready(const std::vector<HealthCheck>& checks) {
  Json rows = Json::array();
  bool all = true;
  for (const HealthCheck& check : checks) {
    all = all && check.ok;
    rows.push_back({{"name", check.name}, {"ok", check.ok}, {"text", check.text}});
  }
  return text_of({{"ready", all}, {"checks", std::move(rows)}});
}

std::string upload(const std::string& id, std::uint64_t bytes) {
  return text_of({{"id", id}, {"received_bytes", bytes}});
}

std::string pruned(const model::Pruned& all) {
  std::int64_t series_bytes = 0;
  Json runs = Json::array();
  for (const model::OldSeries& one : all.series) {
    runs.push_back({{"run", one.run_id}, {"created_at", format_instant(one.created_at)}, {"bytes", one.bytes.value}});
    series_bytes += one.bytes.value;
  }
  std::int64_t image_bytes = 0;
  Json images = Json::array();
  for (const model::UsedImage& one : all.images) {
    images.push_back({{"image", one.image_id},
                      {"stack", one.stack},
                      {"bytes", one.bytes.value},
                      {"used_at", format_instant(one.used_at)}});
    image_bytes += one.bytes.value;
  }
  return text_of({{"dry_run", all.dry_run},
                  {"series", {{"bytes", series_bytes}, {"items", std::move(runs)}}},
                  {"images",
                   {{"bytes", image_bytes},
                    {"used_bytes", all.images_used.value},
                    {"budget_bytes", all.images_budget.value},
                    {"items", std::move(images)}}},
                  {"more", all.more}});
}

std::string backup(const model::Backup& backup) {
  return text_of({{"name", backup.name},
                  {"bytes", backup.bytes.value},
                  {"sha256", backup.sha256},
                  {"created_at", format_instant(backup.created_at)}});
}

}  // namespace dyno::api::wire

#include "api/wire.h"
#include "api/wire_json.h"

namespace dyno::api::wire {

Json progress_json(const model::Progress& p) {
  Json json{{"block", p.block}, {"blocks", p.blocks}};
  put_text(json, "case", p.case_name);
  put_text(json, "step", p.step);
  put_text(json, "phase", p.phase);
  json["done_ratio"] = std::isfinite(p.done_ratio) ? std::clamp(p.done_ratio, 0.0, 1.0) : 0.0;
  put_instant(json, "eta_at", p.eta_at);
  return json;
}

Json gates_json(const std::vector<model::GateResult>& gates) {
  Json rows = Json::array();
  for (const model::GateResult& gate : gates)
    rows.push_back({{"gate", word(gate.gate)}, {"validity", word(gate.validity)}, {"text", gate.text}});
  return rows;
}

namespace {

Json run_stack_json(const model::RunStack& stack) {
  Json json = object_for(12);
  add(json, "name", stack.name);
  put_text(json, "title", stack.title);
  put_text(json, "runtime", stack.runtime);
  put_text(json, "class", stack.stack_class);
  put_text(json, "hash", stack.hash);
  put_text(json, "image", stack.image_id);
  put_text(json, "base_kind", stack.base_kind);
  if (!stack.bases.empty()) {
    json["bases"] = Json::array();
    for (const std::string_view line : split(stack.bases, '\n')) {
      if (!line.empty()) json["bases"].push_back(line);
    }
  }
  put_bytes(json, "image_bytes", stack.image_bytes);
  put_ns(json, "build_ns", stack.build);
  put_text(json, "reported_version", stack.reported_version);
  put_text(json, "failure", stack.failure);
  return json;
}

Json links_of(const std::string& id) {
  const std::string self = "/api/v1/runs/" + id;
  return {{"self", self},
          {"trials", self + "/trials"},
          {"summaries", self + "/summaries"},
          {"objectives", self + "/objectives"},
          {"environment", self + "/environment"},
          {"events", "/api/v1/events?run=" + id},
          {"page", "/runs/" + id}};
}

void put_marks(Json& json, const model::Marks& marks) {
  put_text(json, "note", marks.note);
  json["tags"] = marks.tags;
  json["pinned"] = marks.pinned;
  if (marks.excluded) json["excluded"] = *marks.excluded;
}

void put_overview(Json& json, const model::RunOverview& all) {
  if (all.verdicts) {
    json["verdicts"] = {
        {"valid", all.verdicts->valid}, {"degraded", all.verdicts->degraded}, {"invalid", all.verdicts->invalid}};
  }
  if (all.winner) {
    Json winner{{"stack", all.winner->stack},
                {"case", all.winner->case_name},
                {"phase", all.winner->phase},
                {"metric", word(all.winner->metric)}};
    put_number(winner, "value", all.winner->value);
    winner["n"] = all.winner->n;
    winner["cases"] = all.winner->cases;
    winner["is_clear"] = all.winner->is_clear;
    json["winner"] = std::move(winner);
  }
  if (all.change) {
    json["change"] = {{"before", all.change->before},
                      {"better", all.change->better},
                      {"worse", all.change->worse},
                      {"same", all.change->same},
                      {"inconclusive", all.change->inconclusive}};
  }
  if (all.imported) json["imported"] = {{"from", all.imported->from}, {"at", format_instant(all.imported->at)}};
  put_instant(json, "series_removed_at", all.series_removed_at);
}

Json run_comparison_json(const RunComparisonView& view) {
  Json json{{"a", view.wanted.a}, {"b", view.wanted.b}};
  put_text(json, "a_case", view.pair.a);
  put_text(json, "b_case", view.pair.b);
  if (view.wanted.within) json["within_ns"] = view.wanted.within->count();
  if (!view.wanted.metrics.empty()) json["metrics"] = Json::array();
  for (const model::MetricName metric : view.wanted.metrics) json["metrics"].push_back(word(metric));
  json["blocks_measured"] = view.blocks_measured;
  return json;
}

Json run_json(const RunView& view) {
  const model::Run& r = view.run;
  Json json = object_for(36);
  add(json, "id", r.id);
  add(json, "state", word(r.state));
  add(json, "trigger", word(r.request.trigger));
  put_text(json, "schedule", r.request.schedule);
  put_instant(json, "nominal_at", r.request.nominal_at);
  Json stacks = Json::array();
  for (const model::RunStack& stack : r.stacks) stacks.push_back(run_stack_json(stack));
  add(json, "stacks", std::move(stacks));
  json["profile"] = {{"name", r.request.profile}};
  put_text(json["profile"], "hash", r.profile_hash);
  json["seed"] = std::to_string(r.request.seed);
  put_marks(json, r.marks);
  put_text(json, "retry_of", r.request.retry_of);
  json["blocks"] = r.blocks;
  if (view.compare) json["compare"] = run_comparison_json(*view.compare);
  json["created_at"] = format_instant(r.created_at);
  put_instant(json, "started_at", r.started_at);
  put_instant(json, "finished_at", r.finished_at);
  put_text(json, "reason", r.reason);
  if (r.resumed > 0) json["resumed"] = r.resumed;
  if (view.progress && !model::is_terminal(r.state)) json["progress"] = progress_json(*view.progress);
  put_text(json, "environment_key", r.environment.key);
  json["warnings"] = gates_json(r.warnings);
  if (r.expected.count() > 0) json["expected_ns"] = r.expected.count();
  json["measured_ns"] = r.measured.count();
  json["co_located"] = r.co_located;
  if (view.overview) put_overview(json, *view.overview);
  if (view.decision) json["decision"] = pool_json(*view.decision);
  json["links"] = links_of(r.id);
  return json;
}

}  // namespace

std::string run(const RunView& view) { return text_of(run_json(view)); }

std::string marks(const model::Marks& marks) {
  Json json = Json::object();
  put_marks(json, marks);
  return text_of(json);
}

std::string runs(const std::vector<RunView>& views, std::string_view next) {
  Json json{{"items", Json::array()}};
  for (const RunView& view : views) json["items"].push_back(run_json(view));
  if (!next.empty()) json["next"] = next;
  return text_of(json);
}

std::string environment(const model::Run& run) {
  Json facts = Json::array();
  for (const model::Fact& fact : run.environment.facts)
    facts.push_back({{"name", fact.name}, {"value", fact.value}, {"in_key", fact.in_key}});
  return text_of({{"run", run.id},
                  {"key", run.environment.key},
                  {"facts", std::move(facts)},
                  {"warnings", gates_json(run.warnings)}});
}

std::string queue(const std::vector<QueueRow>& rows, const std::optional<run::Hold>& hold) {
  Json items = Json::array();
  for (const QueueRow& row : rows) {
    Json item{{"run", row.run.id},
              {"position", row.position},
              {"state", word(row.run.state)},
              {"reason", row.reason},
              {"created_at", format_instant(row.run.created_at)}};
    put_instant(item, "begins_at", row.begins_at);
    put_instant(item, "ends_at", row.ends_at);
    items.push_back(std::move(item));
  }
  Json json{{"items", std::move(items)}};
  if (hold) {
    json["held"] = {{"reason", run::to_string(hold->trouble.kind)},
                    {"since", format_instant(hold->since)},
                    {"text", hold->trouble.text}};
  }
  return text_of(json);
}

std::string summaries(const model::Run& run, const SummaryFrame& frame, const std::vector<model::Summary>& all,
                      const std::vector<run::Gap>& gaps, const std::map<std::string, std::string>& stack_of) {
  Json json{{"run", run.id}};
  put_text(json, "environment_key", run.environment.key);
  json["phases"] = frame.phases;
  json["cases"] = frame.cases;
  json["items"] = Json::array();
  for (const model::Summary& s : all) {
    const auto stack = stack_of.find(s.case_name);
    Json row{{"run", run.id}, {"case", s.case_name}, {"stack", stack == stack_of.end() ? s.case_name : stack->second}};
    put_text(row, "phase", s.phase);
    put_metric(row, s.metric);
    row["value"] = s.value;
    row["n"] = s.n;
    if (s.ci95) row["ci95"] = {s.ci95->low, s.ci95->high};
    if (s.range) row["range"] = {s.range->low, s.range->high};
    row["values"] = s.values;
    row["validity"] = word(s.validity);
    row["bound"] = word(s.bound);
    row["gates"] = gates_json(s.gates);
    row["trials"] = "/api/v1/runs/" + run.id + "/trials?case=" + s.case_name;
    json["items"].push_back(std::move(row));
  }
  if (!gaps.empty()) json["gaps"] = Json::array();
  for (const run::Gap& gap : gaps)
    json["gaps"].push_back({{"case", gap.case_name}, {"phase", gap.phase}, {"reason", gap.reason}});
  if (!frame.absent.empty()) json["absent"] = Json::array();
  for (const Absence& one : frame.absent) {
    Json row{{"case", one.case_name}};
    put_text(row, "phase", one.phase);
    row["metric"] = word(one.metric);
    row["reason"] = one.reason;
    json["absent"].push_back(std::move(row));
  }
  return text_of(json);
}

namespace {

Json event_json(const model::EventRow& row) {
  Json json{{"id", row.id}, {"run", row.run_id}, {"at", format_instant(row.at)}, {"kind", row.kind}};
  put_text(json, "trial", row.trial_id);
  put_text(json, "case", row.case_name);
  put_text(json, "step", row.step);
  put_text(json, "phase", row.phase);
  json["text"] = row.text;
  if (row.state) json["state"] = word(*row.state);
  if (row.progress) json["progress"] = progress_json(*row.progress);
  return json;
}

struct JsonOf {
  Json operator()(std::monostate) const { return nullptr; }
  template <class T>
  Json operator()(const T& value) const {
    return value;
  }
};

Json row_json(const Table& table, std::size_t row) {
  Json json = Json::object();
  const std::vector<Cell> cells = table.row(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (std::holds_alternative<std::monostate>(cells[i])) continue;
    json[std::string(table.columns[i].name)] = std::visit(JsonOf{}, cells[i]);
  }
  return json;
}

}  // namespace

std::string event(const model::EventRow& row) { return text_of(event_json(row)); }

std::string events(const std::vector<model::EventRow>& rows, std::optional<std::int64_t> next) {
  Json json{{"items", Json::array()}};
  for (const model::EventRow& row : rows) json["items"].push_back(event_json(row));
  if (next) json["next"] = *next;
  return text_of(json);
}

std::string rows(const Table& table, std::string_view of, std::string_view name) {
  Json json = Json::object();
  if (!of.empty()) json[std::string(of)] = name;
  json["items"] = Json::array();
  for (std::size_t row = 0; row < table.size; ++row) json["items"].push_back(row_json(table, row));
  return text_of(json);
}

std::string ndjson_row(const Table& table, std::size_t row) { return text_of(row_json(table, row)) + "\n"; }

std::string live_build(const model::LiveBuild& live) {
  Json json{{"run", live.run_id},
            {"owner", std::string(model::to_string(live.build.owner))},
            {"name", live.build.name},
            {"lines", live.build.lines},
            {"last_lines", live.last_lines}};
  if (!live.build.step.empty()) json["step"] = live.build.step;
  return text_of(json);
}

std::string live_sample(const model::LiveSample& sample) {
  Json json{{"run", sample.run_id}, {"progress", progress_json(sample.progress)}};
  put_number(json, "rate_per_s", sample.rate_per_s);
  if (sample.p99_ns) json["p99_ns"] = *sample.p99_ns;
  json["errors"] = sample.errors;
  put_bytes(json, "private_bytes", sample.private_bytes);
  return text_of(json);
}

}  // namespace dyno::api::wire

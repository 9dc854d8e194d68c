#include "api/wire.h"
#include "api/wire_json.h"

namespace dyno::api::wire {
namespace {

Json pair_json(double low, double high) { return Json::array({low, high}); }

void put_interval(Json& json, const char* name, const std::optional<model::Interval>& interval) {
  if (interval) json[name] = pair_json(interval->low, interval->high);
}

Json row_json(const results::BoardRow& row, bool is_overall) {
  const model::Summary& s = row.summary;
  Json json = object_for(24);
  add(json, "case", row.who.case_name);
  add(json, "stack", row.who.stack);
  add(json, "title", row.who.title);
  add(json, "language", row.who.language);
  add(json, "class", row.who.stack_class);
  add(json, "mode", results::mode_of(row.who.case_name));
  if (!is_overall) {
    put_number(json, "value", s.value);
    put_interval(json, "ci95", s.ci95);
    put_interval(json, "range", s.range);
    json["validity"] = word(s.validity);
    json["bound"] = word(s.bound);
  }
  json["n"] = s.n;
  json["nights"] = s.nights;
  json["nights_differ"] = s.nights_differ;
  json["standing"] = word(row.standing);
  if (row.why) json["why"] = word(*row.why);
  if (row.standing == results::Standing::ranked) {
    json["rank"] = Json::array({row.best_place, row.worst_place});
    json["group"] = row.group;
  }
  if (row.ratio) {
    put_number(json, "ratio", row.ratio->value);
    if (row.ratio->ci95) json["ratio_ci95"] = pair_json(row.ratio->ci95->low, row.ratio->ci95->high);
  }
  json["run"] = row.who.run_id;
  json["at"] = format_instant(row.who.at);
  return json;
}

Json board_json(const results::Board& board) {
  const bool is_overall = !board.phases.empty();
  Json json = Json::object();
  if (is_overall) {
    json["phases"] = board.phases;
  } else if (!board.phase.empty()) {
    json["phase"] = board.phase;
    json["workload"] = results::workload_of(board.phase);
  }
  put_metric(json, board.metric);
  json["ranked"] = board.ranked;
  json["pairs"] = board.ranked * (board.ranked - 1) / 2;
  json["rows"] = Json::array();
  for (const results::BoardRow& row : board.rows) json["rows"].push_back(row_json(row, is_overall));
  return json;
}

}  // namespace

Json pool_json(const PoolView& view) {
  Json json = Json::object();
  put_text(json, "schedule", view.schedule);
  json["nights"] = nights_json(view.nights);
  json["blocks"] = view.blocks;
  json["blocks_needed"] = results::kTrialsToDecide;
  json["nights_needed"] = view.nights_needed;
  json["blocks_lacking"] = view.blocks_lacking;
  json["nights_lacking"] = view.nights_lacking;
  put_instant(json, "ready_at", view.ready_at);
  return json;
}

Json nights_json(const std::vector<store::PastRun>& nights) {
  Json json = Json::array();
  for (const store::PastRun& one : nights)
    json.push_back({{"run", one.id}, {"at", format_instant(one.created_at)}, {"blocks", one.blocks}});
  return json;
}

std::string leaderboard(const Leaderboard& all) {
  Json json{{"profile", all.profile}, {"environment_key", all.environment_key}, {"at", format_instant(all.at)}};
  if (all.pool) json["pool"] = pool_json(*all.pool);
  json["boards"] = Json::array();
  for (const results::Board& board : all.boards) json["boards"].push_back(board_json(board));
  json["overall"] = Json::array();
  for (const results::Board& board : all.overall) json["overall"].push_back(board_json(board));
  return text_of(json);
}

}  // namespace dyno::api::wire

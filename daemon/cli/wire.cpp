#include "cli/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "base/text.h"

namespace dyno::cli::wire {
namespace {

using Json = nlohmann::ordered_json;

// The library throws where a member is missing or of another type: caught here, once.
template <class T>
Outcome<T> read(std::string_view body, const std::function<T(const Json&)>& convert) {
  try {
    return convert(Json::parse(body));
  } catch (const std::exception& fault) {
    return fail_with(Exit::failure, fmt::format("cannot read the daemon's answer: {}", fault.what()));
  }
}

std::string text(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class T>
std::optional<T> maybe(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? std::nullopt : std::optional<T>(found->get<T>());
}

std::optional<ShownProgress> progress_of(const Json& json) {
  const auto found = json.find("progress");
  if (found == json.end()) return std::nullopt;
  const Json& p = *found;
  return ShownProgress{p.at("block").get<int>(), p.at("blocks").get<int>(),        text(p, "case"),  text(p, "step"),
                       text(p, "phase"),         p.at("done_ratio").get<double>(), text(p, "eta_at")};
}

ShownPool pool_of(const Json& json) {
  ShownPool pool;
  pool.schedule = text(json, "schedule");
  for (const Json& night : json.at("nights")) pool.nights.push_back(night.at("at").get<std::string>());
  pool.blocks = json.at("blocks").get<int>();
  pool.blocks_needed = json.at("blocks_needed").get<int>();
  pool.nights_needed = json.at("nights_needed").get<int>();
  pool.blocks_lacking = json.at("blocks_lacking").get<int>();
  pool.nights_lacking = json.at("nights_lacking").get<int>();
  pool.ready_at = text(json, "ready_at");
  return pool;
}

ShownRun run_of(const Json& json) {
  ShownRun run;
  run.id = json.at("id").get<std::string>();
  run.state = json.at("state").get<std::string>();
  run.trigger = text(json, "trigger");
  run.schedule = text(json, "schedule");
  run.profile = json.at("profile").at("name").get<std::string>();
  run.seed = json.at("seed").get<std::string>();
  run.note = text(json, "note");
  run.tags = json.value("tags", std::vector<std::string>());
  run.pinned = json.value("pinned", false);
  run.excluded = text(json, "excluded");
  run.blocks = json.value("blocks", 0);
  run.created_at = json.at("created_at").get<std::string>();
  run.started_at = text(json, "started_at");
  run.finished_at = text(json, "finished_at");
  run.reason = text(json, "reason");
  run.co_located = json.value("co_located", false);
  run.expected_ns = maybe<std::int64_t>(json, "expected_ns");
  run.measured_ns = json.value("measured_ns", std::int64_t{0});
  for (const Json& stack : json.at("stacks")) {
    run.stacks.push_back({stack.at("name").get<std::string>(), text(stack, "title"), text(stack, "base_kind"),
                          maybe<std::int64_t>(stack, "image_bytes"), text(stack, "failure"),
                          text(stack, "class") == "tuned"});
  }
  for (const Json& warning : json.value("warnings", Json::array()))
    run.warnings.push_back({text(warning, "gate"), warning.at("text").get<std::string>()});
  run.progress = progress_of(json);
  if (json.contains("decision")) run.decision = pool_of(json.at("decision"));
  if (json.contains("compare")) {
    const Json& compare = json.at("compare");
    run.compare =
        ShownRunComparison{text(compare, "a_case"), text(compare, "b_case"), compare.at("blocks_measured").get<int>()};
  }
  return run;
}

std::optional<ShownInterval> interval_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  return ShownInterval{found->at(0).get<double>(), found->at(1).get<double>()};
}

ShownBuild build_of(const Json& json) {
  return {text(json, "name"), text(json, "state"), text(json, "step"), maybe<std::int64_t>(json, "lines").value_or(0)};
}

ShownSummary summary_of(const Json& json) {
  ShownSummary s;
  s.case_name = json.at("case").get<std::string>();
  s.stack = json.at("stack").get<std::string>();
  s.phase = text(json, "phase");
  s.metric = json.at("metric").get<std::string>();
  s.unit = json.at("unit").get<std::string>();
  s.value = json.at("value").get<double>();
  s.n = json.at("n").get<int>();
  s.ci95 = interval_of(json, "ci95");
  s.range = interval_of(json, "range");
  s.validity = json.at("validity").get<std::string>();
  s.bound = json.at("bound").get<std::string>();
  for (const Json& gate : json.value("gates", Json::array()))
    s.gates.push_back({gate.at("gate").get<std::string>(), gate.at("text").get<std::string>()});
  return s;
}

ShownSide side_of(const Json& json) {
  ShownSide side{json.at("runs").get<std::vector<std::string>>(), text(json, "case"), text(json, "created_at"),
                 text(json, "profile")};
  for (const Json& night : json.value("nights", Json::array())) {
    ++side.nights;
    side.blocks += night.at("blocks").get<int>();
  }
  return side;
}

ShownFigure compared_figure(const Json& json) {
  return {json.at("value").get<double>(), json.at("n").get<int>(), text(json, "validity")};
}

ShownCompared compared_of(const Json& json) {
  ShownCompared one;
  one.case_name = json.at("case").get<std::string>();
  one.phase = text(json, "phase");
  one.metric = json.at("metric").get<std::string>();
  one.title = text(json, "title");
  one.unit = text(json, "unit");
  one.a = compared_figure(json.at("a"));
  one.b = compared_figure(json.at("b"));
  one.n = maybe<int>(json, "n");
  one.ratio = maybe<double>(json, "ratio");
  one.ci95 = interval_of(json, "ci95");
  one.mde_percent = maybe<double>(json, "mde_percent");
  one.decision = text(json, "decision");
  one.doubt = text(json, "doubt");
  one.design = text(json, "design");
  one.confidence = json.value("confidence", one.confidence);
  return one;
}

ShownComparison comparison_of(const Json& json, const Json& a) {
  ShownComparison all;
  all.a = side_of(a);
  all.b = side_of(json.at("b"));
  for (const Json& one : json.at("differences"))
    all.differences.push_back(
        {text(one, "what"), text(one, "stack"), text(one, "a"), text(one, "b"), one.value("in_key", false)});
  for (const Json& one : json.at("items")) all.rows.push_back(compared_of(one));
  if (json.contains("look")) {
    const Json& look = json.at("look");
    all.look = ShownLook{look.at("blocks").get<int>(), look.at("blocks_at_most").get<int>()};
  }
  return all;
}

ShownBoardRow board_row_of(const Json& json) {
  ShownBoardRow row;
  row.case_name = json.at("case").get<std::string>();
  row.title = text(json, "title");
  row.language = text(json, "language");
  row.mode = text(json, "mode");
  row.standing = text(json, "standing");
  row.why = text(json, "why");
  if (json.contains("rank")) {
    row.best_place = json.at("rank").at(0).get<int>();
    row.worst_place = json.at("rank").at(1).get<int>();
    row.group = json.value("group", 0);
  }
  row.value = maybe<double>(json, "value");
  row.spread = interval_of(json, json.contains("ci95") ? "ci95" : "range");
  row.n = json.at("n").get<int>();
  row.nights = json.value("nights", 1);
  row.ratio = maybe<double>(json, "ratio");
  row.ratio_ci95 = interval_of(json, "ratio_ci95");
  row.validity = text(json, "validity");
  return row;
}

ShownBoard board_of(const Json& json) {
  ShownBoard board;
  board.phase = text(json, "phase");
  board.phases = json.value("phases", std::vector<std::string>());
  board.title = text(json, "title");
  board.unit = text(json, "unit");
  for (const Json& row : json.at("rows")) board.rows.push_back(board_row_of(row));
  return board;
}

ShownSeries series_of(const Json& json) {
  return {json.at("id").get<std::string>(),
          text(json, "profile"),
          json.at("case").get<std::string>(),
          text(json, "phase"),
          json.at("metric").get<std::string>(),
          text(json, "title"),
          text(json, "unit")};
}

ShownPoint point_of(const Json& json) {
  ShownPoint point;
  point.at = json.at("at").get<std::string>();
  point.run = json.at("run").get<std::string>();
  point.segment = json.at("segment").get<int>();
  point.n = json.at("n").get<int>();
  point.value = maybe<double>(json, "value").value_or(0);
  point.spread = interval_of(json, json.contains("ci95") ? "ci95" : "range");
  point.validity = text(json, "validity");
  return point;
}

template <class T>
Outcome<std::vector<T>> read_items(std::string_view body, T (*convert)(const Json&)) {
  return read<std::vector<T>>(body, [&](const Json& json) {
    std::vector<T> items;
    for (const Json& item : json.at("items")) items.push_back(convert(item));
    return items;
  });
}

// The local time of a due time; where the API gives none, the instant.
std::string due_time(const Json& due) {
  const std::string local = text(due, "local");
  return local.empty() ? text(due, "at") : local;
}

std::string joined(const Json& texts) {
  std::string all;
  for (const Json& one : texts) all += (all.empty() ? "" : ", ") + one.get<std::string>();
  return all;
}

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void add_members(const Json& json, const std::string& prefix, Table& table) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object() && !value.empty()) {
      add_members(value, name, table);
    } else if (key == "objectives") {
      for (const Json& one : value)
        table.rows.push_back(
            {name, fmt::format("{} ({}:{})", text(one, "objective"), text(one, "file"), one.at("line").get<int>())});
    } else {
      table.rows.push_back({name, plain(value)});
    }
  }
}

// A fault with its place, as a person would name it: file, line and column, or the field unless the sentence names it already.
std::string fault_line(const Json& fault) {
  const std::string detail = text(fault, "detail");
  std::string place = text(fault, "file");
  if (!place.empty()) {
    for (const char* const name : {"line", "column"}) {
      if (fault.contains(name)) place += ":" + plain(fault[name]);
    }
    return place + ": " + detail;
  }
  std::string field = text(fault, "parameter");
  const std::string pointer = text(fault, "pointer");
  if (field.empty() && !pointer.empty()) field = pointer.substr(pointer.rfind('/') + 1);
  const bool is_index = parse_int(field).has_value();
  return field.empty() || is_index || detail.find(field) != std::string::npos ? detail : field + ": " + detail;
}

}  // namespace

namespace {

std::string one_member(const char* name, const Json& value) {
  Json json = Json::object();
  json[name] = value;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string run_note(const std::string& note) { return one_member("note", note); }
std::string run_tags(const std::vector<std::string>& tags) { return one_member("tags", tags); }
std::string run_excluded(const std::string& why) { return one_member("excluded", why); }

std::string new_run(const Wish& wish) {
  Json json{{"stacks", wish.stacks}, {"profile", wish.profile}};
  if (wish.blocks > 0) json["blocks"] = wish.blocks;
  if (!wish.seed.empty()) json["seed"] = wish.seed;
  if (!wish.note.empty()) json["note"] = wish.note;
  if (wish.compare) {
    json["compare"] = {{"a", wish.compare->a}, {"b", wish.compare->b}, {"within", wish.compare->within}};
    if (!wish.compare->metrics.empty()) json["compare"]["metrics"] = wish.compare->metrics;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string new_baseline(const BaselineWish& wish) {
  Json json{{"ref", wish.ref}, {"profile", wish.profile}};
  if (wish.profile.empty()) json.erase("profile");
  if (!wish.schedule.empty()) json["schedule"] = wish.schedule;
  if (!wish.stack.empty()) json["stack"] = wish.stack;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Outcome<ShownRun> read_run(std::string_view body) { return read<ShownRun>(body, run_of); }
Outcome<std::vector<ShownRun>> read_runs(std::string_view body) { return read_items<ShownRun>(body, run_of); }
Outcome<std::vector<ShownGap>> read_gaps(std::string_view body) {
  return read<std::vector<ShownGap>>(body, [](const Json& json) {
    std::vector<ShownGap> gaps;
    if (!json.contains("gaps")) return gaps;
    for (const Json& gap : json.at("gaps"))
      gaps.push_back({text(gap, "case"), text(gap, "phase"), text(gap, "reason")});
    return gaps;
  });
}

Outcome<std::vector<ShownAbsence>> read_absences(std::string_view body) {
  return read<std::vector<ShownAbsence>>(body, [](const Json& json) {
    std::vector<ShownAbsence> absences;
    for (const Json& absence : json.value("absent", Json::array()))
      absences.push_back(
          {text(absence, "case"), text(absence, "phase"), text(absence, "metric"), text(absence, "reason")});
    return absences;
  });
}

Outcome<std::vector<ShownObjective>> read_objectives(std::string_view body) {
  return read_items<ShownObjective>(body, [](const Json& json) {
    ShownObjective one{text(json, "case"), text(json, "objective"), text(json, "state"), text(json, "reason"),
                       text(json, "unit")};
    one.value = maybe<double>(json, "value");
    const auto low = maybe<double>(json, "ci95_low");
    const auto high = maybe<double>(json, "ci95_high");
    if (low && high) one.ci95 = ShownInterval{*low, *high};
    one.confidence = json.value("confidence", one.confidence);
    one.phase = text(json, "phase");
    one.other_phases = json.value("other_phases", one.other_phases);
    return one;
  });
}

Outcome<std::vector<ShownBuild>> read_builds(std::string_view body) { return read_items<ShownBuild>(body, build_of); }

Outcome<std::map<std::string, std::string>> read_expected_ends(std::string_view body) {
  return read<std::map<std::string, std::string>>(body, [](const Json& json) {
    std::map<std::string, std::string> ends;
    for (const Json& item : json.at("items")) {
      if (std::string end = text(item, "ends_at"); !end.empty())
        ends[item.at("run").get<std::string>()] = std::move(end);
    }
    return ends;
  });
}

std::string next_cursor(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  return json.is_object() ? text(json, "next") : std::string();
}

Outcome<std::vector<ShownSummary>> read_summaries(std::string_view body) {
  return read_items<ShownSummary>(body, summary_of);
}

Outcome<std::vector<ShownTrial>> read_trials(std::string_view body) {
  return read_items<ShownTrial>(body, [](const Json& json) {
    return ShownTrial{json.at("case").get<std::string>(),
                      json.at("block").get<int>(),
                      json.at("state").get<std::string>(),
                      text(json, "failure"),
                      text(json, "reason"),
                      json.at("id").get<std::string>()};
  });
}

Outcome<std::string> read_last_output(std::string_view body) {
  return read<std::string>(body, [](const Json& json) { return text(json, "last_output"); });
}

Outcome<std::vector<ShownFact>> read_facts(std::string_view body) {
  return read<std::vector<ShownFact>>(body, [](const Json& json) {
    std::vector<ShownFact> facts;
    for (const Json& fact : json.at("facts"))
      facts.push_back({fact.at("name").get<std::string>(), fact.at("value").get<std::string>()});
    return facts;
  });
}

Outcome<ShownEvent> read_event(std::string_view name, std::string_view data) {
  return read<ShownEvent>(data, [&](const Json& json) {
    ShownEvent event;
    event.name = name;
    event.at = text(json, "at");
    event.kind = text(json, "kind");
    event.case_name = text(json, "case");
    event.phase = text(json, "phase");
    event.text = text(json, "text");
    event.state = text(json, "state");
    event.progress = progress_of(json);
    event.rate_per_s = maybe<double>(json, "rate_per_s");
    event.p99_ns = maybe<std::int64_t>(json, "p99_ns");
    if (name == "build") event.build = build_of(json);
    return event;
  });
}

Outcome<std::vector<ShownComparison>> read_comparisons(std::string_view body) {
  return read<std::vector<ShownComparison>>(body, [](const Json& json) {
    std::vector<ShownComparison> all{comparison_of(json, json.at("a"))};
    for (const Json& one : json.value("more", Json::array())) all.push_back(comparison_of(one, json.at("a")));
    return all;
  });
}

Outcome<ShownComparison> read_comparison(std::string_view body) {
  auto all = read_comparisons(body);
  if (!all) return tl::unexpected<Failure>(std::move(all.error()));
  return std::move(all->front());
}

Outcome<ShownLeaderboard> read_leaderboard(std::string_view body) {
  return read<ShownLeaderboard>(body, [](const Json& json) {
    ShownLeaderboard all;
    all.profile = text(json, "profile");
    all.at = text(json, "at");
    if (json.contains("pool")) all.pool = pool_of(json.at("pool"));
    for (const char* const name : {"boards", "overall"}) {
      for (const Json& one : json.at(name)) all.boards.push_back(board_of(one));
    }
    return all;
  });
}

Outcome<std::vector<ShownSeries>> read_series(std::string_view body) {
  return read_items<ShownSeries>(body, series_of);
}

Outcome<ShownLine> read_line(std::string_view body) {
  return read<ShownLine>(body, [](const Json& json) {
    ShownLine line;
    line.series = series_of(json.at("series"));
    line.in_all = json.at("in_all").get<int>();
    for (const Json& one : json.at("items")) line.points.push_back(point_of(one));
    return line;
  });
}

Outcome<std::vector<std::string>> read_names(std::string_view body) {
  return read_items<std::string>(body, [](const Json& json) {
    constexpr std::size_t kShortId = 8;
    if (json.contains("name")) return json.at("name").get<std::string>();
    const auto id = json.at("id").get<std::string>();
    return id.substr(id.size() - std::min(id.size(), kShortId));
  });
}

Outcome<Table> stack_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{
        "", {{"NAME"}, {"TITLE"}, {"RUNTIME"}, {"FRAMEWORK"}, {"CLASS"}, {"WORKLOADS", false, false, false, true}}, {}};
    for (const Json& s : json.at("items")) {
      const std::string kind = text(s, "contract") == "own" ? "own" : text(s, "class");
      table.rows.push_back({text(s, "name"), text(s, "title"), text(s, "runtime") + " " + text(s, "runtime_version"),
                            text(s, "framework") + " " + text(s, "version"),
                            kind + (s.value("hardened", true) ? "" : ", not hardened"), joined(s.at("workloads"))});
    }
    return table;
  });
}

Outcome<Table> profile_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"", {{"NAME"}, {"BLOCKS", true}, {"PHASES", true}, {"PURPOSE"}}, {}};
    for (const Json& p : json.at("items")) {
      table.rows.push_back({text(p, "name"), fmt::format("{}", p.at("blocks").get<int>()),
                            fmt::format("{}", p.at("phases").size()), text(p, "purpose")});
    }
    return table;
  });
}

Outcome<Table> schedule_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"",
                {{"NAME"},
                 {"CRON"},
                 {"TIME ZONE"},
                 {"PROFILE"},
                 {"STACKS", false, false, false, true},
                 {"NEXT RUN", false, true},
                 {"NOTE"}},
                {}};
    for (const Json& s : json.at("items")) {
      const Json next = s.value("next", Json::object());
      const bool fires = s.value("enabled", true) && !s.contains("paused_at");
      const std::string at = !next.empty() ? due_time(next) : fires ? "never" : "paused";
      const std::string problem = text(s, "problem");
      table.rows.push_back({text(s, "name"), text(s, "cron"), text(s, "time_zone"), text(s, "profile"),
                            joined(s.at("stacks")), at, problem.empty() ? text(next, "note") : problem});
    }
    return table;
  });
}

Outcome<Table> due_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"", {{"DUE", false, true}, {"NOTE"}}, {}};
    for (const Json& due : json.at("items")) table.rows.push_back({due_time(due), text(due, "note")});
    return table;
  });
}

Outcome<Table> fire_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"", {{"DUE", false, true}, {"RUN", false, false, true}, {"STATE"}, {"SKIPPED"}, {"REASON"}}, {}};
    for (const Json& fire : json.at("items"))
      table.rows.push_back({text(fire, "nominal_at"), text(fire, "run"), text(fire, "state"), text(fire, "skipped"),
                            text(fire, "reason")});
    return table;
  });
}

Outcome<Table> baseline_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"", {{"NAME"}, {"REF"}, {"PROFILE"}, {"SCHEDULE"}, {"STACK"}, {"CHANGED", false, true}}, {}};
    for (const Json& one : json.at("items"))
      table.rows.push_back({text(one, "name"), text(one, "ref"), text(one, "profile"), text(one, "schedule"),
                            text(one, "stack"), text(one, "changed_at")});
    return table;
  });
}

Outcome<std::string> read_upload(std::string_view body) {
  return read<std::string>(body, [](const Json& json) { return json.at("id").get<std::string>(); });
}

Outcome<std::string> read_name(std::string_view body) {
  return read<std::string>(body, [](const Json& json) { return json.at("name").get<std::string>(); });
}

Outcome<std::string> read_contract(std::string_view body) {
  return read<std::string>(body, [](const Json& json) { return json.at("contract").get<std::string>(); });
}

Outcome<ShownPruned> read_pruned(std::string_view body) {
  return read<ShownPruned>(body, [](const Json& json) {
    ShownPruned all{{"", {{"WHAT"}, {"OF"}, {"SINCE", false, true}, {"BYTES", true}}, {}}, "", false};
    const Json& series = json.at("series");
    const Json& images = json.at("images");
    for (const Json& one : series.at("items"))
      all.table.rows.push_back({"samples", text(one, "run"), text(one, "created_at"), one.at("bytes").dump()});
    for (const Json& one : images.at("items"))
      all.table.rows.push_back({"image", text(one, "stack"), text(one, "used_at"), one.at("bytes").dump()});
    const bool dry_run = json.value("dry_run", false);
    all.more = json.value("more", false);
    all.words = fmt::format("{} samples of {}{} runs ({}) and {} images ({}); images take {} of {}",
                            dry_run ? "would remove" : "removed", series.at("items").size(), all.more ? " or more" : "",
                            format_bytes(Bytes{series.at("bytes").get<std::int64_t>()}), images.at("items").size(),
                            format_bytes(Bytes{images.at("bytes").get<std::int64_t>()}),
                            format_bytes(Bytes{images.at("used_bytes").get<std::int64_t>()}),
                            format_bytes(Bytes{images.at("budget_bytes").get<std::int64_t>()}));
    return all;
  });
}

Outcome<ShownBackup> read_backup(std::string_view body) {
  return read<ShownBackup>(body, [](const Json& json) {
    return ShownBackup{json.at("name").get<std::string>(), json.at("sha256").get<std::string>()};
  });
}

Outcome<Table> member_table(std::string_view body) {
  return read<Table>(body, [](const Json& json) {
    Table table{"", {{"NAME"}, {"VALUE"}}, {}};
    add_members(json, "", table);
    return table;
  });
}

std::string file_problems(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  std::string lines;
  if (!json.is_object() || !json.contains("problems")) return lines;
  for (const Json& problem : json["problems"]) lines += fault_line(problem) + "\n";
  return lines;
}

std::string problem_text(std::string_view body, int status) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || text(json, "detail").empty())
    return fmt::format("the daemon answered with status {}", status);
  const Json faults = json.value("errors", Json::array());
  if (faults.size() == 1) return fault_line(faults[0]);
  std::string lines = text(json, "detail");
  for (const Json& fault : faults) lines += "\n  " + fault_line(fault);
  return lines;
}

std::string as_ndjson(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("items")) return json.dump() + "\n";
  std::string lines;
  for (const Json& item : json["items"]) lines += item.dump() + "\n";
  return lines;
}

std::string one_line(std::string_view body) { return Json::parse(body, nullptr, false).dump() + "\n"; }

std::string pretty(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  return json.is_discarded() ? std::string(body) : json.dump(2) + "\n";
}

}  // namespace dyno::cli::wire

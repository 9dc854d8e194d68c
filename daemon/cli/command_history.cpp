#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "base/screen.h"
#include "cli/commands.h"
#include "cli/comparison.h"
#include "cli/leaderboard.h"
#include "cli/pull_request.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

// What a person wants to see of a case first: every metric has its row in the other forms, and with --all.
constexpr const char* kHeadlines[] = {"throughput_per_s",           "latency_p99_ns", "delivery_p99_ns",
                                      "app_cpu_ns_per_request",     "app_startup_ns", "idle_pss_bytes",
                                      "loaded_private_median_bytes"};
constexpr int kSparks = 24;
constexpr int kAllPoints = 10'000;

bool is_for_people(const Session& session) {
  return session.format == Format::table || session.format == Format::markdown;
}

void add_all(std::string& target, const char* name, const std::vector<std::string>& values) {
  for (const std::string& value : values) target += fmt::format("&{}={}", name, percent_encoded(value));
}

void print_tables(const Session& session, const std::vector<Table>& tables) {
  bool is_first = true;
  for (const Table& table : tables) {
    if (!is_first) print_text("\n");
    is_first = false;
    print_text(session.format == Format::markdown ? as_markdown(table) : as_text(table, session.screen.width));
  }
}

void print_lines(const Session& session, const std::vector<std::string>& lines) {
  print_text("\n");
  for (const std::string& line : lines)
    print_text(session.format == Format::markdown ? line + "\n\n" : hanging(line, session.screen.width, 2) + "\n");
}

bool is_headline(const std::string& metric) {
  return std::find(std::begin(kHeadlines), std::end(kHeadlines), metric) != std::end(kHeadlines);
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The dashboard's page of it; empty: it shows no such comparison.
std::string page_of(const Session& session, const CompareOptions& options, const ShownComparison& all) {
  if (all.a.runs.size() != 1 || all.b.runs.size() != 1) return "";
  std::string page =
      fmt::format("{}/compare?a={}&b={}", session.client.server(), all.a.runs.front(), all.b.runs.front());
  if (!options.a_case.empty())
    page += fmt::format("&a_case={}&b_case={}", percent_encoded(options.a_case), percent_encoded(options.b_case));
  return page;
}

void print_comparison(const Session& session, const CompareOptions& options, const ShownComparison& all) {
  if (session.format == Format::markdown) {
    print_text(pull_request_text(all, session.client.server(), page_of(session, options, all)));
    return;
  }
  for (const std::string& sentence : outcome_sentences(all))
    print_text(hanging(sentence, session.screen.width, 2) + "\n");
  print_text("\n");
  print_tables(session, comparison_tables(all));
  print_lines(session, comparison_lines(all));
}

std::string compare_target(const CompareOptions& options, const std::string& a, const std::vector<std::string>& b) {
  std::string target = fmt::format("/api/v1/compare?a={}", percent_encoded(a));
  add_all(target, "b", b);
  if (options.is_alone) target += "&pool=none";
  if (!options.a_case.empty()) target += "&a_case=" + percent_encoded(options.a_case);
  if (!options.b_case.empty()) target += "&b_case=" + percent_encoded(options.b_case);
  add_all(target, "stack", options.stacks);
  add_all(target, "case", options.cases);
  add_all(target, "phase", options.phases);
  add_all(target, "metric", options.metrics);
  add_all(target, "profile", options.profiles);
  add_all(target, "schedule", options.schedules);
  return target;
}

// The newest run against the one before, by series; none where there is no run before.
struct Changes {
  std::map<std::string, ShownCompared> rows;  // by case, phase and metric
  std::string before_at;
};

std::string points_target(const ShownSeries& series, const HistoryOptions& options, int points) {
  std::string target = fmt::format("/api/v1/series/{}/points?points={}", series.id, points);
  if (!options.since.empty()) target += "&since=" + percent_encoded(options.since);
  return target;
}

std::string place_of(const std::string& case_name, const std::string& phase, const std::string& metric) {
  return case_name + "|" + phase + "|" + metric;
}

Outcome<Changes> last_changes(Session& session, const HistoryOptions& options, const std::string& profile) {
  CompareOptions wanted;
  wanted.stacks = {options.stack};
  wanted.metrics = options.metrics;
  wanted.profiles = {profile};
  wanted.is_alone = true;  // since the last night, not since all those before it
  Changes changes;
  const auto body = fetch(session, compare_target(wanted, "latest~1", {"latest"}));
  // One run, or two that have no phase in common, are a history, too.
  if (!body && (body.error().exit == Exit::not_found || body.error().exit == Exit::failure)) return changes;
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto all = wire::read_comparison(*body);
  if (!all) return tl::unexpected<Failure>(all.error());
  changes.before_at = all->a.created_at;
  for (const ShownCompared& one : all->rows) changes.rows[place_of(one.case_name, one.phase, one.metric)] = one;
  return changes;
}

// All of them, page by page.
Outcome<std::vector<ShownSeries>> find_series(Session& session, const HistoryOptions& options) {
  std::string target = "/api/v1/series?limit=200&stack=" + percent_encoded(options.stack);
  add_all(target, "metric", options.metrics);
  add_all(target, "phase", options.phases);
  add_all(target, "profile", options.profiles);
  std::vector<ShownSeries> all;
  std::string cursor;
  do {
    const auto body = fetch(session, target + (cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor)));
    if (!body) return tl::unexpected<Failure>(body.error());
    auto page = wire::read_series(*body);
    if (!page) return tl::unexpected<Failure>(page.error());
    std::move(page->begin(), page->end(), std::back_inserter(all));
    cursor = wire::next_cursor(*body);
  } while (!cursor.empty());
  return all;
}

// Several references, separated by commas, are pooled.
Outcome<std::string> side_of(Session& session, const std::string& text) {
  std::string side;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const auto one = reference_of(session, text.substr(from, to - from));
    if (!one) return tl::unexpected<Failure>(one.error());
    side += (side.empty() ? "" : ",") + *one;
    from = to + 1;
  }
  return side;
}

}  // namespace

// latest~1, median:30, baselines and days are the daemon's to understand; anything else is an id or a part of one.
Outcome<std::string> reference_of(Session& session, const std::string& text) {
  const bool is_day = text.size() == 10 && text[4] == '-' && text[7] == '-';
  if (text.starts_with("latest") || text.starts_with("median:") || text.starts_with("baseline:") || is_day) return text;
  return find_id(session, text);
}

Outcome<Exit> show_leaderboard(Session& session, const LeaderboardOptions& options) {
  std::string target = fmt::format("/api/v1/leaderboard?pool={}", options.is_alone ? "none" : "nights");
  for (const std::string& part : options.runs) {
    const auto id = find_id(session, part);
    if (!id) return tl::unexpected<Failure>(id.error());
    target += "&run=" + *id;
  }
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"workload", &options.workloads}, {"phase", &options.phases},        {"metric", &options.metrics},
      {"stack", &options.stacks},       {"language", &options.languages},  {"class", &options.classes},
      {"mode", &options.modes},         {"validity", &options.validities}, {"bound", &options.bounds},
      {"profile", &options.profiles},   {"schedule", &options.schedules}};
  for (const auto& [name, values] : lists) add_all(target, name, *values);
  if (session.format == Format::csv) target += "&format=csv";
  if (session.format == Format::ndjson) target += "&format=ndjson";
  const auto body = fetch(session, target);
  if (!body) return tl::unexpected<Failure>(body.error());
  if (session.format == Format::json) print_text(wire::pretty(*body));
  if (session.format == Format::csv || session.format == Format::ndjson) print_text(*body);
  if (!is_for_people(session)) return Exit::ok;
  const auto all = wire::read_leaderboard(*body);
  if (!all) return tl::unexpected<Failure>(all.error());
  print_tables(session, leaderboard_tables(*all));
  print_lines(session, leaderboard_lines(*all));
  return Exit::ok;
}

Outcome<Exit> compare_runs(Session& session, const CompareOptions& options) {
  const auto a = side_of(session, options.a);
  if (!a) return tl::unexpected<Failure>(a.error());
  std::vector<std::string> sides;
  for (const std::string& one : options.b) {
    auto b = side_of(session, one);
    if (!b) return tl::unexpected<Failure>(std::move(b.error()));
    sides.push_back(std::move(*b));
  }
  CompareOptions wanted = options;
  const bool is_headline_only = wanted.metrics.empty() && !session.all;
  if (is_headline_only && is_for_people(session)) wanted.metrics.assign(std::begin(kHeadlines), std::end(kHeadlines));
  const auto body = fetch(session, compare_target(wanted, *a, sides));
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto all = wire::read_comparisons(*body);
  if (!all) return tl::unexpected<Failure>(all.error());
  Table rows = comparison_csv(all->front());
  bool is_first = true;
  bool is_failed = false;
  for (const ShownComparison& one : *all) {
    if (!is_first) {
      Table more = comparison_csv(one);
      std::move(more.rows.begin(), more.rows.end(), std::back_inserter(rows.rows));
      if (is_for_people(session)) print_text("\n");
    }
    is_first = false;
    is_failed = is_failed || std::any_of(one.rows.begin(), one.rows.end(), [&](const ShownCompared& row) {
                  return (!is_headline_only || is_headline(row.metric)) && contains(options.fail_on, row.decision);
                });
    if (is_for_people(session)) print_comparison(session, options, one);
  }
  if (!is_for_people(session)) print_answer(session, *body, rows);
  return is_failed ? Exit::worse : Exit::ok;
}

Outcome<Exit> show_history(Session& session, const HistoryOptions& given) {
  HistoryOptions options = given;
  if (options.metrics.empty()) options.metrics = {"throughput_per_s"};
  const auto all = find_series(session, options);
  if (!all) return tl::unexpected<Failure>(all.error());
  if (all->empty())
    return fail_with(Exit::not_found,
                     fmt::format("no run that has ended has these figures of the stack \"{}\"", options.stack));
  std::vector<HistoryRow> rows;
  std::map<std::string, Changes> changes;  // by profile
  std::string lines;
  const bool is_line = session.format == Format::table;  // the other forms have every point
  for (const ShownSeries& series : *all) {
    const auto answer = fetch(session, points_target(series, options, is_line ? kSparks : kAllPoints));
    if (!answer) return tl::unexpected<Failure>(answer.error());
    auto line = wire::read_line(*answer);
    if (!line) return tl::unexpected<Failure>(line.error());
    lines += wire::one_line(*answer);
    if (is_line && !changes.contains(series.profile)) {
      auto found = last_changes(session, options, series.profile);
      if (!found) return tl::unexpected<Failure>(found.error());
      changes[series.profile] = std::move(*found);
    }
    const Changes& last = changes[series.profile];
    const auto change = last.rows.find(place_of(series.case_name, series.phase, series.metric));
    rows.push_back(
        {std::move(*line), change == last.rows.end() ? std::nullopt : std::optional(change->second), last.before_at});
  }
  switch (session.format) {
    case Format::json:
    case Format::ndjson: print_text(lines); break;
    case Format::csv: print_text(as_csv(history_csv(rows))); break;
    case Format::markdown: print_text(as_markdown(history_csv(rows))); break;
    case Format::table: print_text(history_text(rows)); break;
  }
  return Exit::ok;
}

}  // namespace dyno::cli

#include "cli/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/figures.h"
#include "cli/objectives.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

constexpr const char* kSpread = "95 % INTERVAL (MIN–MAX)";

// A number that a gate struck out or degraded keeps its place, marked.
std::string value_of(const ShownSummary* s) {
  if (s == nullptr) return kNotMeasured;
  const std::string mark = s->validity == "invalid" ? kStruckOut : s->validity == "degraded" ? kDegraded : "";
  return mark + (mark.empty() ? "" : " ") + (is_lower_bound(*s) ? "≥ " : "") + format_value(s->value, s->unit);
}

std::string count_of(const ShownSummary* s) { return s == nullptr ? "0" : fmt::format("{}", s->n); }

// A figure beside the one that the column of trials counts: with a count of its own where that is another.
std::string figure_of(const ShownSummary* s, const ShownSummary* counted) {
  const bool differs = s != nullptr && s->validity != "invalid" && (counted == nullptr || s->n != counted->n);
  return value_of(s) + (differs ? fmt::format(" ({} trial{})", s->n, s->n == 1 ? "" : "s") : "");
}

// A share, with its spread where the trials differ.
std::string ratio_of(const ShownSummary* ratio, const ShownSummary* counted) {
  if (ratio == nullptr) return kNotMeasured;
  ShownSummary s = *ratio;
  s.unit = "%";
  s.value *= 100;
  for (auto* const spread : {&s.ci95, &s.range}) {
    if (*spread) *spread = ShownInterval{(*spread)->low * 100, (*spread)->high * 100};
  }
  const bool differ = s.range && s.range->low < s.range->high;
  return figure_of(&s, counted) + (differ ? ", " + spread_of(&s) : "");
}

// The verdict on all figures of a row, and what limited its throughput.
std::string verdict_of(const ShownSummary& throughput, std::initializer_list<const ShownSummary*> others) {
  constexpr std::array<std::string_view, 3> kWorse{"valid", "degraded", "invalid"};
  const auto rank = [&](const ShownSummary& s) {
    return std::find(kWorse.begin(), kWorse.end(), s.validity) - kWorse.begin();
  };
  const ShownSummary* worst = &throughput;
  bool alike = true;
  for (const ShownSummary* const other : others) {
    if (other == nullptr) continue;
    alike = alike && other->validity == throughput.validity;
    if (rank(*other) > rank(*worst)) worst = other;
  }
  const std::string limit = bound_title(throughput.bound);
  return (alike ? "" : "partly ") + worst->validity + (limit.empty() ? "" : ", limit: " + limit);
}

// Rows for the cases that this phase has no throughput of: dashes, and the reason.
void add_gaps(const ShownResult& result, const std::string& phase, Table& table) {
  constexpr std::size_t kShownReason = 100;
  for (const ShownGap& gap : result.gaps) {
    if (gap.phase != phase) continue;
    std::vector<std::string> row(table.columns.size(), kNotMeasured);
    row.front() = case_title(result.run.stacks, gap.case_name);
    row.back() = visible(gap.reason, kShownReason);
    table.rows.push_back(std::move(row));
  }
}

Table phase_table(const ShownResult& result, const Summaries& summaries, const std::string& phase) {
  const bool open = is_open_phase(summaries, phase);
  Table table{
      phase_title(phase, summaries.phases()) + (open ? ": open loop, latency from the moment each request was due"
                                                     : ": closed loop, service time (not latency)"),
      {{"STACK"},
       {"THROUGHPUT", true},
       {kSpread, true},
       {"TRIALS", true},
       {"P50", true},
       {"P99", true},
       {"CPU/REQUEST", true},
       {kSpread, true},
       {"ERRORS", true},
       {"VERDICT"}},
      {}};
  const std::string time = open ? "latency" : "service_time";
  for (const ShownSummary* const throughput : ranked(result, summaries, phase)) {
    const auto find = [&](const std::string& metric) { return summaries.find(throughput->case_name, phase, metric); };
    const auto* const p50 = find(time + "_p50_ns");
    const auto* const p99 = find(time + "_p99_ns");
    const auto* const cpu = find("app_cpu_ns_per_request");
    const auto* const errors = find("error_ratio");
    table.rows.push_back({case_title(result.run.stacks, throughput->case_name), value_of(throughput),
                          spread_of(throughput), count_of(throughput), figure_of(p50, throughput),
                          figure_of(p99, throughput), figure_of(cpu, throughput), spread_of(cpu),
                          ratio_of(errors, throughput), verdict_of(*throughput, {p50, p99, cpu, errors})});
  }
  add_gaps(result, phase, table);
  return table;
}

// What subscribers received; without rows where no phase had any.
Table delivery_table(const ShownResult& result, const Summaries& summaries) {
  Table table{"Deliveries to subscribers, from the moment each message was due",
              {{"PHASE"},
               {"STACK"},
               {"DELIVERIES", true},
               {kSpread, true},
               {"TRIALS", true},
               {"P50", true},
               {"P99", true},
               {kSpread, true},
               {"FAULTY", true}},
              {}};
  for (const std::string& phase : summaries.phases()) {
    for (const std::string& name : summaries.cases()) {
      const auto find = [&](const char* metric) { return summaries.find(name, phase, metric); };
      const auto* const deliveries = find("deliveries_per_s");
      if (deliveries == nullptr) continue;
      const auto* const p99 = find("delivery_p99_ns");
      table.rows.push_back({phase_title(phase, summaries.phases()), case_title(result.run.stacks, name),
                            value_of(deliveries), spread_of(deliveries), count_of(deliveries),
                            figure_of(find("delivery_p50_ns"), deliveries), figure_of(p99, deliveries), spread_of(p99),
                            ratio_of(find("delivery_fault_ratio"), deliveries)});
    }
  }
  return table;
}

// What the database used in each phase; without rows where no phase had one.
Table service_table(const ShownResult& result, const Summaries& summaries) {
  Table table{"Database",
              {{"PHASE"},
               {"STACK"},
               {"CPU/REQUEST", true},
               {kSpread, true},
               {"TRIALS", true},
               {"CPU CORES", true},
               {"MEMORY (PRIVATE)", true},
               {"PEAK", true}},
              {}};
  for (const std::string& phase : summaries.phases()) {
    for (const std::string& name : summaries.cases()) {
      const auto find = [&](const char* metric) { return summaries.find(name, phase, metric); };
      const auto* const cores = find("service_cpu_cores");
      const auto* const memory = find("service_private_median_bytes");
      if (cores == nullptr && memory == nullptr) continue;
      const auto* const cpu = find("service_cpu_ns_per_request");
      table.rows.push_back({phase_title(phase, summaries.phases()), case_title(result.run.stacks, name), value_of(cpu),
                            spread_of(cpu), count_of(cpu), figure_of(cores, cpu), figure_of(memory, cpu),
                            figure_of(find("service_private_peak_bytes"), cpu)});
    }
  }
  return table;
}

std::string trials_text(const ShownResult& result) {
  const auto [least, most] = trial_counts(result);
  std::string text = least == most ? fmt::format("{} per stack and phase", most)
                                   : fmt::format("{} to {} per stack and phase", least, most);
  if (most < 2) text += "; spread needs at least two trials";
  else if (most < 6) text += "; (minimum–maximum), because a 95 % interval needs 6 trials";
  else if (least < 6) text += "; (minimum–maximum) where there are fewer than the 6 trials that a 95 % interval needs";
  if (result.run.co_located) text += "; the load generator shares CPUs with the daemon or the database";
  return text;
}

// How long the run took, builds included, and how much of that was measured. Empty before its end.
std::string time_text(const ShownRun& run) {
  const auto begin = parse_instant(run.started_at);
  const auto end = parse_instant(run.finished_at);
  if (!begin || !end || *end <= *begin) return {};
  const Nanos whole = *end - *begin;
  return fmt::format("{}, of which {} ({:.0f} %) measured", format_span(whole), format_span(Nanos(run.measured_ns)),
                     100 * static_cast<double>(run.measured_ns) / static_cast<double>(whole.count()));
}

}  // namespace

std::string bases_text(const ShownResult& result) {
  std::map<std::string, std::vector<std::string>> stacks_of;
  for (const ShownRunStack& stack : result.run.stacks) {
    if (!stack.base_kind.empty()) stacks_of[stack.base_kind].push_back(stack.name);
  }
  std::string text;
  for (const auto& [kind, names] : stacks_of) {
    const std::string words = kind == "official"   ? "official images"
                              : kind == "stand_in" ? "stand-ins made on this machine, not the official images"
                              : kind == "image"    ? "taken as they are"
                                                   : "none";
    text += (text.empty() ? "" : "; ") + words;
    if (stacks_of.size() > 1) text += fmt::format(" ({})", fmt::join(names, ", "));
  }
  return text.empty() ? "unknown" : text;
}

std::string outcome_text(const ShownResult& result) {
  const ShownRun& run = result.run;
  const std::size_t failed = failed_stacks(result);
  const std::string title = outcome_title(run.state, failed, run.stacks.size());
  const bool has_results = run.state == "succeeded" || run.state == "partly";
  const bool told = run.reason.empty() || (failed > 0 && (has_results || failed == run.stacks.size()));
  return told ? title : title + ": " + run.reason;
}

std::vector<Table> phase_tables(const ShownResult& result) {
  const Summaries summaries(result);
  std::vector<Table> tables;
  for (const std::string& phase : phases_of(result, summaries)) {
    Table table = phase_table(result, summaries, phase);
    if (!table.rows.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

Table case_table(const ShownResult& result) {
  const Summaries summaries(result);
  Table table{"Start-up time (process start to first HTTP 200) and memory",
              {{"STACK"},
               {"START-UP", true},
               {kSpread, true},
               {"TRIALS", true},
               {"IDLE (PSS)", true},
               {"UNDER LOAD (PRIVATE)", true},
               {"AFTER LOAD (PSS)", true},
               {"IMAGE SIZE", true}},
              {}};
  const auto cold_of = [&](const std::string& name) { return summaries.find(name, "", "app_startup_cache_cold_ns"); };
  const auto names = summaries.cases();
  const bool cold = std::any_of(names.begin(), names.end(), [&](const auto& name) { return cold_of(name) != nullptr; });
  if (cold) table.columns.insert(table.columns.begin() + 4, {{"CACHE-COLD", true}, {kSpread, true}, {"TRIALS", true}});
  for (const std::string& name : names) {
    const auto* const startup = summaries.find(name, "", "app_startup_ns");
    const ShownRunStack* const stack = stack_of(result, name);
    const std::string image =
        stack != nullptr && stack->image_bytes ? format_bytes(Bytes{*stack->image_bytes}) : kNotMeasured;
    table.rows.push_back({case_title(result.run.stacks, name), value_of(startup), spread_of(startup), count_of(startup),
                          figure_of(summaries.find(name, "", "idle_pss_bytes"), startup),
                          figure_of(most_loaded(summaries, name), startup),
                          figure_of(summaries.find(name, "", "retained_pss_bytes"), startup), image});
    if (!cold) continue;
    const auto* const c = cold_of(name);
    table.rows.back().insert(table.rows.back().begin() + 4, {value_of(c), spread_of(c), count_of(c)});
  }
  return table;
}

namespace {

// The end of what the server wrote, indented below the reason why it failed.
void add_output(std::string_view output, std::vector<std::string>& lines) {
  constexpr std::size_t kLines = 20;
  std::vector<std::string_view> written = split(trim(output), '\n');
  if (trim(output).empty()) return;
  if (written.size() > kLines) written.erase(written.begin(), written.end() - kLines);
  lines.emplace_back("  last output of the server:");
  for (const std::string_view line : written) lines.push_back("    " + std::string(line));
}

}  // namespace

std::vector<std::string> failure_lines(const ShownResult& result) {
  std::vector<std::string> lines;
  for (const ShownRunStack& stack : result.run.stacks) {
    if (!stack.failure.empty())
      lines.push_back(fmt::format("{}: {}", stack.title.empty() ? stack.name : stack.title, stack.failure));
  }
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const ShownTrial*>> alike;
  for (const ShownTrial& trial : result.trials) {
    if (!trial.failure.empty()) alike[{trial.case_name, trial.failure, trial.reason}].push_back(&trial);
  }
  for (const auto& [what, trials] : alike) {
    const auto& [name, failure, reason] = what;
    const std::string where =
        trials.size() == 1 ? fmt::format("block {}", trials[0]->block) : fmt::format("{} trials", trials.size());
    lines.push_back(
        fmt::format("{}, {}: {}: {}", case_title(result.run.stacks, name), where, failure_title(failure), reason));
    add_output(trials[0]->last_output, lines);
  }
  return lines;
}

// What the gates say that struck out or degraded a number or left a trial out of one: once per case and phase.
std::vector<std::string> gate_lines(const ShownResult& result) {
  std::vector<std::string> phases;
  for (const ShownSummary& s : result.summaries) {
    if (!s.phase.empty() && std::find(phases.begin(), phases.end(), s.phase) == phases.end()) phases.push_back(s.phase);
  }
  std::vector<std::string> lines;
  for (const ShownSummary& s : result.summaries) {
    const std::string phase = s.phase.empty() ? "" : ", " + phase_title(s.phase, phases);
    for (const ShownWarning& gate : s.gates) {
      std::string line = fmt::format("{}{}: {}", case_title(result.run.stacks, s.case_name), phase, gate.text);
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
    }
  }
  return lines;
}

std::vector<std::string> footer_lines(const ShownResult& result, std::string_view server) {
  const ShownRun& run = result.run;
  std::vector<std::string> lines{"machine   " + machine_of(result), "trials    " + trials_text(result),
                                 "bases     " + bases_text(result),
                                 fmt::format("profile   {}, seed {}", run.profile, run.seed)};
  if (const std::string time = time_text(run); !time.empty()) lines.push_back("time      " + time);
  for (const ShownRunStack& stack : run.stacks) {
    if (stack.tuned) lines.push_back(fmt::format("tuned     {}: not ranked among the others", stack.name));
  }
  for (const ShownWarning& warning : run.warnings)
    lines.push_back(fmt::format("warning   {}: {}", gate_title(warning.gate), warning.text));
  lines.push_back(fmt::format("run       {}: {}", run.id, outcome_text(result)));
  lines.push_back(fmt::format("page      {}/runs/{}", server, run.id));
  return lines;
}

Table summary_table(const ShownResult& result) {
  Table table{"",
              {{"run"},
               {"case"},
               {"phase"},
               {"metric"},
               {"unit"},
               {"value", true},
               {"n", true},
               {"ci95_low", true},
               {"ci95_high", true},
               {"least", true},
               {"greatest", true},
               {"validity"},
               {"bound"}},
              {}};
  // Twelve digits: what lies beyond is rounding of the arithmetic, not of the measurement.
  const auto bare = [](double value) { return fmt::format("{:.12g}", value); };
  const auto number = [&](const std::optional<ShownInterval>& i, bool low) {
    return i ? bare(low ? i->low : i->high) : std::string();
  };
  for (const ShownSummary& s : result.summaries) {
    table.rows.push_back({result.run.id, s.case_name, s.phase, s.metric, s.unit, bare(s.value), fmt::format("{}", s.n),
                          number(s.ci95, true), number(s.ci95, false), number(s.range, true), number(s.range, false),
                          s.validity, s.bound});
  }
  return table;
}

std::string result_text(const ShownResult& result, std::string_view server, Format format) {
  const bool markdown = format == Format::markdown;
  std::string text;
  std::vector<Table> tables = phase_tables(result);
  if (Table deliveries = delivery_table(result, Summaries(result)); !deliveries.rows.empty())
    tables.push_back(std::move(deliveries));
  if (Table services = service_table(result, Summaries(result)); !services.rows.empty())
    tables.push_back(std::move(services));
  if (Table cases = case_table(result); !cases.rows.empty()) tables.push_back(std::move(cases));
  for (const Table& table : tables) text += (markdown ? as_markdown(table) : as_text(table)) + "\n";
  const auto write_lines = [&](const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += (markdown ? "- " : "") + visible(line, 2000) + "\n";
  };
  if (auto objectives = objective_lines(result); !objectives.empty()) {
    text += (markdown ? "**" + objectives.front() + "**\n\n" : objectives.front() + "\n");
    objectives.erase(objectives.begin());
    write_lines(objectives);
    text += "\n";
  }
  if (const auto failures = failure_lines(result); !failures.empty()) {
    text += markdown ? "**Failed**\n\n" : "Failed\n";
    write_lines(failures);
    text += "\n";
  }
  if (const auto gates = gate_lines(result); !gates.empty()) {
    const std::string title = fmt::format("Struck out ({}) or degraded ({})", kStruckOut, kDegraded);
    text += markdown ? "**" + title + "**\n\n" : title + "\n";
    write_lines(gates);
    text += "\n";
  }
  write_lines(footer_lines(result, server));
  return text;
}

}  // namespace dyno::cli

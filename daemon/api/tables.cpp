#include "api/tables.h"

#include <algorithm>
#include <utility>

#include "api/parameters.h"
#include "model/metric.h"
#include "run/plan.h"

namespace dyno::api::tables {
namespace {

using enum ColumnType;

template <class E>
std::vector<std::string> words_of(const std::vector<E>& values) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const E value : values) words.emplace_back(model::to_string(value));
  return words;
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const T& one : all) names.push_back(one.name);
  return names;
}

ColumnOf<model::Trial> mark(std::string_view name, std::string_view description,
                            std::optional<MonotonicTime> model::StartupMarks::*moment) {
  return {{name, integer, "ns", description}, [moment](const model::Trial& t) -> Cell {
            if (!t.startup) return {};
            const model::StartupMarks& marks = *t.startup;
            return marks.*moment ? ns_cell(*(marks.*moment) - marks.create_call) : Cell();
          }};
}

}  // namespace

// ---- what can be run ----

Table metrics() {
  using M = model::Metric;
  const auto all = model::metrics();
  return table_of<M>(
      {
          {{"name", text, "", "Name, as in summaries and readings"}, [](const M& m) { return text_cell(m.name); }},
          {{"unit", text, "", "1/s, ns, B, 1"}, [](const M& m) { return text_cell(m.unit); }},
          {{"title", text, "", "Name for people"}, [](const M& m) { return text_cell(m.title); }},
          {{"better", text, "", "higher, lower, neither"}, [](const M& m) { return word_cell(m.better); }},
          {{"scope", text, "", "phase or trial: what it belongs to"},
           [](const M& m) { return text_cell(m.scope == model::MetricScope::phase ? "phase" : "trial"); }},
      },
      {all.begin(), all.end()});
}

Table stacks(std::vector<model::Stack> stacks) {
  using S = model::Stack;
  return table_of<S>(
      {
          {{"name", text, "", "Name"}, [](const S& s) { return text_cell(s.name); }},
          {{"title", text, "", "Name for people"}, [](const S& s) { return text_cell(s.title); }},
          {{"runtime", text, "", "Runtime"}, [](const S& s) { return word_cell(s.runtime); }},
          {{"runtime_version", text, "", "Version of the runtime"},
           [](const S& s) { return text_cell(s.runtime_version); }},
          {{"language", text, "", "Language"}, [](const S& s) { return text_cell(s.language); }},
          {{"framework", text, "", "Framework"}, [](const S& s) { return text_cell(s.framework); }},
          {{"version", text, "", "Version of the framework"}, [](const S& s) { return text_cell(s.version); }},
          {{"class", text, "", "production or tuned"}, [](const S& s) { return word_cell(s.stack_class); }},
          {{"variant_of", text, "", "The stack that it is a variant of"},
           [](const S& s) { return text_cell(s.variant_of); }},
          {{"mode_default", text, "", "Mode where none is asked for"},
           [](const S& s) { return word_cell(s.default_mode); }},
          {{"mode_offers", texts, "", "Modes"}, [](const S& s) { return Cell(words_of(s.offered_modes)); }},
          {{"port", integer, "", "Port inside the container"}, [](const S& s) { return integer_cell(s.run.port); }},
          {{"limits_memory_bytes", integer, "B", "Memory limit"},
           [](const S& s) { return Cell(s.limits.memory.value); }},
          {{"limits_pids", integer, "", "Limit of processes and threads"},
           [](const S& s) { return integer_cell(s.limits.pids); }},
          {{"hash", text, "", "Hash over its folder"}, [](const S& s) { return text_cell(s.hash); }},
          {{"contract", text, "", "stackdyno, or own: a service of somebody's own"},
           [](const S& s) { return word_cell(s.contract); }},
          {{"hardened", flag, "", "Whether its root is read-only and its user is set"},
           [](const S& s) { return Cell(why_not_hardened(s).empty()); }},
      },
      std::move(stacks));
}

Table profiles(std::vector<model::Profile> profiles) {
  using P = model::Profile;
  return table_of<P>(
      {
          {{"name", text, "", "Name"}, [](const P& p) { return text_cell(p.name); }},
          {{"purpose", text, "", "What it is for"}, [](const P& p) { return text_cell(p.purpose); }},
          {{"blocks", integer, "", "Blocks"}, [](const P& p) { return integer_cell(p.blocks); }},
          {{"order", text, "", "Order of the cases within a block"}, [](const P& p) { return word_cell(p.order); }},
          {{"mode", text, "", "Mode of the stacks"}, [](const P& p) { return word_cell(p.mode); }},
          {{"startup_warm", integer, "", "Extra warm starts per case"},
           [](const P& p) { return integer_cell(p.startup.warm); }},
          {{"startup_cache_cold", integer, "", "Extra cache-cold starts per case"},
           [](const P& p) { return integer_cell(p.startup.cache_cold); }},
          {{"phases", texts, "", "Names of its phases"}, [](const P& p) { return Cell(names_of(p.phases)); }},
          {{"measure_ns", integer, "ns", "Measured windows of all phases together"},
           [](const P& p) {
             Nanos sum{};
             for (const model::ProfilePhase& phase : p.phases) sum += phase.measure;
             return ns_cell(sum);
           }},
          {{"hash", text, "", "Hash of its file"}, [](const P& p) { return text_cell(p.hash); }},
          {{"expected_ns", integer, "ns",
            "What one stack that offers all of it is expected to take, without its build"},
           [](const P& p) { return ns_cell(run::expected_per_stack(p)); }},
      },
      std::move(profiles));
}

Table schedules(std::vector<wire::ScheduleView> schedules) {
  using V = wire::ScheduleView;
  return table_of<V>(
      {
          {{"name", text, "", "Name"}, [](const V& v) { return text_cell(v.schedule.name); }},
          {{"stacks", texts, "", "Names or globs"}, [](const V& v) { return Cell(v.schedule.stacks); }},
          {{"profile", text, "", "Profile"}, [](const V& v) { return text_cell(v.schedule.profile); }},
          {{"cron", text, "", "When it is due"}, [](const V& v) { return text_cell(v.schedule.cron); }},
          {{"time_zone", text, "", "Zone of its times"}, [](const V& v) { return text_cell(v.schedule.time_zone); }},
          {{"budget_ns", integer, "ns", "Longest time that it may take"},
           [](const V& v) { return ns_cell(v.schedule.budget); }},
          {{"missed", text, "", "What becomes of a missed due time"},
           [](const V& v) { return word_cell(v.schedule.missed); }},
          {{"overlap", text, "", "What becomes of a due time while its last run goes on"},
           [](const V& v) { return word_cell(v.schedule.overlap); }},
          {{"enabled", flag, "", "Whether it fires unless it is paused"},
           [](const V& v) { return Cell(v.schedule.enabled); }},
          {{"next_at", instant, "", "Next due time"},
           [](const V& v) { return v.next ? instant_cell(v.next->at) : Cell(); }},
          {{"next_local", text, "", "The same in its zone"},
           [](const V& v) { return v.next ? text_cell(v.next->local) : Cell(); }},
          {{"paused_at", instant, "", "When it was paused; empty: it is not"},
           [](const V& v) { return instant_cell(v.paused_at); }},
          {{"problem", text, "", "What is wrong with it just now"}, [](const V& v) { return text_cell(v.problem); }},
      },
      std::move(schedules));
}

Table due_times(std::vector<schedule::DueTime> due) {
  using D = schedule::DueTime;
  return table_of<D>(
      {
          {{"at", instant, "", "Due time"}, [](const D& d) { return instant_cell(d.at); }},
          {{"local", text, "", "The same in its zone"}, [](const D& d) { return text_cell(d.local); }},
          {{"note", text, "", "What the clocks and its jitter do to it"}, [](const D& d) { return text_cell(d.note); }},
      },
      std::move(due));
}

Table fires(std::vector<model::Fire> fires) {
  using F = model::Fire;
  return table_of<F>(
      {
          {{"schedule", text, "", "Schedule"}, [](const F& f) { return text_cell(f.schedule); }},
          {{"nominal_at", instant, "", "Due time"}, [](const F& f) { return instant_cell(f.nominal_at); }},
          {{"recorded_at", instant, "", "When it was decided"}, [](const F& f) { return instant_cell(f.recorded_at); }},
          {{"run", text, "", "The run that it started"}, [](const F& f) { return text_cell(f.run_id); }},
          {{"state", text, "", "State of that run"}, [](const F& f) { return word_cell(f.state); }},
          {{"skipped", text, "", "Why no run was started"}, [](const F& f) { return word_cell(f.skipped); }},
          {{"reason", text, "", "The same in words"}, [](const F& f) { return text_cell(f.reason); }},
          {{"folded", integer, "", "How many due times the row stands for"},
           [](const F& f) { return integer_cell(f.folded); }},
      },
      std::move(fires));
}

// ---- runs ----

namespace {

using OverviewCell = Cell (*)(const model::RunOverview&);
using WinnerCell = Cell (*)(const model::Winner&);
using ChangeCell = Cell (*)(const model::ChangeCounts&);

ColumnOf<wire::RunView> overview(std::string_view name, std::string_view description, OverviewCell cell) {
  return {{name, integer, "", description},
          [cell](const wire::RunView& v) { return v.overview ? cell(*v.overview) : Cell(); }};
}

ColumnOf<wire::RunView> winner(std::string_view name, ColumnType type, std::string_view unit,
                               std::string_view description, WinnerCell cell) {
  return {{name, type, unit, description}, [cell](const wire::RunView& v) {
            return v.overview && v.overview->winner ? cell(*v.overview->winner) : Cell();
          }};
}

ColumnOf<wire::RunView> change(std::string_view name, ColumnType type, std::string_view description, ChangeCell cell) {
  return {{name, type, "", description}, [cell](const wire::RunView& v) {
            return v.overview && v.overview->change ? cell(*v.overview->change) : Cell();
          }};
}

// What is stored of a run when it ends, and what it compares.
std::vector<ColumnOf<wire::RunView>> further_columns() {
  using V = wire::RunView;
  using O = model::RunOverview;
  using W = model::Winner;
  using C = model::ChangeCounts;
  return {
      overview("verdicts_valid", "Summaries that are valid",
               [](const O& o) { return o.verdicts ? integer_cell(o.verdicts->valid) : Cell(); }),
      overview("verdicts_degraded", "Summaries that are degraded",
               [](const O& o) { return o.verdicts ? integer_cell(o.verdicts->degraded) : Cell(); }),
      overview("verdicts_invalid", "Summaries that are invalid",
               [](const O& o) { return o.verdicts ? integer_cell(o.verdicts->invalid) : Cell(); }),
      winner("winner", text, "", "Case with the most throughput in the first closed loop",
             [](const W& w) { return text_cell(w.case_name); }),
      winner("winner_phase", text, "", "That phase", [](const W& w) { return text_cell(w.phase); }),
      winner("winner_per_s", number, "1/s", "Its throughput", [](const W& w) { return number_cell(w.value); }),
      winner("winner_is_clear", flag, "", "Whether that is decided against all others",
             [](const W& w) { return Cell(w.is_clear); }),
      change("before", text, "Last run of the same schedule", [](const C& c) { return text_cell(c.before); }),
      change("better", integer, "Figures that became better since", [](const C& c) { return integer_cell(c.better); }),
      change("worse", integer, "Figures that became worse", [](const C& c) { return integer_cell(c.worse); }),
      change("same", integer, "Figures that are the same", [](const C& c) { return integer_cell(c.same); }),
      change("inconclusive", integer, "Figures of which nothing is decided",
             [](const C& c) { return integer_cell(c.inconclusive); }),
      {{"imported_from", text, "", "The database that it was imported from; empty: it was measured here"},
       [](const V& v) { return v.overview && v.overview->imported ? text_cell(v.overview->imported->from) : Cell(); }},
      {{"series_removed_at", instant, "", "When its samples and seconds went"},
       [](const V& v) { return v.overview ? instant_cell(v.overview->series_removed_at) : Cell(); }},
      {{"compare_a", text, "", "The stack before, of a run that goes on until two are told apart"},
       [](const V& v) { return v.compare ? text_cell(v.compare->wanted.a) : Cell(); }},
      {{"compare_b", text, "", "The stack after"},
       [](const V& v) { return v.compare ? text_cell(v.compare->wanted.b) : Cell(); }},
      {{"compare_blocks_measured", integer, "", "Blocks that both have finished; blocks is then the most"},
       [](const V& v) { return v.compare ? integer_cell(v.compare->blocks_measured) : Cell(); }},
  };
}

}  // namespace

Table runs(std::vector<wire::RunView> runs) {
  using V = wire::RunView;
  std::vector<ColumnOf<V>> columns{
      {{"id", text, "", "Run"}, [](const V& v) { return text_cell(v.run.id); }},
      {{"state", text, "", "State"}, [](const V& v) { return word_cell(v.run.state); }},
      {{"trigger", text, "", "What started it"}, [](const V& v) { return word_cell(v.run.request.trigger); }},
      {{"schedule", text, "", "Its schedule"}, [](const V& v) { return text_cell(v.run.request.schedule); }},
      {{"nominal_at", instant, "", "Its due time"}, [](const V& v) { return instant_cell(v.run.request.nominal_at); }},
      {{"stacks", texts, "", "Names of its stacks"}, [](const V& v) { return Cell(names_of(v.run.stacks)); }},
      {{"profile_name", text, "", "Profile"}, [](const V& v) { return text_cell(v.run.request.profile); }},
      {{"profile_hash", text, "", "Hash of the profile"}, [](const V& v) { return text_cell(v.run.profile_hash); }},
      {{"seed", text, "", "Seed, 64 bits"}, [](const V& v) { return text_cell(std::to_string(v.run.request.seed)); }},
      {{"note", text, "", "Note"}, [](const V& v) { return text_cell(v.run.marks.note); }},
      {{"blocks", integer, "", "Blocks"}, [](const V& v) { return integer_cell(v.run.blocks); }},
      {{"created_at", instant, "", "Queued"}, [](const V& v) { return instant_cell(v.run.created_at); }},
      {{"started_at", instant, "", "Started"}, [](const V& v) { return instant_cell(v.run.started_at); }},
      {{"finished_at", instant, "", "Ended"}, [](const V& v) { return instant_cell(v.run.finished_at); }},
      {{"reason", text, "", "Why it ended so"}, [](const V& v) { return text_cell(v.run.reason); }},
      {{"environment_key", text, "", "Runs of the same key are comparable"},
       [](const V& v) { return text_cell(v.run.environment.key); }},
      {{"expected_ns", integer, "ns", "Planned length without builds"},
       [](const V& v) { return v.run.expected.count() > 0 ? ns_cell(v.run.expected) : Cell(); }},
      {{"measured_ns", integer, "ns", "Time in measured windows so far"},
       [](const V& v) { return ns_cell(v.run.measured); }},
      {{"co_located", flag, "", "The load generator shares CPUs with the daemon or the database"},
       [](const V& v) { return Cell(v.run.co_located); }},
      {{"done_ratio", number, "1", "Progress, while it is under way"},
       [](const V& v) { return v.progress ? number_cell(v.progress->done_ratio) : Cell(); }},
      {{"resumed", integer, "", "How often it was cut off and went on; empty: never"},
       [](const V& v) { return v.run.resumed > 0 ? integer_cell(v.run.resumed) : Cell(); }},
      {{"tags", texts, "", "Tags"}, [](const V& v) { return Cell(v.run.marks.tags); }},
      {{"pinned", flag, "", "Kept whole, however old"}, [](const V& v) { return Cell(v.run.marks.pinned); }},
      {{"excluded", text, "", "Why nothing counts it; empty: it counts"},
       [](const V& v) { return text_cell(v.run.marks.excluded.value_or("")); }},
  };
  const std::vector<ColumnOf<V>> further = further_columns();
  columns.insert(columns.end(), further.begin(), further.end());
  return table_of<V>(std::move(columns), std::move(runs));
}

Table queue(std::vector<wire::QueueRow> rows) {
  using R = wire::QueueRow;
  return table_of<R>(
      {
          {{"run", text, "", "Run"}, [](const R& r) { return text_cell(r.run.id); }},
          {{"position", integer, "", "0: running"}, [](const R& r) { return integer_cell(r.position); }},
          {{"state", text, "", "State of the run"}, [](const R& r) { return word_cell(r.run.state); }},
          {{"reason", text, "", "Why it waits"}, [](const R& r) { return text_cell(r.reason); }},
          {{"created_at", instant, "", "Queued"}, [](const R& r) { return instant_cell(r.run.created_at); }},
          {{"begins_at", instant, "", "When it is expected to begin; empty: unknown"},
           [](const R& r) { return instant_cell(r.begins_at); }},
          {{"ends_at", instant, "", "When it is expected to end; empty: unknown"},
           [](const R& r) { return instant_cell(r.ends_at); }},
      },
      std::move(rows));
}

Table facts(std::vector<model::Fact> facts) {
  using F = model::Fact;
  return table_of<F>(
      {
          {{"name", text, "", "Name"}, [](const F& f) { return text_cell(f.name); }},
          {{"value", text, "", "Value"}, [](const F& f) { return text_cell(f.value); }},
          {{"in_key", flag, "", "Part of the environment key"}, [](const F& f) { return Cell(f.in_key); }},
      },
      std::move(facts));
}

Table events(std::vector<model::EventRow> events) {
  using E = model::EventRow;
  return table_of<E>(
      {
          {{"id", integer, "", "Grows over all runs"}, [](const E& e) { return integer_cell(e.id); }},
          {{"run", text, "", "Run"}, [](const E& e) { return text_cell(e.run_id); }},
          {{"at", instant, "", "When"}, [](const E& e) { return instant_cell(e.at); }},
          {{"kind", text, "", "Kind of event"}, [](const E& e) { return text_cell(e.kind); }},
          {{"trial", text, "", "Trial"}, [](const E& e) { return text_cell(e.trial_id); }},
          {{"case", text, "", "Case"}, [](const E& e) { return text_cell(e.case_name); }},
          {{"step", text, "", "Step of the trial"}, [](const E& e) { return text_cell(e.step); }},
          {{"phase", text, "", "Phase"}, [](const E& e) { return text_cell(e.phase); }},
          {{"text", text, "", "The event in words"}, [](const E& e) { return text_cell(e.text); }},
          {{"state", text, "", "State of the run from here on"}, [](const E& e) { return word_cell(e.state); }},
      },
      std::move(events));
}

Table builds(std::vector<model::Build> builds) {
  using B = model::Build;
  return table_of<B>(
      {
          {{"name", text, "", "The stack or service that it was built for"},
           [](const B& b) { return text_cell(b.name); }},
          {{"owner", text, "", "stack or service"}, [](const B& b) { return word_cell(b.owner); }},
          {{"state", text, "", "running, succeeded, failed"}, [](const B& b) { return word_cell(b.state); }},
          {{"step", text, "", "Step of the Dockerfile, the last one that it came to"},
           [](const B& b) { return text_cell(b.step); }},
          {{"lines", integer, "", "Lines of its log"}, [](const B& b) { return integer_cell(b.lines); }},
          {{"log_bytes", integer, "B", "Length of its log, kept or not"},
           [](const B& b) { return integer_cell(b.bytes); }},
          {{"duration_ns", integer, "ns", "From the look for its bases to its end; absent while it runs"},
           [](const B& b) { return ns_cell(b.duration); }},
      },
      std::move(builds));
}

Table phases(std::vector<store::PhaseCount> phases) {
  using P = store::PhaseCount;
  return table_of<P>(
      {
          {{"phase", text, "", "Phase, in the order in which it was first measured"},
           [](const P& p) { return text_cell(p.phase); }},
          {{"loop", text, "", "closed or open"}, [](const P& p) { return text_cell(p.is_open ? "open" : "closed"); }},
          {{"cases", integer, "", "Cases measured in it"}, [](const P& p) { return integer_cell(p.cases); }},
          {{"trials", integer, "", "Trials measured in it"}, [](const P& p) { return integer_cell(p.trials); }},
      },
      std::move(phases));
}

Table summaries(std::string run_id, std::vector<model::Summary> summaries,
                std::map<std::string, std::string> stack_of) {
  using S = model::Summary;
  const auto bound_of = [](std::optional<model::Interval> S::*interval, double model::Interval::*end) {
    return [interval, end](const S& s) { return s.*interval ? number_cell((*(s.*interval)).*end) : Cell(); };
  };
  const auto metric_of = [](std::string_view model::Metric::*what) {
    return [what](const S& s) { return text_cell(model::metric_of(s.metric).*what); };
  };
  return table_of<S>(
      {
          {{"run", text, "", "Run"}, [run_id = std::move(run_id)](const S&) { return text_cell(run_id); }},
          {{"case", text, "", "Case"}, [](const S& s) { return text_cell(s.case_name); }},
          {{"stack", text, "", "Stack"},
           [stack_of = std::move(stack_of)](const S& s) {
             const auto stack = stack_of.find(s.case_name);
             return text_cell(stack == stack_of.end() ? s.case_name : stack->second);
           }},
          {{"phase", text, "", "Absent: a metric of the trial (start-up, memory)"},
           [](const S& s) { return text_cell(s.phase); }},
          {{"metric", text, "", "Metric"}, [](const S& s) { return word_cell(s.metric); }},
          {{"title", text, "", "The metric for people"}, metric_of(&model::Metric::title)},
          {{"unit", text, "", "Unit of value, ci95, range and values"}, metric_of(&model::Metric::unit)},
          {{"better", text, "", "higher, lower, neither"},
           [](const S& s) { return word_cell(model::metric_of(s.metric).better); }},
          {{"value", number, "", "Centre of the trials' values"}, [](const S& s) { return number_cell(s.value); }},
          {{"n", integer, "", "Trials"}, [](const S& s) { return integer_cell(s.n); }},
          {{"ci95_low", number, "", "95 % interval, from six trials on"}, bound_of(&S::ci95, &model::Interval::low)},
          {{"ci95_high", number, "", "Its upper end"}, bound_of(&S::ci95, &model::Interval::high)},
          {{"range_low", number, "", "Minimum, from two trials on"}, bound_of(&S::range, &model::Interval::low)},
          {{"range_high", number, "", "Maximum"}, bound_of(&S::range, &model::Interval::high)},
          {{"values", numbers, "", "The trials' values, in trial order"}, [](const S& s) { return Cell(s.values); }},
          {{"validity", text, "", "valid, degraded, invalid"}, [](const S& s) { return word_cell(s.validity); }},
          {{"bound", text, "", "What limited it"}, [](const S& s) { return word_cell(s.bound); }},
          {{"gates", texts, "", "Gates that touched its readings, those left out too"},
           [](const S& s) {
             std::vector<std::string> gates;
             for (const model::GateResult& gate : s.gates) gates.emplace_back(model::to_string(gate.gate));
             return Cell(std::move(gates));
           }},
      },
      std::move(summaries));
}

Table gaps(std::vector<run::Gap> gaps) {
  using G = run::Gap;
  return table_of<G>(
      {
          {{"case", text, "", "Case"}, [](const G& g) { return text_cell(g.case_name); }},
          {{"phase", text, "", "Phase without a throughput"}, [](const G& g) { return text_cell(g.phase); }},
          {{"reason", text, "", "Why"}, [](const G& g) { return text_cell(g.reason); }},
      },
      std::move(gaps));
}

Table objectives(std::vector<results::JudgedObjective> all) {
  using O = results::JudgedObjective;
  const auto metric_of = [](std::string_view model::Metric::*what) {
    return [what](const O& o) { return text_cell(model::metric_of(o.objective.metric).*what); };
  };
  const auto bound_of = [](double model::Interval::*end) {
    return [end](const O& o) { return o.ci95 ? number_cell((*o.ci95).*end) : Cell(); };
  };
  return table_of<O>(
      {
          {{"case", text, "", "Case"}, [](const O& o) { return text_cell(o.case_name); }},
          {{"stack", text, "", "Stack"}, [](const O& o) { return text_cell(o.stack); }},
          {{"objective", text, "", "As the stack's file says it"},
           [](const O& o) { return text_cell(o.objective.text); }},
          {{"state", text, "", "kept, broken or undecided"}, [](const O& o) { return word_cell(o.state); }},
          {{"reason", text, "", "Why it is undecided"}, [](const O& o) { return text_cell(o.reason); }},
          {{"phase", text, "", "Absent: of the trial itself (start-up, memory), or not measured"},
           [](const O& o) { return text_cell(o.phase); }},
          {{"metric", text, "", "Metric that decides it"}, [](const O& o) { return word_cell(o.objective.metric); }},
          {{"title", text, "", "The metric for people"}, metric_of(&model::Metric::title)},
          {{"unit", text, "", "Unit of value, ci95 and limit"}, metric_of(&model::Metric::unit)},
          {{"side", text, "", "below or above: where the value has to stay"},
           [](const O& o) { return text_cell(o.objective.is_ceiling ? "below" : "above"); }},
          {{"limit", number, "", "The limit"}, [](const O& o) { return number_cell(o.objective.limit); }},
          {{"value", number, "", "Centre of the trials' values"}, [](const O& o) { return number_cell(o.value); }},
          {{"n", integer, "", "Trials"}, [](const O& o) { return integer_cell(o.n); }},
          {{"ci95_low", number, "", "Interval of its confidence, from six trials on or more"},
           bound_of(&model::Interval::low)},
          {{"ci95_high", number, "", "Its upper end"}, bound_of(&model::Interval::high)},
          {{"file", text, "", "Where the sentence stands"}, [](const O& o) { return text_cell(o.objective.file); }},
          {{"line", integer, "", "Its line"}, [](const O& o) { return integer_cell(o.objective.line); }},
          {{"confidence", number, "1", "Of the interval: 0.95, or that of a look"},
           [](const O& o) { return o.ci95 ? number_cell(o.confidence) : Cell(); }},
          {{"other_phases", texts, "", "That it may mean as well: the first of the profile is judged"},
           [](const O& o) { return o.other_phases.empty() ? Cell() : Cell(o.other_phases); }},
      },
      std::move(all));
}

// ---- trials ----

Table trials(std::vector<model::Trial> trials, const std::vector<std::string>& metrics) {
  using T = model::Trial;
  std::vector<ColumnOf<T>> columns{
      {{"id", text, "", "Trial"}, [](const T& t) { return text_cell(t.id); }},
      {{"run", text, "", "Run"}, [](const T& t) { return text_cell(t.run_id); }},
      {{"index", integer, "", "Position in the plan, 0 first"}, [](const T& t) { return integer_cell(t.index); }},
      {{"block", integer, "", "Block, 1 first"}, [](const T& t) { return integer_cell(t.block); }},
      {{"case", text, "", "Case"}, [](const T& t) { return text_cell(t.case_name); }},
      {{"stack", text, "", "Stack"}, [](const T& t) { return text_cell(t.stack); }},
      {{"kind", text, "", "load or startup"}, [](const T& t) { return word_cell(t.kind); }},
      {{"state", text, "", "State"}, [](const T& t) { return word_cell(t.state); }},
      {{"failure", text, "", "What failed"},
       [](const T& t) { return t.failure == model::TrialFailure::none ? Cell() : word_cell(t.failure); }},
      {{"reason", text, "", "The same in words"}, [](const T& t) { return text_cell(t.reason); }},
      {{"started_at", instant, "", "Started"}, [](const T& t) { return instant_cell(t.started_at); }},
      {{"finished_at", instant, "", "Ended"}, [](const T& t) { return instant_cell(t.finished_at); }},
      {{"stop_forced", flag, "", "It had to be killed"}, [](const T& t) { return Cell(t.stop_forced); }},
      {{"phases", texts, "", "Phases measured"}, [](const T& t) { return Cell(t.phases); }},
      {{"startup_kind", text, "", "Kind of start"},
       [](const T& t) { return t.startup ? word_cell(t.startup->kind) : Cell(); }},
      mark("startup_marks_exec_ns", "Create call to exec", &model::StartupMarks::exec),
      mark("startup_marks_listen_ns", "Create call to first accepted connection", &model::StartupMarks::listen),
      mark("startup_marks_first_good_ns", "Create call to first 2xx", &model::StartupMarks::first_good),
      mark("startup_marks_first_deep_ns", "Create call to first 2xx of the deep path",
           &model::StartupMarks::first_deep),
      {{"attempt", integer, "", "1 first; only the last one of an index counts"},
       [](const T& t) { return integer_cell(t.attempt); }},
  };
  for (const model::Metric& metric : model::metrics()) {
    if (metric.scope != model::MetricScope::trial || !passes(metrics, metric.name)) continue;
    columns.push_back({{metric.name, number, metric.unit, metric.title},
                       [name = metric.metric](const T& t) { return number_cell(model::value_of(t.readings, name)); }});
  }
  return table_of<T>(std::move(columns), std::move(trials));
}

Table measurements(const model::Trial& trial, std::vector<model::PhaseResult> phases,
                   const std::vector<std::string>& metrics) {
  using P = model::PhaseResult;
  const auto count = [](std::string_view name, std::string_view unit, std::string_view description,
                        std::int64_t P::*what) {
    return ColumnOf<P>{{name, integer, unit, description}, [what](const P& p) { return Cell(p.*what); }};
  };
  const auto error = [](std::string_view name, std::string_view description, std::int64_t model::ErrorCounts::*what) {
    return ColumnOf<P>{{name, integer, "", description}, [what](const P& p) { return Cell(p.errors.*what); }};
  };
  const auto since_create = [created = trial.startup ? std::optional(trial.startup->create_call) : std::nullopt](
                                std::string_view name, std::string_view description, MonotonicTime P::*moment) {
    return ColumnOf<P>{{name, integer, "ns", description},
                       [created, moment](const P& p) { return created ? ns_cell(p.*moment - *created) : Cell(); }};
  };
  using Errors = model::ErrorCounts;
  std::vector<ColumnOf<P>> columns{
      {{"trial", text, "", "Trial"}, [id = trial.id](const P&) { return text_cell(id); }},
      {{"case", text, "", "Case"}, [name = trial.case_name](const P&) { return text_cell(name); }},
      {{"phase", text, "", "Phase"}, [](const P& p) { return text_cell(p.phase); }},
      {{"loop", text, "", "closed or open"}, [](const P& p) { return text_cell(p.offered_per_s ? "open" : "closed"); }},
      since_create("begin_ns", "Begin of the window, from the create call", &P::window_begin),
      since_create("end_ns", "End of the window, from the create call", &P::window_end),
      {{"window_ns", integer, "ns", "Length of the window"},
       [](const P& p) { return ns_cell(p.window_end - p.window_begin); }},
      count("counts_good", "", "Good answers", &P::good),
      count("counts_sent", "", "Requests sent", &P::sent),
      count("counts_in_flight", "", "Requests without an answer when the window closed", &P::in_flight),
      count("counts_received_bytes", "B", "Received", &P::bytes_received),
      error("counts_errors_connect", "Connections refused or lost at once", &Errors::connect),
      error("counts_errors_reset", "Connections reset", &Errors::reset),
      error("counts_errors_timeout", "Answers that did not come in time", &Errors::timeout),
      error("counts_errors_bad_status", "Wrong status", &Errors::bad_status),
      error("counts_errors_bad_framing", "Answers that break HTTP", &Errors::bad_framing),
      error("counts_errors_bad_body", "Wrong bodies", &Errors::bad_body),
      error("counts_errors_dropped", "Requests never sent", &Errors::dropped),
      {{"verdict_validity", text, "", "valid, degraded, invalid"},
       [](const P& p) { return word_cell(p.verdict.validity); }},
      {{"verdict_bound", text, "", "What limited it"}, [](const P& p) { return word_cell(p.verdict.bound); }},
      {{"verdict_gates", texts, "", "Gates that did not say valid"},
       [](const P& p) {
         std::vector<std::string> gates;
         for (const model::GateResult& gate : p.verdict.gates) gates.emplace_back(model::to_string(gate.gate));
         return Cell(std::move(gates));
       }},
      {{"transport", text, "", "How the load generator waited"}, [](const P& p) { return text_cell(p.transport); }},
      {{"timer_mode", text, "", "How it kept time"}, [](const P& p) { return text_cell(p.timer_mode); }},
  };
  for (const model::Metric& metric : model::metrics()) {
    if (metric.scope != model::MetricScope::phase || !passes(metrics, metric.name)) continue;
    columns.push_back({{metric.name, number, metric.unit, metric.title},
                       [name = metric.metric](const P& p) { return number_cell(model::value_of(p.readings, name)); }});
  }
  return table_of<P>(std::move(columns), std::move(phases));
}

Table readings(std::vector<wire::ReadingRow> rows) {
  using R = wire::ReadingRow;
  return table_of<R>(
      {
          {{"trial", text, "", "Trial"}, [](const R& r) { return text_cell(r.trial_id); }},
          {{"block", integer, "", "Block, 1 first"}, [](const R& r) { return integer_cell(r.block); }},
          {{"case", text, "", "Case"}, [](const R& r) { return text_cell(r.case_name); }},
          {{"stack", text, "", "Stack"}, [](const R& r) { return text_cell(r.stack); }},
          {{"phase", text, "", "Absent: a metric of the trial"}, [](const R& r) { return text_cell(r.phase); }},
          {{"metric", text, "", "Metric"}, [](const R& r) { return word_cell(r.reading.metric); }},
          {{"unit", text, "", "Unit of the value"},
           [](const R& r) { return text_cell(model::metric_of(r.reading.metric).unit); }},
          {{"value", number, "", "Absent: not measured, see absent"},
           [](const R& r) { return number_cell(r.reading.value); }},
          {{"absent", text, "", "Why there is no value"}, [](const R& r) { return text_cell(r.reading.absent); }},
          {{"validity", text, "", "valid, degraded, invalid"},
           [](const R& r) { return word_cell(r.reading.validity); }},
          {{"bound", text, "", "What limited it"}, [](const R& r) { return word_cell(r.reading.bound); }},
          {{"gates", texts, "", "Gates that touched it"}, [](const R& r) { return Cell(words_of(r.reading.gates)); }},
      },
      std::move(rows));
}

Table samples(const model::Trial& trial, const std::vector<store::SampleSeries>& series) {
  using R = std::pair<std::string, store::SampleBucket>;
  std::vector<R> rows;
  for (const store::SampleSeries& one : series) {
    for (const store::SampleBucket& bucket : one.buckets) rows.emplace_back(one.phase, bucket);
  }
  const MonotonicTime origin = wire::origin_of(trial, series);
  const std::int64_t cpu = rows.empty() ? 0 : rows.front().second.cpu_ns;
  const std::int64_t throttled = rows.empty() ? 0 : rows.front().second.throttled_ns;
  const auto spread = [](std::string_view name, std::string_view description, store::Spread store::SampleBucket::*of,
                         std::int64_t store::Spread::*which) {
    return ColumnOf<R>{{name, integer, "B", description},
                       [of, which](const R& r) { return Cell(r.second.*of.*which); }};
  };
  using Bucket = store::SampleBucket;
  using Spread = store::Spread;
  return table_of<R>(
      {
          {{"phase", text, "", "Phase"}, [](const R& r) { return text_cell(r.first); }},
          {{"at_ns", integer, "ns", "From the create call, or from the first sample where that is unknown"},
           [origin](const R& r) { return ns_cell(r.second.at - origin); }},
          spread("private_min_bytes", "Private memory, minimum", &Bucket::private_bytes, &Spread::min),
          spread("private_max_bytes", "Private memory, maximum", &Bucket::private_bytes, &Spread::max),
          spread("private_last_bytes", "Private memory, last reading", &Bucket::private_bytes, &Spread::last),
          spread("docker_equivalent_min_bytes", "As docker stats shows it, minimum", &Bucket::docker_equivalent,
                 &Spread::min),
          spread("docker_equivalent_max_bytes", "As docker stats shows it, maximum", &Bucket::docker_equivalent,
                 &Spread::max),
          spread("docker_equivalent_last_bytes", "As docker stats shows it, last reading", &Bucket::docker_equivalent,
                 &Spread::last),
          {{"cpu_ns", integer, "ns", "CPU time since the first sample"},
           [cpu](const R& r) { return Cell(r.second.cpu_ns - cpu); }},
          {{"throttled_ns", integer, "ns", "Time throttled since the first sample"},
           [throttled](const R& r) { return Cell(r.second.throttled_ns - throttled); }},
      },
      std::move(rows));
}

Table seconds(const model::Trial& trial, const std::vector<store::SecondSeries>& series,
              const std::vector<model::PhaseResult>& phases) {
  struct Row {
    std::string phase;
    bool open = false;
    std::optional<Nanos> begin;
    model::SecondPoint point;
  };
  std::vector<Row> rows;
  for (const store::SecondSeries& one : series) {
    const auto phase =
        std::find_if(phases.begin(), phases.end(), [&](const model::PhaseResult& p) { return p.phase == one.phase; });
    if (phase == phases.end()) continue;
    std::optional<Nanos> begin;
    if (trial.startup) begin = phase->window_begin - trial.startup->create_call;
    for (const model::SecondPoint& point : one.seconds)
      rows.push_back({one.phase, phase->offered_per_s.has_value(), begin, point});
  }
  return table_of<Row>(
      {
          {{"phase", text, "", "Phase"}, [](const Row& r) { return text_cell(r.phase); }},
          {{"loop", text, "", "closed or open"}, [](const Row& r) { return text_cell(r.open ? "open" : "closed"); }},
          {{"begin_ns", integer, "ns", "Begin of the window, from the create call"},
           [](const Row& r) { return ns_cell(r.begin); }},
          {{"second", integer, "", "Second of the window, 0 first"},
           [](const Row& r) { return integer_cell(r.point.second); }},
          {{"good", integer, "", "Good answers"}, [](const Row& r) { return integer_cell(r.point.good); }},
          {{"errors", integer, "", "Errors"}, [](const Row& r) { return integer_cell(r.point.errors); }},
          {{"p50_ns", integer, "ns", "Latency in an open loop, service time in a closed one"},
           [](const Row& r) { return integer_cell(r.point.p50_ns); }},
          {{"p99_ns", integer, "ns", "The same, p99"}, [](const Row& r) { return integer_cell(r.point.p99_ns); }},
      },
      std::move(rows));
}

Table percentiles(const stats::Histogram& histogram) {
  using R = wire::Percentile;
  return table_of<R>(
      {
          {{"percent", number, "%", "Share of the values at or below"}, [](const R& r) { return Cell(r.percent); }},
          {{"value_ns", integer, "ns", "Value"}, [](const R& r) { return Cell(r.value_ns); }},
      },
      wire::percentiles_of(histogram));
}

}  // namespace dyno::api::tables

// A database that the program of schema 6 wrote is opened by this one, and every figure in it is read back. The figures stand
// in a text beside the file, which was made from its tables by the statements below; what a migration moves, merges or renames
// must still come out of the Reader as the same number.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/sha256.h"
#include "store/database.h"
#include "store/event_feed.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(DYNO_SOURCE_DIR) / "tests/data/db";

// One record of the figures: `phase <trial> json/c8 good=21 validity=valid`. Texts keep to one line.
class Record {
 public:
  explicit Record(std::string_view kind) : text_(kind) {}

  Record& key(const std::string& value) {
    text_ += " " + quoted(value);
    return *this;
  }
  Record& add(std::string_view name, const std::string& value) {
    text_ += fmt::format(" {}={}", name, quoted(value));
    return *this;
  }
  Record& add(std::string_view name, std::string_view value) { return add(name, std::string(value)); }
  Record& add(std::string_view name, std::int64_t value) { return add(name, fmt::format("{}", value)); }
  Record& add(std::string_view name, int value) { return add(name, fmt::format("{}", value)); }
  Record& add(std::string_view name, bool value) { return add(name, value ? 1 : 0); }
  Record& add(std::string_view name, double value) {
    return add(name, fmt::format("{}", value));
  }  // shortest exact text
  Record& add(std::string_view name, WallTime value) { return add(name, to_ns(value)); }
  Record& add(std::string_view name, MonotonicTime value) { return add(name, to_ns(value)); }
  Record& add(std::string_view name, Nanos value) { return add(name, static_cast<std::int64_t>(value.count())); }
  Record& add(std::string_view name, Bytes value) { return add(name, value.value); }
  template <class Enum>
  requires std::is_enum_v<Enum> Record& add(std::string_view name, Enum value) {
    return add(name, model::to_string(value));
  }
  template <class T>
  Record& add(std::string_view name, const std::optional<T>& value) {
    if (value) return add(name, *value);
    text_ += fmt::format(" {}=-", name);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  static std::string quoted(const std::string& value) {
    std::string text;
    for (const char c : value) {
      if (c == '\n') text += "\\n";
      else if (c == '\\') text += "\\\\";
      else text += c;
    }
    return text.empty() ? "\"\"" : text;
  }

  std::string text_;
};

using Records = std::multiset<std::string>;

// The figures as the tables of schema 6 hold them. A column `key…` is part of the record's name; the others carry their names.
// `''` stands for NULL where the program means "none" by both.
constexpr const char* kTables[] = {
    R"sql(SELECT 'run', id AS key1, state, trigger, coalesce(schedule, '') AS schedule, nominal_at_ns, profile, profile_hash,
            printf('%llu', seed) AS seed, note, blocks, created_at_ns, started_at_ns, finished_at_ns, reason, environment_key,
            expected_ns, measured_ns, co_located FROM run)sql",
    R"sql(SELECT 'stack', r.id AS key1, s.ordinal AS key2, s.name AS key3, s.title, s.runtime, s.stack_class, s.hash, s.image_id,
            s.base_kind, s.bases, s.image_bytes, s.build_ns, s.reported_version, s.failure
          FROM run_stack s JOIN run r USING (run_key))sql",
    R"sql(SELECT 'fact', r.id AS key1, f.ordinal AS key2, f.name AS key3, f.value, f.in_key
          FROM environment_fact f JOIN run r USING (run_key))sql",
    R"sql(SELECT 'warning', r.id AS key1, w.ordinal AS key2, w.gate, w.validity, w.text
          FROM run_warning w JOIN run r USING (run_key))sql",
    R"sql(SELECT 'trial', t.id AS key1, r.id AS run, t.plan_index, t.block, t.case_name, t.stack, t.kind, t.state, t.failure, t.reason,
            t.last_output, t.started_at_ns, t.finished_at_ns, t.stop_ns, t.stop_forced
          FROM trial t JOIN run r USING (run_key))sql",
    R"sql(SELECT 'startup', t.id AS key1, s.kind, s.create_call_ns, s.start_call_ns, s.exec_ns, s.listen_ns, s.first_good_ns,
            s.first_deep_ns, s.sandbox_ns FROM startup s JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'memory', t.id AS key1, m.moment AS key2, m.pss_bytes, m.private_bytes, m.docker_equivalent_bytes, m.cgroup_peak_bytes
          FROM memory_reading m JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'phase', t.id AS key1, p.ordinal AS key2, p.name AS key3, p.window_begin_ns, p.window_end_ns, p.offered_per_s, p.good,
            p.sent, p.in_flight, p.connect_errors, p.reset_errors, p.timeout_errors, p.bad_status_errors, p.bad_framing_errors,
            p.bad_body_errors, p.dropped_errors, p.received_bytes, p.validity, p.bound, p.transport, p.timer_mode
          FROM phase p JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'metric', t.id AS key1, p.name AS key2, m.name AS key3, v.value
          FROM measurement v JOIN metric m USING (metric_key) JOIN phase p USING (phase_key) JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'absent', t.id AS key1, p.name AS key2, m.name AS key3, a.reason
          FROM absent_measurement a JOIN metric m USING (metric_key) JOIN phase p USING (phase_key)
            JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'gate', t.id AS key1, p.name AS key2, g.ordinal AS key3, g.gate, g.validity, g.text
          FROM phase_gate g JOIN phase p USING (phase_key) JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'histogram', t.id AS key1, p.name AS key2, h.ordinal AS key3, h.kind, h.v2
          FROM histogram h JOIN phase p USING (phase_key) JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'event', e.id AS key1, r.id AS run, e.at_ns, e.kind, coalesce(t.id, '') AS trial, coalesce(t.case_name, '') AS case_name,
            e.step, e.phase, e.text, e.state
          FROM event e JOIN run r USING (run_key) LEFT JOIN trial t USING (trial_key))sql",
    R"sql(SELECT 'progress', event_id AS key1, block, blocks, case_name, step, phase, done_ratio, eta_at_ns FROM event_progress)sql",
    R"sql(SELECT 'fire', schedule AS key1, nominal_at_ns AS key2, recorded_at_ns, coalesce(run_id, '') AS run, skipped, reason, folded
          FROM fire)sql",
};

void add_column(Record& record, const SQLite::Column& column) {
  const std::string name = column.getName();
  if (name.starts_with("key")) record.key(column.getString());
  else if (column.isNull()) record.add(name, std::optional<int>());
  else if (column.isFloat()) record.add(name, column.getDouble());
  else if (column.isBlob()) record.add(name, sha256_hex(column.getString()));
  else record.add(name, column.getString());
}

Records figures_of_tables(const fs::path& file) {
  Records records;
  SQLite::Database tables(file.string(), SQLite::OPEN_READONLY);
  for (const char* const sql : kTables) {
    SQLite::Statement rows(tables, sql);
    while (rows.executeStep()) {
      Record record(rows.getColumn(0).getString());
      for (int i = 1; i < rows.getColumnCount(); ++i) add_column(record, rows.getColumn(i));
      records.insert(record.text());
    }
  }
  return records;
}

// The same figures as the Reader gives them, and those that the tables hold packed.
class Figures {
 public:
  explicit Figures(const Reader& reader) : reader_(reader) {}

  Records all() {
    const auto runs = reader_.runs({.limit = 1000});
    if (!runs) ADD_FAILURE() << runs.error().message;
    else
      for (const model::Run& run : *runs) add_run(run.id);
    add_events();
    for (const char* const schedule : {"minutely", "asleep"}) add_fires(schedule);
    return std::move(records_);
  }

 private:
  void take(const Record& record) { records_.insert(record.text()); }

  void add_run(const std::string& id) {
    const auto found = reader_.run(id);
    ASSERT_TRUE(found) << found.error().message;
    const model::Run& run = *found;
    const model::RunRequest& asked = run.request;
    take(Record("run")
             .key(run.id)
             .add("state", run.state)
             .add("trigger", asked.trigger)
             .add("schedule", asked.schedule)
             .add("nominal_at_ns", asked.nominal_at)
             .add("profile", asked.profile)
             .add("profile_hash", run.profile_hash)
             .add("seed", fmt::format("{}", asked.seed))
             .add("note", asked.note)
             .add("blocks", run.blocks)
             .add("created_at_ns", run.created_at)
             .add("started_at_ns", run.started_at)
             .add("finished_at_ns", run.finished_at)
             .add("reason", run.reason)
             .add("environment_key", run.environment.key)
             .add("expected_ns", run.expected)
             .add("measured_ns", run.measured)
             .add("co_located", run.co_located));
    for (std::size_t i = 0; i < run.stacks.size(); ++i) add_stack(run, i);
    for (std::size_t i = 0; i < run.environment.facts.size(); ++i) {
      const model::Fact& fact = run.environment.facts[i];
      take(Record("fact")
               .key(id)
               .key(std::to_string(i))
               .key(fact.name)
               .add("value", fact.value)
               .add("in_key", fact.in_key));
    }
    for (std::size_t i = 0; i < run.warnings.size(); ++i) take(gate(Record("warning").key(id), i, run.warnings[i]));
    const auto trials = reader_.trials(id);
    ASSERT_TRUE(trials) << trials.error().message;
    for (const model::Trial& trial : *trials) add_trial(trial);
  }

  void add_stack(const model::Run& run, std::size_t i) {
    const model::RunStack& stack = run.stacks[i];
    EXPECT_EQ(run.request.stacks.at(i), stack.name);
    take(Record("stack")
             .key(run.id)
             .key(std::to_string(i))
             .key(stack.name)
             .add("title", stack.title)
             .add("runtime", stack.runtime)
             .add("stack_class", stack.stack_class)
             .add("hash", stack.hash)
             .add("image_id", stack.image_id)
             .add("base_kind", stack.base_kind)
             .add("bases", stack.bases)
             .add("image_bytes", stack.image_bytes)
             .add("build_ns", stack.build)
             .add("reported_version", stack.reported_version)
             .add("failure", stack.failure));
  }

  static Record gate(Record record, std::size_t i, const model::GateResult& gate) {
    return record.key(std::to_string(i)).add("gate", gate.gate).add("validity", gate.validity).add("text", gate.text);
  }

  void add_trial(const model::Trial& trial) {
    take(Record("trial")
             .key(trial.id)
             .add("run", trial.run_id)
             .add("plan_index", trial.index)
             .add("block", trial.block)
             .add("case_name", trial.case_name)
             .add("stack", trial.stack)
             .add("kind", trial.kind)
             .add("state", trial.state)
             .add("failure", trial.failure)
             .add("reason", trial.reason)
             .add("last_output", trial.last_output)
             .add("started_at_ns", trial.started_at)
             .add("finished_at_ns", trial.finished_at)
             .add("stop_ns", trial.stop)
             .add("stop_forced", trial.stop_forced));
    expect_own_readings(trial);
    if (trial.startup) add_startup(trial.id, *trial.startup);
    if (trial.idle) add_memory(trial.id, "idle", *trial.idle);
    if (trial.retained) add_memory(trial.id, "retained", *trial.retained);
    const auto phases = reader_.phases(trial.id);
    ASSERT_TRUE(phases) << phases.error().message;
    for (std::size_t i = 0; i < phases->size(); ++i) {
      EXPECT_EQ(trial.phases.at(i), (*phases)[i].phase);
      add_phase(trial.id, i, (*phases)[i]);
    }
    add_series(trial.id);
  }

  void add_startup(const std::string& trial, const model::StartupMarks& marks) {
    take(Record("startup")
             .key(trial)
             .add("kind", marks.kind)
             .add("create_call_ns", marks.create_call)
             .add("start_call_ns", marks.start_call)
             .add("exec_ns", marks.exec)
             .add("listen_ns", marks.listen)
             .add("first_good_ns", marks.first_good)
             .add("first_deep_ns", marks.first_deep)
             .add("sandbox_ns", marks.sandbox));
  }

  // What schema 6 left to be computed from the marks at each question is stored: the same figures, none made up.
  static void expect_own_readings(const model::Trial& trial) {
    using M = model::MetricName;
    std::map<M, std::optional<double>> expected;
    const auto put = [&](M metric, const std::optional<MonotonicTime>& from, const std::optional<MonotonicTime>& to) {
      expected[metric] = from && to ? std::optional(static_cast<double>((*to - *from).count())) : std::nullopt;
    };
    const auto put_bytes = [&](M metric, const std::optional<Bytes>& bytes) {
      expected[metric] = bytes ? std::optional(static_cast<double>(bytes->value)) : std::nullopt;
    };
    if (const auto& m = trial.startup; m && m->kind == model::StartKind::warm) {
      put(M::app_startup_ns, m->exec, m->first_good);
      put(M::startup_ns, m->start_call, m->first_good);
      put(M::create_to_good_ns, m->create_call, m->first_good);
      put(M::listen_ns, m->exec, m->listen);
      put(M::engine_ns, m->start_call, m->exec);
      if (m->first_deep) put(M::db_ready_ns, m->exec, m->first_deep);
      expected[M::sandbox_ns] = static_cast<double>(m->sandbox.count());
    } else if (m) {
      put(M::app_startup_cache_cold_ns, m->exec, m->first_good);
      put(M::startup_cache_cold_ns, m->start_call, m->first_good);
    }
    if (trial.idle) {
      put_bytes(M::idle_pss_bytes, trial.idle->pss);
      put_bytes(M::idle_private_bytes, trial.idle->private_bytes);
      put_bytes(M::idle_docker_equivalent_bytes, trial.idle->docker_equivalent);
      put_bytes(M::idle_cgroup_peak_bytes, trial.idle->cgroup_peak);
    }
    if (trial.retained) {
      put_bytes(M::retained_pss_bytes, trial.retained->pss);
      put_bytes(M::retained_private_bytes, trial.retained->private_bytes);
      put_bytes(M::retained_docker_equivalent_bytes, trial.retained->docker_equivalent);
      put_bytes(M::retained_cgroup_peak_bytes, trial.retained->cgroup_peak);
    }
    if (trial.stop) expected[M::stop_ns] = static_cast<double>(trial.stop->count());
    std::map<M, std::optional<double>> found;
    for (const model::Reading& reading : trial.readings) {
      found[reading.metric] = reading.value;
      EXPECT_NE(reading.value.has_value(), !reading.absent.empty()) << to_string(reading.metric);
      EXPECT_EQ(reading.validity, model::Validity::valid);
    }
    EXPECT_EQ(found, expected) << trial.id;
  }

  void add_memory(const std::string& trial, const std::string& moment, const model::MemoryReading& memory) {
    take(Record("memory")
             .key(trial)
             .key(moment)
             .add("pss_bytes", memory.pss)
             .add("private_bytes", memory.private_bytes)
             .add("docker_equivalent_bytes", memory.docker_equivalent)
             .add("cgroup_peak_bytes", memory.cgroup_peak));
  }

  void add_phase(const std::string& trial, std::size_t i, const model::PhaseResult& phase) {
    take(Record("phase")
             .key(trial)
             .key(std::to_string(i))
             .key(phase.phase)
             .add("window_begin_ns", phase.window_begin)
             .add("window_end_ns", phase.window_end)
             .add("offered_per_s", phase.offered_per_s)
             .add("good", phase.good)
             .add("sent", phase.sent)
             .add("in_flight", phase.in_flight)
             .add("connect_errors", phase.errors.connect)
             .add("reset_errors", phase.errors.reset)
             .add("timeout_errors", phase.errors.timeout)
             .add("bad_status_errors", phase.errors.bad_status)
             .add("bad_framing_errors", phase.errors.bad_framing)
             .add("bad_body_errors", phase.errors.bad_body)
             .add("dropped_errors", phase.errors.dropped)
             .add("received_bytes", phase.bytes_received)
             .add("validity", phase.verdict.validity)
             .add("bound", phase.verdict.bound)
             .add("transport", phase.transport)
             .add("timer_mode", phase.timer_mode));
    std::vector<model::GateName> gates;
    for (const model::GateResult& g : phase.verdict.gates) gates.push_back(g.gate);
    for (const model::Reading& reading : phase.readings) {
      const std::string name(to_string(reading.metric));
      if (reading.value) take(Record("metric").key(trial).key(phase.phase).key(name).add("value", *reading.value));
      else take(Record("absent").key(trial).key(phase.phase).key(name).add("reason", reading.absent));
      // The standing that all numbers of a phase had in common.
      EXPECT_EQ(reading.validity, phase.verdict.validity) << name;
      EXPECT_EQ(reading.bound, phase.verdict.bound) << name;
      EXPECT_EQ(reading.gates, gates) << name;
    }
    for (std::size_t g = 0; g < phase.verdict.gates.size(); ++g)
      take(gate(Record("gate").key(trial).key(phase.phase), g, phase.verdict.gates[g]));
    add_histograms(trial, phase.phase);
  }

  void add_histograms(const std::string& trial, const std::string& phase) {
    const auto histograms = reader_.histograms(trial, phase);
    ASSERT_TRUE(histograms) << histograms.error().message;
    for (std::size_t i = 0; i < histograms->size(); ++i) {
      const model::EncodedHistogram& histogram = (*histograms)[i];
      take(Record("histogram")
               .key(trial)
               .key(phase)
               .key(std::to_string(i))
               .add("kind", histogram.kind)
               .add("v2", sha256_hex(from_base64(histogram.v2).value_or(""))));
    }
  }

  // Hundreds of small numbers each: their count, the first and last, and a hash over all.
  void add_series(const std::string& trial) {
    const auto samples = reader_.samples(trial, Nanos(0));
    ASSERT_TRUE(samples) << samples.error().message;
    for (const SampleSeries& series : *samples) {
      std::vector<std::string> points;
      for (const SampleBucket& b : series.buckets)
        points.push_back(fmt::format("{},{},{},{},{}", to_ns(b.at), b.private_bytes.last, b.docker_equivalent.last,
                                     b.cpu_ns, b.throttled_ns));
      take_points("samples", trial, series.phase, points);
    }
    const auto seconds = reader_.seconds(trial);
    ASSERT_TRUE(seconds) << seconds.error().message;
    for (const SecondSeries& series : *seconds) {
      std::vector<std::string> points;
      for (const model::SecondPoint& p : series.seconds)
        points.push_back(
            fmt::format("{},{},{},{},{}", p.second, p.good, p.errors, p.p50_ns.value_or(-1), p.p99_ns.value_or(-1)));
      take_points("seconds", trial, series.phase, points);
    }
  }

  void take_points(std::string_view kind, const std::string& trial, const std::string& phase,
                   const std::vector<std::string>& points) {
    std::string all;
    for (const std::string& point : points) all += point + "\n";
    take(Record(kind)
             .key(trial)
             .key(phase)
             .add("n", static_cast<std::int64_t>(points.size()))
             .add("first", points.empty() ? "" : points.front())
             .add("last", points.empty() ? "" : points.back())
             .add("sha256", sha256_hex(all)));
  }

  void add_events() {
    const auto events = reader_.events(0, "", 1'000'000);
    ASSERT_TRUE(events) << events.error().message;
    for (const model::EventRow& event : *events) {
      take(Record("event")
               .key(std::to_string(event.id))
               .add("run", event.run_id)
               .add("at_ns", event.at)
               .add("kind", event.kind)
               .add("trial", event.trial_id)
               .add("case_name", event.case_name)
               .add("step", event.step)
               .add("phase", event.phase)
               .add("text", event.text)
               .add("state", event.state));
      if (!event.progress) continue;
      const model::Progress& p = *event.progress;
      take(Record("progress")
               .key(std::to_string(event.id))
               .add("block", p.block)
               .add("blocks", p.blocks)
               .add("case_name", p.case_name)
               .add("step", p.step)
               .add("phase", p.phase)
               .add("done_ratio", p.done_ratio)
               .add("eta_at_ns", p.eta_at));
    }
  }

  void add_fires(const std::string& schedule) {
    const auto fires = reader_.fires(schedule, 1'000'000);
    ASSERT_TRUE(fires) << fires.error().message;
    for (const model::Fire& fire : *fires) {
      take(Record("fire")
               .key(fire.schedule)
               .key(std::to_string(to_ns(fire.nominal_at)))
               .add("recorded_at_ns", fire.recorded_at)
               .add("run", fire.run_id)
               .add("skipped", fire.skipped)
               .add("reason", fire.reason)
               .add("folded", fire.folded));
    }
  }

  const Reader& reader_;
  Records records_;
};

Records figures_in_text() {
  Records records;
  std::ifstream in(kFolder / "schema_6_figures.txt");
  for (std::string line; std::getline(in, line);) records.insert(line);
  return records;
}

std::string missing(const Records& wanted, const Records& found) {
  std::vector<std::string> lines;
  std::set_difference(wanted.begin(), wanted.end(), found.begin(), found.end(), std::back_inserter(lines));
  std::string text = fmt::format("{} records, the first of them:\n", lines.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 20); ++i) text += lines[i] + "\n";
  return lines.empty() ? std::string() : text;
}

// A copy to be migrated; the original stays as it was.
class Schema6 : public testing::Test {
 protected:
  Schema6() {
    const fs::path memory = "/dev/shm";
    std::string pattern =
        ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) / "dyno-schema-6-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ / "dyno.db";
    fs::copy_file(kFolder / "schema_6.db", file_);
  }
  ~Schema6() override { fs::remove_all(folder_); }

  fs::path folder_;
  fs::path file_;
};

// Those that hold packed values have no line made from the tables.
TEST_F(Schema6, FiguresInTheTextAreThoseOfItsTables) {
  Records text = figures_in_text();
  std::erase_if(text,
                [](const std::string& line) { return line.starts_with("samples ") || line.starts_with("seconds "); });
  const Records tables = figures_of_tables(file_);
  EXPECT_GT(tables.size(), 1000U);
  EXPECT_EQ(missing(text, tables), "");
  EXPECT_EQ(missing(tables, text), "");
}

TEST_F(Schema6, IsMigratedWithEveryFigureKept) {
  const auto database = Database::open(file_);
  ASSERT_TRUE(database) << database.error().message;
  const Reader reader(**database);
  const Records text = figures_in_text();
  const Records read = Figures(reader).all();
  EXPECT_EQ(missing(text, read), "") << "lost or changed";
  EXPECT_EQ(missing(read, text), "") << "made up or changed";
}

TEST_F(Schema6, KeepsItsIdItsKeysAndWhatWaits) {
  const auto database = Database::open(file_);
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ((*database)->instance_id(), "278cf030-e3a8-45be-a03b-cad167bc679e");
  EventFeed feed;
  RunRepository repository(**database, feed);
  const Reader reader(**database);
  // A request of the same key and body, an hour later.
  const std::string asked = "01a22445-9aca-78ea-8d12-083590311384";
  const RequestKey key{"fixture-key-1", sha256_hex(R"({"stacks":["go-nethttp"],"profile":"long","seed":"11"})")};
  const auto again = repository.enqueue({}, reader.run(asked)->created_at + std::chrono::hours(1), key);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->run_id, asked);
  const auto left = repository.settle_unfinished(reader.run(asked)->created_at + std::chrono::hours(2));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_TRUE(left->interrupted.empty());
  EXPECT_EQ(left->queued,
            (std::vector<std::string>{"01a22448-83e9-76f4-a7e1-99b283ea5960", "01a22448-83fb-75a9-a2d2-fb75aac71b40"}));
  const auto image = reader.last_image("go-nethttp");
  ASSERT_TRUE(image && *image);
  EXPECT_EQ((*image)->run_id, "01a22448-8355-7b64-97e8-c88a92c63bb7");
}

}  // namespace
}  // namespace dyno::store

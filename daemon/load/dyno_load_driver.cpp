#include "load/dyno_load_driver.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "load/child_process.h"
#include "load/load_wire.h"

namespace dyno::load {
namespace {

using std::chrono::seconds;

constexpr Nanos kStart = seconds(10);    // for the process to say its first words, on a machine that is busy building
constexpr Nanos kConnect = seconds(12);  // dyno-load gives up connecting after 10 s itself
constexpr Nanos kFinish = seconds(10);   // draining and reporting

Result<Line> next_line(ChildProcess& child, MonotonicTime deadline, const std::stop_token& stop) {
  const Result<std::string> text = child.read_line(deadline, stop);
  if (text) return Line::parse(*text);
  if (text.error().code != ErrorCode::unavailable) return fail(text.error());
  return fail(ErrorCode::internal, fmt::format("dyno-load exited early ({})", child.end()));
}

// As next_line, of a program that always has something to say until the deadline.
Result<Line> awaited_line(ChildProcess& child, MonotonicTime deadline, const std::stop_token& stop) {
  Result<Line> line = next_line(child, deadline, stop);
  if (line || line.error().code != ErrorCode::timed_out) return line;
  return fail(ErrorCode::timed_out, fmt::format("{}: {}", line.error().message, child.why_silent()));
}

// Starts a mode, hands it its request and takes the greeting.
Result<ChildProcess> start(const std::string& program, const char* mode, const std::string& request, Clock& clock,
                           const std::stop_token& stop) {
  Result<ChildProcess> child = ChildProcess::start({program, mode}, clock);
  if (!child) return fail(child.error());
  const MonotonicTime deadline = clock.now() + kStart;
  const Status written = child->write(request, deadline, stop);
  if (!written) return fail(written.error());
  const Result<Line> line = awaited_line(*child, deadline, stop);
  if (!line) return fail(line.error());
  const Status greeted = check_greeting(*line);
  if (!greeted) return fail(greeted.error());
  return child;
}

class ProcessProbe final : public ports::Probe {
 public:
  explicit ProcessProbe(ChildProcess child) : child_(std::move(child)) {}

  // Of a server that listens already the first connection is told before.
  Status await_probing(MonotonicTime deadline) {
    while (true) {
      const Result<Line> line = next_line(child_, deadline, {});
      if (!line) return fail(line.error());
      if (line->word() == "probing") return {};
      if (line->word() == "error") return fail(read_error(*line));
      if (line->word() != "connected") return fail(ErrorCode::protocol, "the probe did not report that it is probing");
      if (const auto step = read_probe_line(*line, outcome_); !step) return fail(step.error());
    }
  }

  Result<ports::ProbeOutcome> await(MonotonicTime deadline, std::stop_token stop) override {
    const bool was_good = outcome_.good.has_value();
    while (!done_ && outcome_.good.has_value() == was_good) {
      const Result<Line> line = next_line(child_, deadline, stop);
      if (!line && line.error().code == ErrorCode::timed_out) break;
      if (!line) return fail(line.error());
      const Result<Step> step = read_probe_line(*line, outcome_);
      if (!step) return fail(step.error());
      done_ = *step == Step::done;
    }
    return outcome_;
  }
  std::optional<Nanos> cpu_time() const override { return child_.cpu_time(); }

 private:
  ChildProcess child_;
  ports::ProbeOutcome outcome_;
  bool done_ = false;
};

// A closed loop that runs in the background of a phase until it is destroyed. Its output is read when take_lines is called.
class BesideProcess {
 public:
  explicit BesideProcess(ChildProcess child) : child_(std::move(child)) {}
  BesideProcess(const BesideProcess&) = delete;
  BesideProcess& operator=(const BesideProcess&) = delete;

  // Until its window has begun: from then on all its connections are busy.
  Status await_begin(MonotonicTime deadline, const std::stop_token& stop) {
    while (!begin_) {
      Status taken = take_line(deadline, stop);
      if (!taken) return taken;
    }
    return {};
  }
  Status take_lines(Clock& clock, const std::stop_token& stop) {
    while (true) {
      Status taken = take_line(clock.now(), stop);
      if (taken) continue;
      if (taken.error().code == ErrorCode::timed_out) return {};
      return taken;
    }
  }
  void at_window_begin() { cpu_begin_ = child_.cpu_time(); }
  void at_window_end() { cpu_end_ = child_.cpu_time(); }
  // Adds the whole seconds between window_begin and window_end, and the CPU time that it used in between.
  void add_to(ports::LoadOutcome& outcome) const {
    std::int64_t good = 0;
    std::int64_t count = 0;
    for (const model::SecondPoint& point : seconds_) {
      const MonotonicTime from = *begin_ + seconds(point.second);
      if (from < outcome.window_begin || from + seconds(1) > outcome.window_end) continue;
      good += point.good;
      outcome.beside_errors += point.errors;
      ++count;
    }
    if (count > 0)
      outcome.beside_per_s = outcome.beside_per_s.value_or(0) + static_cast<double>(good) / static_cast<double>(count);
    if (cpu_begin_ && cpu_end_) outcome.loader_cpu_all += *cpu_end_ - *cpu_begin_;
  }

 private:
  Status take_line(MonotonicTime deadline, const std::stop_token& stop) {
    const Result<Line> line = next_line(child_, deadline, stop);
    if (!line) return fail(line.error());
    const Result<Step> step = reader_.take(*line);
    if (!step) return fail(step.error());
    if (*step == Step::done) return fail(ErrorCode::internal, "the background load ended before the phase");
    return {};
  }

  ChildProcess child_;
  std::optional<MonotonicTime> begin_;
  std::vector<model::SecondPoint> seconds_;
  std::optional<Nanos> cpu_begin_;
  std::optional<Nanos> cpu_end_;
  const ports::LoadListener listener_{[this](MonotonicTime at) { begin_ = at; },
                                      {},
                                      [this](const ports::LoadSecond& second) {
                                        if (!second.warming_up) seconds_.push_back(second.point);
                                      }};
  LoadReader reader_{listener_};
};

}  // namespace

Result<std::unique_ptr<ports::Probe>> DynoLoadDriver::start_probe(const ports::ProbeSpec& spec) {
  Result<ChildProcess> child = start(program_, "probe", probe_request(spec), clock_, {});
  if (!child) return fail(child.error(), "starting the probe");
  auto probe = std::make_unique<ProcessProbe>(std::move(*child));
  // Only once it has tried for the first time may the server be started: from then on nothing is missed.
  if (const Status probing = probe->await_probing(clock_.now() + kStart); !probing)
    return fail(probing.error(), "starting the probe");
  return std::unique_ptr<ports::Probe>(std::move(probe));
}

Result<std::vector<ports::ExchangeOutcome>> DynoLoadDriver::exchange(const ports::LoadTarget& target,
                                                                     const std::vector<ports::Exchange>& exchanges,
                                                                     std::stop_token stop) {
  Nanos longest = kStart;
  for (const ports::Exchange& exchange : exchanges) longest += exchange.timeout + seconds(1);
  const MonotonicTime deadline = clock_.now() + longest;
  Result<ChildProcess> child = start(program_, "exchange", exchange_request(target, exchanges), clock_, stop);
  if (!child) return fail(child.error(), "exchanging requests");
  ExchangeReader reader;
  while (true) {
    const Result<Line> line = awaited_line(*child, deadline, stop);
    if (!line) return fail(line.error(), "exchanging requests");
    const Result<Step> step = reader.take(*line);
    if (!step) return fail(step.error(), "exchanging requests");
    if (*step == Step::done) return std::move(reader).outcomes();
  }
}

tl::expected<ports::LoadOutcome, ports::LoadFailure> DynoLoadDriver::run_phase(const ports::LoadSpec& spec,
                                                                               const ports::LoadListener& listener,
                                                                               std::stop_token stop) {
  auto outcome = try_phase(spec, listener, stop);
  if (outcome) return std::move(*outcome);
  return tl::unexpected<ports::LoadFailure>({load_fault_of(outcome.error().code), std::move(outcome.error().message)});
}

Result<ports::LoadOutcome> DynoLoadDriver::try_phase(const ports::LoadSpec& spec, const ports::LoadListener& listener,
                                                     const std::stop_token& stop) {
  const Nanos longest = kStart + kConnect + std::max(spec.warm_up, spec.warm_up_max) + spec.measure + kFinish;
  std::vector<std::unique_ptr<BesideProcess>> beside;
  for (ports::LoadSpec other : spec.beside) {
    other.measure = longest + kStart;  // it is ended with the phase
    Result<ChildProcess> child = start(program_, "run", load_request(other), clock_, stop);
    if (!child) return fail(child.error(), "starting the background load");
    beside.push_back(std::make_unique<BesideProcess>(std::move(*child)));
    if (Status begun = beside.back()->await_begin(clock_.now() + kConnect, stop); !begun)
      return fail(begun.error(), "starting the background load");
  }
  const MonotonicTime deadline = clock_.now() + longest;
  Result<ChildProcess> child = start(program_, "run", load_request(spec), clock_, stop);
  if (!child) return fail(child.error(), "running a load phase");
  // The listener first: its readings are the ones whose distance from the edge matters.
  ports::LoadListener edges = listener;
  edges.window_begin = [&](MonotonicTime at) {
    if (listener.window_begin) listener.window_begin(at);
    for (const auto& other : beside) other->at_window_begin();
  };
  edges.window_end = [&](MonotonicTime at) {
    if (listener.window_end) listener.window_end(at);
    for (const auto& other : beside) other->at_window_end();
  };
  LoadReader reader(edges);
  while (true) {
    const Result<Line> line = awaited_line(*child, deadline, stop);
    if (!line) return fail(line.error(), "running a load phase");
    const Result<Step> step = reader.take(*line);
    if (!step) return fail(step.error(), "running a load phase");
    for (const auto& other : beside) {
      if (Status taken = other->take_lines(clock_, stop); !taken) return fail(taken.error(), "background load");
    }
    if (*step == Step::more) continue;
    ports::LoadOutcome outcome = std::move(reader).outcome();
    place_bad_answers(spec, outcome.bad_answers);
    for (const auto& other : beside) other->add_to(outcome);
    return outcome;
  }
}

}  // namespace dyno::load

#include "fakes/fake_load_driver.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "stats/histogram.h"

namespace dyno::fakes {
namespace {

class FakeProbe final : public ports::Probe {
 public:
  FakeProbe(FakeLoadDriver& driver, Clock& clock, LoadScript script, bool has_deep)
      : driver_(driver), clock_(clock), script_(script), has_deep_(has_deep), begin_(clock.now()) {}
  ~FakeProbe() override { driver_.probe_ended(); }
  FakeProbe(const FakeProbe&) = delete;
  FakeProbe& operator=(const FakeProbe&) = delete;

  Result<ports::ProbeOutcome> await(MonotonicTime deadline, std::stop_token stop) override {
    const std::optional<Nanos> next = has_deep_ && was_good_ ? script_.deep_after : script_.good_after;
    const MonotonicTime until = next ? std::min(begin_ + *next, deadline) : deadline;
    if (clock_.wait_until(until, std::move(stop)) == WaitOutcome::stopped)
      return fail(ErrorCode::cancelled, "probe stopped");
    ports::ProbeOutcome outcome;
    outcome.connected = reached(script_.connected_after, deadline);
    outcome.good = reached(script_.good_after, deadline);
    if (has_deep_ && was_good_) outcome.deep = reached(script_.deep_after, deadline);
    was_good_ = outcome.good.has_value();
    if (outcome.good) outcome.good_gap = script_.good_gap;
    if (outcome.deep) outcome.deep_gap = script_.deep_gap;
    outcome.attempts = (until - begin_) / std::chrono::milliseconds(1) + 1;
    if (outcome.connected && !outcome.good) outcome.last_status = script_.status_before_good;
    if (!outcome.connected) outcome.last_error = "connect: Connection refused";
    return outcome;
  }
  std::optional<Nanos> cpu_time() const override {
    return Nanos(static_cast<std::int64_t>(static_cast<double>((clock_.now() - begin_).count()) * script_.probe_cores));
  }

 private:
  std::optional<MonotonicTime> reached(std::optional<Nanos> after, MonotonicTime deadline) const {
    if (!after || begin_ + *after > deadline) return std::nullopt;
    return begin_ + *after;
  }

  FakeLoadDriver& driver_;
  Clock& clock_;
  const LoadScript script_;
  const bool has_deep_;
  const MonotonicTime begin_;
  bool was_good_ = false;
};

std::string path_of(const ports::Exchange& exchange) {
  std::string bytes;
  for (const std::string& piece : exchange.pieces) bytes += piece;
  const std::size_t from = bytes.find(' ');
  const std::size_t to = bytes.find(' ', from + 1);
  return from == std::string::npos || to == std::string::npos ? "" : bytes.substr(from + 1, to - from - 1);
}

model::EncodedHistogram histogram(std::string kind, Nanos value, std::int64_t count) {
  stats::Histogram values;
  values.record_many(value.count(), static_cast<std::uint64_t>(count));
  return {std::move(kind), values.encode()};
}

std::int64_t answers_in(double rate_per_s, Nanos duration) {
  return std::llround(rate_per_s * std::chrono::duration<double>(duration).count());
}

}  // namespace

FakeLoadDriver::FakeLoadDriver(Clock& clock) : clock_(clock) {}

Status FakeLoadDriver::enter(const std::string& call) {
  std::function<void(const std::string&)> hook;
  std::optional<Error> error;
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    hook = hook_;
    const auto nth = failing_calls_.find(static_cast<int>(calls_.size()));
    if (nth != failing_calls_.end()) error = nth->second;
    for (const auto& [pattern, pattern_error] : failing_patterns_) {
      if (call.starts_with(pattern)) error = pattern_error;
    }
  }
  if (hook) hook(call);
  if (error) return fail(*error);
  return {};
}

Result<std::unique_ptr<ports::Probe>> FakeLoadDriver::start_probe(const ports::ProbeSpec& spec) {
  const Status entered = enter("start_probe " + spec.path);
  if (!entered) return fail(entered.error());
  const std::lock_guard lock(mutex_);
  ++live_probes_;
  return std::make_unique<FakeProbe>(*this, clock_, script_, !spec.deep_path.empty());
}

Result<std::vector<ports::ExchangeOutcome>> FakeLoadDriver::exchange(const ports::LoadTarget&,
                                                                     const std::vector<ports::Exchange>& exchanges,
                                                                     std::stop_token stop) {
  const Status entered = enter(fmt::format("exchange {}", exchanges.size()));
  if (!entered) return fail(entered.error());
  if (stop.stop_requested()) return fail(ErrorCode::cancelled, "exchange stopped");
  std::function<ports::ExchangeOutcome(const ports::Exchange&)> handler;
  std::map<std::string, ports::Answer> answers;
  {
    const std::lock_guard lock(mutex_);
    handler = handler_;
    answers = answers_;
  }
  std::vector<ports::ExchangeOutcome> outcomes;
  for (const ports::Exchange& exchange : exchanges) {
    if (handler) {
      outcomes.push_back(handler(exchange));
      continue;
    }
    const auto known = answers.find(path_of(exchange));
    const ports::Answer missing{404, {{"Content-Type", "application/json"}}, R"({"error":"Not found"})"};
    ports::ExchangeOutcome outcome;
    outcome.answers.assign(static_cast<std::size_t>(exchange.answers),
                           known == answers.end() ? missing : known->second);
    outcome.closed_by_server = exchange.await_close;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

ports::LoadOutcome FakeLoadDriver::outcome_of(const ports::LoadSpec& spec, const LoadScript& script) const {
  const bool open = spec.loop == model::Loop::open;
  ports::LoadOutcome outcome;
  outcome.steady = script.steady;
  outcome.good =
      answers_in(open ? std::min(spec.rate.per_s, script.capacity_per_s) : script.capacity_per_s, spec.measure);
  outcome.errors = script.errors;
  outcome.bad_answers = script.bad_answers;
  outcome.in_flight = open ? 0 : spec.connections;
  outcome.sent =
      outcome.good + outcome.in_flight + script.errors.total() - script.errors.connect - script.errors.dropped;
  outcome.bytes_received = outcome.good * 150 + script.unfinished_bytes;
  outcome.bodies_checked = std::max<std::int64_t>(outcome.good / 1000, 20);
  outcome.service_time_mean = script.service_time;
  outcome.histograms.push_back(histogram("service", script.service_time, outcome.good));
  if (open) {
    outcome.histograms.push_back(histogram("response", script.service_time, outcome.good));
    outcome.histograms.push_back(histogram("send_error", Nanos(500), outcome.good));
  }
  outcome.loader_busy_ratio = script.loader_busy_ratio;
  outcome.loader_cpu =
      Nanos(static_cast<std::int64_t>(static_cast<double>(spec.measure.count()) * script.loader_busy_ratio));
  outcome.loader_cpu_all = outcome.loader_cpu;
  if (!spec.beside.empty()) outcome.beside_per_s = script.beside_per_s;
  outcome.late_ratio = script.late_ratio;
  outcome.queued = script.queued;
  outcome.lag_p99 = script.lag_p99;
  outcome.transport = "fake";
  outcome.timer_mode = open ? "hybrid" : "none";
  return outcome;
}

tl::expected<ports::LoadOutcome, ports::LoadFailure> FakeLoadDriver::run_phase(const ports::LoadSpec& spec,
                                                                               const ports::LoadListener& listener,
                                                                               std::stop_token stop) {
  const std::string call =
      fmt::format("{} {}", model::to_string(spec.loop), spec.requests.empty() ? "" : spec.requests.front().target);
  if (const Status entered = enter("run_phase " + call); !entered)
    return tl::unexpected<ports::LoadFailure>({ports::LoadFault::broken, entered.error().message});
  LoadScript script;
  std::function<void()> second_hook;
  std::function<void()> drain_hook;
  {
    const std::lock_guard lock(mutex_);
    second_hook = second_hook_;
    drain_hook = drain_hook_;
    for (const auto& [pattern, failure] : failing_phases_) {
      if (call.starts_with(pattern)) return tl::unexpected<ports::LoadFailure>(failure);
    }
    script = script_;
    phases_.push_back(spec);
  }
  const auto stopped = [] {
    return tl::unexpected<ports::LoadFailure>({ports::LoadFault::cancelled, "the phase was stopped"});
  };
  if (wait_for(clock_, spec.warm_up, stop) == WaitOutcome::stopped) return stopped();
  ports::LoadOutcome outcome = outcome_of(spec, script);
  outcome.window_begin = clock_.now();
  if (listener.window_begin) listener.window_begin(outcome.window_begin);
  const MonotonicTime end = outcome.window_begin + spec.measure;
  for (std::int32_t number = 0; clock_.now() < end; ++number) {
    const Nanos step = std::min<Nanos>(end - clock_.now(), std::chrono::seconds(1));
    if (wait_for(clock_, step, stop) == WaitOutcome::stopped) return stopped();
    const double rate = static_cast<double>(outcome.good) / std::chrono::duration<double>(spec.measure).count();
    const std::int64_t time_ns = script.service_time.count();
    outcome.seconds.push_back({number, answers_in(rate, step), 0, time_ns, time_ns});
    if (second_hook) second_hook();
    if (listener.second) listener.second({false, outcome.seconds.back()});
  }
  outcome.window_end = clock_.now();
  if (listener.window_end) listener.window_end(outcome.window_end);
  if (drain_hook) drain_hook();
  return outcome;
}

void FakeLoadDriver::fail_phases(const std::string& pattern, ports::LoadFailure failure) {
  const std::lock_guard lock(mutex_);
  failing_phases_[pattern] = std::move(failure);
}

void FakeLoadDriver::script(LoadScript script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void FakeLoadDriver::answer(const std::string& path, ports::Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[path] = std::move(answer);
}

void FakeLoadDriver::answer_by(std::function<ports::ExchangeOutcome(const ports::Exchange&)> handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void FakeLoadDriver::fail_call(int nth, Error error) {
  const std::lock_guard lock(mutex_);
  failing_calls_[nth] = std::move(error);
}

void FakeLoadDriver::fail_calls(const std::string& pattern, Error error) {
  const std::lock_guard lock(mutex_);
  failing_patterns_[pattern] = std::move(error);
}

void FakeLoadDriver::on_call(std::function<void(const std::string&)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

void FakeLoadDriver::on_second(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  second_hook_ = std::move(hook);
}

void FakeLoadDriver::on_drain(std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  drain_hook_ = std::move(hook);
}

std::vector<std::string> FakeLoadDriver::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<ports::LoadSpec> FakeLoadDriver::phases() const {
  const std::lock_guard lock(mutex_);
  return phases_;
}

int FakeLoadDriver::live_probes() const {
  const std::lock_guard lock(mutex_);
  return live_probes_;
}

void FakeLoadDriver::probe_ended() {
  const std::lock_guard lock(mutex_);
  --live_probes_;
}

}  // namespace dyno::fakes

// A LoadDriver whose server behaves as a LoadScript says: constant rates and times on the given clock. Records every call and can
// be told which of them fail. Thread-safe; hooks run unlocked.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/load_driver.h"

namespace dyno::fakes {

struct LoadScript {
  // start-up, counted from start_probe
  std::optional<Nanos> connected_after = std::chrono::milliseconds(40);
  std::optional<Nanos> good_after = std::chrono::milliseconds(50);  // none: never answers 2xx
  std::optional<Nanos> deep_after = std::chrono::milliseconds(60);
  std::optional<Nanos> good_gap;
  std::optional<Nanos> deep_gap;
  int status_before_good = 503;
  double probe_cores = 0;  // CPU time of the probe per time
  // load
  double capacity_per_s = 10000;  // closed loop; an open loop gets what it asks for, up to this
  Nanos service_time = std::chrono::milliseconds(1);
  model::ErrorCounts errors;                  // of every phase
  std::vector<ports::BadAnswer> bad_answers;  // of every phase
  std::int64_t unfinished_bytes = 0;          // of answers that did not end
  double beside_per_s = 100;                  // of the load beside a phase
  double loader_busy_ratio = 0.4;
  double late_ratio = 0;
  std::int64_t queued = 0;
  Nanos lag_p99 = std::chrono::microseconds(20);
  bool steady = true;
};

class FakeLoadDriver final : public ports::LoadDriver {
 public:
  explicit FakeLoadDriver(Clock& clock);

  Result<std::unique_ptr<ports::Probe>> start_probe(const ports::ProbeSpec& spec) override;
  Result<std::vector<ports::ExchangeOutcome>> exchange(const ports::LoadTarget& target,
                                                       const std::vector<ports::Exchange>& exchanges,
                                                       std::stop_token stop) override;
  // A failure that was told as an error is `broken`; fail_phases tells others.
  tl::expected<ports::LoadOutcome, ports::LoadFailure> run_phase(const ports::LoadSpec& spec,
                                                                 const ports::LoadListener& listener,
                                                                 std::stop_token stop) override;

  // ---- the test's side ----
  void script(LoadScript script);
  // What the server answers to a path (query included); anything else is 404 with a JSON error.
  void answer(const std::string& path, ports::Answer answer);
  // Replaces those answers whole.
  void answer_by(std::function<ports::ExchangeOutcome(const ports::Exchange&)> handler);
  // The nth call (of all, 1 first) fails so; or all calls whose text begins with `pattern`.
  void fail_call(int nth, Error error);
  void fail_calls(const std::string& pattern, Error error);
  // Phases whose call begins with `pattern` ("closed /json") fail so.
  void fail_phases(const std::string& pattern, ports::LoadFailure failure);
  void on_call(std::function<void(const std::string& call)> hook);  // before its effect
  void on_second(std::function<void()> hook);  // within the window of a phase, before each of its seconds is told
  void on_drain(std::function<void()> hook);   // when the window has closed
  std::vector<std::string> calls() const;      // "start_probe /health", "exchange 3", "run_phase closed /json"
  std::vector<ports::LoadSpec> phases() const;
  int live_probes() const;

  void probe_ended();  // for its probes only

 private:
  Status enter(const std::string& call);
  ports::LoadOutcome outcome_of(const ports::LoadSpec& spec, const LoadScript& script) const;

  Clock& clock_;

  // guarded by mutex_
  mutable std::mutex mutex_;
  LoadScript script_;
  std::map<std::string, ports::Answer> answers_;
  std::function<ports::ExchangeOutcome(const ports::Exchange&)> handler_;
  std::map<int, Error> failing_calls_;
  std::map<std::string, Error> failing_patterns_;
  std::map<std::string, ports::LoadFailure> failing_phases_;
  std::function<void(const std::string&)> hook_;
  std::function<void()> second_hook_;
  std::function<void()> drain_hook_;
  std::vector<std::string> calls_;
  std::vector<ports::LoadSpec> phases_;
  int live_probes_ = 0;
};

}  // namespace dyno::fakes

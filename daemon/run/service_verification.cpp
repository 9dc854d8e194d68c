#include "run/service_verification.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "contract/service_checks.h"
#include "contract/stack_workloads.h"

namespace dyno::run {
namespace {

using contract::CheckFailure;
using contract::Workload;
using model::TrialFailure;

constexpr Nanos kRecovery = std::chrono::seconds(15);
constexpr Nanos kRecoveryPoll = std::chrono::milliseconds(200);
// The requests that were under way at the edges, and what the loader counts otherwise.
constexpr double kLoadSlack = 0.01;

// What is asked of the service itself: a workload of the stack's own makes no promise about it.
std::vector<Workload> workloads_of(const ServiceContainer& service, const model::Stack& stack,
                                   const std::set<std::string>& asked) {
  std::vector<Workload> both;
  for (const std::string& name : asked) {
    const auto& needed_by = service.described().workloads;
    if (std::find(needed_by.begin(), needed_by.end(), name) == needed_by.end()) continue;
    Workload workload = contract::workload_of(stack, name);
    if (workload.database) both.push_back(std::move(workload));
  }
  return both;
}

tl::unexpected<TrialEnd> end_wrong(TrialFailure failure, const CheckFailure& found) {
  return end_trial(failure, visible(contract::describe(found), 600));
}

class Behind {
 public:
  Behind(const Rig& rig, const VerificationRequest& request, const ServiceContainer& service,
         const std::stop_token& stop)
      : rig_(rig),
        request_(request),
        service_(service),
        commands_(*service.described().verification),
        stop_(stop),
        examination_(request.examination()) {}

  TrialStatus count_statements(const Workload& workload, int connections) {
    const auto load = contract::audited_load(workload, examination_);
    if (!load) return {};
    if (auto done = tell(commands_.watch, {}); !done) return done;
    if (auto passed = pass(load->check); !passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
    auto printed = service_.call(commands_.audit, {}, stop_);
    if (!printed) return end_by_service(service_.name(), printed.error());
    auto audit = contract::parse_audit(*printed);
    if (!audit) return end_by_service(service_.name(), {ServiceFault::failed, audit.error().message});
    const contract::AskedRequests asked{contract::kAuditedRequests, contract::kAuditedRequests};
    if (const auto broken = contract::broken_promise(load->promise, asked, 0, *audit))
      return end_wrong(TrialFailure::wrong_queries, {load->check.name, broken->expected, broken->got});
    if (audit->connections <= connections) return {};
    return end_wrong(TrialFailure::wrong_queries,
                     {workload.name + ": connections", fmt::format("at most {} to {}", connections, service_.name()),
                      fmt::format("{}", audit->connections)});
  }

  TrialStatus see_changes(const Workload& workload) {
    const auto live = contract::live_check(workload, examination_);
    if (!live) return {};
    if (auto passed = pass(live->before); !passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
    if (auto done = tell(commands_.change, live->change); !done) return done;
    auto passed = pass(live->after);
    // Taken back whatever came of it: the service outlives the trial.
    auto undone = service_.call(commands_.change, live->undo, {});
    if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
    if (!undone) return end_by_service(service_.name(), undone.error());
    return {};
  }

  TrialStatus read_back(const Workload& workload) {
    const auto written = contract::written_check(workload, examination_);
    if (!written) return {};
    auto passed = pass(written->check);
    if (!passed) return tl::unexpected<TrialEnd>(std::move(passed.error()));
    auto rows = service_.call(commands_.read, written->ids(*passed), stop_);
    if (!rows) return end_by_service(service_.name(), rows.error());
    if (const auto found = written->ruling(*passed, *rows)) return end_wrong(TrialFailure::wrong_queries, *found);
    return {};
  }

  TrialStatus restore() { return tell(commands_.restore, {}); }

  TrialStatus be_away(const std::vector<Workload>& workloads, bool hangs) {
    const contract::Outage outage{workloads, hangs, service_.private_words()};
    TrialStatus away = tell(hangs ? commands_.stall : commands_.fail, {});
    if (away) {
      auto passed = pass(contract::outage_check(outage, examination_));
      if (!passed) away = tl::unexpected<TrialEnd>(std::move(passed.error()));
    }
    // Whatever came of it, and after a stop, too: the next trial needs the service.
    auto back = service_.call(commands_.recover, {}, {});
    if (!away) return away;
    if (!back) return end_by_service(service_.name(), back.error());
    return await_recovery(workloads);
  }

 private:
  TrialResult<std::vector<ports::ExchangeOutcome>> pass(const contract::Check& check) {
    return pass_check(rig_, request_, check, stop_);
  }

  TrialStatus tell(const model::ServiceCommand& command, const std::vector<std::string>& arguments) {
    auto done = service_.call(command, arguments, stop_);
    if (!done) return end_by_service(service_.name(), done.error());
    return {};
  }

  TrialStatus await_recovery(const std::vector<Workload>& workloads) {
    const auto check = contract::recovered_check(workloads, examination_);
    const MonotonicTime deadline = rig_.host.clock().now() + kRecovery;
    while (true) {
      auto passed = pass(check);
      if (passed) return {};
      const TrialFailure failure = passed.error().failure;
      const bool is_back_soon = failure == TrialFailure::wrong_body || failure == TrialFailure::machine_busy;
      if (!is_back_soon || rig_.host.clock().now() + kRecoveryPoll >= deadline)
        return tl::unexpected<TrialEnd>(std::move(passed.error()));
      if (wait_for(rig_.host.clock(), kRecoveryPoll, stop_) == WaitOutcome::stopped)
        return end_trial(TrialFailure::cancelled, "cancelled");
    }
  }

  const Rig& rig_;
  const VerificationRequest& request_;
  const ServiceContainer& service_;
  const model::ServiceVerification& commands_;
  const std::stop_token& stop_;
  const contract::Examination examination_;
};

// Statements of work beside the phase could not be told from its own.
bool is_audited(const ServiceContainer& service, const model::Stack& stack, const model::ProfilePhase& phase) {
  if (phase.beside && contract::workload_of(stack, phase.beside->workload).database) return false;
  return service.described().verification && !workloads_of(service, stack, {phase.workload}).empty();
}

}  // namespace

TrialStatus verify_behind(const Rig& rig, const VerificationRequest& request, const ServiceContainer& service,
                          int connections, const std::stop_token& stop) {
  const auto workloads = workloads_of(service, request.stack, request.workloads);
  if (workloads.empty() || !service.described().verification) return {};
  Behind behind(rig, request, service, stop);
  // The checks before this wrote rows.
  if (auto done = behind.restore(); !done) return done;
  for (const Workload& workload : workloads) {
    if (auto done = behind.see_changes(workload); !done) return done;
  }
  for (const Workload& workload : workloads) {
    if (auto done = behind.count_statements(workload, connections); !done) return done;
  }
  for (const Workload& workload : workloads) {
    if (auto done = behind.read_back(workload); !done) return done;
  }
  return behind.restore();
}

TrialStatus verify_outage(const Rig& rig, const VerificationRequest& request, const ServiceContainer& service,
                          const std::stop_token& stop) {
  const auto workloads = workloads_of(service, request.stack, request.workloads);
  if (workloads.empty() || !service.described().verification) return {};
  Behind behind(rig, request, service, stop);
  for (const bool hangs : {false, true}) {
    if (auto done = behind.be_away(workloads, hangs); !done) return done;
  }
  return {};
}

bool begin_load_audit(const ServiceContainer& service, const model::Stack& stack, const model::ProfilePhase& phase,
                      const std::stop_token& stop) {
  return is_audited(service, stack, phase) &&
         service.call(service.described().verification->watch, {}, stop).has_value();
}

LoadAudit end_load_audit(const ServiceContainer& service, const model::Stack& stack, const model::ProfilePhase& phase,
                         const ports::LoadOutcome& load, int connections, const std::stop_token& stop) {
  const auto printed = service.call(service.described().verification->audit, {}, stop);
  if (!printed) return {"", printed.error().message};
  const auto audit = contract::parse_audit(*printed);
  if (!audit) return {"", audit.error().message};
  const Workload workload = contract::workload_of(stack, phase.workload);
  const auto promise = contract::promised_queries(workload, contract::setting_of(workload, phase.params));
  contract::AskedRequests asked;
  asked.answered = load.warm_up_good + load.good;
  // Those under way at both edges, those that waited at the end, and the failed ones may have asked or not.
  asked.begun = asked.answered + load.in_flight + load.queued + 2LL * phase.connections + load.errors.total() +
                load.warm_up_errors;
  if (const auto broken = contract::broken_promise(*promise, asked, kLoadSlack, *audit))
    return {fmt::format("{} counted {} where the contract promises {}", service.name(), broken->got, broken->expected),
            ""};
  if (audit->connections > connections)
    return {fmt::format("{} connections to {} where {} are allowed", audit->connections, service.name(), connections),
            ""};
  return {};
}

}  // namespace dyno::run

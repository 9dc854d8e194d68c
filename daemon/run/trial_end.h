// Why a trial stops before its plan is done: the verdict and the words, or a fault that ends the whole run. Values.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/result.h"
#include "model/run_state.h"
#include "ports/container_engine.h"
#include "ports/run_journal.h"

namespace dyno::run {

// What an end takes with it.
enum class Reach {
  trial,     // the next one may do better
  engine,    // gone, or started again: the run goes on with this trial when it is back
  journal,   // what happened cannot be stored just now: the run goes on with this trial when it can
  services,  // one of them has ended: the next one needs it started anew
  run        // what happened does not go together with what is stored
};

struct TrialEnd {
  model::TrialFailure failure = model::TrialFailure::none;
  std::string reason;
  Reach reach = Reach::trial;
};

using TrialStatus = tl::expected<void, TrialEnd>;
template <class T>
using TrialResult = tl::expected<T, TrialEnd>;

inline tl::unexpected<TrialEnd> end_trial(model::TrialFailure failure, std::string reason) {
  return tl::unexpected<TrialEnd>(TrialEnd{failure, std::move(reason), Reach::trial});
}

// An event that could not be stored.
inline tl::unexpected<TrialEnd> end_by_journal(const Error& error) {
  const Reach reach = ports::may_be_told_later(error) ? Reach::journal : Reach::run;
  return tl::unexpected<TrialEnd>(
      TrialEnd{model::TrialFailure::engine_lost, "writing the journal: " + error.message, reach});
}

// The engine's own end: what was measured so far is no trial.
inline TrialEnd cut_off(std::string reason) {
  return {model::TrialFailure::engine_lost, std::move(reason), Reach::engine};
}

// An error of an engine call: a stop cancels, an engine that is gone cuts the run off, anything else is `otherwise`.
inline tl::unexpected<TrialEnd> end_by_engine(const Error& error, model::TrialFailure otherwise) {
  switch (ports::fault_of(error)) {
    case ports::EngineFault::gone: return tl::unexpected<TrialEnd>(cut_off(error.message));
    case ports::EngineFault::stopped: return end_trial(model::TrialFailure::cancelled, "cancelled");
    case ports::EngineFault::missing:
    case ports::EngineFault::refused:
    case ports::EngineFault::failed: return end_trial(otherwise, error.message);
  }
  return end_trial(otherwise, error.message);
}

// … of making the app's container: only what the engine refuses is the stack's doing. An image or container that is not there
// any more was removed by somebody else.
inline tl::unexpected<TrialEnd> end_by_creation(const Error& error) {
  const auto fault = ports::fault_of(error);
  if (fault == ports::EngineFault::refused) return end_by_engine(error, model::TrialFailure::create_failed);
  if (fault == ports::EngineFault::missing) return end_by_engine(error, model::TrialFailure::interfered);
  return end_by_engine(error, model::TrialFailure::engine_lost);
}

// An error of a probe or an exchange.
inline tl::unexpected<TrialEnd> end_by_loader(const Error& error) {
  if (error.code == ErrorCode::cancelled) return end_trial(model::TrialFailure::cancelled, "cancelled");
  return end_trial(model::TrialFailure::loader_failed, error.message);
}

// Why a service did not do its part.
enum class ServiceFault {
  ended,        // its container runs no more
  failed,       // it did not do what it was told, or could not be asked
  engine_gone,  // no engine answers, or the engine ended it
  stopped       // on request
};
struct ServiceFailure {
  ServiceFault fault = ServiceFault::failed;
  std::string message;
};
template <class T>
using ServiceResult = tl::expected<T, ServiceFailure>;

inline tl::unexpected<TrialEnd> end_by_service(const std::string& name, const ServiceFailure& failure) {
  const std::string reason = fmt::format("service {}: {}", name, failure.message);
  auto end = end_trial(model::TrialFailure::service_lost, reason);
  switch (failure.fault) {
    case ServiceFault::stopped: return end_trial(model::TrialFailure::cancelled, "cancelled");
    case ServiceFault::engine_gone: return tl::unexpected<TrialEnd>(cut_off(reason));
    case ServiceFault::ended: end.value().reach = Reach::services; return end;
    case ServiceFault::failed: return end;
  }
  return end;
}

}  // namespace dyno::run

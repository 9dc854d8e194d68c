// Why a trial stops before its plan is done: the verdict and the words, or a fault that ends the whole run. Values.
#pragma once

#include <string>

#include "base/result.h"
#include "model/run_state.h"

namespace dyno::run {

struct TrialEnd {
  model::TrialFailure failure = model::TrialFailure::none;
  std::string reason;
  bool ends_run = false;  // the journal cannot be written, or the engine is gone
};

using TrialStatus = tl::expected<void, TrialEnd>;
template <class T>
using TrialResult = tl::expected<T, TrialEnd>;

inline tl::unexpected<TrialEnd> end_trial(model::TrialFailure failure, std::string reason) {
  return tl::unexpected<TrialEnd>(TrialEnd{failure, std::move(reason), false});
}

inline tl::unexpected<TrialEnd> end_run(std::string reason) {
  return tl::unexpected<TrialEnd>(TrialEnd{model::TrialFailure::engine_lost, std::move(reason), true});
}

tl::unexpected<TrialEnd> end_from(const Error& error, model::TrialFailure otherwise);

// An error of a service, named in it: one that has ended ends the run, for every later trial would fail by it.
inline tl::unexpected<TrialEnd> end_by_service(const std::string& name, Error error) {
  const bool gone = error.code == ErrorCode::conflict;
  auto end = end_from(with_context(std::move(error), "service " + name), model::TrialFailure::service_lost);
  end.value().ends_run = end.value().ends_run || gone;
  return end;
}

// An error of the engine: a stop cancels, an engine that is gone ends the run, anything else is `otherwise`.
inline tl::unexpected<TrialEnd> end_from(const Error& error, model::TrialFailure otherwise) {
  if (error.code == ErrorCode::cancelled) return end_trial(model::TrialFailure::cancelled, "cancelled");
  if (error.code == ErrorCode::unavailable) return end_run(error.message);
  return end_trial(otherwise, error.message);
}

}  // namespace dyno::run

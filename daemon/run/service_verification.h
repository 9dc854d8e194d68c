// Looks behind a stack: whether its answers come from the service it was given, by as many statements as the contract promises,
// over no more connections than the profile allows; and what it answers while the service is away. Needs a service with
// commands for it; every change is taken back, and the service is there again when a call returns. One thread.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "contract/query_audit.h"
#include "model/profile.h"
#include "model/stack.h"
#include "run/service_container.h"
#include "run/verification.h"

namespace dyno::run {

// Before load. wrong_queries, wrong_body or machine_busy with the check, what it expected and what it got; service_lost when the service
// could not do its part.
TrialStatus verify_behind(const Rig& rig, const VerificationRequest& request, const ServiceContainer& service,
                          int connections, const std::stop_token& stop);

// After all measurements: a stack that lost its connections once is not the one that was started. As above.
TrialStatus verify_outage(const Rig& rig, const VerificationRequest& request, const ServiceContainer& service,
                          const std::stop_token& stop);

// What the service counted over a phase of load, if it counts, and the phase asks it: "" when that is as promised.
struct LoadAudit {
  std::string fault;
  std::string unread;  // why it could not be read
};
// Before the phase: false when there is nothing to audit.
bool begin_load_audit(const ServiceContainer& service, const model::Stack& stack, const model::ProfilePhase& phase,
                      const std::stop_token& stop);
LoadAudit end_load_audit(const ServiceContainer& service, const model::Stack& stack, const model::ProfilePhase& phase,
                         const ports::LoadOutcome& load, int connections, const std::stop_token& stop);

}  // namespace dyno::run

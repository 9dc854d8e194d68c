// The gates in one table: which numbers each of them judges, and from where on it speaks. And the two things done with it: to
// collect what the gates said, and to mark the readings that they judge. Pure, thread-safe.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/profile.h"
#include "model/reading.h"

namespace dyno::run {

// How an amount and its limit are written.
enum class GateUnit { share, cores, duration_ns, bytes, flag };  // a flag has no limit worth telling

inline constexpr double kNever = std::numeric_limits<double>::infinity();

struct GateRule {
  model::GateName gate;
  model::MetricSet judges;  // which numbers its fault makes wrong; none: a remark about the machine before the run
  GateUnit unit = GateUnit::flag;
  double degraded_above = kNever;
  double invalid_above = kNever;
  // Where the profile sets the limit: it replaces `invalid_above`, and `degraded_above` is a share of it.
  double model::GateLimits::*profile_limit = nullptr;
};

std::span<const GateRule> gate_rules();
const GateRule& rule_of(model::GateName gate);

// What the gates said about one phase or trial, each gate at most once: a second remark of the same gate joins the first.
class GateList {
 public:
  explicit GateList(const model::GateLimits& limits = {}) : limits_(limits) {}

  // Speaks where `amount` lies above a limit of the gate: `fact` is a sentence without its full stop, to which the limit that
  // was passed is added in brackets.
  // `judges`: where this fact makes fewer numbers wrong than the gate's others.
  void check(model::GateName gate, double amount, const std::string& fact,
             const std::optional<model::MetricSet>& judges = std::nullopt);
  void say(model::GateName gate, model::Validity validity, std::string text,
           const std::optional<model::MetricSet>& judges = std::nullopt);

  std::vector<model::GateResult> take() && { return std::move(found_); }
  // Gives each reading the gates that judge it and the worst of their words. The verdict's validity is the worst of all.
  model::Verdict mark(std::vector<model::Reading>& readings, model::Bound bound) &&;

 private:
  model::GateLimits limits_;
  std::vector<model::GateResult> found_;
  std::vector<model::MetricSet> judged_;  // of those found
};

}  // namespace dyno::run

// Whether a run that was cut off goes on once the daemon is back. Pure.
#pragma once

#include <chrono>
#include <string>

#include "base/units.h"
#include "model/enum_text.h"

namespace dyno::model {

enum class ResumePolicy {
  always,
  same_boot,  // not where the machine was started again meanwhile
  never
};
template <>
struct EnumNames<ResumePolicy> {
  static constexpr std::array<std::string_view, 3> names{"always", "same_boot", "never"};
};

// A run of a night that goes on at noon disturbs whoever works by then: after `within` it is given up.
struct ResumeRule {
  ResumePolicy policy = ResumePolicy::always;
  Nanos within = std::chrono::hours(12);  // since its last event
};

struct CutOff {
  bool same_boot = true;
  Nanos ago{};
};

// Empty: the run goes on.
std::string why_not_resumed(const ResumeRule& rule, const CutOff& cut);

}  // namespace dyno::model

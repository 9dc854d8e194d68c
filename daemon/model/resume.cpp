#include "model/resume.h"

#include <fmt/format.h>

#include "base/quantity.h"

namespace dyno::model {

std::string why_not_resumed(const ResumeRule& rule, const CutOff& cut) {
  if (rule.policy == ResumePolicy::never) return "the configuration resumes no run";
  if (rule.policy == ResumePolicy::same_boot && !cut.same_boot)
    return "the machine was started again, and the configuration resumes runs within one boot only";
  if (cut.ago > rule.within)
    return fmt::format("that was {} ago (limit {})", format_span(cut.ago), format_span(rule.within));
  return "";
}

}  // namespace dyno::model

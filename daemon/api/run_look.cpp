#include "api/run_look.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dyno::api {
namespace {

// A run has one case per stack: its name, a slash, the mode.
std::string case_of(const std::string& stack, const std::vector<results::TrialMetrics>& trials) {
  const auto found = std::find_if(trials.begin(), trials.end(), [&](const results::TrialMetrics& one) {
    return one.case_name.substr(0, one.case_name.rfind('/')) == stack;
  });
  return found == trials.end() ? "" : found->case_name;
}

}  // namespace

Result<std::optional<RunLook>> look_of_run(const ApiContext& context, const model::Run& run) {
  auto wanted = context.reader.comparison(run.id);
  if (!wanted) return fail(std::move(wanted.error()));
  if (!*wanted) return std::optional<RunLook>();
  const auto trials = context.reader.trial_ends(run.id);
  if (!trials) return fail(trials.error());
  RunLook look{.wanted = std::move(**wanted), .pair = {}, .most = run.blocks};
  look.pair = {case_of(look.wanted.a, *trials), case_of(look.wanted.b, *trials)};
  look.blocks = results::complete_blocks(*trials, look.pair);
  return std::optional(std::move(look));
}

}  // namespace dyno::api

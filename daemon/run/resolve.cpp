#include "run/resolve.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <ratio>
#include <set>
#include <vector>

#include "base/text.h"
#include "contract/contract_version.h"
#include "contract/workloads/registry.h"
#include "model/stack_pattern.h"
#include "run/plan.h"

namespace dyno::run {
namespace {

template <class T>
std::vector<std::string_view> names_in(std::span<const T> items) {
  std::vector<std::string_view> names;
  for (const auto& item : items) names.push_back(item.name);
  std::sort(names.begin(), names.end());
  return names;
}

class Reasons {
 public:
  void add(ErrorCode code, const std::string& text) {
    if (lines_.empty()) code_ = code;
    if (!lines_.empty()) lines_ += '\n';
    lines_ += text;
  }
  bool empty() const { return lines_.empty(); }
  Error error() const { return {code_, lines_}; }

 private:
  ErrorCode code_ = ErrorCode::invalid_argument;
  std::string lines_;
};

void add_matches(const std::string& pattern, std::span<const model::Stack> stacks, std::vector<model::Stack>& chosen,
                 Reasons& reasons) {
  bool any = false;
  for (const std::string_view name : names_in(stacks)) {
    if (!model::means_stack(pattern, name)) continue;
    any = true;
    const bool there = std::any_of(chosen.begin(), chosen.end(), [&](const model::Stack& s) { return s.name == name; });
    if (there) continue;
    chosen.push_back(
        *std::find_if(stacks.begin(), stacks.end(), [&](const model::Stack& s) { return s.name == name; }));
  }
  if (!any)
    reasons.add(ErrorCode::not_found,
                fmt::format("no stack is called {}{}", pattern, did_you_mean(pattern, names_in(stacks))));
}

void check_profile(const model::Profile& profile, Reasons& reasons) {
  for (const std::string& workload : workloads_in(profile.phases)) {
    if (contract::find_workload(workload) != nullptr || workload.starts_with(model::kOwnPrefix)) continue;
    reasons.add(ErrorCode::invalid_argument, fmt::format("profile {}: no workload is called {}{}", profile.name,
                                                         workload, did_you_mean(workload, contract::workload_names())));
  }
}

void check_stack(const model::Stack& stack, const model::Profile& profile, Reasons& reasons) {
  if (std::find(stack.offered_modes.begin(), stack.offered_modes.end(), profile.mode) == stack.offered_modes.end()) {
    reasons.add(ErrorCode::invalid_argument, fmt::format("{} does not offer the mode {} of profile {}", stack.name,
                                                         to_string(profile.mode), profile.name));
  }
  if (!phases_for(stack, profile).empty()) return;
  const bool asks_own = std::any_of(profile.phases.begin(), profile.phases.end(), [](const model::ProfilePhase& phase) {
    return phase.workload.starts_with(model::kOwnPrefix);
  });
  // Of one of somebody's own without workloads, start-up and memory are measured all the same.
  if (is_own(stack) && stack.workloads.empty()) return;
  std::string why = fmt::format("{} offers no workload of profile {}", stack.name, profile.name);
  if (is_own(stack) && !asks_own)
    why += ": it has workloads of its own, which a profile such as service asks for (workload: own/*)";
  else if (is_own(stack)) why += fmt::format("; it has {}", fmt::join(stack.workloads, ", "));
  else if (asks_own) why += ": that asks for own workloads of stacks of contract own";
  reasons.add(ErrorCode::invalid_argument, why);
}

bool needs(const model::Stack& stack, const model::Profile& profile, const model::Service& service) {
  if (is_own(stack) || service.workloads.empty()) return true;
  const auto workloads = workloads_in(phases_for(stack, profile));
  return std::any_of(service.workloads.begin(), service.workloads.end(),
                     [&](const std::string& workload) { return workloads.contains(workload); });
}

// What the stacks ask for beside them, as far as a phase of theirs needs it.
std::vector<model::Service> services_of(const std::vector<model::Stack>& stacks, const model::Profile& profile,
                                        std::span<const model::Service> services, Reasons& reasons) {
  std::set<std::string> needed;
  for (const auto& stack : stacks) {
    for (const auto& [name, need] : stack.services) {
      const auto found = std::find_if(services.begin(), services.end(),
                                      [&wanted = name](const model::Service& s) { return s.name == wanted; });
      if (found != services.end()) {
        if (needs(stack, profile, *found)) needed.insert(name);
      } else if (need.required) {
        reasons.add(ErrorCode::invalid_argument,
                    fmt::format("{} needs the service {}, which is not known: set services_dir, and see its "
                                "service.yaml",
                                stack.name, name));
      }
    }
  }
  std::vector<model::Service> chosen;
  std::copy_if(services.begin(), services.end(), std::back_inserter(chosen),
               [&needed](const model::Service& s) { return needed.contains(s.name); });
  return chosen;
}

// Data of another kind than was asked for would be measured under its name.
void check_variant(const model::Profile& profile, const std::vector<model::Service>& services, Reasons& reasons) {
  const std::string variant = profile.database ? profile.database->variant : "";
  if (variant.empty() || services.empty()) return;
  const bool known = std::any_of(services.begin(), services.end(), [&](const model::Service& service) {
    return std::find(service.variants.begin(), service.variants.end(), variant) != service.variants.end();
  });
  if (known) return;
  std::vector<std::string_view> names;
  for (const auto& service : services) names.insert(names.end(), service.variants.begin(), service.variants.end());
  reasons.add(ErrorCode::invalid_argument, fmt::format("profile {}: no service of this run knows the variant {}{}",
                                                       profile.name, variant, did_you_mean(variant, names)));
}

// A number that the service was not made for would end each trial at its first reset.
void check_users(const model::Profile& profile, const std::vector<model::Service>& services, Reasons& reasons) {
  const std::int64_t users = profile.database.value_or(model::DatabaseRequest{}).users;
  for (const auto& service : services) {
    const auto& known = service.users;
    if (known.empty() || std::find(known.begin(), known.end(), users) != known.end()) continue;
    reasons.add(ErrorCode::invalid_argument, fmt::format("profile {}: the service {} has no {} users; it has {}",
                                                         profile.name, service.name, users, fmt::join(known, " or ")));
  }
}

using Days = std::chrono::duration<double, std::ratio<86400>>;
constexpr Days kLongestRun(366);

// Each number of a profile is bounded, their product is not: it would exceed any clock, and is a slip of the pen.
void check_length(const model::Job& job, Reasons& reasons) {
  Days all{};
  for (const auto& stack : job.stacks) {
    const auto phases = phases_for(stack, job.profile);
    Days trial = job.profile.memory.idle + job.profile.memory.after;
    for (std::size_t i = 0; i < phases.size(); ++i)
      trial += Days(std::max(phases[i].measure, phases[i].measure_max)) +
               Days(warm_up_before(phases, i, job.profile.warm_up));
    all += trial * job.profile.blocks;
  }
  if (all <= kLongestRun) return;
  reasons.add(ErrorCode::invalid_argument,
              fmt::format("profile {}: {} blocks of {} stacks would take {:.0f} days (limit {:.0f} days)",
                          job.profile.name, job.profile.blocks, job.stacks.size(), all.count(), kLongestRun.count()));
}

// With the extra starts that fall to so many blocks: a block of a night is a block of a night.
void set_blocks(model::Profile& profile, int blocks) {
  const auto share = [&](int total) { return (total * blocks + profile.blocks - 1) / profile.blocks; };
  profile.startup.warm = share(profile.startup.warm);
  profile.startup.cache_cold = share(profile.startup.cache_cold);
  profile.blocks = blocks;
}

}  // namespace

Result<model::Job> resolve(const model::RunRequest& request, std::span<const model::Stack> stacks,
                           std::span<const model::Profile> profiles, std::span<const model::Service> services) {
  model::Job job;
  job.request = request;
  Reasons reasons;
  if (request.stacks.empty()) reasons.add(ErrorCode::invalid_argument, "no stack is named");
  for (const auto& pattern : request.stacks) add_matches(pattern, stacks, job.stacks, reasons);
  const auto profile = std::find_if(profiles.begin(), profiles.end(),
                                    [&](const model::Profile& p) { return p.name == request.profile; });
  if (profile == profiles.end()) {
    reasons.add(ErrorCode::not_found, fmt::format("no profile is called {}{}", request.profile,
                                                  did_you_mean(request.profile, names_in(profiles))));
  } else {
    job.profile = *profile;
    set_blocks(job.profile, request.blocks.value_or(profile->blocks));
    check_profile(*profile, reasons);
    for (const auto& stack : job.stacks) check_stack(stack, *profile, reasons);
    job.services = services_of(job.stacks, *profile, services, reasons);
    check_variant(*profile, job.services, reasons);
    check_users(*profile, job.services, reasons);
    check_length(job, reasons);
  }
  if (!reasons.empty()) return fail(reasons.error());
  job.request.stacks.clear();
  for (const auto& stack : job.stacks) job.request.stacks.push_back(stack.name);
  job.plan_version = kPlanVersion;
  job.contract_version = contract::kContractVersion;
  return job;
}

Status check_versions(const model::Job& job) {
  if (job.plan_version == kPlanVersion && job.contract_version == contract::kContractVersion) return {};
  return fail(ErrorCode::conflict,
              fmt::format("it was accepted under plan version {} and contract version {}; this program has {} and {}",
                          job.plan_version, job.contract_version, kPlanVersion, contract::kContractVersion));
}

}  // namespace dyno::run

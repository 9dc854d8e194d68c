#include "api/new_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/id.h"
#include "base/sha256.h"
#include "base/text.h"
#include "model/stack_pattern.h"

namespace dyno::api {
namespace {

template <class T>
std::vector<std::string_view> names_in(const std::vector<T>& all) {
  std::vector<std::string_view> names;
  names.reserve(all.size());
  for (const T& one : all) names.push_back(one.name);
  std::sort(names.begin(), names.end());
  return names;
}

Fault unknown(std::string_view what, std::string_view name, std::string pointer,
              std::span<const std::string_view> known) {
  Fault fault;
  fault.detail = fmt::format("no {} is named \"{}\"{}", what, visible(name, 60), did_you_mean(name, known));
  fault.code = "unknown_reference";
  fault.pointer = std::move(pointer);
  return fault;
}

// A name that stands for nothing usable: what is wrong with its file, where there is one.
void add_unusable(const CatalogView& catalog, std::string_view what, std::string_view name, std::string pointer,
                  std::span<const std::string_view> known, std::vector<Fault>& faults) {
  const FaultyFile* const file = catalog.find_faulty(what, name);
  if (file == nullptr) {
    add_fault(faults, unknown(what, name, std::move(pointer), known));
    return;
  }
  for (const model::Problem& problem : file->problems) add_fault(faults, fault_of(problem));
}

// At most; a profile's number is for runs that do not end by themselves.
constexpr int kBlocksOfComparison = 40;

// The random bits of a new id, spread over the whole number.
std::uint64_t draw_seed(WallTime now) {
  const std::string digits = sha256_hex(new_id(now)).substr(0, 16);
  std::uint64_t seed = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), seed, 16);
  return seed;
}

// A run that goes on until two stacks are told apart has these two and no other.
void check_compared(const model::RunRequest& request, const model::RunComparison& compare, std::vector<Fault>& faults) {
  const auto is_asked = [&](const std::string& stack) {
    return std::find(request.stacks.begin(), request.stacks.end(), stack) != request.stacks.end();
  };
  if (request.stacks.size() == 2 && compare.a != compare.b && is_asked(compare.a) && is_asked(compare.b)) return;
  Fault fault;
  fault.detail = "a and b must be the two stacks of the run, and it must have no other";
  fault.code = "out_of_range";
  fault.pointer = "/compare";
  add_fault(faults, std::move(fault));
}

}  // namespace

tl::expected<model::RunRequest, Problem> make_request(const wire::NewRun& wish, const CatalogView& catalog,
                                                      WallTime now) {
  Problem problem{422, "invalid-request", "", {}};
  model::RunRequest request;
  const auto stacks = names_in(catalog.stacks);
  for (std::size_t i = 0; i < wish.stacks.size(); ++i) {
    bool found = false;
    for (const std::string_view name : stacks) {
      if (!model::means_stack(wish.stacks[i], name)) continue;
      found = true;
      if (std::find(request.stacks.begin(), request.stacks.end(), name) == request.stacks.end())
        request.stacks.emplace_back(name);
    }
    if (!found) add_unusable(catalog, "stack", wish.stacks[i], fmt::format("/stacks/{}", i), stacks, problem.faults);
  }
  const auto profiles = names_in(catalog.profiles);
  if (std::find(profiles.begin(), profiles.end(), wish.profile) == profiles.end()) {
    add_unusable(catalog, "profile", wish.profile, "/profile", profiles, problem.faults);
  }
  if (wish.compare && problem.faults.empty()) check_compared(request, *wish.compare, problem.faults);
  if (!problem.faults.empty()) {
    problem.detail = problem.faults.front().detail;
    return tl::unexpected<Problem>(std::move(problem));
  }
  request.profile = wish.profile;
  request.blocks = wish.compare && !wish.blocks ? kBlocksOfComparison : wish.blocks;
  request.compare = wish.compare;
  request.seed = wish.seed ? *wish.seed : draw_seed(now);
  request.note = wish.note;
  request.trigger = model::Trigger::api;
  return request;
}

}  // namespace dyno::api

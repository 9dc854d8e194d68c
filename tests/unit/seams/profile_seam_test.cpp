// What a profile may say is what the other side takes: each bound of each key goes through the parser, the resolver, plans for
// machines of 1 to 64 CPUs, the wire, and the load generator's own reader; the period of samples through the sampler that reads
// the kernel's files; the numbers for the database through what its image was seeded with.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "cgroup/cgroup_sampler.h"
#include "contract/workloads/registry.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_host.h"
#include "load/load_wire.h"
#include "loader_side.h"
#include "profile_bounds.h"
#include "run/load_phases.h"
#include "run/placement.h"
#include "run/plan.h"
#include "run/resolve.h"
#include "stackfile/files.h"

namespace dyno::seams {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = DYNO_SOURCE_DIR;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Offers everything there is, so that no phase is left out.
model::Stack everything(const std::string& name) {
  model::Stack stack;
  stack.name = name;
  stack.offered_modes = {model::Mode::single, model::Mode::scaled};
  for (const std::string_view word : contract::workload_names()) stack.workloads.emplace_back(word);
  stack.run.command = stack.run.command_scaled = {"serve"};
  stack.services["postgres"] = {.required = true};
  return stack;
}

model::Service postgres() {
  const fs::path file = kSource / "compose/postgres/service.yaml";
  auto parsed = stackfile::parse_service(text_of(file), file.string());
  return parsed.value.value();
}

std::string why_not_loaded(const ports::LoadSpec& asked) {
  const auto spec = read_by_loader(load::load_request(asked));
  if (!spec) return spec.error().message;
  const auto requests = requests_of(*spec);
  if (!requests) return requests.error().message;
  const bool same = spec->connections == asked.connections && spec->rate_per_s == asked.rate.per_s &&
                    spec->measure_ns == asked.measure.count() && spec->warm_up_ns == asked.warm_up.count() &&
                    spec->warm_up_max_ns == asked.warm_up_max.count() && spec->subscribers == asked.subscribers &&
                    spec->seed == asked.seed && spec->requests.size() == asked.requests.size();
  return same ? "" : "it reads other numbers than were sent";
}

// One of contract own with every kind of workload.
model::Stack everything_own(const std::string& name) {
  const auto parsed = stackfile::parse_workloads(text_of(kSource / "tests/data/stackfile/good_workloads.yaml"),
                                                 "own.yaml", [](const std::string& path) -> Result<std::string> {
                                                   return path == "customers.csv" ? std::string("id,city\n7,Rome\n")
                                                                                  : std::string("a {note}\n");
                                                 });
  model::Stack stack;
  stack.name = name;
  stack.contract = model::ContractKind::own;
  stack.offered_modes = {model::Mode::single, model::Mode::scaled};
  stack.own_workloads = parsed.value.value_or(std::vector<model::OwnWorkload>());
  for (const auto& workload : stack.own_workloads) stack.workloads.push_back(workload.name);
  for (const double rate : {0.001, 10e6})
    stack.objectives.push_back(
        {.text = "", .workload = "list-orders", .load = model::ObjectiveLoad::rate, .at = rate, .limit = 20e6});
  stack.run.command = stack.run.command_scaled = {"serve"};
  return stack;
}

// ---- one profile against all other sides ----

class Sides {
 public:
  // Every reason why somebody behind the parser would not take what it took. What resolving refuses counts as known to both sides:
  // those who expect more than that look at resolved().
  std::vector<std::string> refusals(const model::Profile& profile) {
    model::RunRequest request;
    const bool asks_own = std::any_of(profile.phases.begin(), profile.phases.end(),
                                      [](const auto& phase) { return phase.workload.starts_with(model::kOwnPrefix); });
    request.stacks = {asks_own ? "own" : "all"};
    request.profile = profile.name;
    request.seed = 0xFFFF'FFFF'FFFF'FFFF;
    auto job = run::resolve(request, stacks_, std::span(&profile, 1), services_);
    if (!job) return {};  // refused with words before it is stored
    ++resolved_;
    problems_.clear();
    seen_load_cpus_.clear();
    check_sampler(job->profile);
    check_database(*job);
    for (const int count : {1, 2, 4, 8, 16, 64}) check_plan(*job, fakes::flat_topology(count));
    return std::move(problems_);
  }
  int resolved() const { return resolved_; }

 private:
  void check_sampler(const model::Profile& profile) {
    fakes::FakeClock clock(fakes::FakeClock::Mode::manual);
    cgroup::CgroupSampler sampler(clock, kSource / "tests/data/cgroup/v2");
    const auto sampling = sampler.start(4242, profile.memory.sample_every);
    if (!sampling) problems_.push_back("the sampler: " + sampling.error().message);
  }

  void check_database(const model::Job& job) {
    if (job.services.empty()) return;
    const model::DatabaseRequest asked = job.profile.database.value_or(model::DatabaseRequest{});
    // make_seed.sh: `for users in 10000 100000; do`
    const std::string seed = text_of(kSource / "compose/postgres/make_seed.sh");
    const std::size_t from = seed.find("for users in ") + 13;
    const std::string sown = seed.substr(from, seed.find(';', from) - from);
    const auto sizes = split(sown, ' ');
    if (std::find(sizes.begin(), sizes.end(), std::to_string(asked.users)) == sizes.end())
      problems_.push_back(fmt::format("the seed has no {} users, only {}", asked.users, sown));
    if (asked.connections + kOwnConnections > most_connections(job.services.front()))
      problems_.push_back(fmt::format("the database has no {} connections to give", asked.connections));
  }

  // PostgreSQL keeps three for superusers, and the commands that look behind a stack need some.
  static constexpr int kOwnConnections = 8;
  static int most_connections(const model::Service& service) {
    for (const std::string& word : service.run.command)
      if (word.starts_with("max_connections=")) return std::stoi(word.substr(16));
    return 100;
  }

  void check_plan(const model::Job& job, const model::Topology& machine) {
    const auto placement = run::decide_placement(machine, job.profile.placement);
    if (!placement) {
      if (machine.cpus.size() > 1 && job.profile.placement.automatic) problems_.push_back(placement.error().message);
      return;
    }
    const model::Plan plan = run::make_plan(job.stacks, job.profile, *placement, job.request.seed, job.services);
    if (plan.expected <= Nanos::zero() || plan.measured_share < 0 || plan.measured_share > 1)
      problems_.push_back(
          fmt::format("the plan expects {} ns, {} of it measured", plan.expected.count(), plan.measured_share));
    // Of the machine the load generator only sees how many CPUs it has.
    if (!seen_load_cpus_.insert(placement->load_cpus.size()).second) return;
    const auto phases = run::phases_for(job.stacks.front(), job.profile);
    for (std::size_t i = 0; i < phases.size(); ++i) check_phase(plan, phases, i);
  }

  void check_phase(const model::Plan& plan, const std::vector<model::ProfilePhase>& phases, std::size_t i) {
    run::PhaseInPlan asked{.plan = plan, .planned = plan.trials.back(), .phases = phases, .index = i};
    asked.target.address = "10.0.0.1";
    asked.target.port = 8080;
    asked.rate = rate_of(phases[i].rate);
    const ports::LoadSpec spec = run::load_spec(asked, {});
    std::string why = why_not_loaded(spec);
    for (ports::LoadSpec beside : spec.beside) {
      beside.measure = spec.measure + std::chrono::hours(1);  // the driver: from before the warm-up until the end
      if (why.empty()) why = why_not_loaded(beside);
    }
    if (why.empty()) return;
    problems_.push_back(fmt::format("the load generator on {} of {} CPUs, {}: {}", plan.placement.load_cpus.size(),
                                    plan.placement.load_cpus.size() + plan.placement.app_cpus.size(), phases[i].name,
                                    why));
  }

  // A share is of a throughput that was measured: here one answer in twenty minutes.
  static Rate rate_of(const model::PhaseRate& rate) {
    if (const auto* const fixed = std::get_if<Rate>(&rate)) return *fixed;
    const auto* const share = std::get_if<model::ShareOfCap>(&rate);
    return share == nullptr ? Rate{} : Rate{share->share / 1200};
  }

  const std::vector<model::Stack> stacks_{everything("all"), everything_own("own")};
  const std::vector<model::Service> services_{postgres()};
  std::set<std::size_t> seen_load_cpus_;
  std::vector<std::string> problems_;
  int resolved_ = 0;
};

void expect_taken(Sides& sides, const model::Profile& profile, const std::string& what) {
  const auto refusals = sides.refusals(profile);
  EXPECT_TRUE(refusals.empty()) << what << ": " << fmt::format("{}", fmt::join(refusals, "; "));
}

TEST(ProfileSeam, EveryBoundOfEveryKeyIsTakenByAllSides) {
  Sides sides;
  std::map<std::string, std::string> refused;  // what → the parser's first words
  std::set<std::string> accepted;
  std::set<std::string> tried;  // once for each is enough
  for (const BoundProfile& bound : profiles_at_their_bounds()) {
    const auto parsed = stackfile::parse_profile(bound.text, "profiles/extreme.yaml");
    if (!parsed.value) {
      refused.emplace(bound.what, parsed.problems.front().pointer + ": " + parsed.problems.front().message);
      continue;
    }
    accepted.insert(bound.what);
    const bool has_beside = bound.text.find("beside:") != std::string::npos;
    if (tried.insert(bound.what + (has_beside ? " and something beside" : "")).second)
      expect_taken(sides, *parsed.value, bound.what);
  }
  EXPECT_GT(accepted.size(), 80U);
  EXPECT_GT(sides.resolved(), 80);
  // Streams are more than requests: nothing goes on beside another workload.
  for (const char* const what : {"/phases/beside/workload = sse", "/phases/beside/workload = ws"}) refused.erase(what);
  for (const auto& [what, words] : refused)
    EXPECT_TRUE(accepted.contains(what)) << "no profile can say " << what << ": " << words;
}

TEST(ProfileSeam, EveryProfileInTheTreeIsTakenByAllSides) {
  Sides sides;
  int count = 0;
  for (const char* const folder : {"stacks/profiles", "tests/data/profiles"}) {
    for (const auto& entry : fs::directory_iterator(kSource / folder)) {
      const auto parsed = stackfile::parse_profile(text_of(entry.path()), entry.path().string());
      ASSERT_TRUE(parsed.value) << entry.path();
      if (parsed.value->phases.empty()) continue;  // for stacks of one's own alone
      expect_taken(sides, *parsed.value, entry.path().string());
      ++count;
    }
  }
  EXPECT_GE(count, 9);
  EXPECT_EQ(sides.resolved(), count);
}

}  // namespace
}  // namespace dyno::seams

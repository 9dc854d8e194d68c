#include "results/compare.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace dyno::results {
namespace {

using model::Better;
using model::Bound;
using model::CellSummary;
using model::MetricName;
using model::MetricSet;
using model::Validity;

// Relative, and where something small would otherwise be judged by less than anybody notices, absolute in the metric's unit.
struct Band {
  double relative = 0;
  double absolute = 0;
};

constexpr MetricSet kWork{MetricName::throughput_per_s, MetricName::deliveries_per_s,
                          MetricName::app_cpu_ns_per_request, MetricName::service_cpu_ns_per_request};
constexpr MetricSet kMiddle{MetricName::latency_p50_ns, MetricName::service_time_p50_ns,
                            MetricName::service_time_mean_ns, MetricName::delivery_p50_ns};
constexpr double kMebibyte = 1'048'576;
constexpr double kFiveMilliseconds = 5e6;

Band band_row(MetricName metric) {
  const model::Metric& row = model::metric_of(metric);
  if (kWork.has(metric)) return {0.03, 0};
  if (kMiddle.has(metric)) return {0.05, 0};
  if (row.unit == "B") return {0.03, kMebibyte};
  if (row.scope == model::MetricScope::trial) return {0.10, kFiveMilliseconds};
  return {0.15, 0};  // the tails of distributions
}

// The number may be less than the stack can do.
bool is_held_back(const CellSummary& side) {
  return side.summary.metric == MetricName::throughput_per_s &&
         (side.summary.bound == Bound::loader || side.summary.bound == Bound::database);
}

bool is_degraded(const CellSummary& side) {
  return side.summary.validity != Validity::valid && valid_trials(side.summary) < kTrialsToDecide;
}

// What keeps the two from being compared at all, whatever the interval says.
std::optional<Doubt> doubt_of(const Compared& all) {
  if (all.a.environment_key != all.b.environment_key) return Doubt::environment;
  if (all.a.summary.n == 0 || all.b.summary.n == 0) return Doubt::invalid;
  if (!all.factor) return Doubt::not_positive;
  if (all.factor->n < kTrialsToDecide || !all.factor->ci95)
    return all.factor->nights_differ ? Doubt::nights : Doubt::few_trials;
  if (!has_enough_nights(all.a.summary) || !has_enough_nights(all.b.summary)) return Doubt::few_nights;
  if (is_degraded(all.a) || is_degraded(all.b)) return Doubt::degraded;
  if (is_held_back(all.a) || is_held_back(all.b)) return Doubt::bound;
  return std::nullopt;
}

void decide(Compared& all) {
  const Better better = model::metric_of(all.a.summary.metric).better;
  if (better == Better::neither) return;
  all.decision = Decision::inconclusive;
  all.doubt = doubt_of(all);
  if (all.doubt) return;
  const double low = all.factor->ci95->low - 1;
  const double high = all.factor->ci95->high - 1;
  const bool is_more = low > all.band;
  const bool is_less = high < -all.band;
  if (is_more || is_less) {
    all.decision = is_more == (better == Better::higher) ? Decision::better : Decision::worse;
  } else if (low >= -all.band && high <= all.band) {
    all.decision = Decision::same;
  } else {
    all.doubt = Doubt::spread;
  }
}

// Where all that the summary rests on decides, it knows already whether the nights differ.
stats::Side side_of(const std::vector<stats::BlockValue>& values, const model::Summary& summary) {
  const bool is_all = static_cast<int>(values.size()) == summary.n;
  return {values, is_all ? std::optional(summary.nights_differ) : std::nullopt};
}

using Place = std::tuple<std::string_view, std::string_view, MetricName>;

Place place_of(const CellSummary& cell, bool by_case) {
  return {by_case ? std::string_view(cell.summary.case_name) : std::string_view(), cell.summary.phase,
          cell.summary.metric};
}

void add_if_other(std::vector<Difference>& all, Difference one) {
  if (one.a != one.b) all.push_back(std::move(one));
}

const model::Fact* find_fact(const model::Run& run, const std::string& name) {
  const auto& facts = run.environment.facts;
  const auto found = std::find_if(facts.begin(), facts.end(), [&](const model::Fact& one) { return one.name == name; });
  return found == facts.end() ? nullptr : &*found;
}

const model::RunStack* find_stack(const model::Run& run, const std::string& name) {
  const auto found =
      std::find_if(run.stacks.begin(), run.stacks.end(), [&](const model::RunStack& one) { return one.name == name; });
  return found == run.stacks.end() ? nullptr : &*found;
}

void add_stack(std::vector<Difference>& all, const model::RunStack& a, const model::RunStack& b) {
  add_if_other(all, {"class", b.name, a.stack_class, b.stack_class});
  add_if_other(all, {"hash", b.name, a.hash, b.hash});
  add_if_other(all, {"image", b.name, a.image_id, b.image_id});
  add_if_other(all, {"reported_version", b.name, a.reported_version, b.reported_version});
}

// By what the fact is called without its stack: service_postgres_image of service_orders@main.postgres_image.
using ServiceFacts = std::map<std::string, Difference>;

void take_services(const model::Run& run, const std::string& stack, std::string Difference::*side, ServiceFacts& all) {
  const std::string prefix = "service_" + stack + ".";
  for (const model::Fact& fact : run.environment.facts) {
    if (fact.name.starts_with(prefix)) all["service_" + fact.name.substr(prefix.size())].*side = fact.value;
  }
}

// What is another here keeps nothing from being decided: it is what the two were made to tell apart.
void add_pair(std::vector<Difference>& all, const model::Run& a, const model::Run& b, const StackPair& pair) {
  const model::RunStack* const before = find_stack(a, pair.a);
  const model::RunStack* const after = find_stack(b, pair.b);
  if (before != nullptr && after != nullptr) add_stack(all, *before, *after);
  ServiceFacts services;
  take_services(a, pair.a, &Difference::a, services);
  take_services(b, pair.b, &Difference::b, services);
  for (const auto& [name, one] : services) add_if_other(all, {name, pair.b, one.a, one.b});
}

}  // namespace

int valid_trials(const model::Summary& summary) {
  return static_cast<int>(std::count_if(summary.readings.begin(), summary.readings.end(),
                                        [](const model::TrialValue& r) { return r.validity == Validity::valid; }));
}

std::vector<stats::BlockValue> deciding_values(const model::Summary& summary) {
  const Validity worst = valid_trials(summary) >= kTrialsToDecide ? Validity::valid : Validity::degraded;
  std::vector<stats::BlockValue> values;
  values.reserve(summary.readings.size());
  for (const model::TrialValue& one : summary.readings) {
    if (one.validity <= worst) values.push_back({one.block, one.value, one.night});
  }
  return values;
}

bool has_enough_nights(const model::Summary& summary) {
  if (summary.nights == 1 || summary.nights >= kNightsToDecide) return true;
  std::map<std::int64_t, int> trials;
  for (const model::TrialValue& one : summary.readings) {
    if (one.validity != Validity::invalid && ++trials[one.night] >= kTrialsToDecide) return true;
  }
  return false;
}

double band_of(MetricName metric, double value) {
  const Band band = band_row(metric);
  return value > 0 ? std::max(band.relative, band.absolute / value) : band.relative;
}

Compared compare(CellSummary a, CellSummary b, const Matching& matching) {
  Compared all;
  all.a = std::move(a);
  all.b = std::move(b);
  all.design = matching.shared_blocks ? stats::Design::paired : stats::Design::unpaired;
  const auto values_a = deciding_values(all.a.summary);
  const auto values_b = deciding_values(all.b.summary);
  all.factor =
      stats::factor_of(side_of(values_a, all.a.summary), side_of(values_b, all.b.summary), all.design, matching.tail);
  all.confidence = 1 - 2 * matching.tail;
  all.band = band_of(all.a.summary.metric, all.a.summary.value);
  // The interval has to clear the band, so the band is part of what a change needs to be decided.
  if (all.factor && all.factor->resolution) all.mde = all.band + *all.factor->resolution;
  decide(all);
  return all;
}

std::vector<Compared> compare_all(std::vector<CellSummary> a, std::vector<CellSummary> b, const Matching& matching) {
  std::map<Place, CellSummary*> known;
  for (CellSummary& cell : a) known.emplace(place_of(cell, matching.by_case), &cell);
  std::vector<Compared> all;
  all.reserve(b.size());
  for (CellSummary& cell : b) {
    const auto other = known.find(place_of(cell, matching.by_case));
    if (other == known.end()) continue;
    CellSummary* const found = other->second;
    known.erase(other);  // its key lies in what is moved now
    all.push_back(compare(std::move(*found), std::move(cell), matching));
  }
  return all;
}

std::vector<Difference> differences_of(const model::Run& a, const model::Run& b, const StackPair& pair) {
  std::vector<Difference> all;
  for (const model::Fact& fact : a.environment.facts) {
    const model::Fact* const other = find_fact(b, fact.name);
    add_if_other(all, {fact.name, "", fact.value, other != nullptr ? other->value : "", fact.in_key});
  }
  for (const model::Fact& fact : b.environment.facts) {
    if (find_fact(a, fact.name) == nullptr) add_if_other(all, {fact.name, "", "", fact.value, fact.in_key});
  }
  add_if_other(all, {"profile", "", a.request.profile, b.request.profile});
  add_if_other(all, {"profile_hash", "", a.profile_hash, b.profile_hash});
  for (const model::RunStack& stack : a.stacks) {
    if (const model::RunStack* const other = find_stack(b, stack.name)) add_stack(all, stack, *other);
  }
  if (pair.a != pair.b) add_pair(all, a, b, pair);
  return all;
}

}  // namespace dyno::results

// The figures of a run, found and put in order: what the overview and the tables of a result share. Pure, thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "cli/shown.h"

namespace dyno::cli {

// Summaries by case, phase and metric. The result must outlive it.
class Summaries {
 public:
  explicit Summaries(const ShownResult& result);

  const ShownSummary* find(const std::string& case_name, const std::string& phase, const std::string& metric) const;
  const std::vector<std::string>& cases() const { return cases_; }
  const std::vector<std::string>& phases() const { return phases_; }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, const ShownSummary*> by_key_;
  std::vector<std::string> cases_;
  std::vector<std::string> phases_;
};

// A throughput that the load generator or the database limited: the stack does at least this.
bool is_lower_bound(const ShownSummary& s);
// The 95 % interval, otherwise minimum to maximum; neither of one trial.
std::optional<ShownInterval> spread_interval(const ShownSummary& s);
// "21 600–22 000", in the unit of the value; minimum to maximum of too few trials in brackets; "–" of one trial.
std::string spread_of(const ShownSummary* s);

const ShownRunStack* stack_of(const ShownResult& result, const std::string& case_name);

// Cases with a throughput in this phase, fastest first; tuned stacks come after the others, what a gate struck out last. A lower
// bound has the place that is certain.
std::vector<const ShownSummary*> ranked(const ShownResult& result, const Summaries& summaries,
                                        const std::string& phase);
bool is_open_phase(const Summaries& summaries, const std::string& phase);
// All phases with a figure or a reason why there is none, closed loops first.
std::vector<std::string> phases_of(const ShownResult& result, const Summaries& summaries);

// The phase that needed most memory; of those that a gate struck out only where there is no other.
const ShownSummary* most_loaded(const Summaries& summaries, const std::string& case_name);

// Stacks that failed, wholly or in some trial.
std::size_t failed_stacks(const ShownResult& result);
// Intel(R) Xeon(R), 2 CPUs, ...
std::string machine_of(const ShownResult& result);
// How many trials a figure is from, of all throughputs.
struct Counts {
  int fewest = 0;
  int most = 0;
};
Counts trial_counts(const ShownResult& result);

constexpr const char* kStruckOut = "✗";
constexpr const char* kDegraded = "~";
constexpr const char* kNotMeasured = "–";

}  // namespace dyno::cli

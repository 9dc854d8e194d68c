#include "results/board.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "results/compare.h"
#include "results/summarise.h"
#include "stats/descriptive.h"
#include "stats/strata.h"

namespace dyno::results {
namespace {

using model::Better;
using model::Bound;
using model::MetricName;

constexpr double kAllPairs = 0.05;  // the chance that any of the pairs is decided by chance

// ln of what a case did in a block; in the order of nights and blocks.
struct Placed {
  std::int64_t night = 0;
  int block = 0;
  double log = 0;
  bool operator<(const Placed& other) const { return std::pair(night, block) < std::pair(other.night, other.block); }
};
using Sample = std::vector<Placed>;

Sample sample_of(const model::Summary& summary) {
  std::vector<stats::BlockValue> values = deciding_values(summary);
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return std::pair(a.night, a.block) < std::pair(b.night, b.block); });
  Sample sample;
  std::vector<double> of_block;
  for (std::size_t i = 0; i < values.size(); ++i) {
    of_block.push_back(std::log(values[i].value));
    const bool is_last =
        i + 1 == values.size() || values[i + 1].night != values[i].night || values[i + 1].block != values[i].block;
    if (!is_last) continue;
    sample.push_back({values[i].night, values[i].block, stats::median(of_block)});
    of_block.clear();
  }
  return sample;
}

std::vector<stats::NightValue> logs_of(const Sample& sample) {
  std::vector<stats::NightValue> logs;
  logs.reserve(sample.size());
  for (const Placed& one : sample) logs.push_back({one.night, one.log});
  return stats::ranked(std::move(logs));
}

Sample differences_of(const Sample& a, const Sample& b) {
  Sample all;
  auto from = a.begin();
  for (const Placed& one : b) {
    while (from != a.end() && *from < one) ++from;
    if (from != a.end() && !(one < *from)) all.push_back({one.night, one.block, one.log - from->log});
  }
  return all;
}

// How far from the end an interval begins, at the level of one of many pairs.
class Places {
 public:
  explicit Places(int pairs) : tail_(kAllPairs / std::max(1, pairs) / 2) {}
  int of_pairs(int n) {
    const auto [found, is_new] = pairs_.try_emplace(n, 0);
    if (is_new) found->second = stats::signed_rank_c(n, tail_);
    return found->second;
  }
  int of_sides(int n, int m) {
    const auto [found, is_new] = sides_.try_emplace({n, m}, 0);
    if (is_new) found->second = stats::rank_sum_c(n, m, tail_);
    return found->second;
  }

 private:
  double tail_;
  std::map<int, int> pairs_;
  std::map<std::pair<int, int>, int> sides_;
};

// More by more than the band, less by more than it, or neither. The end of an interval lies beyond a border where fewer than C of the values that it
// is made of do not: so they are counted, not sorted.
struct Borders {
  double low = 0;   // ln(1 − band)
  double high = 0;  // ln(1 + band)
};

struct Counts {
  int at_most_high = 0;
  int at_least_low = 0;
  void add(double value, const Borders& borders) {
    at_most_high += value <= borders.high ? 1 : 0;
    at_least_low += value >= borders.low ? 1 : 0;
  }
  int sign(int c) const { return c > at_most_high ? 1 : c > at_least_low ? -1 : 0; }
};

int sign_of_pairs(std::vector<double> d, const Borders& borders, Places& places) {
  const auto n = static_cast<int>(d.size());
  if (n < kTrialsToDecide) return 0;
  Counts counts;
  for (std::size_t i = 0; i < d.size(); ++i) {
    for (std::size_t j = i; j < d.size(); ++j) counts.add(std::midpoint(d[i], d[j]), borders);
  }
  return counts.sign(places.of_pairs(n));
}

int sign_of_sides(const std::vector<double>& a, const std::vector<double>& b, const Borders& borders, Places& places) {
  const auto n = static_cast<int>(a.size());
  const auto m = static_cast<int>(b.size());
  if (std::min(n, m) < kTrialsToDecide) return 0;
  Counts counts;
  for (const double from : a) {
    for (const double to : b) counts.add(to - from, borders);
  }
  return counts.sign(places.of_sides(n, m));
}

// +1: b is decided to be more than a, −1: less.
int sign_of(const Sample& a, const Sample& b, const Borders& borders, Places& places) {
  const Sample common = differences_of(a, b);
  if (!common.empty()) {
    const auto logs = logs_of(common);
    return sign_of_pairs(stats::units_of(logs, stats::nights_differ(logs)), borders, places);
  }
  const auto from = logs_of(a);
  const auto to = logs_of(b);
  const bool differ = stats::nights_differ(from) || stats::nights_differ(to);
  return sign_of_sides(stats::units_of(from, differ), stats::units_of(to, differ), borders, places);
}

bool is_time(MetricName metric) {
  const std::string_view name = model::to_string(metric);
  return name.starts_with("latency_") || name.starts_with("service_time_") || name.starts_with("delivery_");
}

std::optional<Unplaced> reason_of(const BoardRow& row, const Board& board, bool with_tuned) {
  const model::Summary& s = row.summary;
  if (s.n == 0) return Unplaced::invalid;
  if (std::any_of(s.values.begin(), s.values.end(), [](double v) { return v <= 0; })) return Unplaced::not_positive;
  if (s.bound == Bound::loader) return Unplaced::loader;
  if (s.bound == Bound::database && (board.metric == MetricName::throughput_per_s || is_time(board.metric)))
    return Unplaced::database;
  if (is_time(board.metric) && has_own_rate(board.phase)) return Unplaced::own_rate;
  if (!with_tuned && row.who.stack_class == "tuned") return Unplaced::stack_class;
  if (s.bound == Bound::waiting && board.metric == MetricName::throughput_per_s) return Unplaced::waiting;
  return std::nullopt;
}

Standing standing_of(std::optional<Unplaced> why) {
  if (!why) return Standing::ranked;
  return *why == Unplaced::loader || *why == Unplaced::invalid || *why == Unplaced::not_positive ? Standing::unranked
                                                                                                 : Standing::apart;
}

void set_places(Board& board, const std::vector<Sample>& samples, double band) {
  const auto k = static_cast<std::size_t>(board.ranked);
  Places places(board.ranked * (board.ranked - 1) / 2);
  const Borders borders{std::log1p(-band), std::log1p(band)};
  const int good = model::metric_of(board.metric).better == Better::lower ? -1 : 1;
  for (std::size_t i = 0; i < k; ++i) {
    board.rows[i].best_place = 1;
    board.rows[i].worst_place = board.ranked;
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = i + 1; j < k; ++j) {
      if (!has_enough_nights(board.rows[i].summary) || !has_enough_nights(board.rows[j].summary)) continue;
      const int sign = good * sign_of(samples[i], samples[j], borders, places);
      if (sign == 0) continue;
      ++board.rows[sign > 0 ? i : j].best_place;
      --board.rows[sign > 0 ? j : i].worst_place;
    }
  }
}

void set_groups(Board& board) {
  int group = 0;
  int reached = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(board.ranked); ++i) {
    int least = board.ranked;
    for (std::size_t j = i; j < static_cast<std::size_t>(board.ranked); ++j)
      least = std::min(least, board.rows[j].best_place);
    if (least > reached) ++group;
    reached = std::max(reached, board.rows[i].worst_place);
    board.rows[i].group = group;
  }
}

void set_ratios(Board& board) {
  if (board.ranked == 0) return;
  const auto first = deciding_values(board.rows.front().summary);
  for (BoardRow& row : board.rows) {
    if (row.summary.n == 0) continue;
    const auto values = deciding_values(row.summary);
    row.ratio = stats::factor_of({first}, {values}, stats::Design::paired);
    if (!row.ratio) row.ratio = stats::factor_of({first}, {values}, stats::Design::unpaired);
  }
}

void arrange(Board& board, bool with_tuned) {
  const bool lower = model::metric_of(board.metric).better == Better::lower;
  for (BoardRow& row : board.rows) {
    row.why = reason_of(row, board, with_tuned);
    row.standing = standing_of(row.why);
    if (row.standing == Standing::ranked) ++board.ranked;
  }
  std::stable_sort(board.rows.begin(), board.rows.end(), [&](const BoardRow& a, const BoardRow& b) {
    if (a.standing != b.standing) return a.standing < b.standing;
    if (a.summary.value == b.summary.value) return a.who.case_name < b.who.case_name;
    return lower == (a.summary.value < b.summary.value);
  });
}

// Of each workload the phase that most cases are ranked in; the first of them where several are.
std::vector<const Board*> one_of_each(const std::vector<Board>& boards, MetricName metric) {
  std::vector<const Board*> chosen;
  for (const Board& board : boards) {
    if (board.metric != metric || board.phase.empty() || board.ranked == 0) continue;
    const auto same = std::find_if(chosen.begin(), chosen.end(), [&](const Board* one) {
      return workload_of(one->phase) == workload_of(board.phase);
    });
    if (same == chosen.end()) chosen.push_back(&board);
    else if ((*same)->ranked < board.ranked) *same = &board;
  }
  return chosen;
}

const BoardRow* row_of(const Board& board, const std::string& case_name) {
  const auto found = std::find_if(board.rows.begin(), board.rows.end(),
                                  [&](const BoardRow& one) { return one.who.case_name == case_name; });
  return found == board.rows.end() ? nullptr : &*found;
}

// The geometric mean of each block that has all of them. None has: no values.
std::vector<model::TrialValue> means_of(const std::vector<const BoardRow*>& rows) {
  std::map<std::pair<std::int64_t, int>, std::pair<double, std::size_t>> sums;
  for (const BoardRow* const row : rows) {
    for (const Placed& one : sample_of(row->summary)) {
      auto& [sum, count] = sums[{one.night, one.block}];
      sum += one.log;
      ++count;
    }
  }
  std::vector<model::TrialValue> values;
  for (const auto& [place, all] : sums) {
    if (all.second != rows.size()) continue;
    model::TrialValue& one = values.emplace_back();
    one.block = place.second;
    one.night = place.first;
    one.value = std::exp(all.first / static_cast<double>(rows.size()));
  }
  return values;
}

std::optional<BoardRow> mean_row(const std::vector<const Board*>& boards, const BoardRow& first) {
  std::vector<const BoardRow*> rows;
  for (const Board* const board : boards) {
    const BoardRow* const row = row_of(*board, first.who.case_name);
    const bool counts = row != nullptr && (!row->why || *row->why == Unplaced::stack_class);
    if (!counts) return std::nullopt;
    rows.push_back(row);
  }
  std::vector<model::TrialValue> values = means_of(rows);
  if (values.empty()) return std::nullopt;
  BoardRow mean;
  mean.who = first.who;
  mean.summary = summary_of(std::move(values));
  mean.summary.case_name = first.who.case_name;
  mean.summary.metric = first.summary.metric;
  return mean;
}

}  // namespace

std::string workload_of(std::string_view phase) { return std::string(phase.substr(0, phase.find('/'))); }

std::string mode_of(std::string_view case_name) {
  const std::size_t slash = case_name.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(case_name.substr(slash + 1));
}

bool is_open(std::string_view phase) {
  for (std::size_t at = phase.find("/r"); at != std::string_view::npos; at = phase.find("/r", at + 1)) {
    if (at + 2 < phase.size() && phase[at + 2] >= '0' && phase[at + 2] <= '9') return true;
  }
  return false;
}

bool has_own_rate(std::string_view phase) { return is_open(phase) && phase.find('%') != std::string_view::npos; }

Board board_of(std::string phase, MetricName metric, std::vector<BoardRow> rows, bool with_tuned) {
  Board board{std::move(phase), {}, metric, 0, std::move(rows)};
  arrange(board, with_tuned);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < static_cast<std::size_t>(board.ranked); ++i)
    samples.push_back(sample_of(board.rows[i].summary));
  if (board.ranked > 0) set_places(board, samples, band_of(metric, board.rows.front().summary.value));
  set_groups(board);
  set_ratios(board);
  return board;
}

std::optional<Board> overall_of(const std::vector<Board>& boards, MetricName metric, bool with_tuned) {
  const std::vector<const Board*> chosen = one_of_each(boards, metric);
  if (chosen.size() < 2) return std::nullopt;
  std::vector<BoardRow> rows;
  for (const BoardRow& first : chosen.front()->rows) {
    if (auto mean = mean_row(chosen, first)) rows.push_back(std::move(*mean));
  }
  if (rows.size() < 2) return std::nullopt;
  Board board = board_of("", metric, std::move(rows), with_tuned);
  for (const Board* const one : chosen) board.phases.push_back(one->phase);
  return board;
}

}  // namespace dyno::results

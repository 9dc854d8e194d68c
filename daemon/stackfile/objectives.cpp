// Sentences of `objectives`: FIGURE [of WORKLOAD] [at LOAD] [with FIGURE < LIMIT] < LIMIT.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "model/objective.h"
#include "stackfile/parts.h"

namespace dyno::stackfile {
namespace {

using model::MetricName;
using model::Objective;
using model::ObjectiveLoad;

// What a figure is called in a sentence, and which load it is asked under.
enum class Asked { of_trial, at_capacity, at_load, at_either };
struct Figure {
  std::string_view words;
  MetricName metric;
  Asked asked;
};

constexpr std::array<Figure, 16> kFigures{{
    {"p50", MetricName::latency_p50_ns, Asked::at_load},
    {"p90", MetricName::latency_p90_ns, Asked::at_load},
    {"p99", MetricName::latency_p99_ns, Asked::at_load},
    {"p99.9", MetricName::latency_p999_ns, Asked::at_load},
    {"maximum", MetricName::latency_max_ns, Asked::at_load},
    {"capacity", MetricName::throughput_per_s, Asked::at_capacity},
    {"errors", MetricName::error_ratio, Asked::at_either},
    {"cpu time", MetricName::app_cpu_ns_per_request, Asked::at_either},
    {"memory", MetricName::loaded_private_median_bytes, Asked::at_either},
    {"peak memory", MetricName::loaded_private_peak_bytes, Asked::at_either},
    {"idle memory", MetricName::idle_pss_bytes, Asked::of_trial},
    {"memory after load", MetricName::retained_pss_bytes, Asked::of_trial},
    {"start-up", MetricName::app_startup_ns, Asked::of_trial},
    {"cold start-up", MetricName::app_startup_cache_cold_ns, Asked::of_trial},
    {"ready in full", MetricName::db_ready_ns, Asked::of_trial},
    {"stop", MetricName::stop_ns, Asked::of_trial},
}};

struct Word {
  std::string_view text;
  std::size_t at = 0;  // byte in the sentence
};

// Blanks separate words; < and > are words of their own.
std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\t') {
      ++i;
      continue;
    }
    std::size_t end = i;
    const bool is_sign = text[i] == '<' || text[i] == '>';
    if (is_sign) ++end;
    while (!is_sign && end < text.size() && text.substr(end, 1).find_first_of(" \t<>") == std::string_view::npos) ++end;
    words.push_back({text.substr(i, end - i), i});
    i = end;
  }
  return words;
}

std::string_view example_of(MetricName metric) {
  const std::string_view unit = model::metric_of(metric).unit;
  if (unit == "ns") return "20 ms";
  if (unit == "B") return "120 MiB";
  return unit == "1/s" ? "300/s" : "0.1 %";
}

// "20ms", "120MiB", "300/s", "0.1%": in the metric's unit.
std::optional<double> limit_from(const std::string& text, MetricName metric) {
  const std::string_view unit = model::metric_of(metric).unit;
  if (unit == "ns") {
    const auto duration = parse_duration(text);
    return duration ? std::optional(static_cast<double>(duration->count())) : std::nullopt;
  }
  if (unit == "B") {
    const auto bytes = parse_bytes(text);
    return bytes ? std::optional(static_cast<double>(bytes->value)) : std::nullopt;
  }
  const std::string_view end = unit == "1/s" ? "/s" : "%";
  if (!text.ends_with(end)) return std::nullopt;
  const auto value = parse_double(std::string_view(text).substr(0, text.size() - end.size()));
  return value && unit != "1/s" ? std::optional(*value / 100) : value;
}

class SentenceReader {
 public:
  SentenceReader(const Node& node, std::string pointer, ProblemList& problems)
      : node_(node), pointer_(std::move(pointer)), problems_(problems), words_(words_of(node.text)) {}

  // Nothing: a problem has been reported.
  std::optional<Objective> read(std::span<const std::string_view> workloads) {
    Objective one;
    one.text = node_.text;
    one.line = node_.mark.line;
    const Figure* const figure = read_figure();
    if (figure == nullptr) return std::nullopt;
    one.metric = figure->metric;
    if (!read_workload(*figure, workloads, one) || !read_load(*figure, one)) return std::nullopt;
    const auto condition = read_condition(*figure);
    if (is_failed_ || !read_limit(one)) return std::nullopt;
    if (next_ < words_.size()) {
      refuse("unexpected", fmt::format("the sentence ends after the limit; what does \"{}\" mean?", rest()));
      return std::nullopt;
    }
    return condition ? capacity_within(one, *condition) : one;
  }

 private:
  // At the word that comes next; behind the last one where there is none.
  void refuse(std::string_view code, std::string message) {
    refuse_at(next_ < words_.size() ? words_[next_].at : node_.text.size(), code, std::move(message));
  }
  void refuse_at(std::size_t byte, std::string_view code, std::string message) {
    is_failed_ = true;
    Mark mark = node_.mark;
    const auto is_begin = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    mark.column +=
        static_cast<int>(std::count_if(node_.text.begin(), node_.text.begin() + static_cast<long>(byte), is_begin));
    if (node_.quoted) ++mark.column;
    problems_.add(mark, pointer_, code, std::move(message));
  }

  bool is_next(std::string_view word) const { return next_ < words_.size() && words_[next_].text == word; }
  bool is_sign() const { return is_next("<") || is_next(">"); }
  std::string_view rest() const {
    return next_ < words_.size() ? std::string_view(node_.text).substr(words_[next_].at) : std::string_view();
  }

  // The words up to a sign or one of the words of the grammar, with a blank between them.
  std::string read_words(std::string_view between) {
    std::string text;
    while (next_ < words_.size() && !is_sign() && !is_next("of") && !is_next("at") && !is_next("with"))
      text += (text.empty() ? "" : std::string(between)) + std::string(words_[next_++].text);
    return text;
  }

  const Figure* read_figure() {
    const std::size_t begin = next_ < words_.size() ? words_[next_].at : 0;
    const std::string words = read_words(" ");
    std::vector<std::string_view> known;
    for (const Figure& figure : kFigures) {
      if (figure.words == words) return &figure;
      known.push_back(figure.words);
    }
    std::string message =
        words.empty() ? "an objective begins with a figure" : fmt::format("no figure is called {}", words);
    const std::string near = did_you_mean(words, known);
    message += near.empty() ? fmt::format("; known are {}", fmt::join(known, ", ")) : near;
    refuse_at(begin, "unknown_figure", std::move(message));
    return nullptr;
  }

  bool read_workload(const Figure& figure, std::span<const std::string_view> workloads, Objective& one) {
    if (!is_next("of")) {
      if (figure.asked == Asked::of_trial) return true;
      refuse("missing_workload", fmt::format("{} needs a workload: {} of {}", figure.words, figure.words,
                                             workloads.empty() ? "NAME" : workloads.front()));
      return false;
    }
    if (figure.asked == Asked::of_trial) {
      refuse("not_here", fmt::format("{} is that of the whole service, of no workload", figure.words));
      return false;
    }
    ++next_;
    const std::string_view name = next_ < words_.size() ? words_[next_].text : std::string_view();
    if (std::find(workloads.begin(), workloads.end(), name) == workloads.end()) {
      refuse("unknown_workload",
             fmt::format("no workload is called {}{}", name.empty() ? "so" : name, did_you_mean(name, workloads)));
      return false;
    }
    one.workload = name;
    ++next_;
    return true;
  }

  // "200/s", "30 % of capacity".
  bool read_load(const Figure& figure, Objective& one) {
    one.load = figure.asked == Asked::of_trial ? ObjectiveLoad::none : ObjectiveLoad::capacity;
    if (!is_next("at")) {
      if (figure.asked != Asked::at_load) return true;
      refuse("missing_load", fmt::format("{} depends on the load: at 200/s, or at 30 % of capacity", figure.words));
      return false;
    }
    if (figure.asked != Asked::at_load && figure.asked != Asked::at_either) {
      refuse("not_here", fmt::format("{} has no load", figure.words));
      return false;
    }
    const std::size_t begin = ++next_ < words_.size() ? words_[next_].at : node_.text.size();
    std::string text = read_words("");
    if (is_next("of")) {
      ++next_;
      text += " of " + read_words("");
    }
    constexpr std::string_view kShare = "% of capacity";
    const bool is_share = text.ends_with(kShare);
    const bool is_rate = text.ends_with("/s");
    const auto value = parse_double(std::string_view(text).substr(0, text.size() - (is_share  ? kShare.size()
                                                                                    : is_rate ? 2
                                                                                              : 0)));
    constexpr double kMostPerSecond = 10e6;
    constexpr double kMostPercent = 200;
    if (!value || *value <= 0 || !(is_share || is_rate) || *value > (is_share ? kMostPercent : kMostPerSecond)) {
      refuse_at(begin, "bad_load", fmt::format("\"{}\" is no load; write 200/s, or 30 % of capacity", text));
      return false;
    }
    one.load = is_share ? ObjectiveLoad::share : ObjectiveLoad::rate;
    one.at = is_share ? *value / 100 : *value;
    return true;
  }

  std::optional<Objective> read_condition(const Figure& figure) {
    if (!is_next("with")) return std::nullopt;
    if (figure.asked != Asked::at_capacity) {
      refuse("not_here", fmt::format("only capacity has a condition: capacity of NAME with p99 < 50 ms > 300/s"));
      return std::nullopt;
    }
    ++next_;
    const Figure* const condition = read_figure();
    if (condition == nullptr) return std::nullopt;
    Objective one;
    one.metric = condition->metric;
    if (condition->asked != Asked::at_load) {
      refuse("not_here", "the condition is a latency, such as with p99 < 50 ms");
      return std::nullopt;
    }
    return read_limit(one) ? std::optional(one) : std::nullopt;
  }

  bool read_limit(Objective& one) {
    const bool is_less_good = model::metric_of(one.metric).better == model::Better::lower;
    const std::string_view sign = is_less_good ? "<" : ">";
    if (!is_next(sign)) {
      refuse("bad_sign",
             is_sign() ? fmt::format("of this figure {} is better: write {}", is_less_good ? "less" : "more", sign)
                       : fmt::format("a limit follows here: {} {}", sign, example_of(one.metric)));
      return false;
    }
    const std::size_t begin = ++next_ < words_.size() ? words_[next_].at : node_.text.size();
    const std::string text = read_words("");
    const auto limit = limit_from(text, one.metric);
    if (!limit || *limit <= 0) {
      refuse_at(begin, "bad_limit",
                fmt::format("\"{}\" is no limit of this figure; write one such as {}", text, example_of(one.metric)));
      return false;
    }
    one.is_ceiling = is_less_good;
    one.limit = *limit;
    return true;
  }

  // It can do more than 300/s within 50 ms where its latency is below 50 ms at 300/s.
  static Objective capacity_within(const Objective& capacity, const Objective& condition) {
    Objective one = capacity;
    one.metric = condition.metric;
    one.load = ObjectiveLoad::rate;
    one.at = capacity.limit;
    one.is_ceiling = true;
    one.limit = condition.limit;
    return one;
  }

  const Node& node_;
  const std::string pointer_;
  ProblemList& problems_;
  const std::vector<Word> words_;
  std::size_t next_ = 0;
  bool is_failed_ = false;
};

}  // namespace

std::vector<Objective> read_objectives(const Node& map, const std::string& file,
                                       std::span<const std::string_view> workloads, ProblemList& problems) {
  std::vector<Objective> all;
  const Node* const list = find(map, "objectives", NodeKind::list);
  if (list == nullptr) return all;
  for (std::size_t i = 0; i < list->items.size() && !problems.is_full(); ++i) {
    const std::string pointer = child("/objectives", i);
    if (list->items[i].kind != NodeKind::scalar || problems.has_below(pointer)) continue;
    if (auto one = SentenceReader(list->items[i], pointer, problems).read(workloads)) {
      one->file = file;
      all.push_back(std::move(*one));
    }
  }
  return all;
}

}  // namespace dyno::stackfile

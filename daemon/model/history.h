// What is known of a case over many runs: series, the cells that runs leave in them, and the line that is drawn from them. Values only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "model/enum_text.h"
#include "model/metric.h"
#include "model/summary.h"

namespace dyno::model {

// One metric of one case and phase under one profile, over all runs.
struct Series {
  std::int64_t id = 0;  // never given twice
  std::string profile;
  std::string case_name;
  std::string stack;
  std::string phase;  // empty: a metric of the trial
  MetricName metric = MetricName::throughput_per_s;
  std::optional<WallTime> last_at{};  // of its newest run, where it was asked for
};

// What was measured and how it was asked, beside the environment.
struct Treatment {
  std::string stack_class;
  std::string stack_hash;
  std::string image_id;
  std::string profile_hash;
  bool operator==(const Treatment&) const = default;
};

// What one run found in one cell (a series under one environment key).
struct CellSummary {
  std::string stack;
  std::string environment_key;
  Summary summary;  // without gates
};

enum class Spread { none, range, ci95 };
template <>
struct EnumNames<Spread> {
  static constexpr std::array<std::string_view, 3> names{"none", "range", "ci95"};
};

// One run in a series.
struct Point {
  WallTime at;
  std::int64_t run_key = 0;
  std::string run_id{};  // of the points that are shown
  int n = 0;             // 0: all trials were invalid
  double value = 0;
  Spread spread = Spread::none;
  double low = 0;
  double high = 0;
  Validity validity = Validity::valid;
  Bound bound = Bound::none;
  int segment = 0;  // which of the segments it is in, 0 first
};

// What was another before a segment: points on both sides cannot be compared.
enum class Break { environment, stack_class, profile };
template <>
struct EnumNames<Break> {
  static constexpr std::array<std::string_view, 3> names{"environment", "class", "profile"};
};

struct Segment {
  std::string environment_key;
  std::string stack_class;
  std::string profile_hash;
  WallTime first_at;
  WallTime last_at;
  int points = 0;
  std::vector<Break> breaks;  // none: the first
};

enum class AnnotationKind { image, note, excluded };
template <>
struct EnumNames<AnnotationKind> {
  static constexpr std::array<std::string_view, 3> names{"image", "note", "excluded"};
};

// Something to know about a point.
struct Annotation {
  AnnotationKind kind = AnnotationKind::note;
  WallTime at;
  std::string run_id;
  std::string text;
};

struct History {
  Series series;
  std::vector<Segment> segments;
  std::vector<Point> points;  // oldest first
  std::vector<Annotation> annotations;
  int in_all = 0;  // points, before they were thinned out
};

}  // namespace dyno::model

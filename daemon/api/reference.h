// Which run a comparison means: latest, latest~1, median:30, a day, a run's id, or a baseline that stands for one of these. The one place that
// reads them; looking for the runs is the handler's. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"
#include "model/baseline.h"
#include "store/reader.h"

namespace dyno::api {

// What a reference says, before anybody looks for it.
struct Reference {
  enum class Kind { back, median, day, run, baseline };
  Kind kind = Kind::run;
  int count = 0;  // runs back, or nights
  WallTime day{};
  std::string id{};  // of a run, or the name of a baseline
};

std::optional<Reference> parse_reference(std::string_view text);
// The forms that it takes, for people.
std::string reference_forms();
// A day such as 2026-11-29, at its beginning (UTC).
std::optional<WallTime> parse_day(std::string_view text);

bool is_baseline_name(std::string_view text);
// The baseline's runs alone, where it says which.
store::PastFilter narrowed(store::PastFilter filter, const model::Baseline& baseline);

}  // namespace dyno::api

#include "runners/load/report/known_times.h"

#include <fmt/format.h>

#include "runners/load/clock.h"

namespace dyno::loadgen {
namespace {

std::int64_t unknown_from_ns(const LoadReport& report) {
  return report.all.unanswered > 0 ? report.all.waited_least_ns : kNever;
}

}  // namespace

std::string percent_name(double percent) { return percent == 100 ? "max" : fmt::format("p{:g}", percent); }

Known Times::known(double percent) const {
  const auto count = static_cast<double>(values.count());
  if (percent == 100 ? values.count() == 0 : count * (100 - percent) / 100 < 9.99) return Known::too_few;
  return values.percentile_ns(percent) < unknown_from_ns ? Known::yes : Known::unanswered;
}

Times response_of(const LoadReport& report) { return {report.all.response, unknown_from_ns(report)}; }
Times service_of(const LoadReport& report) { return {report.all.service, unknown_from_ns(report)}; }
Times main_times_of(const LoadReport& report) { return report.open_loop ? response_of(report) : service_of(report); }
Times complete(const stats::Histogram& values) { return {values, kNever}; }

}  // namespace dyno::loadgen

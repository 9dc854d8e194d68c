#include "model/run_event.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quantity.h"
#include "base/text.h"

namespace dyno::model {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string describe_startup(const StartupMarks& marks) {
  if (marks.exec && marks.first_good) {
    return fmt::format("first answer {} after exec ({} start)", format_duration(*marks.first_good - *marks.exec),
                       to_string(marks.kind));
  }
  if (marks.first_good)
    return fmt::format("first answer {} after the start call", format_duration(*marks.first_good - marks.start_call));
  return "no good answer";
}

std::string describe_memory(const MemoryMeasured& e) {
  const auto shown = [](const std::optional<Bytes>& b) { return b ? format_bytes(*b) : std::string("unavailable"); };
  return fmt::format("{} memory: PSS {}, private {}", to_string(e.moment), shown(e.reading.pss),
                     shown(e.reading.private_bytes));
}

std::string describe_phase(const PhaseResult& r) {
  const auto number = [&](MetricName metric) { return value_of(r.readings, metric); };
  const auto duration = [](double ns) { return format_duration(Nanos(static_cast<std::int64_t>(ns))); };
  if (const std::string why = absence_of(r.readings, MetricName::throughput_per_s); !why.empty())
    return fmt::format("{}: {}", r.phase, why);
  std::string text = r.phase + ":";
  if (const auto v = number(MetricName::throughput_per_s)) text += " " + format_value(*v, "1/s");
  if (const auto v = number(MetricName::app_cpu_ns_per_request)) text += ", " + duration(*v) + " CPU time per request";
  if (const auto v = number(MetricName::latency_p99_ns)) text += ", latency p99 " + duration(*v);
  if (const auto v = number(MetricName::deliveries_per_s)) text += ", deliveries " + format_value(*v, "1/s");
  if (const auto v = number(MetricName::delivery_p99_ns)) text += ", delivery p99 " + duration(*v);
  if (r.errors.total() > 0) text += fmt::format(", {} errors", r.errors.total());
  if (r.verdict.validity != Validity::valid) text += fmt::format(" ({})", to_string(r.verdict.validity));
  return text;
}

std::string built(const std::optional<Nanos>& build) {
  return build ? fmt::format("built in {}", format_duration(*build)) : std::string("image already built");
}

std::string describe_stack(const RunStack& s) {
  if (!s.failure.empty()) return fmt::format("{}: {}", s.name, s.failure);
  return fmt::format("{}: {} ({})", s.name, built(s.build),
                     s.image_bytes ? format_bytes(*s.image_bytes) : std::string("size unknown"));
}

}  // namespace

std::string_view kind_of(const RunEvent& event) {
  return std::visit(Overloaded{[](const RunQueued&) { return std::string_view("state"); },
                               [](const RunStateChanged&) { return std::string_view("state"); },
                               [](const RunResumed&) { return std::string_view("resumed"); },
                               [](const EnvironmentRecorded&) { return std::string_view("environment"); },
                               [](const PlanMade&) { return std::string_view("plan"); },
                               [](const StackPrepared&) { return std::string_view("stack"); },
                               [](const ServicePrepared&) { return std::string_view("service"); },
                               [](const BuildLogged&) { return std::string_view("build"); },
                               [](const TrialStarted&) { return std::string_view("trial"); },
                               [](const TrialStepped&) { return std::string_view("step"); },
                               [](const ServiceReset&) { return std::string_view("reset"); },
                               [](const StartupMeasured&) { return std::string_view("startup"); },
                               [](const MemoryMeasured&) { return std::string_view("memory"); },
                               [](const PhaseFinished&) { return std::string_view("phase"); },
                               [](const TrialFinished&) { return std::string_view("trial_done"); },
                               [](const ComparisonLooked&) { return std::string_view("look"); }},
                    event);
}

std::string describe_standing(const ComparisonLooked& look) {
  constexpr std::size_t kNamed = 3;
  const std::size_t all = static_cast<std::size_t>(look.decided) + look.undecided.size();
  if (all == 0) return "nothing that could be decided";
  std::string text = fmt::format("{} of {} decided", look.decided, all);
  for (std::size_t i = 0; i < std::min(kNamed, look.undecided.size()); ++i)
    text += (i == 0 ? "; undecided: " : ", ") + look.undecided[i];
  if (look.undecided.size() > kNamed) text += fmt::format(" and {} more", look.undecided.size() - kNamed);
  return text;
}

std::string describe(const RunEvent& event) {
  return std::visit(
      Overloaded{
          [](const RunQueued&) { return std::string(to_string(RunState::queued)); },
          [](const RunStateChanged& e) {
            return e.reason.empty() ? std::string(to_string(e.state))
                                    : fmt::format("{}: {}", to_string(e.state), e.reason);
          },
          [](const RunResumed& e) {
            return fmt::format("{}; it goes on after {} finished trial{}", e.reason, e.finished,
                               e.finished == 1 ? "" : "s");
          },
          [](const EnvironmentRecorded& e) {
            return fmt::format("environment {}; warnings: {}", e.environment.key, e.warnings.size());
          },
          [](const PlanMade& e) { return fmt::format("{} trials, about {}", e.trials, format_duration(e.expected)); },
          [](const StackPrepared& e) { return describe_stack(e.stack); },
          [](const ServicePrepared& e) {
            return fmt::format("service {}: {}, base image {}", e.service, built(e.build), e.base_kind);
          },
          [](const BuildLogged& e) {
            return fmt::format("{}: build log of {} lines ({})", e.build.name, e.log.lines,
                               format_bytes(Bytes{e.log.told_bytes()}));
          },
          [](const TrialStarted& e) {
            const std::string again = e.planned.attempt == 1 ? "" : fmt::format(", attempt {}", e.planned.attempt);
            return fmt::format("block {}: {} ({}{})", e.planned.block, e.case_name, to_string(e.planned.kind), again);
          },
          [](const TrialStepped& e) {
            return e.phase.empty() ? std::string(to_string(e.step)) : fmt::format("{} {}", to_string(e.step), e.phase);
          },
          [](const ServiceReset& e) { return fmt::format("{} reset in {}", e.service, format_duration(e.duration)); },
          [](const StartupMeasured& e) { return describe_startup(e.marks); },
          [](const MemoryMeasured& e) { return describe_memory(e); },
          [](const PhaseFinished& e) { return describe_phase(e.result); },
          [](const TrialFinished& e) {
            return e.failure == TrialFailure::none
                       ? std::string(to_string(e.state))
                       : fmt::format("{}: {}: {}", to_string(e.state), to_string(e.failure), e.reason);
          },
          [](const ComparisonLooked& e) {
            return fmt::format("after {} of at most {} blocks: {}", e.blocks, e.most, describe_standing(e));
          }},
      event);
}

}  // namespace dyno::model

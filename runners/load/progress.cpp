#include "runners/load/progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quantity.h"

namespace dyno::loadgen {
namespace {

std::string how_far(const LoadSpec& spec, const ProgressView& view) {
  if (spec.requests_limit > 0)
    return fmt::format("{} of {} requests", format_count(view.good + view.errors), format_count(spec.requests_limit));
  const std::int64_t left = std::max<std::int64_t>(spec.measure_ns - view.done_ns, 0);
  return fmt::format("{} left", format_span(Nanos(left)));
}

}  // namespace

std::string progress_line(const LoadSpec& spec, const ProgressView& view, const Screen& screen) {
  const double rate = view.last.length_ns > 0
                          ? static_cast<double>(view.last.good) * 1e9 / static_cast<double>(view.last.length_ns)
                          : 0;
  const std::int64_t errors = view.last.warming_up ? view.last.errors : view.errors;
  std::string text =
      fmt::format("{} · {}", view.last.warming_up ? "warming up" : how_far(spec, view), format_value(rate, "1/s"));
  if (view.last.times > 0) text += fmt::format(" · p99 {}", format_duration(Nanos(view.last.p99_ns)));
  const std::string wrong = fmt::format("{} {}", format_count(errors), errors == 1 ? "error" : "errors");
  text = cut_to_width(text + " · " + wrong, screen.width - 1);
  if (errors == 0 || !text.ends_with(wrong)) return text;
  return text.substr(0, text.size() - wrong.size()) + inked(wrong, Ink::red, screen);
}

Progress::Progress(std::FILE* out, const LoadSpec& spec)
    : out_(out), spec_(spec), is_drawn_(can_redraw(out)), screen_(screen_of(out)) {}

void Progress::second(const SecondReport& second) {
  if (!is_drawn_) return;
  view_.last = second;
  if (!second.warming_up) {
    view_.done_ns += second.length_ns;
    view_.good += second.good;
    view_.errors += second.errors;
  }
  fmt::print(out_, "\r{}\033[K", progress_line(spec_, view_, screen_));
  std::fflush(out_);
  has_line_ = true;
}

void Progress::clear() {
  if (!has_line_) return;
  fmt::print(out_, "\r\033[K");
  std::fflush(out_);
  has_line_ = false;
}

}  // namespace dyno::loadgen

#include "runners/load/report/words.h"

#include <fmt/format.h>

#include "base/quantity.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kShownBytes = 160;

std::string class_words(const StatusCounts& statuses, int first_digit) {
  std::string codes;
  int different = 0;
  for (int status = 100 * first_digit; status < 100 * first_digit + 100; ++status) {
    if (statuses.of(status) == 0) continue;
    codes += fmt::format("{}{}: {}", different == 0 ? "" : ", ", status, format_count(statuses.of(status)));
    ++different;
  }
  if (different < 2) return codes;
  return fmt::format("{}xx: {} ({})", first_digit, format_count(statuses.of_class(first_digit)), codes);
}

std::string end_words(ErrorKind kind, const ErrorExample& example) {
  if (example.error > 0) return errno_words(example.error);
  switch (kind) {
    case ErrorKind::connect: return example.size == 0 ? "no connection in time" : "refused";
    case ErrorKind::reset: return "ended by the server without an answer";
    case ErrorKind::timeout: return "no answer in time";
    case ErrorKind::bad_status: return "";
    case ErrorKind::bad_framing: return "no valid answer";
    case ErrorKind::bad_body: return "not the body that was expected";
    case ErrorKind::dropped: return "the queue of due requests was full";
  }
  return "";
}

}  // namespace

std::string statuses_words(const StatusCounts& statuses) {
  std::string text;
  for (int first_digit = 1; first_digit <= 5; ++first_digit) {
    const std::string words = class_words(statuses, first_digit);
    if (!words.empty()) text += (text.empty() ? "" : "   ") + words;
  }
  if (statuses.of_class(0) > 0)
    text += fmt::format("{}no known status: {}", text.empty() ? "" : "   ", statuses.of_class(0));
  return text;
}

std::string errors_words(const ErrorCounts& errors) {
  std::string text;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] != 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kErrorNames[i], format_count(errors[i]));
  }
  return text;
}

std::string example_words(const LoadSpec& spec, ErrorKind kind, const ErrorExample& example) {
  std::string text;
  if (kind != ErrorKind::connect && example.request < spec.requests.size()) {
    const RequestSpec& request = spec.requests[example.request];
    text = fmt::format("{} {}: ", request.method, visible(request.target, 60));
  }
  if (example.status != 0) text += fmt::format("status {}", example.status);
  if (const std::string end = end_words(kind, example); !end.empty()) text += (example.status != 0 ? ", " : "") + end;
  if (example.size > 0) text += fmt::format(": \"{}\"", visible(example.text(), kShownBytes));
  return text;
}

std::string bad_body_words(const LoadSpec& spec, const BadBody& bad) {
  std::string text;
  if (bad.request < spec.requests.size()) {
    const RequestSpec& request = spec.requests[bad.request];
    text = fmt::format("{} {}: ", request.method, visible(request.target, 60));
  }
  text += bad.why.empty() ? "not the body that was expected" : bad.why;
  if (!bad.bytes.empty()) text += fmt::format(": \"{}\"", visible(bad.bytes, kShownBytes));
  return text;
}

std::string what_came(const LoadSpec& spec, const LoadReport& report) {
  const WorkerResult& all = report.all;
  if (all.window.sent + all.in_flight_begin == 0 && all.window.all_errors() == 0) {
    return spec.limit_has_warm_up && spec.warm_up_ns > 0
               ? "no good answer: all requests were sent in the warm-up, none inside the window"
               : "no good answer: no request was sent inside the window";
  }
  std::string text = "no good answer";
  const std::string statuses = statuses_words(all.statuses);
  if (!statuses.empty()) text += "; by status: " + statuses;
  if (const std::string errors = errors_words(all.window.errors); !errors.empty()) text += "; errors: " + errors;
  if (all.in_flight_end > 0)
    text += fmt::format("; {} without any answer at the end of the window", format_count(all.in_flight_end));
  for (std::size_t i = 0; i < all.examples.size(); ++i) {
    if (!all.examples[i].is_known) continue;
    return text + "\n  " + example_words(spec, static_cast<ErrorKind>(i), all.examples[i]);
  }
  return text;
}

std::string silence_words(const LoadReport& report) {
  std::int64_t silent_ns = 0;
  for (auto second = report.seconds.rbegin(); second != report.seconds.rend() && second->good == 0; ++second)
    silent_ns += second->length_ns;
  if (report.all.window.good == 0 || silent_ns < 1'000'000'000) return "";
  return fmt::format("no good answer came in the last {} of the window", format_duration(Nanos(silent_ns)));
}

}  // namespace dyno::loadgen

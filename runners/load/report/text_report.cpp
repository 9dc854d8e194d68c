#include "runners/load/report/text_report.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/quantity.h"
#include "runners/load/report/bars.h"
#include "runners/load/report/known_times.h"
#include "runners/load/report/words.h"

namespace dyno::loadgen {
namespace {

constexpr std::size_t kTitle = 16;  // columns of a row's title, with the indent
constexpr std::size_t kBar = 36;

// Rows of a title and text under one screen.
class Rows {
 public:
  explicit Rows(const Screen& screen) : screen_(screen) {}

  Rows& row(std::string_view title, const std::string& text, Ink ink = Ink::plain) {
    text_ += fmt::format("  {:<14}", title) + inked(wrapped(text), ink, screen_) + "\n";
    return *this;
  }
  Rows& note(const std::string& text, Ink ink = Ink::dim) { return row("", text, ink); }
  Rows& line(const std::string& text, Ink ink = Ink::plain) {
    text_ += inked(text, ink, screen_) + "\n";
    return *this;
  }
  std::string text() const { return text_; }

 private:
  // A number stays on the line of its unit, and in one piece.
  static bool is_inside(std::string_view text, std::size_t at) {
    return at > 0 && at + 1 < text.size() && text[at - 1] >= '0' && text[at - 1] <= '9' && text[at + 1] != ' ';
  }
  std::string wrapped(std::string text) const {
    constexpr char kKept = '\x1f';
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ' ' && is_inside(text, i)) text[i] = kKept;
    }
    const std::size_t width = screen_.width > kTitle + 20 ? screen_.width - kTitle : 20;
    std::string lines;
    for (const std::string& one : wrap_to_width(text, width))
      lines += (lines.empty() ? "" : "\n" + std::string(kTitle, ' ')) + one;
    std::replace(lines.begin(), lines.end(), kKept, ' ');
    return lines;
  }

  const Screen& screen_;
  std::string text_;
};

std::string loop_words(const LoadSpec& spec, const LoadReport& report) {
  if (!report.open_loop) return "closed loop";
  return spec.curve.empty() ? fmt::format("open loop at {:g}/s", spec.rate_per_s) : "open loop along a curve";
}

// Whoever took -n for the number of requests, which it is elsewhere, sees what it did.
std::string replacing_words(const LoadSpec& spec) {
  if (spec.requests_per_connection == 0) return "";
  return spec.requests_per_connection == 1
             ? ", a new connection for each request"
             : fmt::format(", a new connection every {}", count_words(spec.requests_per_connection, "request"));
}

void put_head(const LoadSpec& spec, const LoadReport& report, const About& about, Rows& rows) {
  const Nanos window(report.all.end_ns - report.all.begin_ns);
  if (!about.url.empty()) rows.line(about.url, Ink::bold);
  rows.line(fmt::format("{}, {}, {} over {}{}", count_words(report.connections, "connection"), format_duration(window),
                        loop_words(spec, report), report.transport, replacing_words(spec)));
  if (report.ended == WindowEnd::interrupted) rows.line("Cut short: the window was ended by a signal.", Ink::red);
  if (report.ended == WindowEnd::errors) rows.line("Cut short: too many errors.", Ink::red);
  if (report.ended == WindowEnd::unreachable)
    rows.line("Cut short: no connection could be had, and requests were left.", Ink::red);
  if (const std::string silence = silence_words(report); !silence.empty())
    rows.line("Note: " + silence + ".", Ink::red);
}

void put_times(std::string_view title, const Times& times, Rows& rows) {
  std::string text;
  std::string withheld;
  for (const double percent : kPercents) {
    const Known known = times.known(percent);
    const std::string name = percent_name(percent);
    if (known == Known::yes)
      text += fmt::format("{} {}   ", name, format_duration(Nanos(times.values.percentile_ns(percent))));
    if (known == Known::unanswered) withheld += (withheld.empty() ? "" : ", ") + name;
  }
  rows.row(title, text + fmt::format("(n = {})", format_count(static_cast<std::int64_t>(times.values.count()))));
  if (withheld.empty()) return;
  rows.note(fmt::format("{} withheld: requests that were never answered would be part of {}", withheld,
                        withheld.find(',') == std::string::npos ? "it" : "them"),
            Ink::red);
}

void put_bars(const Times& times, Rows& rows) {
  const std::vector<Bar> bars = bars_of(times);
  std::uint64_t most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.count);
  for (const Bar& bar : bars) {
    const auto squares = std::lround(static_cast<double>(kBar * bar.count) / static_cast<double>(most));
    const double share = static_cast<double>(bar.count) / static_cast<double>(times.values.count());
    std::string text = padded(bar.up_to_ns == 0 ? "more" : "≤ " + format_duration(Nanos(bar.up_to_ns)), 12) + " ";
    for (long i = 0; i < squares; ++i) text += "■";
    rows.row(&bar == bars.data() ? "spread" : "", fmt::format("{} {}", text, format_percent(share)));
  }
}

void put_deliveries(const LoadReport& report, Rows& rows) {
  const Deliveries& deliveries = report.all.deliveries;
  rows.row("deliveries",
           fmt::format("{} to {} subscribers   {} expected, {} missed, {} duplicated, {} bad, {} streams lost",
                       format_value(static_cast<double>(deliveries.in_window) / report.window_s(), "1/s"),
                       report.subscribers, deliveries.expected, deliveries.missed(), deliveries.doubled, deliveries.bad,
                       deliveries.lost_streams));
  put_times("delivery", complete(report.all.delivery), rows);
}

void put_latency(const LoadReport& report, Rows& rows) {
  const WorkerResult& all = report.all;
  if (report.open_loop) put_times("latency", response_of(report), rows);
  put_times("service time", service_of(report), rows);
  if (!report.open_loop)
    rows.note("a closed loop waits for the server: this is not the latency at a given rate, see -r");
  put_bars(main_times_of(report), rows);
  if (!report.open_loop) return;
  put_times("send error", complete(all.send_error), rows);
  rows.row("arrivals", fmt::format("{} due, {} waiting for a connection at the end, {} dropped; timer {}",
                                   format_count(all.window.due), format_count(all.queued_end),
                                   format_count(all.window.errors[static_cast<std::size_t>(ErrorKind::dropped)]),
                                   report.timer_mode));
}

void put_requests(const LoadReport& report, Rows& rows) {
  const WorkerResult& all = report.all;
  const Account account = account_of(all);
  if (const std::string statuses = statuses_words(all.statuses); !statuses.empty()) rows.row("answers", statuses);
  std::string text =
      fmt::format("{} sent = {} good + {} failed + {} unanswered at the end", format_count(account.sent),
                  format_count(account.good), format_count(account.errors), format_count(account.unanswered));
  if (all.answered_late > 0)
    text += fmt::format(" ({} of these were answered after the window)", format_count(all.answered_late));
  rows.row("requests", text);
  if (all.unanswered > 0) {
    rows.row("unanswered",
             fmt::format("{} never had an answer: counted as {} or more, the time waited",
                         count_words(all.unanswered, "request"), format_duration(Nanos(all.waited_least_ns))),
             Ink::red);
  }
  if (all.connections_unserved > 0) {
    rows.row("connections",
             fmt::format("{} of {} never had an answer", format_count(all.connections_unserved),
                         format_count(all.connections_asked)),
             Ink::red);
  }
}

void put_errors(const LoadSpec& spec, const LoadReport& report, Rows& rows) {
  const WorkerResult& all = report.all;
  const std::string errors = errors_words(all.window.errors);
  rows.row(
      "errors",
      fmt::format("{}; bodies compared: {}", errors.empty() ? "none" : errors, format_count(all.window.bodies_checked)),
      errors.empty() ? Ink::plain : Ink::red);
  for (std::size_t i = 0; i < all.examples.size(); ++i) {
    if (!all.examples[i].is_known || all.window.errors[i] == 0) continue;
    const auto kind = static_cast<ErrorKind>(i);
    if (kind != ErrorKind::bad_body || all.bad_bodies.empty())
      rows.note(fmt::format("{}: {}", kErrorNames[i], example_words(spec, kind, all.examples[i])));
    else
      for (const BadBody& bad : all.bad_bodies) rows.note("bad_body: " + bad_body_words(spec, bad));
  }
}

}  // namespace

std::string report_text(const LoadSpec& spec, const LoadReport& report, const About& about, const Screen& screen) {
  const WorkerResult& all = report.all;
  Rows rows(screen);
  put_head(spec, report, about, rows);
  if (!report.security.empty()) rows.row("TLS", report.security);
  rows.row("throughput", fmt::format("{:.1f}/s   {}, {} in", report.throughput_per_s(),
                                     count_words(all.window.good, "good answer"), format_bytes({all.window.bytes_in})));
  if (report.subscribers > 0) put_deliveries(report, rows);
  put_latency(report, rows);
  put_requests(report, rows);
  if (spec.is_session) {
    rows.row("sessions", fmt::format("{} came to their end, of {} each", format_count(all.window.rounds),
                                     count_words(static_cast<std::int64_t>(spec.requests.size()), "step")));
  }
  put_errors(spec, report, rows);
  for (const Remark& remark : remarks_of(spec, report)) rows.row(remark.title, remark.words);
  const auto busy_us = static_cast<double>(report.cpu_all_ns - report.spin_all_ns) / 1e3;
  const std::string each = all.window.good == 0
                               ? ""
                               : fmt::format("{:.2f} CPU-µs/request, ", busy_us / static_cast<double>(all.window.good));
  rows.row("generator", fmt::format("{:.0f} % of a core (spinning not counted), {}{} context switches",
                                    100 * report.busy_ratio(), each, format_count(all.context_switches)));
  return rows.text();
}

}  // namespace dyno::loadgen

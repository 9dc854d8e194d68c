#include "cli/progress_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "base/quantity.h"
#include "base/text.h"
#include "cli/table.h"
#include "cli/titles.h"

namespace dyno::cli {
namespace {

std::size_t terminal_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

bool is_terminal(std::FILE* out) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(out)) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

// Steps that somebody who reads a log later wants to see.
bool is_step(const ShownEvent& event) { return event.name != "sample" && !event.text.empty(); }

}  // namespace

std::string local_time(std::string_view instant) {
  const auto wall = parse_instant(instant);
  if (!wall) return {};
  const auto seconds = static_cast<std::time_t>(to_ns(*wall) / 1'000'000'000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}", local.tm_hour, local.tm_min);
}

std::string progress_text(const ShownProgress& progress, const ShownEvent& event, std::string_view ends,
                          const std::vector<ShownRunStack>& stacks) {
  std::vector<std::string> parts;
  if (progress.blocks > 0) parts.push_back(fmt::format("block {} of {}", progress.block, progress.blocks));
  if (!progress.case_name.empty()) parts.push_back(case_title(stacks, progress.case_name));
  if (!progress.step.empty())
    parts.push_back(progress.phase.empty() ? progress.step : progress.step + ": " + phase_title(progress.phase));
  if (event.rate_per_s) parts.push_back(format_value(*event.rate_per_s, "1/s"));
  if (event.p99_ns) parts.push_back("p99 " + format_duration(Nanos(*event.p99_ns)));
  parts.push_back(fmt::format("{:.0f} %", progress.done_ratio * 100));
  if (!ends.empty()) parts.push_back(fmt::format("ends {}", ends));
  return fmt::format("{}", fmt::join(parts, " · "));
}

ProgressLine::ProgressLine(std::FILE* out, bool quiet, std::vector<ShownRunStack> stacks)
    : out_(out), quiet_(quiet), terminal_(is_terminal(out)), stacks_(std::move(stacks)) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputs("\r\033[K", out_);
  std::fflush(out_);
}

void ProgressLine::show(const ShownEvent& event) {
  if (quiet_) return;
  if (event.progress) progress_ = *event.progress;
  if (terminal_) {
    const std::string line = progress_text(progress_, event, local_time(progress_.eta_at), stacks_);
    fmt::print(out_, "\r\033[K{}", cut_to_width(visible(line, 500), terminal_width(::fileno(out_)) - 1));
    drawn_ = true;
  } else if (is_step(event)) {
    const std::string where = event.case_name.empty() ? std::string() : case_title(stacks_, event.case_name) + ": ";
    write_line(fmt::format("{} {}{}", event.at, where, event_sentence(event, stacks_)));
  }
  std::fflush(out_);
}

void ProgressLine::note(std::string_view text) {
  if (drawn_) std::fputs("\r\033[K", out_);
  drawn_ = false;
  write_line(text);
  std::fflush(out_);
}

void ProgressLine::write_line(std::string_view text) { fmt::print(out_, "{}\n", visible(text, 1000)); }

}  // namespace dyno::cli

#include "runners/load/modes.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/screen.h"
#include "base/text.h"
#include "runners/load/arguments.h"
#include "runners/load/clock.h"
#include "runners/load/command.h"
#include "runners/load/help.h"
#include "runners/load/output_file.h"
#include "runners/load/progress.h"
#include "runners/load/report/json_report.h"
#include "runners/load/report/known_times.h"
#include "runners/load/report/text_report.h"
#include "runners/load/report/words.h"
#include "runners/load/resolve.h"
#include "runners/load/run_load.h"
#include "runners/load/stop_signals.h"

namespace dyno::loadgen {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr int kSignalled = 128;  // and the signal's number, as a shell has it
constexpr std::size_t kFileWidth = 100;

int refuse(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) fmt::print(stderr, "dyno-load: {}\n", problem);
  fmt::print(stderr, "See dyno-load --help.\n");
  return kWrongUse;
}

int give_up(const Error& error) {
  fmt::print(stderr, "dyno-load: {}\n", error.message);
  return error.code == ErrorCode::invalid_argument ? kWrongUse : kFailed;
}

// Others on the machine can read the command line of every process: once they are read, user and password leave it.
void hide_credentials(std::string_view url, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i] != url) continue;
    const std::size_t begin = url.find("://") + 3;
    const std::size_t end = url.rfind('@', url.find_first_of("/?#", begin));
    if (end != std::string_view::npos && end > begin) std::fill(argv[i] + begin, argv[i] + end, '*');
  }
}

Status find_addresses(const Endpoint& endpoint, Target& target) {
  if (!target.unix_path.empty()) return {};
  auto addresses = addresses_of(endpoint.host);
  if (!addresses) return fail(addresses.error());
  target.address = addresses->front();
  target.further.assign(addresses->begin() + 1, addresses->end());
  return {};
}

About about(const Command& command) {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const WallTime now{Nanos(read_clock(CLOCK_REALTIME))};
  return {command.url.text(), DYNO_VERSION, format_instant(now), host, command.given};
}

std::string report_as(const Command& command, const LoadReport& report, const About& about) {
  switch (command.format) {
    case Format::json: return report_json(command.spec, report, about);
    case Format::hdr: return main_times_of(report).values.hgrm();
    case Format::text: break;
  }
  const Screen screen = command.output.empty() ? screen_of(stdout) : Screen{kFileWidth, false};
  return report_text(command.spec, report, about, screen);
}

// What no form of the report has room for.
void say_what_is_beside(const Command& command, const LoadReport& report) {
  if (command.format != Format::hdr || report.all.unanswered == 0) return;
  fmt::print(stderr, "dyno-load: {} never had an answer: from {} on, the distribution is a lower bound\n",
             count_words(report.all.unanswered, "request"), format_duration(Nanos(report.all.waited_least_ns)));
}

int load(Command command) {
  if (!command.output.empty()) {
    const Status writable = check_writable(command.output);
    if (!writable) return give_up(writable.error());
  }
  const Status found = find_addresses(command.endpoint, command.spec.target);
  if (!found) return give_up(found.error());
  const About begun = about(command);
  Progress progress(stderr, command.spec);
  LoadEvents events;
  events.second = [&progress](const SecondReport& second) { progress.second(second); };
  events.should_end = [] { return stop_signal() != 0; };
  catch_stop_signals();
  const Result<LoadReport> report = run_load(command.spec, events);
  progress.clear();
  const int stopped = stop_signal() == 0 ? 0 : kSignalled + stop_signal();
  if (!report) return stopped != 0 ? (give_up(report.error()), stopped) : give_up(report.error());
  const Status written = write_output(command.output, report_as(command, *report, begun));
  if (!written) return give_up(written.error());
  say_what_is_beside(command, *report);
  if (stopped != 0) return stopped;
  // Also where all good answers came behind the window.
  const auto times = static_cast<std::int64_t>(main_times_of(*report).values.count());
  const bool has_good = report->all.window.good > 0 || times > report->all.unanswered;
  return has_good ? 0 : give_up({ErrorCode::unavailable, what_came(command.spec, *report)});
}

}  // namespace

int standalone(int argc, char** argv) {
  const std::span<const char* const> words(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  const Arguments arguments(words);
  if (arguments.has(Opt::help)) {
    fmt::print("{}", help_text());
    return 0;
  }
  if (arguments.has(Opt::version)) {
    fmt::print("dyno-load {}\n", DYNO_VERSION);
    return 0;
  }
  if (arguments.has(Opt::completion) && !completion_for(arguments.text(Opt::completion)).empty()) {
    fmt::print("{}", completion_for(arguments.text(Opt::completion)));
    return 0;
  }
  if (!arguments.problems().empty()) return refuse(arguments.problems());
  auto command = make_command(arguments);
  if (!command) return refuse(command.error());
  hide_credentials(arguments.url(), argc, argv);
  return load(std::move(*command));
}

}  // namespace dyno::loadgen

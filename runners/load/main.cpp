// dyno-load: reads the mode, does it, returns the exit code (0 done, 1 failed, 2 wrong use, 130 and 143 cut short by a signal).
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string_view>

#include <unistd.h>

#include "runners/load/modes.h"
#include "runners/load/protocol_io.h"
#include "runners/load/report/protocol_lines.h"

namespace dyno::loadgen {
namespace {

Status run_mode() {
  LineInput input(STDIN_FILENO);
  const auto lines = read_until(input, "go");
  if (!lines) return fail(lines.error());
  const auto spec = read_load_spec(*lines);
  if (!spec) return fail(spec.error());
  LoadEvents events;
  events.edge_fd = STDOUT_FILENO;
  // The daemon holds our standard input: when it goes away or gives up, it ends, and so does the load.
  events.should_stop = [&input] { return input.has_ended(); };
  events.ready = [](const LoadReport& report) { put(ready_line(report)); };
  events.planned = [](std::int64_t begin_ns, std::int64_t end_ns) { put(planned_line(begin_ns, end_ns)); };
  events.second = [](const SecondReport& second) { put(second_line(second)); };
  const Result<LoadReport> report = run_load(*spec, events);
  if (!report) return fail(report.error());
  put(report_lines(*report));
  return {};
}

int protocol_mode(Status (*mode)()) {
  put(greeting_line());
  const Status status = mode();
  if (status) return 0;
  put(error_line(status.error()));
  return 1;
}

// Memory that is not there ends the program with words, on whichever thread it is asked for: nothing here could go on without it.
// In the modes for programs as their last line.
bool speaks_protocol = false;

[[noreturn]] void end_without_memory() {
  constexpr std::string_view kLine = "error code=exhausted message=not%20enough%20memory\n";
  constexpr std::string_view kWords = "dyno-load: not enough memory\n";
  const std::string_view text = speaks_protocol ? kLine : kWords;
  if (write(speaks_protocol ? STDOUT_FILENO : STDERR_FILENO, text.data(), text.size()) < 0) _exit(1);
  _exit(1);
}

int run(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const bool is_alone = argc == 2;
  speaks_protocol = is_alone && (mode == "run" || mode == "probe" || mode == "exchange");
  if (is_alone && mode == "run") return protocol_mode(run_mode);
  if (is_alone && mode == "probe") return protocol_mode(probe_mode);
  if (is_alone && mode == "exchange") return protocol_mode(exchange_mode);
  return standalone(argc, argv);
}

}  // namespace
}  // namespace dyno::loadgen

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(dyno::loadgen::end_without_memory);
  try {
    return dyno::loadgen::run(argc, argv);
  } catch (const std::exception& error) {  // a bug; said in one line, and not by abort
    fprintf(stderr, "dyno-load: %s\n", error.what());
    return 1;
  }
}

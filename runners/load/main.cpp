// dyno-load: reads the mode, does it, returns the exit code (0 done, 1 failed, 2 wrong use).
#include <csignal>
#include <cstdio>
#include <string_view>

#include <unistd.h>

#include "runners/load/modes.h"
#include "runners/load/protocol_io.h"
#include "runners/load/report.h"

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

}  // namespace
}  // namespace dyno::loadgen

int main(int argc, char** argv) {
  using namespace dyno::loadgen;
  signal(SIGPIPE, SIG_IGN);
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (argc == 2 && mode == "run") return protocol_mode(run_mode);
  if (argc == 2 && mode == "probe") return protocol_mode(probe_mode);
  if (argc == 2 && mode == "exchange") return protocol_mode(exchange_mode);
  return standalone(argc, argv);
}

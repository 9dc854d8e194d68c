#include "runners/load/modes.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "runners/load/arguments.h"
#include "runners/load/command.h"
#include "runners/load/help.h"
#include "runners/load/report.h"
#include "runners/load/resolve.h"
#include "runners/load/run_load.h"

namespace dyno::loadgen {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

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

int load(Command command) {
  const Status found = find_addresses(command.endpoint, command.spec.target);
  if (!found) return give_up(found.error());
  const Result<LoadReport> report = run_load(command.spec, LoadEvents());
  if (!report) return give_up(report.error());
  fmt::print("{}", command.json ? report_json(command.spec, *report) : report_text(command.spec, *report));
  return 0;
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

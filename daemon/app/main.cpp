// dynod: reads its options, starts the App, waits for a signal, ends it.
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <system_error>

#include "app/app.h"
#include "app/check_file.h"
#include "app/config.h"
#include "app/log_sink.h"
#include "app/rebuild_tables.h"
#include "base/file.h"

namespace {

constexpr std::size_t kMostFileBytes = std::size_t{16} << 20U;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr int kExitHeld = 3;  // another daemon holds the data directory
// The daemon's threads wait nearly always: an arena each would keep memory that nobody uses.
constexpr int kArenas = 2;

void print_problems(const std::vector<dyno::model::Problem>& problems) {
  for (const auto& p : problems)
    fmt::print(stderr, "{}:{}:{}: {}: {}\n", p.file, p.line, p.column, p.pointer, p.message);
}

int check(const std::string& path) {
  const auto text = dyno::read_file(path, kMostFileBytes, dyno::FileKind::regular_or_pipe);
  if (!text) {
    fmt::print(stderr, "{}\n", text.error().message);
    return kExitUsage;
  }
  const auto problems = dyno::app::check_file(*text, path);
  print_problems(problems);
  if (problems.empty()) fmt::print("{}: no problem found\n", path);
  return problems.empty() ? 0 : 1;
}

// A machine that gives no more memory or no more threads, in whatever thread that is noticed: words and an exit code. What runs is
// settled and swept at the next start. Anything else that nobody caught is a bug, and aborts.
[[noreturn]] void end_exhausted() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    std::fputs("dynod: out of memory (see ulimit -v, and the memory limit of its cgroup)\n", stderr);
    _exit(kExitFailed);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) {
      std::fputs("dynod: the system gives it no more threads or memory (see ulimit -u and -v)\n", stderr);
      _exit(kExitFailed);
    }
    std::fputs(error.what(), stderr);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
  }
  std::fputs("\ndynod: an exception that nobody caught\n", stderr);
  std::abort();
}

// Blocks the stop signals in every thread that is started from here on; they are read from the descriptor instead.
int block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

// Nothing: what is wrong with the file has been printed.
std::optional<dyno::app::Config> read_config(const std::string& path) {
  const auto text = dyno::read_file(path, kMostFileBytes, dyno::FileKind::regular_or_pipe);
  if (!text) {
    fmt::print(stderr, "dynod: {}\n", text.error().message);
    return std::nullopt;
  }
  auto parsed = dyno::app::parse_config(*text, path);
  print_problems(parsed.problems);
  return std::move(parsed.value);
}

int maintain(const std::string& path, dyno::Result<std::string> (*work)(const dyno::app::Config&)) {
  const auto config = read_config(path);
  if (!config) return kExitUsage;
  const auto done = work(*config);
  if (!done) {
    fmt::print(stderr, "dynod: {}\n", done.error().message);
    return done.error().code == dyno::ErrorCode::conflict ? kExitHeld : kExitFailed;
  }
  fmt::print("{}\n", *done);
  return 0;
}

int serve(const std::string& path) {
  ::mallopt(M_ARENA_MAX, kArenas);
  const auto config = read_config(path);
  if (!config) return kExitUsage;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::make_shared<dyno::app::LogSink>(STDOUT_FILENO)));
  spdlog::set_level(spdlog::level::from_str(config->log_level));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  const int signals = block_signals();
  auto app = dyno::app::App::start(*config);
  if (!app) {
    fmt::print(stderr, "dynod: {}\n", app.error().message);
    return app.error().code == dyno::ErrorCode::conflict ? kExitHeld : kExitFailed;
  }
  signalfd_siginfo info{};
  while (read(signals, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
  }
  spdlog::info("signal {}: stopping", info.ssi_signo);
  // A second signal ends the process at once; what is left is swept at the next start.
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  app->reset();
  spdlog::info("stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(end_exhausted);
  CLI::App cli("dynod: runs and measures backend stacks in containers, and serves the results", "dynod");
  std::string config;
  std::string file;
  std::string kind;
  cli.set_version_flag("--version", DYNO_VERSION);
  auto* const config_option = cli.add_option("--config", config, "configuration file");
  auto* const check_option = cli.add_option("--check", file, "check a stack, profile or schedule file and exit");
  auto* const schema_option = cli.add_option(
      "--schema", kind, "print the JSON Schema of stack, profile, schedule, service or workload files and exit");
  config_option->excludes(check_option)->excludes(schema_option);
  bool rebuild = false;
  cli.add_flag("--rebuild-tables", rebuild, "write the tables of all runs anew from their events and end")
      ->needs(config_option);
  bool rewrite = false;
  cli.add_flag("--rewrite-summaries", rewrite,
               "make the summaries of all runs again by the rules of this version and end")
      ->needs(config_option);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (!file.empty()) return check(file);
  if (!kind.empty()) {
    const auto schema = dyno::app::schema_text(kind);
    if (!schema) {
      fmt::print(stderr, "dynod: {}\n", schema.error().message);
      return kExitUsage;
    }
    fmt::print("{}", *schema);
    return 0;
  }
  if (config.empty()) {
    fmt::print(stderr, "dynod: --config FILE is missing; see dynod --help\n");
    return kExitUsage;
  }
  if (rebuild) return maintain(config, dyno::app::rebuild_tables);
  if (rewrite) return maintain(config, dyno::app::rewrite_summaries);
  return serve(config);
}

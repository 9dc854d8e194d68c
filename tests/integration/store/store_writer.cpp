// Writes runs into a database until it is killed and prints each event once it is acknowledged: "<id> <text>". Readers and
// checkpoints run beside it as in the daemon. Driven by kill_test.cpp.
#include <sys/prctl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include "base/clock.h"
#include "integration/store/small_run.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::store {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "store_writer: {}\n", why);
  std::exit(1);
}

// One write call a line: the test sees whole lines only.
void acknowledge(std::int64_t id, const std::string& text) {
  const std::string line = fmt::format("{} {}\n", id, text);
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    give_up("the pipe is closed");
}

void tell_run(Database& database, EventFeed& feed, Clock& clock, int& serial) {
  RunRepository repository(database, feed);
  const Result<Enqueued> run = repository.enqueue(small_job(), clock.wall_now());
  if (!run) give_up(run.error().message);
  Journal journal(database, feed);
  for (const model::RunEvent& event : events_of_small_run(clock, 4, serial)) {
    const Result<std::int64_t> id = journal.append(run->run_id, clock.wall_now(), event);
    if (!id) give_up(id.error().message);
    acknowledge(*id, model::describe(event));
  }
}

int write_for_ever(const char* file) {
  const Result<std::unique_ptr<Database>> database = Database::open(file);
  if (!database) give_up(database.error().message);
  EventFeed feed;
  RealClock clock;
  const Reader reader(**database);
  const std::jthread watcher([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (const auto runs = reader.runs({}); !runs) give_up(runs.error().message);
    }
  });
  for (int serial = 0;;) tell_run(**database, feed, clock, serial);
}

}  // namespace
}  // namespace dyno::store

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return dyno::store::write_for_ever(argv[1]);
}

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
#include "base/encoding.h"
#include "base/id.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::store {
namespace {

using model::RunState;

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

class Teller {
 public:
  Teller(Journal& journal, Clock& clock, std::string run_id)
      : journal_(journal), clock_(clock), run_id_(std::move(run_id)) {}

  void tell(const model::RunEvent& event) {
    const Result<std::int64_t> id = journal_.append(run_id_, clock_.wall_now(), event);
    if (!id) give_up(id.error().message);
    acknowledge(*id, model::describe(event));
  }

 private:
  Journal& journal_;
  Clock& clock_;
  std::string run_id_;
};

model::PhaseResult phase_of(int serial) {
  model::PhaseResult r;
  r.phase = fmt::format("json/c{}", serial);
  r.window_end = monotonic_from_ns(3'000'000'000);
  r.good = serial;
  r.readings.emplace_back().value = serial;
  r.seconds.assign(3, {});
  r.histograms = {{"service", to_base64(std::string(static_cast<std::size_t>(500 + serial % 4000), 'h'))}};
  return r;
}

std::vector<model::Sample> timeline() {
  std::vector<model::Sample> samples;
  for (int i = 0; i < 30; ++i)
    samples.push_back({monotonic_from_ns(i * std::int64_t{100'000'000}), mib(40), mib(50), i * std::int64_t{1000}, 0});
  return samples;
}

void tell_run(Database& database, EventFeed& feed, Clock& clock, int& serial) {
  RunRepository repository(database, feed);
  model::Job asked;
  asked.stacks.emplace_back().name = "go-nethttp";
  asked.request.profile = "quick";
  const Result<Enqueued> run = repository.enqueue(asked, clock.wall_now());
  if (!run) give_up(run.error().message);
  Journal journal(database, feed);
  Teller teller(journal, clock, run->run_id);
  for (const RunState state : {RunState::acquiring, RunState::preparing, RunState::running})
    teller.tell(model::RunStateChanged{state, {}});
  for (int index = 0; index < 4; ++index) {
    const std::string trial = new_id(clock.wall_now());
    teller.tell(model::TrialStarted{
        trial, {1, index, 0, model::TrialKind::load, model::StartKind::warm, 1}, "go-nethttp/single", "go-nethttp"});
    for (int phase = 0; phase < 3; ++phase) teller.tell(model::PhaseFinished{trial, phase_of(++serial), timeline()});
    teller.tell(
        model::TrialFinished{trial, model::TrialState::succeeded, model::TrialFailure::none, {}, {}, {}, false});
  }
  for (const RunState state : {RunState::collecting, RunState::analyzing, RunState::succeeded})
    teller.tell(model::RunStateChanged{state, {}});
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

#include "cli/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <set>
#include <stop_token>
#include <tuple>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/quantity.h"
#include "base/screen.h"
#include "base/text.h"
#include "cli/overview.h"
#include "cli/result_table.h"
#include "cli/table.h"
#include "cli/titles.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t interrupts_seen = 0;
volatile std::sig_atomic_t terminate_seen = 0;

void on_signal(int number) {
  if (number == SIGINT) interrupts_seen = interrupts_seen + 1;
  if (number == SIGTERM) terminate_seen = 1;
}

// Steps that somebody who reads a log later wants to see.
bool is_step(const ShownEvent& event) { return event.name != "sample" && !event.text.empty(); }

// A daemon that is started again, with its machine perhaps, goes on with the run: as long as this it is waited for.
constexpr Nanos kPatience = std::chrono::minutes(30);
constexpr Nanos kFirstPause = std::chrono::milliseconds(500);
constexpr Nanos kLongestPause = std::chrono::seconds(10);
constexpr Nanos kSlice = std::chrono::milliseconds(100);  // how soon Ctrl-C is noticed in a pause

Outcome<ShownRun> fetch_run(Session& session, const std::string& run_id) {
  auto body = fetch(session, "/api/v1/runs/" + percent_encoded(run_id));
  if (!body) return tl::unexpected<Failure>(body.error());
  return wire::read_run(*body);
}

// What the signals ask for, obeyed once.
class Interrupts {
 public:
  Interrupts(Session& session, const std::string& run_id, OnInterrupt on_interrupt)
      : session_(session), run_id_(run_id), on_interrupt_(on_interrupt) {}

  bool pending() const { return must_leave() || (wanted() && !cancelled_); }
  bool must_leave() const { return Signals::interrupts() >= 2 || (wanted() && on_interrupt_ == OnInterrupt::leave); }
  void cancel(ProgressLine& line) {
    if (!wanted() || cancelled_) return;
    if (!told_) line.note("cancelling and waiting for the clean-up (press Ctrl-C again to stop waiting)");
    told_ = true;
    HttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/runs/" + percent_encoded(run_id_) + "/cancel";
    const auto done = post(session_, request);
    // Asked again when a daemon is back that did not answer.
    cancelled_ = done || done.error().exit != Exit::unreachable;
    if (!done && cancelled_) line.note(done.error().message);
  }
  Exit exit() const { return Signals::terminated() ? Exit::terminated : Exit::interrupted; }
  bool cancelled() const { return cancelled_; }

 private:
  static bool wanted() { return Signals::interrupts() > 0 || Signals::terminated(); }

  Session& session_;
  const std::string& run_id_;
  OnInterrupt on_interrupt_;
  bool told_ = false;
  bool cancelled_ = false;
};

// What is done while nobody answers: try again, each time later, and say so once.
class Patience {
 public:
  Patience(ProgressLine& line, const Interrupts& interrupts) : line_(line), interrupts_(interrupts) {}

  void answered() {
    if (told_) line_.note("the daemon answers again");
    told_ = false;
    pause_ = kFirstPause;
    since_ = clock_.now();
  }
  // False when it has been long enough. `silent`: nobody answered; else the stream broke off.
  bool wait(bool silent) {
    if (silent && !told_) line_.note("the daemon does not answer; a run goes on when it is back. Trying again");
    told_ = told_ || silent;
    if (clock_.now() - since_ > kPatience) return false;
    const MonotonicTime end = clock_.now() + pause_;
    while (clock_.now() < end && !interrupts_.must_leave()) wait_for(clock_, kSlice, std::stop_token());
    pause_ = std::min(kLongestPause, pause_ * 2);
    return true;
  }

 private:
  ProgressLine& line_;
  const Interrupts& interrupts_;
  RealClock clock_;
  Nanos pause_ = kFirstPause;
  MonotonicTime since_ = clock_.now();  // of the last answer
  bool told_ = false;
};

std::string which_block(const ShownProgress& progress) {
  return fmt::format("block {} of {}{}", progress.block, progress.may_end_early ? "at most " : "", progress.blocks);
}

bool may_come_back(const Outcome<HttpAnswer>& answer) {
  if (!answer) return answer.error().exit == Exit::unreachable || answer.error().exit == Exit::timed_out;
  return answer->status == 200 || answer->status == 503 || answer->status == 0;
}

}  // namespace

Signals::Signals() {
  struct sigaction action {};
  action.sa_handler = &on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int Signals::interrupts() { return interrupts_seen; }
bool Signals::terminated() { return terminate_seen != 0; }

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
  if (event.build) {
    const std::string step = event.build->step.empty() ? std::string() : " · " + event.build->step;
    return fmt::format("building {}{} · {} lines", event.build->name, step, event.build->lines);
  }
  std::vector<std::string> parts;
  if (progress.blocks > 0) parts.push_back(which_block(progress));
  if (!progress.case_name.empty()) parts.push_back(case_title(stacks, progress.case_name));
  if (!progress.step.empty())
    parts.push_back(progress.phase.empty() ? progress.step : progress.step + ": " + phase_title(progress.phase));
  if (event.rate_per_s) parts.push_back(format_value(*event.rate_per_s, "1/s"));
  if (event.p99_ns) parts.push_back("p99 " + format_duration(Nanos(*event.p99_ns)));
  parts.push_back(fmt::format("{:.0f} %", progress.done_ratio * 100));
  if (!ends.empty()) parts.push_back(fmt::format("ends {}{}", progress.may_end_early ? "by " : "", ends));
  return fmt::format("{}", fmt::join(parts, " · "));
}

std::string trial_text(const ShownProgress& progress, const ShownEvent& done, const std::vector<ShownEvent>& phases,
                       const std::vector<ShownRunStack>& stacks) {
  std::vector<std::string> parts;
  if (progress.blocks > 0) parts.push_back(which_block(progress));
  parts.push_back(case_title(stacks, done.case_name));
  if (!done.text.starts_with("succeeded")) parts.push_back(event_sentence(done, stacks));
  for (const ShownEvent& phase : phases) {
    const std::string sentence = event_sentence(phase, stacks);
    parts.push_back(sentence.substr(0, sentence.find(", ")));  // the first figure is the headline
  }
  return fmt::format("{}", fmt::join(parts, " · "));
}

ProgressLine::ProgressLine(std::FILE* out, bool quiet, ShownRun run)
    : out_(out), quiet_(quiet), terminal_(can_redraw(out)), run_(std::move(run)) {}

ProgressLine::~ProgressLine() {
  if (drawn_) std::fputs("\r\033[K", out_);
  std::fflush(out_);
}

void ProgressLine::show(const ShownEvent& event) {
  if (quiet_) return;
  if (event.progress) progress_ = *event.progress;
  progress_.may_end_early = run_.compare.has_value();
  if (event.kind == "trial") phases_.clear();
  if (event.kind == "phase") phases_.push_back(event);
  if (terminal_ && event.kind == "trial_done") leave_trial(event);
  if (terminal_ && event.kind == "look") note(event.text);
  if (terminal_) {
    const std::string line = progress_text(progress_, event, local_time(progress_.eta_at), run_.stacks);
    fmt::print(out_, "\r\033[K{}", cut_to_width(visible(line, 500), screen_of(out_).width - 1));
    drawn_ = true;
  } else if (is_step(event)) {
    const std::string where = event.case_name.empty() ? std::string() : case_title(run_.stacks, event.case_name) + ": ";
    write_line(fmt::format("{} {}{}", event.at, where, event_sentence(event, run_.stacks)));
  }
  std::fflush(out_);
}

void ProgressLine::leave_trial(const ShownEvent& done) {
  const Screen screen = screen_of(out_);
  const Ink ink = done.text.starts_with("failed") ? Ink::red : Ink::plain;
  const std::string text = visible(trial_text(progress_, done, phases_, run_.stacks), 1000);
  fmt::print(out_, "\r\033[K{}\n", inked(cut_to_width(text, screen.width), ink, screen));
  phases_.clear();
}

void ProgressLine::note(std::string_view text) {
  if (drawn_) std::fputs("\r\033[K", out_);
  drawn_ = false;
  write_line(text);
  std::fflush(out_);
}

void ProgressLine::write_line(std::string_view text) { fmt::print(out_, "{}\n", visible(text, 1000)); }

bool has_ended(const std::string& state) {
  constexpr std::array<std::string_view, 8> kEnds{"succeeded", "partly",    "failed",      "aborted",
                                                  "cancelled", "timed_out", "interrupted", "skipped"};
  return std::find(kEnds.begin(), kEnds.end(), state) != kEnds.end();
}

Exit exit_of(const std::string& state, bool keep_going) {
  const bool is_good = state == "succeeded" || (state == "partly" && keep_going);
  return is_good || !has_ended(state) ? Exit::ok : Exit::run_failed;
}

Outcome<ShownRun> watch_run(Session& session, const std::string& run_id, OnInterrupt on_interrupt) {
  // Without it the progress shows names instead of titles.
  auto before = fetch_run(session, run_id);
  if (!before && on_interrupt == OnInterrupt::leave) return before;
  ProgressLine line(stderr, session.quiet, before.value_or(ShownRun()));
  Interrupts interrupts(session, run_id, on_interrupt);
  Patience patience(line, interrupts);
  bool done = false;
  std::string last_id;
  const auto take = [&](const StreamEvent& event) {
    last_id = event.id.empty() ? last_id : event.id;
    const auto shown = wire::read_event(event.name, event.data);
    if (!shown) return;
    line.show(*shown);
    done = done || event.name == "done";
  };
  while (!done) {
    EventParser parser(take);  // a new one each time: what broke off in the midst of an event is sent again
    HttpRequest request;
    request.target = "/api/v1/events?run=" + percent_encoded(run_id);
    if (!last_id.empty()) request.headers.emplace_back("Last-Event-ID", last_id);
    const auto answer = session.client.follow(
        request,
        [&](std::string_view bytes) {
          patience.answered();
          parser.feed(bytes);
        },
        [&] { return !interrupts.pending(); });
    if (interrupts.must_leave())
      return fail_with(interrupts.exit(), fmt::format("stopped watching; the run is {}", run_id));
    interrupts.cancel(line);
    if (done || (answer && answer->status == 204)) break;
    if (!may_come_back(answer)) return tl::unexpected<Failure>(answer ? failure_of(*answer) : answer.error());
    if (const auto run = fetch_run(session, run_id); run && has_ended(run->state)) break;
    if (!patience.wait(!answer || answer->status == 503))
      return fail_with(Exit::unreachable, "the daemon no longer answers; continue later with `dyno runs watch`");
  }
  auto run = fetch_run(session, run_id);
  if (run && interrupts.cancelled())
    return fail_with(interrupts.exit(), fmt::format("run {} is {}", run_id, run->state));
  return run;
}

namespace {

// The last output of the server, once for all trials that failed alike.
void fetch_outputs(Session& session, std::vector<ShownTrial>& trials) {
  std::set<std::tuple<std::string, std::string, std::string>> asked;
  for (ShownTrial& trial : trials) {
    if (trial.failure.empty() || !asked.insert({trial.case_name, trial.failure, trial.reason}).second) continue;
    if (const auto body = fetch(session, "/api/v1/trials/" + percent_encoded(trial.id)))
      trial.last_output = wire::read_last_output(*body).value_or("");
  }
}

}  // namespace

Outcome<ShownResult> print_result(Session& session, const std::string& run_id) {
  const std::string base = "/api/v1/runs/" + percent_encoded(run_id);
  auto run = fetch_run(session, run_id);
  if (!run) return tl::unexpected<Failure>(run.error());
  auto summaries_body = fetch(session, base + "/summaries");
  if (!summaries_body) return tl::unexpected<Failure>(summaries_body.error());
  auto summaries = wire::read_summaries(*summaries_body);
  if (!summaries) return tl::unexpected<Failure>(summaries.error());
  auto gaps = wire::read_gaps(*summaries_body);
  if (!gaps) return tl::unexpected<Failure>(gaps.error());
  auto absences = wire::read_absences(*summaries_body);
  if (!absences) return tl::unexpected<Failure>(absences.error());
  ShownResult result{*run, std::move(*summaries), {}, {}, std::move(*gaps), std::move(*absences)};
  // Without these the tables are still right, with fewer lines around them.
  if (const auto body = fetch(session, base + "/trials"))
    result.trials = wire::read_trials(*body).value_or(std::vector<ShownTrial>());
  if (const auto body = fetch(session, base + "/environment"))
    result.facts = wire::read_facts(*body).value_or(std::vector<ShownFact>());
  if (const auto body = fetch(session, base + "/objectives"))
    result.objectives = wire::read_objectives(*body).value_or(std::vector<ShownObjective>());
  if (session.format == Format::table || session.format == Format::markdown) {
    fetch_outputs(session, result.trials);
    const bool on_one_screen = session.format == Format::table && !session.all;
    print_text(on_one_screen ? overview_text(result, session.client.server(), session.screen)
                             : result_text(result, session.client.server(), session.format));
  } else {
    print_answer(session, *summaries_body, summary_table(result));
  }
  return result;
}

}  // namespace dyno::cli

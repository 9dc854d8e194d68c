#include "cli/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stop_token>

#include "base/clock.h"
#include "base/encoding.h"
#include "cli/event_parser.h"
#include "cli/progress_line.h"
#include "cli/result_table.h"
#include "cli/signals.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

constexpr int kMostRetries = 20;  // half a second apart, without any event between them

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
    cancelled_ = true;
    line.note("cancelling and waiting for the clean-up (press Ctrl-C again to stop waiting)");
    HttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/runs/" + percent_encoded(run_id_) + "/cancel";
    if (const auto done = post(session_, request); !done) line.note(done.error().message);
  }
  Exit exit() const { return Signals::terminated() ? Exit::terminated : Exit::interrupted; }
  bool cancelled() const { return cancelled_; }

 private:
  static bool wanted() { return Signals::interrupts() > 0 || Signals::terminated(); }

  Session& session_;
  const std::string& run_id_;
  OnInterrupt on_interrupt_;
  bool cancelled_ = false;
};

}  // namespace

bool has_ended(const std::string& state) {
  constexpr std::array<std::string_view, 7> kEnds{"succeeded", "failed",      "aborted", "cancelled",
                                                  "timed_out", "interrupted", "skipped"};
  return std::find(kEnds.begin(), kEnds.end(), state) != kEnds.end();
}

Exit exit_of(const std::string& state) {
  return state == "succeeded" || !has_ended(state) ? Exit::ok : Exit::run_failed;
}

Outcome<ShownRun> watch_run(Session& session, const std::string& run_id, OnInterrupt on_interrupt) {
  // Without its titles the progress shows names.
  const auto before = fetch_run(session, run_id);
  ProgressLine line(stderr, session.quiet, before ? before->stacks : std::vector<ShownRunStack>());
  Interrupts interrupts(session, run_id, on_interrupt);
  RealClock clock;
  bool done = false;
  int silent_tries = 0;
  std::string last_id;
  EventParser parser([&](const StreamEvent& event) {
    last_id = event.id.empty() ? last_id : event.id;
    silent_tries = 0;
    const auto shown = wire::read_event(event.name, event.data);
    if (!shown) return;
    line.show(*shown);
    done = done || event.name == "done";
  });
  while (!done) {
    HttpRequest request;
    request.target = "/api/v1/events?run=" + percent_encoded(run_id);
    if (!last_id.empty()) request.headers.emplace_back("Last-Event-ID", last_id);
    const auto answer = session.client.follow(
        request, [&](std::string_view bytes) { parser.feed(bytes); }, [&] { return !interrupts.pending(); });
    if (interrupts.must_leave())
      return fail_with(interrupts.exit(), fmt::format("stopped watching; the run is {}", run_id));
    interrupts.cancel(line);
    if (done || (answer && answer->status == 204)) break;
    if (answer && answer->status != 200 && answer->status != 503 && answer->status != 0)
      return tl::unexpected<Failure>(failure_of(*answer));
    if (++silent_tries > kMostRetries)
      return fail_with(Exit::unreachable, "the daemon no longer answers; continue later with `dyno runs watch`");
    if (const auto run = fetch_run(session, run_id); run && has_ended(run->state)) break;
    wait_for(clock, std::chrono::milliseconds(500), std::stop_token());
  }
  auto run = fetch_run(session, run_id);
  if (run && interrupts.cancelled())
    return fail_with(interrupts.exit(), fmt::format("run {} is {}", run_id, run->state));
  return run;
}

Outcome<ShownRun> print_result(Session& session, const std::string& run_id) {
  const std::string base = "/api/v1/runs/" + percent_encoded(run_id);
  auto run = fetch_run(session, run_id);
  if (!run) return run;
  auto summaries_body = fetch(session, base + "/summaries");
  if (!summaries_body) return tl::unexpected<Failure>(summaries_body.error());
  auto summaries = wire::read_summaries(*summaries_body);
  if (!summaries) return tl::unexpected<Failure>(summaries.error());
  auto gaps = wire::read_gaps(*summaries_body);
  if (!gaps) return tl::unexpected<Failure>(gaps.error());
  ShownResult result{*run, std::move(*summaries), {}, {}, std::move(*gaps)};
  // Without these the tables are still right, with fewer lines around them.
  if (const auto body = fetch(session, base + "/trials"))
    result.trials = wire::read_trials(*body).value_or(std::vector<ShownTrial>());
  if (const auto body = fetch(session, base + "/environment"))
    result.facts = wire::read_facts(*body).value_or(std::vector<ShownFact>());
  if (session.format == Format::table || session.format == Format::markdown) {
    print_text(result_text(result, session.client.server(), session.format));
  } else {
    print_answer(session, *summaries_body, summary_table(result));
  }
  return run;
}

}  // namespace dyno::cli

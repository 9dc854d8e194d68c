#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/id.h"
#include "cli/commands.h"
#include "cli/objectives.h"
#include "cli/pieces.h"
#include "cli/started_run.h"
#include "cli/titles.h"
#include "cli/watch.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

std::string run_target(const std::string& id) { return "/api/v1/runs/" + percent_encoded(id); }

std::string stacks_text(const ShownRun& run) {
  std::string text;
  for (const ShownRunStack& stack : run.stacks) text += (text.empty() ? "" : ", ") + stack.name;
  return text;
}

std::string marks_text(const ShownRun& run) {
  std::string text = run.pinned ? "pinned" : "";
  if (!run.excluded.empty()) text += text.empty() ? "excluded" : ", excluded";
  for (const std::string& tag : run.tags) text += (text.empty() ? "#" : ", #") + tag;
  return text;
}

constexpr std::size_t kIdLength = 36;

// All runs whose id begins or ends so; the end is what the dashboard calls a run by. Newest first.
Outcome<std::vector<ShownRun>> find_runs(Session& session, const std::string& part) {
  std::vector<ShownRun> matches;
  std::string cursor;
  do {
    auto body = fetch(session, "/api/v1/runs?limit=200" + (cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor)));
    if (!body) return tl::unexpected<Failure>(body.error());
    auto runs = wire::read_runs(*body);
    if (!runs) return tl::unexpected<Failure>(runs.error());
    for (ShownRun& run : *runs) {
      if (part == "latest") return std::vector<ShownRun>{std::move(run)};
      if (run.id.starts_with(part) || run.id.ends_with(part)) matches.push_back(std::move(run));
    }
    cursor = wire::next_cursor(*body);
  } while (!cursor.empty());
  return matches;
}

// Which of a run's builds is meant where none is named.
Outcome<std::string> choose_build(const std::vector<ShownBuild>& builds) {
  if (builds.empty()) return fail_with(Exit::not_found, "the run has built nothing: its images were there already");
  std::vector<const ShownBuild*> wanted;
  for (const char* const state : {"running", "failed"}) {
    if (!wanted.empty()) break;
    for (const ShownBuild& build : builds) {
      if (build.state == state) wanted.push_back(&build);
    }
  }
  if (wanted.size() == 1) return wanted.front()->name;
  if (builds.size() == 1) return builds.front().name;
  std::string text = "the run has several builds; name one of them:";
  for (const ShownBuild& build : builds)
    text += fmt::format("\n  {}  {}{}{}", build.name, build.state, build.step.empty() ? "" : ", ", build.step);
  return fail_with(Exit::usage, text);
}

// Of the runs that have not ended, when the daemon expects them to: what it knows of.
Outcome<std::map<std::string, std::string>> expected_ends(Session& session, const std::vector<ShownRun>& runs) {
  if (std::none_of(runs.begin(), runs.end(), [](const ShownRun& run) { return run.finished_at.empty(); })) return {};
  const auto body = fetch(session, "/api/v1/queue");
  if (!body) return tl::unexpected<Failure>(body.error());
  return wire::read_expected_ends(*body);
}

Outcome<Exit> watch_and_print(Session& session, const std::string& id, OnInterrupt on_interrupt,
                              bool keep_going = false) {
  const auto ended = watch_run(session, id, on_interrupt);
  if (!ended) return tl::unexpected<Failure>(ended.error());
  const auto printed = print_result(session, id);
  if (!printed) return tl::unexpected<Failure>(printed.error());
  const Exit exit = exit_of(ended->state, keep_going);
  return exit == Exit::ok && has_broken(printed->objectives) ? Exit::broken : exit;
}

}  // namespace

Outcome<std::string> find_id(Session& session, const std::string& part) {
  if (part.size() == kIdLength) return part;
  const auto runs = find_runs(session, part);
  if (!runs) return tl::unexpected<Failure>(runs.error());
  if (runs->size() == 1) return runs->front().id;
  if (runs->empty()) return fail_with(Exit::not_found, fmt::format("no run's id begins or ends with \"{}\"", part));
  constexpr std::size_t kListed = 20;
  std::string text = fmt::format("\"{}\" is the beginning or end of the ids of {} runs:", part, runs->size());
  for (std::size_t i = 0; i < std::min(kListed, runs->size()); ++i) {
    const ShownRun& run = (*runs)[i];
    text += fmt::format("\n  {}  {}, {}, {}", run.id, stamp(run.created_at), run.state, run.profile);
  }
  if (runs->size() > kListed) text += fmt::format("\n  and {} more", runs->size() - kListed);
  return fail_with(Exit::usage, text);
}

namespace {

// A name has no slash in it.
bool is_folder(const std::string& text) { return text == "." || text == ".." || text.find('/') != std::string::npos; }

// Names and globs as they are; folders are sent, and stand under the names of their stacks.
Outcome<std::vector<std::string>> stacks_of(Session& session, const std::vector<std::string>& words) {
  if (words.empty()) return std::vector<std::string>{"*"};
  std::vector<std::string> names;
  for (const std::string& word : words) {
    if (!is_folder(word)) {
      names.push_back(word);
      continue;
    }
    auto sent = upload_folder(session, word);
    if (!sent) return tl::unexpected<Failure>(sent.error());
    names.push_back(std::move(*sent));
  }
  return names;
}

}  // namespace

Outcome<StartedRun> post_run(Session& session, const wire::Wish& wish) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1/runs";
  // Makes the second try below harmless: an answer may be lost although the run was queued.
  request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", new_id(RealClock().wall_now())}};
  request.body = wire::new_run(wish);
  auto body = post(session, request);
  if (!body && body.error().exit == Exit::unreachable) body = post(session, request);
  if (!body) return tl::unexpected<Failure>(body.error());
  auto run = wire::read_run(*body);
  if (!run) return tl::unexpected<Failure>(run.error());
  return StartedRun{std::move(*run), std::move(*body)};
}

Outcome<Exit> start_run(Session& session, const RunOptions& options) {
  const auto stacks = stacks_of(session, options.stacks);
  if (!stacks) return tl::unexpected<Failure>(stacks.error());
  const auto started = post_run(session, {.stacks = *stacks,
                                          .profile = options.profile,
                                          .blocks = options.blocks,
                                          .seed = options.seed,
                                          .note = options.note});
  if (!started) return tl::unexpected<Failure>(started.error());
  const ShownRun& run = started->run;
  if (options.detach) {
    print_text(session.format == Format::json || session.format == Format::ndjson ? wire::as_ndjson(started->body)
                                                                                  : run.id + "\n");
    return Exit::ok;
  }
  print_note(session, fmt::format("run {}: {}; profile {}", run.id, stacks_text(run), run.profile));
  return watch_and_print(session, run.id, OnInterrupt::cancel_run, options.keep_going);
}

Outcome<Exit> list_runs(Session& session, const ListOptions& options) {
  std::string target = fmt::format("/api/v1/runs?limit={}", options.limit);
  for (const std::string& stack : options.stacks) target += "&stack=" + percent_encoded(stack);
  for (const std::string& state : options.states) target += "&state=" + percent_encoded(state);
  for (const std::string& tag : options.tags) target += "&tag=" + percent_encoded(tag);
  if (options.pinned) target += "&pinned=true";
  const auto body = fetch(session, target);
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto runs = wire::read_runs(*body);
  if (!runs) return tl::unexpected<Failure>(runs.error());
  const auto ends = expected_ends(session, *runs);
  if (!ends) return tl::unexpected<Failure>(ends.error());
  const Column state{.title = "STATE", .state = true};
  Table table{"",
              {{"RUN", false, false, true},
               state,
               {"PROFILE"},
               {"CREATED", false, true},
               {"STARTED BY"},
               {"DONE", true},
               {"ETA", false, true},
               {"STACKS", false, false, false, true}},
              {}};
  const bool has_marks =  // the columns of CSV stay the same
      session.format == Format::csv ||
      std::any_of(runs->begin(), runs->end(), [](const ShownRun& run) { return !marks_text(run).empty(); });
  if (has_marks) table.columns.insert(table.columns.end() - 1, {"MARKS"});
  for (const ShownRun& run : *runs) {
    // Of as many blocks as it may measure: it may be further than that.
    const char* const least = run.compare ? "≥ " : "";
    const std::string done = run.progress ? fmt::format("{}{:.0f} %", least, run.progress->done_ratio * 100) : "";
    table.rows.push_back({run.id, run.state, run.profile, run.created_at, starter_title(run.trigger, run.schedule),
                          done, ends->contains(run.id) ? ends->at(run.id) : "", stacks_text(run)});
    if (has_marks) table.rows.back().insert(table.rows.back().end() - 1, marks_text(run));
  }
  print_answer(session, *body, table);
  return Exit::ok;
}

Outcome<Exit> show_run(Session& session, const std::string& id) {
  const auto full = find_id(session, id);
  if (!full) return tl::unexpected<Failure>(full.error());
  const auto printed = print_result(session, *full);
  if (!printed) return tl::unexpected<Failure>(printed.error());
  return Exit::ok;
}

Outcome<Exit> follow_run(Session& session, const std::string& id) {
  const auto full = find_id(session, id);
  if (!full) return tl::unexpected<Failure>(full.error());
  return watch_and_print(session, *full, OnInterrupt::leave);
}

Outcome<Exit> show_log(Session& session, const LogOptions& options) {
  const auto id = find_id(session, options.run);
  if (!id) return tl::unexpected<Failure>(id.error());
  std::string name = options.name;
  if (name.empty()) {
    const auto body = fetch(session, run_target(*id) + "/builds");
    if (!body) return tl::unexpected<Failure>(body.error());
    const auto builds = wire::read_builds(*body);
    if (!builds) return tl::unexpected<Failure>(builds.error());
    const auto chosen = choose_build(*builds);
    if (!chosen) return tl::unexpected<Failure>(chosen.error());
    name = *chosen;
  }
  HttpRequest request;
  request.target = fmt::format("{}/builds/{}/log", run_target(*id), percent_encoded(name));
  if (options.follow) request.target += "?follow=true";
  const auto answer = session.client.follow(
      request,
      [](std::string_view bytes) {
        print_text(bytes);
        std::fflush(stdout);
      },
      [] { return Signals::interrupts() == 0 && !Signals::terminated(); });
  if (Signals::terminated()) return Exit::terminated;
  if (Signals::interrupts() > 0) return Exit::interrupted;
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != 200) return tl::unexpected<Failure>(failure_of(*answer));
  return Exit::ok;
}

Outcome<Exit> cancel_run(Session& session, const std::string& id) {
  const auto full = find_id(session, id);
  if (!full) return tl::unexpected<Failure>(full.error());
  HttpRequest request;
  request.method = "POST";
  request.target = run_target(*full) + "/cancel";
  const auto body = post(session, request);
  if (!body) return tl::unexpected<Failure>(body.error());
  print_note(session, fmt::format("run {} is being cancelled", *full));
  return Exit::ok;
}

Outcome<Exit> move_run(Session& session, const std::string& id, int position) {
  const auto full = find_id(session, id);
  if (!full) return tl::unexpected<Failure>(full.error());
  HttpRequest request;
  request.method = "POST";
  request.target = fmt::format("{}/move?position={}", run_target(*full), position);
  const auto body = post(session, request);
  if (!body) return tl::unexpected<Failure>(body.error());
  print_note(session, fmt::format("run {} has been moved", *full));
  return Exit::ok;
}

Outcome<Exit> retry_run(Session& session, const std::string& id) {
  const auto full = find_id(session, id);
  if (!full) return tl::unexpected<Failure>(full.error());
  HttpRequest request;
  request.method = "POST";
  request.target = run_target(*full) + "/retry";
  const auto body = post(session, request);
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto run = wire::read_run(*body);
  if (!run) return tl::unexpected<Failure>(run.error());
  print_text(session.format == Format::json || session.format == Format::ndjson ? wire::as_ndjson(*body)
                                                                                : run->id + "\n");
  return Exit::ok;
}

}  // namespace dyno::cli

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

Outcome<Exit> print_body(Session& session, const Outcome<std::string>& body, Outcome<Table> (*read)(std::string_view)) {
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto table = read(*body);
  if (!table) return tl::unexpected<Failure>(table.error());
  print_answer(session, *body, *table);
  const std::string problems = wire::file_problems(*body);
  if (!problems.empty()) print_note(session, "\nUnusable files:\n" + problems);
  return Exit::ok;
}

Outcome<Exit> print_list(Session& session, const std::string& target, Outcome<Table> (*read)(std::string_view)) {
  return print_body(session, fetch(session, target), read);
}

constexpr std::size_t kMostFileBytes = std::size_t{16} << 20U;

std::string kind_of(const ValidateOptions& options, const std::string& file) {
  if (!options.kind.empty()) return options.kind;
  if (file.find("profiles/") != std::string::npos) return "profile";
  if (file.find("schedules/") != std::string::npos) return "schedule";
  if (file.find("workloads/") != std::string::npos || file.ends_with("workloads.yaml")) return "workload";
  if (file.ends_with("service.yaml")) return "service";
  return "stack";
}

}  // namespace

Outcome<Exit> list_stacks(Session& session) { return print_list(session, "/api/v1/stacks", wire::stack_table); }
Outcome<Exit> rescan_stacks(Session& session) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/api/v1/stacks/rescan";
  const auto body = post(session, request);
  auto printed = print_body(session, body, wire::stack_table);
  if (!printed || *printed != Exit::ok) return printed;
  return wire::file_problems(*body).empty() ? Exit::ok : Exit::failure;
}
Outcome<Exit> list_profiles(Session& session) { return print_list(session, "/api/v1/profiles", wire::profile_table); }
Outcome<Exit> list_schedules(Session& session) {
  return print_list(session, "/api/v1/schedules", wire::schedule_table);
}

Outcome<Exit> show_member(Session& session, const std::string& collection, const std::string& name) {
  return print_list(session, fmt::format("/api/v1/{}/{}", collection, percent_encoded(name)), wire::member_table);
}

Outcome<Exit> list_due_times(Session& session, const std::string& schedule, int count) {
  return print_list(session, fmt::format("/api/v1/schedules/{}/next?n={}", percent_encoded(schedule), count),
                    wire::due_table);
}

Outcome<Exit> list_fires(Session& session, const std::string& schedule, int count) {
  return print_list(session, fmt::format("/api/v1/schedules/{}/history?limit={}", percent_encoded(schedule), count),
                    wire::fire_table);
}

namespace {

Outcome<std::string> ask_schedule(Session& session, const std::string& method, const std::string& name,
                                  const std::string& rest, HttpRequest request = {}) {
  request.method = method;
  request.target = fmt::format("/api/v1/schedules/{}{}", percent_encoded(name), rest);
  return post(session, request);
}

Outcome<Exit> told(Session& session, const Outcome<std::string>& body, const std::string& words) {
  if (!body) return tl::unexpected<Failure>(body.error());
  print_note(session, words);
  return Exit::ok;
}

// Replaces the schedule that is stored now, and none that somebody stores between the two requests.
Outcome<std::string> replace_schedule(Session& session, const std::string& name, HttpRequest request) {
  request.target = fmt::format("/api/v1/schedules/{}", percent_encoded(name));
  HttpRequest look;
  look.target = request.target;
  const auto stored = session.client.send(look);
  if (!stored) return tl::unexpected<Failure>(stored.error());
  if (stored->status != 200) return tl::unexpected<Failure>(failure_of(*stored));
  // One of a file has no version: the daemon says that it is changed there.
  request.headers.emplace_back("If-Match", stored->etag.empty() ? "*" : stored->etag);
  request.method = "PUT";
  auto answer = session.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  constexpr int kChangedSince = 412;
  if (answer->status == kChangedSince) {
    return fail_with(
        failure_of(*answer).exit,
        fmt::format("{0} has just been changed by somebody else and is not replaced; `dyno schedule show {0}` "
                    "shows it as it is now",
                    name));
  }
  if (answer->status != 200) return tl::unexpected<Failure>(failure_of(*answer));
  return std::move(answer->body);
}

}  // namespace

Outcome<Exit> run_schedule(Session& session, const std::string& schedule, bool force) {
  const auto body = ask_schedule(session, "POST", schedule, force ? "/run?force=true" : "/run");
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto run = wire::read_run(*body);
  if (!run) return tl::unexpected<Failure>(run.error());
  print_text(run->id + "\n");
  return Exit::ok;
}

Outcome<Exit> pause_schedule(Session& session, const std::string& schedule) {
  return told(session, ask_schedule(session, "POST", schedule, "/pause"),
              fmt::format("{} is paused; a run under way goes on", schedule));
}

Outcome<Exit> resume_schedule(Session& session, const std::string& schedule) {
  return told(session, ask_schedule(session, "POST", schedule, "/resume"), schedule + " is not paused");
}

Outcome<Exit> add_schedule(Session& session, const std::string& file, bool replace) {
  auto text = read_file(file, kMostFileBytes, FileKind::regular_or_pipe);
  if (!text) return fail_with(Exit::not_found, text.error().message);
  HttpRequest request;
  request.headers = {{"Content-Type", "application/yaml"}};
  request.body = std::move(*text);
  if (replace) {
    const std::string name = file.substr(file.find_last_of('/') + 1);
    const std::string stem = name.substr(0, name.find('.'));
    return told(session, replace_schedule(session, stem, std::move(request)), stem + " is replaced");
  }
  request.method = "POST";
  request.target = "/api/v1/schedules";
  return told(session, post(session, request), file + " is stored");
}

Outcome<Exit> remove_schedule(Session& session, const std::string& schedule) {
  HttpRequest request;
  request.headers = {{"If-Match", "*"}};
  return told(session, ask_schedule(session, "DELETE", schedule, "", std::move(request)), schedule + " is removed");
}

Outcome<Exit> print_names(Session& session, const std::string& collection) {
  const auto body = fetch(session, "/api/v1/" + collection);
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto names = wire::read_names(*body);
  if (!names) return tl::unexpected<Failure>(names.error());
  if (collection == "runs") print_text("latest\n");
  for (const std::string& name : *names) print_text(name + "\n");
  return Exit::ok;
}

Outcome<Exit> show_version(Session& session, const std::string& own_version) {
  print_text(fmt::format("dyno {}\n", own_version));
  const auto body = fetch(session, "/version");
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto table = wire::member_table(*body);
  if (!table) return tl::unexpected<Failure>(table.error());
  print_answer(session, *body, *table);
  return Exit::ok;
}

// Checks all files, whatever the first one gives.
Outcome<Exit> validate_files(Session& session, const ValidateOptions& options) {
  Exit exit = Exit::ok;
  for (const std::string& file : options.files) {
    auto text = read_file(file, kMostFileBytes, FileKind::regular_or_pipe);
    if (!text) return fail_with(Exit::not_found, text.error().message);
    HttpRequest request;
    request.method = "POST";
    request.target =
        fmt::format("/api/v1/stacks/validate?kind={}&file={}", kind_of(options, file), percent_encoded(file));
    request.headers = {{"Content-Type", "application/yaml"}};
    request.body = std::move(*text);
    const auto answer = session.client.send(request);
    if (!answer) return tl::unexpected<Failure>(answer.error());
    if (answer->status == 200) {
      print_text(session.format == Format::json || session.format == Format::ndjson ? wire::as_ndjson(answer->body)
                                                                                    : file + ": valid\n");
    } else if (answer->status == 422) {
      exit = Exit::failure;
      print_text(session.format == Format::json || session.format == Format::ndjson
                     ? wire::as_ndjson(answer->body)
                     : wire::problem_text(answer->body, 422) + "\n");
    } else {
      return tl::unexpected<Failure>(failure_of(*answer));
    }
  }
  return exit;
}

}  // namespace dyno::cli

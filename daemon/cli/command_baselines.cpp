#include <fmt/format.h>

#include "base/encoding.h"
#include "cli/commands.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

std::string baseline_target(const std::string& name) { return "/api/v1/baselines/" + percent_encoded(name); }

}  // namespace

Outcome<Exit> list_baselines(Session& session) {
  const auto body = fetch(session, "/api/v1/baselines");
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto table = wire::baseline_table(*body);
  if (!table) return tl::unexpected<Failure>(table.error());
  print_answer(session, *body, *table);
  return Exit::ok;
}

Outcome<Exit> set_baseline(Session& session, const BaselineOptions& options) {
  const auto ref = reference_of(session, options.ref);
  if (!ref) return tl::unexpected<Failure>(ref.error());
  HttpRequest look;
  look.target = baseline_target(options.name);
  const auto known = session.client.send(look);
  if (!known) return tl::unexpected<Failure>(known.error());
  HttpRequest request;
  request.method = "PUT";
  request.target = baseline_target(options.name);
  request.headers = {{"Content-Type", "application/json"}};
  if (known->status == 200) request.headers.emplace_back("If-Match", known->etag);
  request.body = wire::new_baseline(
      {.ref = *ref, .profile = options.profile, .schedule = options.schedule, .stack = options.stack});
  const auto answer = session.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != 200 && answer->status != 201) return tl::unexpected<Failure>(failure_of(*answer));
  if (session.format == Format::table) {
    print_note(session, fmt::format("baseline:{} is {}", options.name, *ref));
    return Exit::ok;
  }
  const auto table = wire::member_table(answer->body);
  if (!table) return tl::unexpected<Failure>(table.error());
  print_answer(session, answer->body, *table);
  return Exit::ok;
}

Outcome<Exit> remove_baseline(Session& session, const std::string& name) {
  HttpRequest request;
  request.method = "DELETE";
  request.target = baseline_target(name);
  request.headers = {{"If-Match", "*"}};
  const auto answer = session.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status != 204) return tl::unexpected<Failure>(failure_of(*answer));
  print_note(session, fmt::format("the baseline {} is removed; the runs that it named stay", name));
  return Exit::ok;
}

}  // namespace dyno::cli

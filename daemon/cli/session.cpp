#include "cli/session.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/text.h"
#include "cli/wire.h"

namespace dyno::cli {

Failure failure_of(const HttpAnswer& answer) {
  Failure failure{Exit::failure, wire::problem_text(answer.body, answer.status)};
  if (answer.status == 404) failure.exit = Exit::not_found;
  if (answer.status == 401 || answer.status == 403 || answer.status == 421) failure.exit = Exit::not_allowed;
  if (answer.status == 408 || answer.status == 504) failure.exit = Exit::timed_out;
  return failure;
}

Outcome<std::string> post(Session& session, const HttpRequest& request) {
  auto answer = session.client.send(request);
  if (!answer) return tl::unexpected<Failure>(answer.error());
  if (answer->status < 200 || answer->status > 299) return tl::unexpected<Failure>(failure_of(*answer));
  return std::move(answer->body);
}

Outcome<std::string> fetch(Session& session, const std::string& target) {
  HttpRequest request;
  request.target = target;
  return post(session, request);
}

void print_text(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_answer(const Session& session, std::string_view body, const Table& table) {
  switch (session.format) {
    case Format::table: return print_text(as_text(table, session.screen.width));
    case Format::markdown: return print_text(as_markdown(table));
    case Format::csv: return print_text(as_csv(table));
    case Format::ndjson: return print_text(wire::as_ndjson(body));
    case Format::json: return print_text(wire::pretty(body));
  }
}

void print_note(const Session& session, std::string_view text) {
  if (!session.quiet) fmt::print(stderr, "{}\n", text);
}

}  // namespace dyno::cli

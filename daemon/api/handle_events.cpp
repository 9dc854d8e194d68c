#include <array>

#include "api/answers.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/negotiation.h"
#include "api/parameters.h"
#include "api/tables.h"
#include "api/wire.h"
#include "base/text.h"

namespace dyno::api {
namespace {

// Last-Event-ID wins: a browser that reconnects repeats its old address with it.
tl::expected<std::optional<std::int64_t>, Problem> read_since(const Request& request) {
  std::optional<std::int64_t> since;
  for (const auto& text : {request.parameter("since"), request.header("last-event-id")}) {
    if (!text || (text->empty() && since)) continue;
    const auto id = parse_int(*text);
    if (!id || *id < 0) return tl::unexpected<Problem>(bad_parameter("since", "since must be the id of an event"));
    since = *id;
  }
  return since;
}

// The event after which to begin: `since` where it is given, otherwise the one that leaves `last`, otherwise none.
tl::expected<std::optional<std::int64_t>, Problem> begin_of(const ApiContext& context, const Request& request) {
  auto since = read_since(request);
  const auto last = int_parameter(request, "last", {1, 1000, 0});
  if (!since) return since;
  if (!last) return tl::unexpected<Problem>(last.error());
  if (*since || *last == 0) return *since;
  const auto id = context.reader.event_before_last(std::string(request.parameter("run").value_or("")), *last);
  if (!id) return tl::unexpected<Problem>(problem_of(id.error()));
  return *id;
}

// Stored events as a list, oldest first; `next` is the `since` of the next page.
Response list_events(const ApiContext& context, const Request& request, std::int64_t since, int limit) {
  const std::string run_id(request.parameter("run").value_or(""));
  if (!run_id.empty()) {
    const auto run = context.reader.run(run_id);
    if (!run) return problem_answer(run.error(), request);
  }
  auto rows = context.reader.events(since, run_id, limit + 1);  // one more tells whether there is a next page
  if (!rows) return problem_answer(rows.error(), request);
  std::optional<std::int64_t> next;
  if (rows->size() > static_cast<std::size_t>(limit)) {
    rows->pop_back();
    next = rows->back().id;
  }
  Response answer = rows_answer(
      request, [&] { return wire::events(*rows, next); }, [&] { return tables::events(std::move(*rows)); });
  if (next) add_next_link(answer, request, "since", std::to_string(*next));
  return answer;
}

// A stream where anything is taken, as ever; a list where one of its forms is asked for.
tl::expected<bool, Problem> wants_list(const Request& request) {
  if (request.parameter("format")) return true;
  constexpr std::array<std::string_view, 4> kTypes{"text/event-stream", "application/json", "text/csv",
                                                   "application/x-ndjson"};
  const auto chosen = choose_type(request.header("accept"), kTypes);
  if (chosen) return *chosen > 0;
  return tl::unexpected<Problem>(
      Problem{406,
              "not-acceptable",
              "events exist as text/event-stream, application/json, text/csv and application/x-ndjson",
              {}});
}

}  // namespace

Response watch_events(const ApiContext& context, const Request& request, const PathValues&) {
  const auto since = begin_of(context, request);
  if (!since) return problem_answer(since.error(), request.id);
  const auto limit = int_parameter(request, "limit", {1, 1000, 500});
  if (!limit) return problem_answer(limit.error(), request.id);
  const auto list = wants_list(request);
  if (!list) return problem_answer(list.error(), request.id);
  if (*list) return list_events(context, request, since->value_or(0), *limit);
  EventStream wanted;
  if (const auto run_id = request.parameter("run")) {
    const auto run = context.reader.run(std::string(*run_id));
    if (!run) return problem_answer(run.error(), request);
    wanted.run_id = run->id;
    wanted.since = since->value_or(0);
    const auto newer = context.reader.events(wanted.since, wanted.run_id, 1);
    if (!newer) return problem_answer(newer.error(), request);
    if (newer->empty() && model::is_terminal(run->state)) return text_answer("", "", 204);
  } else {
    const auto last = context.reader.last_event_id();
    if (!last) return problem_answer(last.error(), request);
    wanted.since = since->value_or(*last);
  }
  Response answer;
  answer.content_type = "text/event-stream";
  answer.stream = [&context, wanted](const StreamSink& sink) { stream_events(context, wanted, sink); };
  return answer;
}

}  // namespace dyno::api

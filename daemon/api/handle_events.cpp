#include "api/answers.h"
#include "api/event_stream.h"
#include "api/handlers.h"
#include "api/parameters.h"
#include "base/text.h"

namespace dyno::api {
namespace {

// Last-Event-ID wins: a browser that reconnects repeats its old address with it.
tl::expected<std::optional<std::int64_t>, Problem> read_since(const Request& request) {
  auto text = request.header("last-event-id");
  if (!text || text->empty()) text = request.parameter("since");
  if (!text) return std::optional<std::int64_t>();
  const auto id = parse_int(*text);
  if (!id || *id < 0) return tl::unexpected<Problem>(bad_parameter("since", "since has to be the id of an event"));
  return std::optional<std::int64_t>(*id);
}

}  // namespace

Response watch_events(const ApiContext& context, const Request& request, const PathValues&) {
  const auto since = read_since(request);
  if (!since) return problem_answer(since.error(), request.id);
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

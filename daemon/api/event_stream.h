// Stored events, passing samples and the build that goes on as server-sent events. The id of an event is its row id, so that a reader
// resumes without a gap across restarts of either side; a sample and a build have none. A build is told once a second at most,
// whatever it prints. Runs on the thread of its stream until the reader leaves, falls behind, the run is done or the daemon stops.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/api_context.h"
#include "api/response.h"
#include "model/run_event.h"

namespace dyno::api {

struct EventStream {
  std::string run_id;      // empty: all runs
  std::int64_t since = 0;  // events above this id
};

void stream_events(const ApiContext& context, EventStream wanted, const StreamSink& sink);

// state, phase, log or done: the event's name on the stream.
std::string_view stream_name(const model::EventRow& row);
// "id: …\nevent: …\ndata: …\n\n"
std::string sse_text(const model::EventRow& row);
std::string sse_text(const model::LiveSample& sample);
std::string sse_text(const model::LiveBuild& build);

}  // namespace dyno::api

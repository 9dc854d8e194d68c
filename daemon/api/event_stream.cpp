#include "api/event_stream.h"

#include <fmt/format.h>

#include "api/wire.h"

namespace dyno::api {
namespace {

constexpr int kPage = 500;
constexpr auto kWait = std::chrono::seconds(1);     // how soon a gone reader is noticed
constexpr auto kSilence = std::chrono::seconds(8);  // after this a comment shows that the stream lives

bool ends(const model::EventRow& row) { return row.state && model::is_terminal(*row.state); }

// Writes what is stored already; false when the stream is over.
bool replay(const ApiContext& context, EventStream& wanted, const StreamSink& sink) {
  while (!sink.stop.stop_requested()) {
    const auto rows = context.reader.events(wanted.since, wanted.run_id, kPage);
    if (!rows) return false;
    for (const model::EventRow& row : *rows) {
      if (!sink.write(sse_text(row))) return false;
      wanted.since = row.id;
      if (!wanted.run_id.empty() && ends(row)) return false;
    }
    if (rows->size() < kPage) return true;
  }
  return false;
}

// Writes one item; false when the stream is over.
bool write_item(const store::FeedItem& item, EventStream& wanted, const StreamSink& sink) {
  if (const auto* const sample = std::get_if<model::LiveSample>(&item)) return sink.write(sse_text(*sample));
  const model::EventRow& row = std::get<model::EventRow>(item);
  if (row.id <= wanted.since) return true;  // came with the replay
  wanted.since = row.id;
  return sink.write(sse_text(row)) && (wanted.run_id.empty() || !ends(row));
}

}  // namespace

std::string_view stream_name(const model::EventRow& row) {
  if (row.kind == "state") return ends(row) ? "done" : "state";
  if (row.kind == "trial" || row.kind == "step" || row.kind == "phase" || row.kind == "trial_done") return "phase";
  return "log";
}

std::string sse_text(const model::EventRow& row) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", row.id, stream_name(row), wire::event(row));
}

std::string sse_text(const model::LiveSample& sample) {
  return fmt::format("event: sample\ndata: {}\n\n", wire::live_sample(sample));
}

void stream_events(const ApiContext& context, EventStream wanted, const StreamSink& sink) {
  if (!sink.write("retry: 3000\n\n")) return;
  // Subscribed before the past is read: what happens meanwhile waits in the queue, and ids tell the double ones.
  const auto subscription = context.feed.subscribe(wanted.run_id);
  if (!replay(context, wanted, sink)) return;
  MonotonicTime written = context.clock.now();
  while (!sink.stop.stop_requested() && !subscription->ended() && sink.is_open()) {
    const auto item = subscription->next(kWait, sink.stop);
    if (item) {
      if (!write_item(*item, wanted, sink)) return;
      written = context.clock.now();
    } else if (context.clock.now() - written >= kSilence) {
      if (!sink.write(":\n\n")) return;
      written = context.clock.now();
    }
  }
}

}  // namespace dyno::api

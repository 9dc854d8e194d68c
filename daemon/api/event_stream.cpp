#include "api/event_stream.h"

#include <fmt/format.h>

#include "api/wire.h"

namespace dyno::api {
namespace {

constexpr int kPage = 500;
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
  if (row.kind == "resumed") return "state";
  if (row.kind == "trial" || row.kind == "step" || row.kind == "phase" || row.kind == "trial_done") return "phase";
  return "log";
}

std::string sse_text(const model::EventRow& row) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", row.id, stream_name(row), wire::event(row));
}

std::string sse_text(const model::LiveSample& sample) {
  return fmt::format("event: sample\ndata: {}\n\n", wire::live_sample(sample));
}

std::string sse_text(const model::LiveBuild& build) {
  return fmt::format("event: build\ndata: {}\n\n", wire::live_build(build));
}

namespace {

// Tells a watcher how far the build is: looked at, not posted, so that no build is slowed down or flooded by who watches.
class BuildWatch {
 public:
  BuildWatch(const ApiContext& context, const std::string& run_id) : context_(context), run_id_(run_id) {}

  // What is to be told now; empty: nothing.
  std::string news() {
    const MonotonicTime now = context_.clock.now();
    if (context_.present_build == nullptr || (looked_ && now - *looked_ < kStreamWait)) return {};
    looked_ = now;
    const auto live = context_.present_build->look();
    if (!live || (!run_id_.empty() && live->run_id != run_id_)) return {};
    const std::string seen = fmt::format("{} {} {}", live->run_id, live->build.name, live->build.lines);
    if (seen == seen_) return {};
    seen_ = seen;
    return sse_text(*live);
  }

 private:
  const ApiContext& context_;
  const std::string run_id_;
  std::optional<MonotonicTime> looked_;
  std::string seen_;
};

}  // namespace

void stream_events(const ApiContext& context, EventStream wanted, const StreamSink& sink) {
  if (!sink.write("retry: 3000\n\n")) return;
  // Subscribed before the past is read: what happens meanwhile waits in the queue, and ids tell the double ones.
  const auto subscription = context.feed.subscribe(wanted.run_id);
  if (!replay(context, wanted, sink)) return;
  MonotonicTime written = context.clock.now();
  BuildWatch builds(context, wanted.run_id);
  while (!sink.stop.stop_requested() && !subscription->ended() && sink.is_open()) {
    if (const std::string news = builds.news(); !news.empty()) {
      if (!sink.write(news)) return;
      written = context.clock.now();
    }
    const auto item = subscription->next(kStreamWait, sink.stop);
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

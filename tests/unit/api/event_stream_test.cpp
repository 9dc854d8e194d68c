#include "api/event_stream.h"

#include <algorithm>

#include "api_fixture.h"
#include "schema_check.h"

namespace dyno::api {
namespace {

using nlohmann::json;

using EventStreamTest = ApiFixture;

struct Received {
  std::int64_t id = 0;
  std::string name;
  json data;
};

std::vector<Received> parse(const std::string& text) {
  std::vector<Received> all;
  std::size_t begin = 0;
  for (std::size_t end = text.find("\n\n"); end != std::string::npos; begin = end + 2, end = text.find("\n\n", begin)) {
    Received one;
    for (std::size_t at = begin; at < end;) {
      const std::size_t line_end = std::min(text.find('\n', at), end);
      const std::string line = text.substr(at, line_end - at);
      if (line.starts_with("id: ")) one.id = std::stoll(line.substr(4));
      if (line.starts_with("event: ")) one.name = line.substr(7);
      if (line.starts_with("data: ")) one.data = json::parse(line.substr(6), nullptr, false);
      at = line_end + 1;
    }
    if (!one.name.empty()) all.push_back(one);
  }
  return all;
}

std::string run_stream(const Response& answer, int writes = 1000) {
  std::string text;
  StreamSink sink;
  sink.write = [&](std::string_view bytes) {
    text += bytes;
    return --writes > 0;
  };
  sink.is_open = [&] { return writes > 0; };
  answer.stream(sink);
  return text;
}

TEST_F(EventStreamTest, TellsTheWholeRunAndEndsWithDone) {
  const std::string id = tell_run();
  finish(id);
  const Response answer = get("/api/v1/events?run=" + id);
  ASSERT_TRUE(answer.stream);
  EXPECT_EQ(answer.content_type, "text/event-stream");
  const auto events = parse(run_stream(answer));
  ASSERT_GT(events.size(), 10U);
  EXPECT_EQ(events.front().name, "state");
  EXPECT_EQ(events.back().name, "done");
  EXPECT_EQ(events.back().data["state"], "succeeded");
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_TRUE(breaks_schema(events[i].data, "Event").empty()) << events[i].data;
    EXPECT_EQ(events[i].data["id"], events[i].id);
    EXPECT_GT(events[i].id, i == 0 ? 0 : events[i - 1].id);
  }
}

TEST_F(EventStreamTest, ResumesAfterTheLastIdWithoutAGap) {
  const std::string id = tell_run();
  finish(id);
  const auto all = parse(run_stream(get("/api/v1/events?run=" + id)));
  const std::int64_t middle = all[all.size() / 2].id;
  const auto rest =
      parse(run_stream(get("/api/v1/events?run=" + id + "&since=1", {{"last-event-id", std::to_string(middle)}})));
  EXPECT_EQ(rest.size(), all.size() - all.size() / 2 - 1);
  EXPECT_EQ(rest.front().id, all[all.size() / 2 + 1].id);
}

// Issue 14, row 17: the page of a long run asks for the end of its story.
TEST_F(EventStreamTest, Row17BeginsWithTheLastEventsWhereThatIsAsked) {
  const std::string id = tell_run();
  finish(id);
  const auto all = parse(run_stream(get("/api/v1/events?run=" + id)));
  const auto last = parse(run_stream(get("/api/v1/events?last=3&run=" + id)));
  ASSERT_EQ(last.size(), 3U);
  EXPECT_EQ(last.front().id, all[all.size() - 3].id);
  EXPECT_EQ(parse(run_stream(get("/api/v1/events?last=1000&run=" + id))).size(), all.size());
  // A browser that comes back misses nothing.
  const auto resumed = parse(
      run_stream(get("/api/v1/events?last=1&run=" + id, {{"last-event-id", std::to_string(all[all.size() - 4].id)}})));
  EXPECT_EQ(resumed.size(), 3U);
  EXPECT_EQ(get_json("/api/v1/events?format=json&last=2", "EventList")["items"].size(), 2U);
}

TEST_F(EventStreamTest, WhenNothingIsLeftTheBrowserIsToldNotToComeBack) {
  const std::string id = tell_run();
  finish(id);
  const std::int64_t last = parse(run_stream(get("/api/v1/events?run=" + id))).back().id;
  const Response answer = get("/api/v1/events?run=" + id, {{"last-event-id", std::to_string(last)}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_FALSE(answer.stream);
}

TEST_F(EventStreamTest, LiveItemsFollowThePastOnceEach) {
  const std::string id = tell_run();
  const Response answer = get("/api/v1/events?run=" + id);
  std::string text;
  int told = 0;
  StreamSink sink;
  // The first word of the stream finds it not yet subscribed; from the second on the run goes on while the past is told.
  sink.write = [&](std::string_view bytes) {
    text += bytes;
    if (++told == 2) {
      journal_.publish({id, {}, 1000, {}, 0, {}});
      finish(id);
    }
    return true;
  };
  sink.is_open = [] { return true; };
  answer.stream(sink);
  const auto events = parse(text);
  EXPECT_EQ(std::count_if(events.begin(), events.end(), [](const Received& e) { return e.name == "done"; }), 1);
  EXPECT_EQ(events.back().name, "done");
  std::vector<std::int64_t> ids;
  for (const Received& event : events) {
    if (event.name != "sample") ids.push_back(event.id);
  }
  EXPECT_TRUE(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) == ids.end());
}

// Issue 14, row 19.
TEST_F(EventStreamTest, Row19TellsWhatIsBuiltOnceASecondAtMost) {
  const std::string id = tell_run();
  run::PresentBuild::Entry& entry = present_build_.begin(id, model::ImageOwner::stack, "go-nethttp");
  const auto print = [&](int lines) {
    for (int i = 0; i < lines; ++i) present_build_.add(entry, {"noise " + std::to_string(i), "Step 3/4 : RUN make"});
  };
  print(500);
  const Response answer = get("/api/v1/events?run=" + id);
  std::string text;
  StreamSink sink;
  sink.is_open = [] { return true; };
  sink.write = [&](std::string_view bytes) {
    text += bytes;
    if (!bytes.starts_with("event: build")) return true;
    print(10);
    if (parse(text).back().data["lines"] == 500) {
      journal_.publish({id, {}, 1000, {}, 0, {}});  // within the same second
      journal_.publish({id, {}, 1000, {}, 0, {}});
    }
    finish(id);
    return true;
  };
  answer.stream(sink);
  std::vector<Received> builds;
  for (const Received& event : parse(text)) {
    if (event.name == "build") builds.push_back(event);
  }
  ASSERT_EQ(builds.size(), 1U);
  EXPECT_TRUE(breaks_schema(builds[0].data, "LiveBuild").empty()) << builds[0].data;
  EXPECT_EQ(builds[0].data["run"], id);
  EXPECT_EQ(builds[0].data["name"], "go-nethttp");
  EXPECT_EQ(builds[0].data["step"], "Step 3/4 : RUN make");
  EXPECT_EQ(builds[0].data["lines"], 500);
  EXPECT_EQ(builds[0].data["last_lines"].size(), 12U);
  EXPECT_EQ(builds[0].data["last_lines"].back(), "noise 499");
}

TEST_F(EventStreamTest, EndsWhenTheReaderLeaves) {
  const std::string id = tell_run();
  EXPECT_EQ(parse(run_stream(get("/api/v1/events?run=" + id), 3)).size(), 2U);
}

TEST_F(EventStreamTest, WithoutARunItBeginsNow) {
  tell_run();
  const Response answer = get("/api/v1/events");
  feed_.close();
  EXPECT_TRUE(parse(run_stream(answer)).empty());
}

TEST(EventStreamNames, FollowTheKind) {
  const auto name = [](const char* kind, std::optional<model::RunState> state = {}) {
    model::EventRow row;
    row.kind = kind;
    row.state = state;
    return stream_name(row);
  };
  EXPECT_EQ(name("state", model::RunState::running), "state");
  EXPECT_EQ(name("state", model::RunState::failed), "done");
  for (const char* const kind : {"trial", "step", "phase", "trial_done"}) EXPECT_EQ(name(kind), "phase");
  for (const char* const kind : {"environment", "plan", "stack", "startup", "memory", "look", "new"})
    EXPECT_EQ(name(kind), "log");
}

}  // namespace
}  // namespace dyno::api

#include "record/record.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "random_value.h"

namespace dyno::record {
namespace {

constexpr int kDraws = 60;

// One value of the I-th kind of event.
template <std::size_t I = 0>
void draw_event(std::size_t index, Draw& draw, model::RunEvent& event) {
  if constexpr (I < std::variant_size_v<model::RunEvent>) {
    if (index == I) draw.fill(event.emplace<I>());
    else draw_event<I + 1>(index, draw, event);
  }
}

class EveryEvent : public testing::TestWithParam<std::size_t> {};

TEST_P(EveryEvent, ComesBackAsItWas) {
  Draw draw(GetParam() + 1);
  for (int i = 0; i < kDraws; ++i) {
    model::RunEvent event;
    draw_event(GetParam(), draw, event);
    const Result<EventRecord> record = record_event(event);
    ASSERT_TRUE(record) << record.error().message;
    const Result<model::RunEvent> back = read_event(*record);
    ASSERT_TRUE(back) << back.error().message << "\n" << record->json;
    EXPECT_TRUE(same(event, *back)) << record->json;
    EXPECT_EQ(record_event(*back)->json, record->json);
  }
}

INSTANTIATE_TEST_SUITE_P(Record, EveryEvent, testing::Range<std::size_t>(0, std::variant_size_v<model::RunEvent>));

TEST(RecordJob, ComesBackAsItWas) {
  Draw draw(7);
  for (int i = 0; i < kDraws; ++i) {
    model::Job job;
    draw.fill(job);
    const Result<std::string> text = record_job(job);
    ASSERT_TRUE(text) << text.error().message;
    const Result<model::Job> back = read_job(*text);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(same(job, *back)) << *text;
    EXPECT_EQ(*record_job(*back), *text);
  }
}

TEST(RecordJob, IsTheSameTextForTheSameWorkUnderAnotherSeed) {
  model::Job job;
  Draw(3).fill(job);
  model::Job tomorrow = job;
  tomorrow.run_id = "another";
  tomorrow.request.seed = job.request.seed + 1;
  EXPECT_EQ(*record_job(job), *record_job(tomorrow));
  tomorrow.profile.blocks += 1;
  EXPECT_NE(*record_job(job), *record_job(tomorrow));
}

TEST(RecordJob, RefusesARateThatItWouldNotHaveWritten) {
  model::Job job;
  job.profile.phases.resize(1);
  job.profile.phases[0].rate = model::RatesOfObjectives{};
  const std::string text = *record_job(job);
  const std::string rate = R"("rate":{"of_objectives":true})";
  const std::size_t at = text.find(rate);
  ASSERT_NE(at, std::string::npos) << text;
  const auto message_of = [&](const std::string& other) {
    const auto back = read_job(std::string(text).replace(at, rate.size(), "\"rate\":" + other));
    return back ? "it was taken" : back.error().message;
  };
  const std::string place = "/profile/phases/0/rate";
  EXPECT_EQ(message_of(R"({"of_objectives":1})"), place + "/of_objectives: expected true or false");
  EXPECT_EQ(message_of(R"({"of_objectives":null})"), place + "/of_objectives: expected true or false");
  EXPECT_EQ(message_of(R"({"of_objectives":false})"), place + "/of_objectives: expected true");
  EXPECT_EQ(message_of(R"({"of_wishes":true})"), place + "/of_wishes: unknown key");
  EXPECT_EQ(message_of("7"), place + ": expected null, per_s, share_of_cap or of_objectives");
}

TEST(RecordEvent, HasBulkPartsBesideTheText) {
  model::PhaseFinished phase;
  phase.result.histograms = {{"service", to_base64("bytes")}, {"response", to_base64("more")}};
  phase.timeline.resize(2);
  const Result<EventRecord> record = record_event(phase);
  ASSERT_TRUE(record);
  std::map<std::string, std::string> parts;
  for (const Attachment& attachment : record->attachments) parts[attachment.pointer] = attachment.bytes;
  EXPECT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[histogram_pointer(0)], "bytes");
  EXPECT_EQ(parts[histogram_pointer(1)], "more");
  EXPECT_TRUE(parts.contains(std::string(kPhaseTimeline)));
  EXPECT_EQ(record->json.find(to_base64("bytes")), std::string::npos);
}

TEST(RecordEvent, NamesTheStoresPlacesOfBulkParts) {
  model::PhaseFinished phase;
  phase.result.seconds.resize(1);
  EXPECT_EQ(record_event(phase)->attachments.at(0).pointer, kPhaseSeconds);
  model::MemoryMeasured memory;
  memory.samples.resize(1);
  EXPECT_EQ(record_event(memory)->attachments.at(0).pointer, kMemorySamples);
}

struct Bad {
  const char* what;
  std::string json;
  const char* message;
};

TEST(RecordEvent, RefusesWhatItWouldNotHaveWritten) {
  const std::string state = R"({"run_state_changed":{"reason":"","state":"running"}})";
  ASSERT_TRUE(read_event({state, {}}));
  const std::vector<Bad> rows{
      {"no JSON", "{", "not JSON"},
      {"another event", R"({"moon_landed":{}})", "/moon_landed: the event is unknown to this program"},
      {"two events", R"({"a":{},"b":{}})", "expected an object with one event"},
      {"an unknown key", R"({"run_state_changed":{"reason":"","state":"running","x":1}})",
       "/run_state_changed/x: unknown key"},
      {"a missing key", R"({"run_state_changed":{"state":"running"}})",
       R"(/run_state_changed: the key "reason" is missing)"},
      {"an unknown word", R"({"run_state_changed":{"reason":"","state":"flying"}})",
       R"(/run_state_changed/state: the word "flying" is unknown to this program)"},
      {"a wrong type", R"({"plan_made":{"expected":1,"trials":"6","co_located":true}})",
       "/plan_made/trials: expected an integer"},
      {"a wide integer", R"({"plan_made":{"expected":1,"trials":4294967296,"co_located":true}})",
       "/plan_made/trials: the integer is out of range"},
      {"a fraction", R"({"plan_made":{"expected":1.5,"trials":1,"co_located":true}})",
       "/plan_made/expected: expected an integer"},
      {"a lost part",
       R"({"memory_measured":{"trial_id":"","moment":"idle","reading":{"pss":null,"private_bytes":null,)"
       R"("docker_equivalent":null,"cgroup_peak":null},"samples":"/samples"}})",
       "/memory_measured/samples: its attachment is missing"},
  };
  for (const Bad& row : rows) {
    const Result<model::RunEvent> event = read_event({row.json, {}});
    ASSERT_FALSE(event) << row.what;
    EXPECT_EQ(event.error().message, row.message) << row.what;
  }
  EXPECT_EQ(read_event({state, {{"/x", "bytes"}}}).error().message, "an attachment belongs to no value");
}

TEST(RecordEvent, RefusesAHistogramThatHasNoExactForm) {
  model::PhaseFinished phase;
  phase.result.histograms = {{"service", "not base64!"}};
  EXPECT_EQ(record_event(phase).error().code, ErrorCode::invalid_argument);
}

// One line for a record: its JSON, then pointer and bytes (base64) of each attachment, with tabs between.
std::string line_of(const EventRecord& record) {
  std::string line = record.json;
  for (const Attachment& part : record.attachments) line += "\t" + part.pointer + "\t" + to_base64(part.bytes);
  return line;
}

EventRecord record_in(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  EventRecord record{cells.at(0), {}};
  for (std::size_t i = 1; i < cells.size(); i += 2)
    record.attachments.push_back({cells[i], i + 1 < cells.size() ? from_base64(cells[i + 1]).value() : std::string()});
  return record;
}

// Records that were stored when they first were: a field that is added without Presence::later, or renamed, makes what is in
// the databases of users unreadable, and fails here. Lines are only ever added: DYNO_WRITE_RECORDS=FILE writes those of today.
TEST(OldRecords, CanStillBeRead) {
  if (const char* const file = std::getenv("DYNO_WRITE_RECORDS")) {
    std::ofstream out(file);
    for (std::size_t kind = 0; kind < std::variant_size_v<model::RunEvent>; ++kind) {
      Draw draw(kind + 100);
      for (int i = 0; i < 3; ++i) {
        model::RunEvent event;
        draw_event(kind, draw, event);
        out << line_of(*record_event(event)) << "\n";
      }
    }
    model::Job job;
    Draw(100).fill(job);
    out << *record_job(job) << "\n";
  }
  std::ifstream in(std::string(DYNO_SOURCE_DIR) + "/tests/data/record/records_1.txt");
  int read = 0;
  for (std::string line; std::getline(in, line); ++read) {
    if (line.starts_with("{\"contract_version\"")) {
      const auto job = read_job(line);
      EXPECT_TRUE(job) << job.error().message;
      continue;
    }
    const auto event = read_event(record_in(line));
    EXPECT_TRUE(event) << event.error().message << "\n" << line.substr(0, 60);
  }
  EXPECT_GE(read, 40);
}

TEST(ContentOf, IsWhatTheFileSaidWithoutTheHashOfTheFolder) {
  model::Stack stack;
  Draw(5).fill(stack);
  model::Stack edited = stack;
  edited.hash = "sha256:other";
  EXPECT_EQ(*content_of(edited), *content_of(stack));
  edited.run.env["X"] = "1";
  EXPECT_NE(*content_of(edited), *content_of(stack));
}

}  // namespace
}  // namespace dyno::record

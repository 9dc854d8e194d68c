// A run goes from one database into another and is the same there; what is no good bundle leaves nothing. What makes room leaves what counts.
#include "store/bundles.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "sample_run.h"
#include "store/reader.h"
#include "store/rebuild.h"
#include "store/retention.h"

namespace dyno::store {
namespace {

namespace fs = std::filesystem;

constexpr auto kTrial = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";

struct Place {
  std::unique_ptr<Database> database = std::move(*Database::open_in_memory());
  EventFeed feed{};
  Journal journal{*database, feed};
  RunRepository repository{*database, feed};
  Reader reader{*database};
  Bundles bundles{*database, feed};

  std::string tell_run(const std::string& trial = kTrial) {
    const std::string id = repository.enqueue(sample_job(), at_second(0))->run_id;
    tell_trial(journal, id, trial);
    must_append(journal, id, 40, model::BuildLogged{sample_build(), sample_build_log()});
    for (const auto state : {model::RunState::collecting, model::RunState::analyzing, model::RunState::succeeded})
      must_append(journal, id, 50, model::RunStateChanged{state, {}});
    return id;
  }
  int rows(const std::string& table) const {
    int count = 0;
    EXPECT_TRUE(database->read("counting", [&](SQLite::Database& c) -> Status {
      count = c.execAndGet("SELECT count(*) FROM " + table).getInt();
      return {};
    }));
    return count;
  }
};

class BundlesTest : public testing::Test {
 protected:
  BundlesTest() {
    std::string pattern = (fs::temp_directory_path() / "dyno-bundle-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~BundlesTest() override { fs::remove_all(folder_); }

  static std::string exported(const Place& place, const std::string& id) {
    auto left = place.bundles.open(id, at_second(99));
    EXPECT_TRUE(left) << left.error().message;
    std::string text;
    for (auto piece = (*left)->next(); piece && *piece; piece = (*left)->next()) text += **piece;
    return text;
  }
  Result<ImportedRun> import(Place& place, const std::string& text) const {
    std::ofstream(folder_ / "bundle", std::ios::binary) << text;
    return place.bundles.import(folder_ / "bundle", at_second(100));
  }

  fs::path folder_;
  Place here_;
  Place there_;
};

TEST_F(BundlesTest, ARunIsTheSameElsewhere) {
  const std::string id = here_.tell_run();
  ASSERT_TRUE(here_.repository.mark(id, {.note = "first", .tags = std::vector<std::string>{"x"}, .pinned = true}));
  there_.tell_run("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e55");  // its keys are others
  const std::string text = exported(here_, id);
  const auto imported = import(there_, text);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->run_id, id);
  EXPECT_FALSE(imported->repeated);
  const auto before = here_.reader.run(id);
  const auto after = there_.reader.run(id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, model::RunState::succeeded);
  EXPECT_EQ(after->created_at, before->created_at);
  EXPECT_EQ(after->finished_at, before->finished_at);
  EXPECT_EQ(after->marks, before->marks);
  EXPECT_EQ(after->environment.key, before->environment.key);
  ASSERT_EQ(there_.reader.trials(id)->size(), here_.reader.trials(id)->size());
  EXPECT_EQ(there_.reader.samples(kTrial, Nanos(0))->size(), here_.reader.samples(kTrial, Nanos(0))->size());
  EXPECT_EQ(there_.reader.build_log(id, sample_build().name)->head.text,
            here_.reader.build_log(id, sample_build().name)->head.text);
  const auto told = there_.reader.overviews({id});
  EXPECT_EQ(told->at(id).imported->from, here_.database->instance_id());
  EXPECT_EQ(told->at(id).imported->at, at_second(100));
  EXPECT_FALSE(here_.reader.overviews({id})->at(id).imported);
  // Out of there it is the same, and still says where it was measured.
  EXPECT_EQ(exported(there_, id), text);
  ASSERT_TRUE(rebuild(*there_.database));
  EXPECT_EQ(exported(there_, id), text);
}

TEST_F(BundlesTest, TwiceIsTheSameRun) {
  const std::string id = here_.tell_run();
  const std::string text = exported(here_, id);
  ASSERT_TRUE(import(there_, text));
  const int events = there_.rows("event");
  ASSERT_TRUE(there_.repository.mark(id, {.note = "mine"}));
  const auto again = import(there_, text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(there_.rows("event"), events);
  EXPECT_EQ(there_.reader.run(id)->marks.note, "mine");
  EXPECT_TRUE(import(here_, text)->repeated) << "where it comes from";
}

TEST_F(BundlesTest, WhatIsNotGoodLeavesNothing) {
  const std::string id = here_.tell_run();
  const std::string other = here_.tell_run("019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e66");
  const std::string text = exported(here_, id);
  const auto signed_again = [](std::string all) {
    all.resize(all.rfind("end "));
    Sha256 hash;
    hash.update(all);
    return all + record::bundle_end(hash.hex());
  };
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string all = text;
    const std::size_t at = all.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return signed_again(all.replace(at, from.size(), to));
  };
  const std::string last_event =
      text.substr(text.rfind("\nevent ") + 1, text.rfind("end ") - text.rfind("\nevent ") - 1);
  const std::string events =
      text.substr(text.find("\nevents ") + 1, text.find('\n', text.find("\nevents ") + 1) - text.find("\nevents "));
  const int count = std::stoi(events.substr(7));
  const auto without_last = [&] {
    std::string all = text;
    all.erase(all.rfind(last_event), last_event.size());
    const std::size_t at = all.find(events);
    all.replace(at, events.size(), "events " + std::to_string(count - 1) + "\n");
    return signed_again(all);
  };
  std::string foreign = exported(here_, other);
  foreign.replace(foreign.find(other), other.size(), "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e77");
  struct Row {
    std::string text;
    ErrorCode code;
    std::string words;
  };
  const Row rows[] = {
      {"", ErrorCode::invalid_argument, "cut off"},
      {text.substr(0, text.size() / 2), ErrorCode::invalid_argument, "cut off"},
      {with("event 17", "event 27"), ErrorCode::invalid_argument, "in the future"},
      {with("job sha256:", "job sha256:" + std::string(64, '0') + " YQ==\njob sha256:"), ErrorCode::invalid_argument,
       ""},
      {without_last(), ErrorCode::invalid_argument, "the last event does not end the run"},
      {with(last_event, ""), ErrorCode::invalid_argument, "fewer events"},
  };
  const int before = there_.rows("event");
  for (const Row& row : rows) {
    const auto refused = import(there_, row.text);
    ASSERT_FALSE(refused) << row.words;
    EXPECT_EQ(refused.error().code, row.code) << refused.error().message;
    EXPECT_NE(refused.error().message.find(row.words), std::string::npos) << refused.error().message;
    for (const char* const table : {"run", "job", "event", "event_payload", "attachment", "trial", "series", "run_tag"})
      EXPECT_EQ(there_.rows(table), 0) << table << ": " << row.words;
  }
  EXPECT_EQ(there_.rows("event"), before);
  // Another run that says it is this one; and this run under another name, with trials that are here already.
  ASSERT_TRUE(import(there_, text));
  std::string same_name = exported(here_, other);
  same_name.replace(same_name.find(other), other.size(), id);
  EXPECT_EQ(import(there_, signed_again(same_name)).error().code, ErrorCode::conflict);
  std::string same_trials = text;
  same_trials.replace(same_trials.find(id), id.size(), other);
  const int runs = there_.rows("run");
  const auto refused = import(there_, signed_again(same_trials));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict) << refused.error().message;
  EXPECT_EQ(there_.rows("run"), runs);
}

TEST_F(BundlesTest, ARunThatGoesOnHasNone) {
  const std::string id = here_.repository.enqueue(sample_job(), at_second(0))->run_id;
  EXPECT_EQ(here_.bundles.open(id, at_second(1)).error().code, ErrorCode::conflict);
  EXPECT_EQ(here_.bundles.open(kTrial, at_second(1)).error().code, ErrorCode::not_found);
}

TEST_F(BundlesTest, OldSeriesGoAndWhatWasMadeOfThemStays) {
  const std::string id = here_.tell_run();
  const std::string text = exported(here_, id);
  Retention retention(*here_.database);
  EXPECT_TRUE(retention.old_series(at_second(50), 10)->empty()) << "not older than that";
  ASSERT_TRUE(here_.repository.mark(id, {.pinned = true}));
  EXPECT_TRUE(retention.old_series(at_second(51), 10)->empty()) << "pinned";
  EXPECT_EQ(retention.drop_series(id, at_second(60)).error().code, ErrorCode::conflict);
  ASSERT_TRUE(here_.repository.mark(id, {.pinned = false}));
  const auto old = retention.old_series(at_second(51), 10);
  ASSERT_EQ(old->size(), 1U);
  EXPECT_GT(old->front().bytes.value, 0);
  const int histograms = here_.rows("histogram");
  ASSERT_GT(here_.reader.seconds(kTrial)->front().seconds.size(), 0U);
  EXPECT_EQ(retention.drop_series(id, at_second(60))->value, old->front().bytes.value);
  EXPECT_TRUE(here_.reader.seconds(kTrial)->front().seconds.empty());
  EXPECT_EQ(here_.reader.overviews({id})->at(id).series_removed_at, at_second(60));
  EXPECT_TRUE(retention.old_series(at_second(51), 10)->empty()) << "gone already";
  // Figures and histograms are read, rebuilt and exported as before; and the run is the one that was exported.
  ASSERT_TRUE(rebuild(*here_.database));
  EXPECT_EQ(here_.rows("histogram"), histograms);
  EXPECT_FALSE(here_.reader.phases(kTrial)->front().readings.empty());
  EXPECT_TRUE(import(here_, text)->repeated);
  EXPECT_FALSE(import(there_, exported(here_, id))->repeated);
}

}  // namespace
}  // namespace dyno::store

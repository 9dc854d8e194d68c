#include "store/event_feed.h"

#include <gtest/gtest.h>

#include <thread>

namespace dyno::store {
namespace {

using std::chrono::milliseconds;

model::EventRow row_of(std::int64_t id, const std::string& run_id, std::string text = {}) {
  model::EventRow row;
  row.id = id;
  row.run_id = run_id;
  row.text = std::move(text);
  return row;
}

std::int64_t id_of(const std::optional<FeedItem>& item) { return item ? std::get<model::EventRow>(*item).id : 0; }

TEST(EventFeed, GivesEveryWatcherWhatIsPostedInOrder) {
  EventFeed feed;
  const auto a = feed.subscribe();
  const auto b = feed.subscribe();
  feed.post(row_of(1, "r"));
  feed.post(row_of(2, "r"));
  for (const auto* s : {a.get(), b.get()}) {
    EXPECT_EQ(id_of(const_cast<Subscription*>(s)->next(milliseconds(0), {})), 1);
    EXPECT_EQ(id_of(const_cast<Subscription*>(s)->next(milliseconds(0), {})), 2);
    EXPECT_FALSE(const_cast<Subscription*>(s)->next(milliseconds(0), {}));
    EXPECT_FALSE(s->ended());
  }
}

TEST(EventFeed, KeepsToOneRunWhereAsked) {
  EventFeed feed;
  const auto one = feed.subscribe("mine");
  feed.post(row_of(1, "other"));
  feed.post(model::LiveSample{"other", {}, 1, {}, 0, {}});
  feed.post(row_of(2, "mine"));
  EXPECT_EQ(id_of(one->next(milliseconds(0), {})), 2);
  EXPECT_FALSE(one->next(milliseconds(0), {}));
}

TEST(EventFeed, CutsAWatcherThatFallsBehindAndNobodyElse) {
  EventFeed feed;
  const auto slow = feed.subscribe({}, 1000);
  const auto other = feed.subscribe();
  for (int i = 1; i <= 5; ++i) feed.post(row_of(i, "r", std::string(100, 'x')));
  EXPECT_FALSE(slow->ended()) << "what is queued is still given";
  EXPECT_EQ(id_of(slow->next(milliseconds(0), {})), 1);
  EXPECT_EQ(id_of(slow->next(milliseconds(0), {})), 2);
  EXPECT_FALSE(slow->next(milliseconds(0), {})) << "nothing after the gap";
  EXPECT_TRUE(slow->ended());
  EXPECT_EQ(id_of(other->next(milliseconds(0), {})), 1);
  EXPECT_EQ(id_of(other->next(milliseconds(0), {})), 2);
  EXPECT_EQ(id_of(other->next(milliseconds(0), {})), 3) << "nothing is missing";
}

TEST(EventFeed, WakesAWaiterOnPostStopAndClose) {
  EventFeed feed;
  const auto subscription = feed.subscribe();
  std::jthread poster([&] { feed.post(row_of(7, "r")); });
  EXPECT_EQ(id_of(subscription->next(std::chrono::minutes(1), {})), 7);
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(subscription->next(std::chrono::minutes(1), stop.get_token()));
  std::jthread closer([&] { feed.close(); });
  EXPECT_FALSE(subscription->next(std::chrono::minutes(1), {}));
  EXPECT_TRUE(subscription->ended());
  EXPECT_TRUE(feed.subscribe()->ended()) << "a closed feed stays closed";
}

TEST(EventFeed, ForgetsAWatcherThatLeft) {
  EventFeed feed;
  {
    const auto subscription = feed.subscribe();
    EXPECT_EQ(feed.subscribers(), 1U);
  }
  EXPECT_EQ(feed.subscribers(), 0U);
  feed.post(row_of(1, "r"));
}

}  // namespace
}  // namespace dyno::store

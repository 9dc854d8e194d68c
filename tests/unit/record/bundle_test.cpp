// A bundle is read as it was written, however it is cut, and nothing else is read as one.
#include "record/bundle.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace dyno::record {
namespace {

constexpr auto kRun = "019aa3c2-7c51-7d0e-9b1c-5f2f6c1d8e44";
constexpr auto kFrom = "5d0c6b1f-2349-4e77-a1aa-019aa3c27c51";

BundleHead sample_head() {
  BundleHead head;
  head.run_id = kRun;
  head.from = kFrom;
  head.exported_at = wall_from_ns(1'767'225'600'000'000'000);
  head.job_hash = "sha256:" + std::string(64, 'a');
  head.job = std::string("\0job\n", 5);
  head.marks = {.note = "two\nlines", .tags = {"a", "b:c"}, .pinned = true, .excluded = "hot"};
  head.events = 2;
  return head;
}

std::string ended(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return text + bundle_end(hash.hex());
}

std::string sample_text() {
  const BundleEvent first{wall_from_ns(5), "payload", {}};
  const BundleEvent second{wall_from_ns(7), "more", {{"/timeline", std::string("\1\0", 2)}, {"/x/0/v2", ""}}};
  return bundle_head(sample_head()) + bundle_event(first) + bundle_event(second);
}

struct Seen {
  BundleHead head;
  std::vector<BundleEvent> events;
  Status status;
  std::string content;
};

Seen read(const std::string& text, std::size_t piece = 1'000'000) {
  Seen seen;
  BundleReader reader({.head =
                           [&](BundleHead&& head) {
                             seen.head = std::move(head);
                             return Status();
                           },
                       .event =
                           [&](BundleEvent&& event) {
                             seen.events.push_back(std::move(event));
                             return Status();
                           }});
  for (std::size_t at = 0; at < text.size() && seen.status; at += piece)
    seen.status = reader.feed(text.substr(at, piece));
  if (seen.status) seen.status = reader.finish();
  seen.content = reader.content();
  return seen;
}

TEST(Bundle, IsReadAsItWasWritten) {
  const std::string text = ended(sample_text());
  for (const std::size_t piece : {1U, 7U, 1'000'000U}) {
    const Seen seen = read(text, piece);
    ASSERT_TRUE(seen.status) << seen.status.error().message;
    EXPECT_EQ(seen.head.run_id, kRun);
    EXPECT_EQ(seen.head.from, kFrom);
    EXPECT_EQ(seen.head.job, sample_head().job);
    EXPECT_EQ(seen.head.marks, sample_head().marks);
    ASSERT_EQ(seen.events.size(), 2U);
    EXPECT_EQ(seen.events[0].payload, "payload");
    EXPECT_EQ(seen.events[1].at, wall_from_ns(7));
    ASSERT_EQ(seen.events[1].parts.size(), 2U);
    EXPECT_EQ(seen.events[1].parts[0].pointer, "/timeline");
    EXPECT_EQ(seen.events[1].parts[0].bytes, std::string("\1\0", 2));
  }
}

TEST(Bundle, ItsContentIsThatOfItsEvents) {
  BundleHead later = sample_head();
  later.exported_at = wall_from_ns(1);
  later.marks = {};
  const std::string events = sample_text().substr(bundle_head(sample_head()).size());
  EXPECT_EQ(read(ended(bundle_head(later) + events)).content, read(ended(sample_text())).content);
  std::string other = events;
  other.replace(other.find("event 7"), 7, "event 8");
  EXPECT_NE(read(ended(bundle_head(later) + other)).content, read(ended(sample_text())).content);
}

TEST(Bundle, CutOffAnywhereItIsRefused) {
  const std::string text = ended(sample_text());
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_FALSE(read(text.substr(0, size)).status) << "after " << size << " bytes";
}

TEST(Bundle, WithAnyByteChangedItIsRefused) {
  const std::string text = ended(sample_text());
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = static_cast<char>(other[at] ^ 1);
    ASSERT_FALSE(read(other).status) << "byte " << at;
  }
}

TEST(Bundle, RefusesWhatIsNoneInWords) {
  const std::string good = sample_text();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return ended(text.replace(at, from.size(), to));
  };
  struct Row {
    std::string text;
    std::string words;
  };
  const Row rows[] = {
      {"", "cut off after line 0"},
      {"PK\3\4 zip\n", "no bundle of this version"},
      {with("stackdyno-bundle 1", "stackdyno-bundle 2"), "no bundle of this version"},
      {with("run ", "Run "), "no place in the head"},
      {with(kRun, "../../etc/passwd"), "no place in the head"},
      {with("from ", "tag x\nfrom "), "no place in the head"},
      {with("job sha256:a", "job md5:a"), "the job has no good form"},
      {with("tag a", "tag A"), "no place in the head"},
      {with("tag a\n", "tag b:c\n"), "no place in the head"},
      {with("pinned yes", "pinned no"), "no place in the head"},
      {with("excluded aG90", "excluded !!!"), "no place in the head"},
      {with("events 2", "events 0"), "no place in the head"},
      {with("events 2", "events 3"), "fewer events"},
      {with("events 2", "events 1"), "more events"},
      {with("event 5", "event -5"), "the time of an event"},
      {with("event 5", "event x"), "the time of an event"},
      {with("event 5 ", "part /x "), "neither an event nor a part"},
      {with("part /timeline", "part timeline"), "neither an event nor a part"},
      {with("part /timeline AQA=", "part /timeline AQ"), "neither an event nor a part"},
      {with("event 7", "events 2\nevent 7"), "neither an event nor a part"},
      {ended(good) + "\n", "something follows its end"},
      {ended(good) + "event 1 YQ==\n", "something follows its end"},
      {good + "end " + std::string(64, '0') + "\n", "its hash is not that"},
      {std::string(kMostLineBytes + 2, 'x'), "longer than 16 MiB"},
  };
  for (const Row& row : rows) {
    const Seen seen = read(row.text);
    ASSERT_FALSE(seen.status) << row.words;
    EXPECT_EQ(seen.status.error().code, ErrorCode::invalid_argument) << row.words;
    EXPECT_NE(seen.status.error().message.find(row.words), std::string::npos) << seen.status.error().message;
  }
}

}  // namespace
}  // namespace dyno::record

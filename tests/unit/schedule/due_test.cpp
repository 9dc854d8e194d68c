#include "schedule/due_times.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace dyno::schedule {
namespace {

using model::SkipReason;
using namespace std::chrono_literals;

class DueTest : public testing::Test {
 protected:
  DueTest() {
    schedule_.name = "nightly";
    schedule_.cron = "0 2 * * *";
    schedule_.time_zone = "UTC";
  }
  // "23T02:00 fire", "21T02:00 daemon_down", oldest first.
  std::vector<std::string> decide(const char* settled_until, const char* now) {
    standing_.settled_until = *parse_instant(settled_until);
    return decide(now);
  }
  std::vector<std::string> decide(const char* now) {
    std::vector<std::string> lines;
    settled_ = decide_due(schedule_, *make_timetable(schedule_), standing_, *parse_instant(now));
    for (const Settling& s : settled_) {
      std::string line = format_instant(s.nominal_at).substr(8, 8);
      line += s.skip ? " " + std::string(model::to_string(*s.skip->skipped)) : s.made_up ? " made up" : " fire";
      if (s.skip && s.skip->folded > 1) line += " x" + std::to_string(s.skip->folded);
      lines.push_back(line);
    }
    return lines;
  }

  static Refusal refused(const char* from, const char* to) {
    return {{*parse_instant(from), *parse_instant(to)}, "the disk is full"};
  }

  model::Schedule schedule_;
  Standing standing_;
  std::vector<Settling> settled_;
};

using Lines = std::vector<std::string>;

TEST_F(DueTest, FiresWhatIsDue) {
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T01:59:59.999Z"), Lines{});
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:00:00.000Z"), Lines{"23T02:00 fire"});
  EXPECT_EQ(decide("2026-11-23T02:00:00.000Z", "2026-11-23T02:00:30.000Z"), Lines{}) << "settled already";
}

TEST_F(DueTest, MakesUpForTheLatestOfTheMissedOnesWithinSixHours) {
  EXPECT_EQ(decide("2026-11-20T02:00:00.000Z", "2026-11-23T08:00:00.000Z"),
            (Lines{"21T02:00 daemon_down", "22T02:00 daemon_down", "23T02:00 made up"}));
  EXPECT_EQ(decide("2026-11-20T02:00:00.000Z", "2026-11-23T08:00:00.001Z"),
            (Lines{"21T02:00 daemon_down", "22T02:00 daemon_down", "23T02:00 daemon_down"}));
  schedule_.missed_within = 24h;
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T20:00:00.000Z"), Lines{"23T02:00 made up"});
}

TEST_F(DueTest, LetsMissedOnesPassWhereThePolicySaysSo) {
  schedule_.missed = model::MissedPolicy::skip;
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:02:00.000Z"), Lines{"23T02:00 fire"})
      << "not missed, only a little late";
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:02:00.001Z"), Lines{"23T02:00 daemon_down"});
}

TEST_F(DueTest, MakesUpForAllOfThemUpToTen) {
  schedule_.cron = "0 * * * *";
  schedule_.missed = model::MissedPolicy::all;
  schedule_.missed_within = 24h;
  const Lines lines = decide("2026-11-22T12:00:00.000Z", "2026-11-23T00:30:00.000Z");
  ASSERT_EQ(lines.size(), 12U);
  EXPECT_EQ(lines[1], "22T14:00 daemon_down");
  for (std::size_t i = 2; i < lines.size(); ++i) EXPECT_TRUE(lines[i].ends_with("made up")) << lines[i];
  schedule_.missed_within = 2h;
  EXPECT_EQ(decide("2026-11-22T21:00:00.000Z", "2026-11-23T00:30:00.000Z"),
            (Lines{"22T22:00 daemon_down", "22T23:00 made up", "23T00:00 made up"}));
}

TEST_F(DueTest, FoldsALongAbsenceIntoOneRow) {
  schedule_.cron = "*/10 * * * *";
  EXPECT_EQ(decide("2026-11-22T00:00:00.000Z", "2026-11-23T00:05:00.000Z"),
            (Lines{"22T23:50 daemon_down x143", "23T00:00 made up"}));
  EXPECT_EQ(settled_[0].skip->reason, "the daemon was not running (143 due times up to this one)");
}

TEST_F(DueTest, RecordsThePausedTimesAndFiresNone) {
  schedule_.enabled = false;
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T02:00:00.000Z"), Lines{"23T02:00 paused"});
}

TEST_F(DueTest, DoesNotWalkThroughDecadesAfterAWrongClock) {
  schedule_.cron = "* * * * *";
  schedule_.missed = model::MissedPolicy::skip;
  EXPECT_EQ(decide("1970-01-01T00:00:00.000Z", "2026-11-23T02:00:30.000Z"),
            (Lines{"23T01:59 daemon_down x575999", "23T02:00 fire"}));
}

TEST_F(DueTest, TriesAgainUntilTheStartDeadlineWhatCouldNotBeStarted) {
  schedule_.start_deadline = 4h;
  schedule_.missed = model::MissedPolicy::skip;
  standing_.refused = refused("2026-11-23T01:59:30.000Z", "2026-11-23T05:59:30.000Z");
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T06:00:00.000Z"), Lines{"23T02:00 fire"});
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", "2026-11-23T06:00:00.001Z"), Lines{"23T02:00 deadline"});
  EXPECT_EQ(settled_[0].skip->reason, "it could not be started in time: the disk is full");
}

// The newest is tried again, and the others were not missed: somebody was there. What was due before that is another matter.
TEST_F(DueTest, SaysOfEachWhatKeptItFromBeingStarted) {
  schedule_.cron = "0 * * * *";
  standing_.refused = refused("2026-11-23T01:30:00.000Z", "2026-11-23T04:30:00.000Z");
  standing_.refused->skipped = SkipReason::disk_low;
  EXPECT_EQ(decide("2026-11-23T00:00:00.000Z", "2026-11-23T04:30:00.000Z"),
            (Lines{"23T01:00 daemon_down", "23T02:00 disk_low", "23T03:00 disk_low", "23T04:00 fire"}));
  EXPECT_EQ(decide("2026-11-23T03:00:00.000Z", "2026-11-23T05:00:30.000Z"),
            (Lines{"23T04:00 disk_low", "23T05:00 fire"}));
  schedule_.start_deadline = 10min;
  EXPECT_EQ(decide("2026-11-23T03:00:00.000Z", "2026-11-23T04:30:00.000Z"), Lines{"23T04:00 disk_low"});
}

// On record as "the queue is full", which stays true when it is given up.
TEST_F(DueTest, TriesAgainWhatFoundTheQueueFull) {
  standing_.waiting = parse_instant("2026-11-23T02:00:00.000Z");
  EXPECT_EQ(decide("2026-11-23T02:00:00.000Z", "2026-11-23T05:00:00.000Z"), Lines{"23T02:00 fire"});
  EXPECT_EQ(decide("2026-11-23T02:00:00.000Z", "2026-11-23T08:00:00.001Z"), Lines{});
  schedule_.cron = "0 2,4 * * *";
  EXPECT_EQ(decide("2026-11-23T02:00:00.000Z", "2026-11-23T04:00:00.000Z"), Lines{"23T04:00 fire"})
      << "the newer one takes its place";
}

TEST_F(DueTest, StartsNothingInQuietHours) {
  schedule_.cron = "0 * * * *";
  schedule_.time_zone = "Europe/Berlin";
  schedule_.quiet_hours = {8h, 18h};
  EXPECT_EQ(decide("2026-11-23T06:00:00.000Z", "2026-11-23T07:00:00.000Z"), Lines{"23T07:00 quiet_hours"});
  EXPECT_EQ(decide("2026-11-23T16:00:00.000Z", "2026-11-23T17:00:00.000Z"), Lines{"23T17:00 fire"});
  schedule_.quiet_hours = {22h, 6h + 30min};
  EXPECT_EQ(decide("2026-11-23T04:00:00.000Z", "2026-11-23T05:00:00.000Z"), Lines{"23T05:00 quiet_hours"});
  EXPECT_EQ(decide("2026-11-23T20:00:00.000Z", "2026-11-23T21:00:00.000Z"), Lines{"23T21:00 quiet_hours"});
  EXPECT_EQ(decide("2026-11-23T05:00:00.000Z", "2026-11-23T06:00:00.000Z"), Lines{"23T06:00 fire"});
}

TEST_F(DueTest, StartsAllItsDueTimesLaterByTheSame) {
  schedule_.jitter = 1h;
  const Nanos jitter = jitter_of(schedule_);
  EXPECT_GT(jitter, 0s);
  EXPECT_LE(jitter, 1h);
  const std::string start = format_instant(*parse_instant("2026-11-23T02:00:00.000Z") + jitter);
  const std::string before = format_instant(*parse_instant("2026-11-23T01:59:59.999Z") + jitter);
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", before.c_str()), Lines{});
  EXPECT_EQ(decide("2026-11-22T02:00:00.000Z", start.c_str()), Lines{"23T02:00 fire"});
  const auto next = next_due_times(schedule_, *parse_instant(before.c_str()), 2);
  ASSERT_TRUE(next);
  EXPECT_EQ(format_instant(next->at(0).at), start);
  EXPECT_NE(next->at(0).note.find("02:00 plus "), std::string::npos) << next->at(0).note;
  EXPECT_EQ(next->at(1).at - next->at(0).at, 24h);
}

TEST_F(DueTest, SaysWhetherTheClockWasSetOrTheMachineAsleep) {
  schedule_.cron = "0 * * * *";
  const WallSpan span{*parse_instant("2026-11-23T01:30:00.000Z"), *parse_instant("2026-11-23T05:30:00.000Z")};
  standing_.leapt = span;
  EXPECT_EQ(decide("2026-11-23T03:00:00.000Z", "2026-11-23T05:30:00.000Z"),
            (Lines{"23T04:00 clock_jump", "23T05:00 clock_jump"}))
      << "nothing is made up for";
  standing_.leapt.reset();
  standing_.slept = span;
  EXPECT_EQ(decide("2026-11-23T03:00:00.000Z", "2026-11-23T05:30:00.000Z"),
            (Lines{"23T04:00 daemon_down", "23T05:00 made up"}));
  EXPECT_EQ(settled_[0].skip->reason, "the machine was suspended");
}

}  // namespace
}  // namespace dyno::schedule

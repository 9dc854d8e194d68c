#include "runners/load/report/text_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "runners/load/report/bars.h"
#include "runners/load/report/words.h"
#include "unit/runner_load/sample_report.h"

namespace dyno::loadgen {
namespace {

using testing::HasSubstr;
using testing::Not;

const Screen kPlain{100, false};
const About kAbout{"http://127.0.0.1:8080/json", "0.1.0", "2026-11-29T11:00:00.000Z", "rig", {}};

std::string text_of(const LoadReport& report, const Screen& screen = kPlain) {
  return report_text(sample_spec(), report, kAbout, screen);
}

// With DYNO_WRITE_GOLDEN set the files are written instead: read the difference before it is committed.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(DYNO_SOURCE_DIR) + "/tests/data/load/" + name;
  if (std::getenv("DYNO_WRITE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream stream(path);
  std::ostringstream golden;
  golden << stream.rdbuf();
  EXPECT_EQ(text, golden.str()) << name;
}

TEST(ReportText, IsWhatAPersonReads) {
  expect_golden("closed.txt", text_of(sample(false)));
  expect_golden("open.txt", text_of(sample(true)));
  expect_golden("frozen.txt", text_of(frozen()));
  expect_golden("frozen_narrow.txt", text_of(frozen(), Screen{80, false}));
}

TEST(ReportText, HasColourOnlyWhereTheScreenHas) {
  EXPECT_THAT(text_of(frozen()), Not(HasSubstr("\033[")));
  EXPECT_THAT(text_of(frozen(), Screen{100, true}), HasSubstr("\033[31m"));
}

TEST(ReportText, NamesServiceTimeForWhatItIs) {
  EXPECT_THAT(text_of(sample(false)), HasSubstr("service time"));
  EXPECT_THAT(text_of(sample(false)), Not(HasSubstr("latency   "))) << "a closed loop knows no latency";
  EXPECT_THAT(text_of(sample(true)), HasSubstr("latency   "));
}

TEST(ReportText, LeavesOutWhatRequestsThatWereNeverAnsweredLeaveUnknown) {
  LoadReport report = sample(true);
  report.all.response.record_many(2'000'000, 20'000);
  report.all.response.record_many(2'500'000'000, 100);
  report.all.unanswered = 100;
  report.all.waited_least_ns = 2'500'000'000;
  const std::string text = text_of(report);
  EXPECT_THAT(text, HasSubstr("p99 2.00 ms   (n = 20 198)"));
  EXPECT_THAT(text, HasSubstr("p99.9, max withheld: requests that were never answered would be part of them"));
  EXPECT_THAT(text, HasSubstr("100 requests never had an answer: counted as 2.50 s or more"));
}

TEST(ReportText, SaysWhatCutTheWindowShort) {
  LoadReport report = sample(false);
  report.ended = WindowEnd::interrupted;
  EXPECT_THAT(text_of(report), HasSubstr("Cut short: the window was ended by a signal."));
}

TEST(ReportWords, TellStatusesByClassAndCode) {
  StatusCounts statuses;
  EXPECT_EQ(statuses_words(statuses), "");
  statuses.count(200);
  EXPECT_EQ(statuses_words(statuses), "200: 1");
  for (const int status : {500, 503, 503, 404, 999, -1}) statuses.count(status);
  EXPECT_EQ(statuses_words(statuses), "200: 1   404: 1   5xx: 3 (500: 1, 503: 2)   no known status: 2");
}

TEST(ReportWords, TellWhatCameInPlaceOfAGoodAnswer) {
  LoadReport report = sample(false);
  report.all.window = {};
  report.all.window.sent = 3;
  report.all.in_flight_begin = report.all.in_flight_end = 0;
  report.all.window.error(ErrorKind::bad_status) = 2;
  report.all.window.error(ErrorKind::reset) = 1;
  for (int i = 0; i < 2; ++i) report.all.statuses.count(404);
  report.all.examples[static_cast<std::size_t>(ErrorKind::bad_status)] = {.is_known = true, .status = 404};
  EXPECT_EQ(what_came(sample_spec(), report),
            "no good answer; by status: 404: 2; errors: reset 1, bad_status 2\n  GET /json: status 404");
  report.all.window = {};
  EXPECT_EQ(what_came(sample_spec(), report), "no good answer: no request was sent inside the window");
}

TEST(ReportWords, TellAFailedConnectByItsErrno) {
  ErrorExample example;
  example.error = ECONNREFUSED;
  EXPECT_EQ(example_words(sample_spec(), ErrorKind::connect, example), "connection refused");
}

TEST(ReportText, CountsOneAsOneAndDividesByNothing) {
  LoadReport report = sample(false);
  report.connections = 1;
  report.all.window.good = 1;
  report.all.unanswered = 1;
  LoadSpec spec = sample_spec();
  spec.requests_per_connection = 200;
  const std::string one = report_text(spec, report, kAbout, kPlain);
  EXPECT_THAT(one, HasSubstr("1 connection, "));
  EXPECT_THAT(one, HasSubstr("closed loop over epoll, a new connection every 200 requests"));
  EXPECT_THAT(one, HasSubstr("1 good answer, "));
  EXPECT_THAT(one, HasSubstr("1 request never had an answer"));
  EXPECT_THAT(one, HasSubstr("CPU-µs/request"));
  report.all.window.good = 0;
  EXPECT_THAT(text_of(report), Not(HasSubstr("CPU-µs/request")));
}

TEST(ReportBars, OfFewValuesGoUpToTheGreatest) {
  stats::Histogram few;
  for (int i = 1; i <= 20; ++i) few.record(i * 100'000);
  const std::vector<Bar> bars = bars_of({few, INT64_MAX});
  ASSERT_EQ(bars.size(), 10U) << "no row of what is beyond";
  EXPECT_EQ(bars.back().up_to_ns, few.percentile_ns(100));
  EXPECT_EQ(bars_of({few, 1'500'000}).size(), 11U) << "the greatest is not known";
}

TEST(ReportBars, AddUpToAllValues) {
  const LoadReport report = frozen();
  const std::vector<Bar> bars = bars_of({report.all.service, 4'900'000'000});
  ASSERT_EQ(bars.size(), 11U);
  std::uint64_t sum = 0;
  for (const Bar& bar : bars) sum += bar.count;
  EXPECT_EQ(sum, report.all.service.count());
  EXPECT_EQ(bars.back().up_to_ns, 0);
  EXPECT_TRUE(bars_of({sample(false).all.service, INT64_MAX}).empty()) << "all values are the same";
}

}  // namespace
}  // namespace dyno::loadgen

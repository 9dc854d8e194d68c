#include "runners/load/report.h"

#include <gtest/gtest.h>

#include "base/line_protocol.h"
#include "base/text.h"

namespace dyno::loadgen {
namespace {

LoadReport sample(bool open_loop) {
  LoadReport report;
  report.open_loop = open_loop;
  report.transport = "epoll";
  report.timer_mode = open_loop ? "sleep" : "none";
  report.connections = 2;
  report.all.begin_ns = 1'000'000'000;
  report.all.end_ns = 3'000'000'000;
  report.all.window.sent = 99;
  report.all.window.good = 98;
  report.all.window.error(ErrorKind::timeout) = 1;
  report.all.in_flight_begin = 2;
  report.all.in_flight_end = 2;
  report.all.service.record_many(1'000'000, 98);
  report.all.service_sum_ns = 98'000'000;
  if (open_loop) {
    report.all.response.record_many(2'000'000, 98);
    report.all.lag.record_many(1000, 98);
    report.all.late = 49;
  }
  return report;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> found;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    const Result<Line> parsed = Line::parse(line);
    EXPECT_TRUE(parsed) << line;
    if (parsed) found.push_back(parsed->word());
  }
  return found;
}

TEST(ReportLines, AreLinesOfTheProtocol) {
  EXPECT_EQ(words(report_lines(sample(false))),
            (std::vector<std::string>{"result", "errors", "unanswered", "loader", "histogram", "done"}));
  EXPECT_EQ(words(report_lines(sample(true))),
            (std::vector<std::string>{"result", "errors", "unanswered", "loader", "open", "histogram", "histogram",
                                      "histogram", "done"}));
}

TEST(ReportLines, CountWhatWasUnderWayAsSent) {
  const std::string text = report_lines(sample(false));
  EXPECT_NE(text.find(" good=98 sent=101 in_flight=2 "), std::string::npos) << text;
  EXPECT_NE(text.find(" service_mean_ns=1000000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nerrors connect=0 reset=0 timeout=1 "), std::string::npos) << text;
}

TEST(ReportLines, TellTheShareOfLateRequests) {
  EXPECT_NE(report_lines(sample(true)).find(" late_ratio=0.5 "), std::string::npos);
}

TEST(ReportText, NamesServiceTimeForWhatItIs) {
  const LoadSpec spec;
  const std::string closed = report_text(spec, sample(false));
  EXPECT_NE(closed.find("service time"), std::string::npos);
  EXPECT_EQ(closed.find("latency   "), std::string::npos) << "a closed loop knows no latency";
  EXPECT_NE(report_text(spec, sample(true)).find("latency   "), std::string::npos);
}

TEST(ReportText, LeavesOutWhatRequestsThatWereNeverAnsweredLeaveUnknown) {
  LoadReport report = sample(true);
  report.all.response.record_many(2'000'000, 20'000);
  report.all.response.record_many(2'500'000'000, 100);
  report.all.unanswered = 100;
  report.all.waited_least_ns = 2'500'000'000;
  const std::string text = report_text(LoadSpec(), report);
  EXPECT_NE(text.find("p99 2.00 ms   (n = 20198)"), std::string::npos) << text;
  EXPECT_NE(text.find("100 never answered"), std::string::npos) << text;
  EXPECT_NE(text.find("counted as 2.50 s or more"), std::string::npos) << text;
  const std::string json = report_json(LoadSpec(), report);
  const std::string latency = json.substr(json.find("\"latency\""), 200);
  EXPECT_NE(latency.find("\"p99_ns\":"), std::string::npos) << json;
  EXPECT_EQ(latency.find("\"p99.9_ns\":"), std::string::npos) << json;
  EXPECT_EQ(latency.find("\"max_ns\":"), std::string::npos) << json;
}

TEST(ReportText, LeavesOutTailsThatFewValuesStandOn) {
  const std::string text = report_json(LoadSpec(), sample(false));
  EXPECT_NE(text.find("\"p50_ns\":"), std::string::npos) << text;
  EXPECT_EQ(text.find("\"p99_ns\":"), std::string::npos) << text;
}

}  // namespace
}  // namespace dyno::loadgen

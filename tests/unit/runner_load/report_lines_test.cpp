#include "runners/load/report/protocol_lines.h"

#include <gtest/gtest.h>

#include "base/line_protocol.h"
#include "base/text.h"
#include "unit/runner_load/sample_report.h"

namespace dyno::loadgen {
namespace {

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

TEST(ReportLines, TellWhatWasNeverAnsweredInBothLoops) {
  const std::string none = report_lines(sample(true));
  EXPECT_NE(none.find("\nunanswered requests=0 waited_least_ns=60000000000 "), std::string::npos) << none;
  const std::string some = report_lines(frozen());
  EXPECT_NE(some.find("\nunanswered requests=62 waited_least_ns=4900000000 answered_late=2 connections=64 "
                      "connections_unserved=3\n"),
            std::string::npos)
      << some;
}

}  // namespace
}  // namespace dyno::loadgen

#include "runners/load/remarks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runners/load/run_load.h"

namespace dyno::loadgen {
namespace {

TEST(Remarks, ShowsWhatStandsAroundThePlace) {
  EXPECT_EQ(excerpt("220 smtp\r\n", 1), "220 smtp\\r\\n");
  EXPECT_EQ(excerpt("\xff\x01", 1), "\\xff\\x01");
  const std::string text = excerpt(std::string(100, 'a') + "b" + std::string(100, 'c'), 101);
  EXPECT_EQ(text, "…" + std::string(47, 'a') + "b" + std::string(24, 'c'));
  EXPECT_EQ(excerpt("", 0), "");
}

TEST(Remarks, FindsTheLastLocation) {
  EXPECT_EQ(location_in("HTTP/1.1 302 Found\r\nLOCATION: \t/x y \r\n\r\n"), "/x y");
  EXPECT_EQ(location_in("HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\nHTTP/1.1 302 Found\r\nlocation:/b\r\n"), "/b");
  EXPECT_EQ(location_in("HTTP/1.1 302 Found\r\nX-Location: /a\r\n\r\n"), "");
  EXPECT_EQ(pointing_words("HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n"), ", and points to /a");
  EXPECT_EQ(pointing_words("HTTP/1.1 404 Not Found\r\n\r\n"), "");
}

TEST(Remarks, SayNothingOfARunWithoutAny) {
  LoadReport report;
  report.connections = 4;
  EXPECT_TRUE(remarks_of({}, report).empty());
}

TEST(Remarks, TellEachOfTheirKindInWords) {
  LoadSpec spec;
  spec.protocol = Protocol::http2;
  spec.pipeline = 32;
  LoadReport report;
  report.connections = 64;
  Remarks& remarks = report.all.remarks;
  remarks.never_opened = 57;
  remarks.connect = "connection refused";
  remarks.refused[static_cast<std::size_t>(ParseError::bad_chunk)] = "5 \"x";
  remarks.redirect = "302 to /a";
  remarks.streams_allowed = 10;
  report.all.window.refused[static_cast<std::size_t>(ParseError::bad_chunk)] = 3;
  report.all.window.closed_early = 5;
  report.all.window.redirects = 4;
  report.all.window.resent = 2;
  std::string text;
  for (const Remark& remark : remarks_of(spec, report)) text += fmt::format("{} | {}\n", remark.title, remark.words);
  EXPECT_EQ(
      text,
      "connections | 57 of 64 were never opened: connection refused\n"
      "closed early | 5 connections, ended by the server before any answer; each next one waits longer, up to 1 s\n"
      "refused | 3 answers: bad chunk, first \"5 \"x\"\n"
      "redirects | 4 answers, first 302 to /a; not followed\n"
      "sent again | 2 requests that the server's goodbye left out (GOAWAY)\n"
      "streams | the server allows 10 at once on a connection, not 32: any others wait here, not there\n");
  spec.protocol = Protocol::http1;
  EXPECT_FALSE(had_fewer_streams(spec, remarks));
}

}  // namespace
}  // namespace dyno::loadgen

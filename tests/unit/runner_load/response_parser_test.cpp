#include "runners/load/http/response_parser.h"

#include <gtest/gtest.h>

#include "unit/runner_load/parse_all.h"

namespace dyno::loadgen {
namespace {

struct Row {
  const char* name;
  std::string bytes;
  std::vector<int> statuses;
  std::vector<std::string> bodies;
  bool keep_alive = true;
  bool to_head = false;
  std::string left = {};
};

std::vector<Row> good_rows() {
  const std::string twice = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  return {
      {"length", twice, {200}, {"hello"}},
      {"no reason", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", {200}, {""}},
      {"empty reason, odd spacing", "HTTP/1.1 200 \r\nCONTENT-LENGTH: \t 2 \t\r\nX:\r\n\r\nab", {200}, {"ab"}},
      {"two in a row", twice + twice, {200, 200}, {"hello", "hello"}},
      {"longer than promised", twice + "!!", {200}, {"hello"}, true, false, "!!"},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0A\r\n, world!!!\r\n0\r\n\r\n",
       {200},
       {"hello, world!!!"}},
      {"chunk extension",
       "HTTP/1.1 200 OK\r\ntransfer-encoding: , Chunked\r\n\r\n3;a=\"b;c\"\r\nabc\r\n00;last\r\n\r\n",
       {200},
       {"abc"}},
      {"blanks behind a chunk's size",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5  \r\nhello\r\n1\t ;a=b\r\n!\r\n0 \r\n\r\n",
       {200},
       {"hello!"}},
      {"folded lines",
       "HTTP/1.1 200 OK\r\nX: a\r\n \tb\r\n \r\nY:\r\n : c\r\nContent-Length:\r\n 2\r\n\r\nab",
       {200},
       {"ab"}},
      {"folded lines that decide",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\tchunked\r\nConnection: x,\r\n close\r\n\r\n1\r\na\r\n0\r\nX: y\r\n "
       "z\r\n\r\n",
       {200},
       {"a"},
       false},
      {"trailers",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nContent-Length: 7\r\nConnection: "
       "close\r\n\r\n",
       {200},
       {"x"}},
      {"sixteen digits",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000001\r\nx\r\n0\r\n\r\n",
       {200},
       {"x"}},
      {"head", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", {200}, {""}, true, true},
      {"head of chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {200}, {""}, true, true},
      {"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n", {204}, {""}},
      {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", {304}, {""}},
      {"interim",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\nConnection: close\r\n\r\n" +
           twice,
       {200},
       {"hello"}},
      {"switching",
       "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x01",
       {101},
       {""},
       false,
       false,
       "\x81\x01"},
      {"close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", {200}, {"a"}, false},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nall of it\r\n", {200}, {"all of it\r\n"}, false},
      {"until close, empty", "HTTP/1.0 200 OK\r\n\r\n", {200}, {""}, false},
      {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", {200}, {"a"}, false},
      {"1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", {200}, {"a"}, true},
      {"close beats keep-alive",
       "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
       {200},
       {"a"},
       false},
      {"names that only begin alike",
       "HTTP/1.1 200 OK\r\nContent-Length-X: 9\r\nConnection: keep-alive-close close-not\r\nContent-Length: 1\r\n\r\na",
       {200},
       {"a"},
       true},
      {"bytes above ASCII", "HTTP/1.1 500 \xe2\x98\xb9\r\nX-Na: \xff\tz\r\nContent-Length: 0\r\n\r\n", {500}, {""}},
  };
}

std::vector<std::string_view> cut(std::string_view bytes, std::size_t at) {
  return {bytes.substr(0, at), bytes.substr(at)};
}

std::vector<std::string_view> single_bytes(std::string_view bytes) {
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  return pieces;
}

TEST(ResponseParser, ReadsAnswersHoweverTheyAreCut) {
  for (const Row& row : good_rows()) {
    const auto count = static_cast<int>(row.statuses.size());
    const Parsed expected{row.statuses, row.bodies, row.keep_alive, ParseError::none, row.left, true};
    HeaderMemo memo;  // warm from the second cut on: the fast path must say the same
    for (std::size_t at = 0; at <= row.bytes.size(); ++at) {
      EXPECT_EQ(parse_all(cut(row.bytes, at), count, true, row.to_head, memo), expected)
          << row.name << ", cut at " << at;
    }
    EXPECT_EQ(parse_all(single_bytes(row.bytes), count, true, row.to_head, memo), expected)
        << row.name << ", byte by byte";
    HeaderMemo cold;
    EXPECT_EQ(parse_all({row.bytes}, count, true, row.to_head, cold), expected) << row.name << ", cold";
  }
}

TEST(ResponseParser, IsNotFooledByTheMemo) {
  HeaderMemo memo;
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
  const std::string longer = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nabcdefghijkl";
  const std::string closing = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na";
  for (const std::string& bytes : {first, longer, first, closing, longer, closing, first}) {
    HeaderMemo cold;
    EXPECT_EQ(parse_all({bytes}, 1, true, false, memo), parse_all({bytes}, 1, true, false, cold));
  }
}

TEST(HeaderMemo, KnowsABodyOnlyWhereItIsWhole) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  HeaderMemo memo;
  EXPECT_EQ(memo.whole_body(answer), std::nullopt);
  parse_all({answer}, 1, true, false, memo);
  EXPECT_EQ(memo.whole_body(answer), "hello");
  EXPECT_EQ(memo.whole_body(answer + "HTTP/1.1 200"), "hello");
  EXPECT_EQ(memo.whole_body(answer.substr(0, answer.size() - 1)), std::nullopt);
  EXPECT_EQ(memo.whole_body("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhell"), std::nullopt);
}

TEST(HeaderMemo, LeavesToTheParserWhatTheHeadersAloneDoNotFrame) {
  for (const std::string answer : {"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n",
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    HeaderMemo memo;
    parse_all({answer}, 1, true, false, memo);
    EXPECT_TRUE(memo.matches(answer)) << answer;
    EXPECT_EQ(memo.whole_body(answer), std::nullopt) << answer;
  }
}

struct BadRow {
  std::string bytes;
  ParseError error;
};

TEST(ResponseParser, RefusesWhatIsWrong) {
  using enum ParseError;
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  std::string many_lines = ok;
  for (int i = 0; i < 101; ++i) many_lines += "X: y\r\n";
  std::string many_folds = ok + "X: y\r\n";
  for (int i = 0; i < 101; ++i) many_folds += " y\r\n";
  std::string many_trailers = chunked + "0\r\n";
  for (int i = 0; i < 101; ++i) many_trailers += "X: y\r\n";
  std::string endless_interim;
  while (endless_interim.size() <= kMaxHeaderBytes) endless_interim += "HTTP/1.1 100 Continue\r\n\r\n";
  const std::vector<BadRow> rows = {
      {"HTTP/2 200 OK\r\n", bad_status_line},
      {"HTTP/1.2 200 OK\r\n", bad_status_line},
      {"http/1.1 200 OK\r\n", bad_status_line},
      {"\r\nHTTP/1.1 200 OK\r\n", bad_status_line},
      {"HTTP/1.1  200 OK\r\n", bad_status_line},
      {"HTTP/1.1 20 OK\r\n", bad_status_line},
      {"HTTP/1.1 2000 OK\r\n", bad_status_line},
      {"HTTP/1.1 099 OK\r\n", bad_status_line},
      {"HTTP/1.1 200 O\x01K\r\n", bad_status_line},
      {"HTTP/1.1 200 OK\n", bad_status_line},
      {ok + "Name : x\r\n\r\n", bad_header},
      {ok + ": x\r\n\r\n", bad_header},
      {ok + " X: a\r\n\r\n", bad_header},
      {ok + "X: a\r\n b\x01\r\n\r\n", bad_header},
      {ok + "Content-Length: 1\r\n 2\r\n\r\n", bad_length},
      {ok + "Transfer-Encoding: chunk\r\n ed\r\n\r\n", bad_coding},
      {ok + "X: a\nY: b\r\n\r\n", bad_header},
      {ok + "X: a\rb\r\n\r\n", bad_header},
      {ok + std::string("X: a\0b\r\n\r\n", 10), bad_header},
      {ok + "no colon\r\n\r\n", bad_header},
      {ok + "Content-Length: \r\n\r\n", bad_length},
      {ok + "Content-Length: -1\r\n\r\n", bad_length},
      {ok + "Content-Length: +1\r\n\r\n", bad_length},
      {ok + "Content-Length: 1 2\r\n\r\n", bad_length},
      {ok + "Content-Length: 1, 1\r\n\r\n", bad_length},
      {ok + "Content-Length: 0x1\r\n\r\n", bad_length},
      {ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", bad_length},
      {ok + "Content-Length: 18446744073709551616\r\n\r\n", bad_length},
      {ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", bad_length},
      {ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", bad_length},
      {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", bad_coding},
      {ok + "Transfer-Encoding: chunked, chunked\r\n\r\n", bad_coding},
      {ok + "Transfer-Encoding: identity\r\n\r\n", bad_coding},
      {ok + "Transfer-Encoding:\r\n\r\n", bad_coding},
      {ok + "Transfer-Encoding: chunked-ish-and-a-long-token\r\n\r\n", bad_coding},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", bad_coding},
      {chunked + "-2\r\n", bad_chunk},
      {chunked + "\r\n", bad_chunk},
      {chunked + ";x\r\n", bad_chunk},
      {chunked + "g\r\n", bad_chunk},
      {chunked + "1 x\r\n", bad_chunk},
      {chunked + "1 1\r\n", bad_chunk},
      {chunked + " 1\r\n", bad_chunk},
      {chunked + "1" + std::string(kMaxHeaderBytes, ' '), header_too_large},
      {chunked + "1\n", bad_chunk},
      {chunked + "1\r\nab\r\n", bad_chunk},
      {chunked + "1\r\na\n", bad_chunk},
      {chunked + "00000000000000001\r\n", bad_chunk},
      {chunked + "1;\x01\r\n", bad_chunk},
      {chunked + "ffffffffffffffff\r\n", body_too_large},
      {chunked + "1000001\r\n", body_too_large},
      {ok + "Content-Length: 16777217\r\n\r\n", body_too_large},
      {ok + "X: " + std::string(kMaxHeaderBytes, 'y'), header_too_large},
      {ok + std::string(kMaxHeaderBytes, 'y'), header_too_large},
      {"HTTP/1.1 200 " + std::string(kMaxHeaderBytes, 'y'), header_too_large},
      {chunked + "1;" + std::string(kMaxHeaderBytes, 'y'), header_too_large},
      {many_lines, header_too_large},
      {many_folds, header_too_large},
      {many_trailers, header_too_large},
      {endless_interim, header_too_large},
      {"H", ended_early},
      {ok, ended_early},
      {ok + "Content-Length: 5\r\n\r\nhell", ended_early},
      {chunked + "5\r\nhello\r\n", ended_early},
      {"HTTP/1.1 100 Continue\r\n\r\n", ended_early},
  };
  for (const BadRow& row : rows) {
    HeaderMemo memo;
    const Parsed parsed = parse_all({row.bytes}, 1, true, false, memo);
    EXPECT_EQ(parsed.error, row.error) << row.bytes.substr(0, 90);
    EXPECT_TRUE(parsed.statuses.empty()) << row.bytes.substr(0, 90);
    EXPECT_EQ(parse_all(single_bytes(row.bytes), 1, true, false, memo), parsed) << row.bytes.substr(0, 90);
  }
}

TEST(ResponseParser, LimitsABodyWithoutAnEnd) {
  HeaderMemo memo;
  const std::string block(1024 * 1024, 'x');
  std::vector<std::string_view> pieces = {"HTTP/1.1 200 OK\r\n\r\n"};
  for (int i = 0; i < 16; ++i) pieces.push_back(block);
  EXPECT_TRUE(parse_all(pieces, 1, true, false, memo).whole);
  pieces.push_back("x");
  EXPECT_EQ(parse_all(pieces, 1, true, false, memo).error, ParseError::body_too_large);
}

TEST(ResponseParser, TakesAnotherLimit) {
  HeaderMemo memo;
  for (const std::string head : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\n\r\nhello"}) {
    for (const std::uint64_t most : {std::uint64_t{4}, std::uint64_t{5}}) {
      ResponseParser parser;
      parser.begin(false, most);
      std::string_view input = head;
      auto event = parser.next(input, memo);
      while (event == ResponseParser::Event::head || event == ResponseParser::Event::body)
        event = parser.next(input, memo);
      EXPECT_EQ(parser.error(), most == 4 ? ParseError::body_too_large : ParseError::none) << head;
    }
  }
}

TEST(ResponseParser, SaysNothingOfAConnectionThatEndsBetweenAnswers) {
  HeaderMemo memo;
  const Parsed parsed = parse_all({""}, 1, true, false, memo);
  EXPECT_EQ(parsed.error, ParseError::none);
  EXPECT_FALSE(parsed.whole);
}

}  // namespace
}  // namespace dyno::loadgen

#include "app/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/logger.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <sstream>

#include "base/file.h"

namespace dyno::app {
namespace {

struct Ends {
  Descriptor read;
  Descriptor write;
};

Ends pipe_ends() {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends socket_ends() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string read_what_is_there(int descriptor) {
  std::string text;
  char bytes[65536];
  for (pollfd wanted{descriptor, POLLIN, 0}; poll(&wanted, 1, 0) > 0;) {
    const ssize_t got = read(descriptor, bytes, sizeof bytes);
    if (got <= 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
  }
  return text;
}

class LogSinkTest : public testing::TestWithParam<Ends (*)()> {
 protected:
  LogSinkTest() { logger_.set_pattern("%v"); }

  Ends ends_ = GetParam()();
  spdlog::logger logger_{"", std::make_shared<LogSink>(ends_.write.get())};
};

TEST_P(LogSinkTest, WritesEachLine) {
  logger_.info("one");
  logger_.info("two");
  EXPECT_EQ(read_what_is_there(ends_.read.get()), "one\ntwo\n");
}

// Issue 14, row 39: a log that waited would stop here for ever.
TEST_P(LogSinkTest, Row39_NeverWaitsForAReaderAndCountsWhatItDrops) {
  constexpr int kLines = 20'000;
  const std::string filling(100, 'x');
  for (int i = 0; i < kLines; ++i) logger_.info("{} {}", i, filling);
  std::string text = read_what_is_there(ends_.read.get());
  EXPECT_FALSE(text.empty());
  logger_.info("after");
  text += read_what_is_there(ends_.read.get());

  std::istringstream lines(text);
  int whole = 0;
  std::string line;
  while (std::getline(lines, line) && line == std::to_string(whole) + " " + filling) ++whole;
  EXPECT_GT(whole, 100);
  EXPECT_EQ(line, std::to_string(kLines - whole) + " lines of the log were dropped: nobody read it");
  std::getline(lines, line);
  EXPECT_EQ(line, "after");
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST_P(LogSinkTest, OutlivesItsReader) {
  signal(SIGPIPE, SIG_IGN);  // as dynod does
  ends_.read.close();
  logger_.info("nobody");
}

TEST_P(LogSinkTest, WritesALineLongerThanAPipeTakesAtOnce) {
  logger_.info(std::string(10'000, 'y'));
  logger_.info("next");
  EXPECT_EQ(read_what_is_there(ends_.read.get()), std::string(10'000, 'y') + "\nnext\n");
}

INSTANTIATE_TEST_SUITE_P(Outputs, LogSinkTest, testing::Values(&pipe_ends, &socket_ends),
                         [](const auto& param) { return param.index == 0 ? "pipe" : "socket"; });

}  // namespace
}  // namespace dyno::app

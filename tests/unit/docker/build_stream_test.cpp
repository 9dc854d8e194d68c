#include "docker/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace dyno::docker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string recorded(const std::string& name) {
  std::ifstream file(std::string(DYNO_SOURCE_DIR) + "/tests/data/docker/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Result<std::string> read_whole(std::string_view stream) {
  BuildStream build;
  build.feed(stream);
  return build.finish();
}

TEST(BuildStream, FindsTheImageWhereverTheChunksAreCut) {
  const std::string stream = recorded("build_good_20.10.txt");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    BuildStream build;
    EXPECT_TRUE(build.feed(stream.substr(0, cut)));
    EXPECT_TRUE(build.feed(stream.substr(cut)));
    const auto id = build.finish();
    ASSERT_TRUE(id) << cut;
    ASSERT_EQ(*id, "sha256:7ffc3f97f65b64eacf1a0ed1c54b352a967d43a49ac93769b29b986b67fef31c") << cut;
  }
}

TEST(BuildStream, HandsOnEveryLineWithoutColours) {
  std::vector<std::string> lines;
  BuildStream build([&](const ports::BuildLine& line) { lines.emplace_back(line.text); });
  build.feed(recorded("build_good_20.10.txt"));
  ASSERT_GT(lines.size(), 5U);
  EXPECT_EQ(lines[0], "Step 1/3 : FROM stackdyno/base-debian-trixie");
  EXPECT_THAT(lines, ::testing::Contains("warn"));
}

TEST(BuildStream, NamesTheStepThatFailedWithItsLastLines) {
  const auto id = read_whole(recorded("build_failed_20.10.txt"));
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(id.error().message, ::testing::StartsWith("Step 3/4 : RUN echo before; exit 7: The command"));
  EXPECT_THAT(id.error().message, HasSubstr("returned a non-zero code: 7"));
  EXPECT_THAT(id.error().message, HasSubstr("\n  before"));
}

// Issue 14, row 19: the error stands 400 lines before the end, and what follows it is noise.
TEST(BuildStream, HandsOnALineHoweverManyFollow) {
  std::string stream = recorded("build_failed_20.10.txt");
  const std::size_t end = stream.find("{\"errorDetail\"");
  ASSERT_NE(end, std::string::npos);
  std::string noise = "{\"stream\":\"main.c:7: error: no such type\\n\"}\r\n";
  for (int i = 0; i < 400; ++i) noise += "{\"stream\":\"Step " + std::to_string(i) + " of the noise\\n\"}\r\n";
  stream.insert(end, noise);
  std::vector<std::string> lines;
  std::string step_of_error;
  BuildStream build([&](const ports::BuildLine& line) {
    lines.emplace_back(line.text);
    if (line.text == "main.c:7: error: no such type") step_of_error = line.step;
  });
  build.feed(stream);
  const auto id = build.finish();
  ASSERT_FALSE(id);
  EXPECT_EQ(step_of_error, "Step 3/4 : RUN echo before; exit 7");
  EXPECT_THAT(id.error().message, ::testing::StartsWith("Step 3/4 : RUN echo before; exit 7: The command"));
  EXPECT_THAT(lines, ::testing::Contains("Step 399 of the noise"));
}

TEST(BuildStream, AFullDiskIsNoStepThatFailed) {
  const std::string rows[] = {
      R"({"errorDetail":{"message":"Error processing tar file(exit status 1): write /x: no space left on device"},"error":"x"})",
      "{\"stream\":\"cc1: fatal error: No space left on device\\n\"}\r\n"
      R"({"errorDetail":{"message":"The command returned a non-zero code: 1"},"error":"x"})"};
  for (const std::string& row : rows) {
    const auto id = read_whole(row);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code, ErrorCode::storage) << row;
  }
}

TEST(BuildStream, KeepsTwentyLinesForTheError) {
  std::string stream;
  for (int i = 0; i < 100; ++i) stream += "{\"stream\":\"line " + std::to_string(i) + "\\n\"}\r\n";
  stream += R"({"errorDetail":{"message":"boom"},"error":"boom"})";
  const auto id = read_whole(stream);
  ASSERT_FALSE(id);
  EXPECT_THAT(id.error().message, HasSubstr("line 80\n"));
  EXPECT_THAT(id.error().message, Not(HasSubstr("line 79\n")));
}

TEST(BuildStream, IsNoSuccessWithoutAnImageId) {
  for (const char* const stream : {"", "{\"stream\":\"Successfully built 7ffc3f97f65b\\n\"}\n"}) {
    const auto id = read_whole(stream);
    ASSERT_FALSE(id) << stream;
    EXPECT_EQ(id.error().code, ErrorCode::protocol) << stream;
  }
}

TEST(BuildStream, IsNoSuccessWithAnErrorAfterTheImageId) {
  EXPECT_FALSE(read_whole("{\"aux\":{\"ID\":\"sha256:1\"}}\n{\"errorDetail\":{\"code\":1}}\n"));
  EXPECT_FALSE(read_whole("{\"aux\":{\"ID\":\"sha256:1\"}}\n{\"error\":\"boom\"}\n"));
}

TEST(BuildStream, IsNoSuccessWhenCutWithinADocument) {
  const std::string stream = recorded("build_good_20.10.txt");
  const std::size_t id_at = stream.find("\"aux\"");
  for (std::size_t cut = 0; cut < id_at + 20; ++cut)
    ASSERT_FALSE(read_whole(std::string_view(stream).substr(0, cut))) << cut;
}

TEST(BuildStream, RefusesWhatIsNotJson) {
  const std::string rows[] = {"not json\n", "[1,2]\n", "{\"stream\":\"\xff\xfe\"}\n", std::string(200'000, '[') + "\n",
                              "{\"stream\":\"a\"\n"};
  for (const std::string& row : rows) {
    BuildStream build;
    EXPECT_FALSE(build.feed(row));
    EXPECT_EQ(build.finish().error().code, ErrorCode::protocol);
  }
}

TEST(BuildStream, CapsALine) {
  BuildStream build;
  const std::string chunk(1 << 16, 'x');
  int fed = 0;
  while (build.feed(chunk)) ASSERT_LT(++fed, 17);
  EXPECT_THAT(build.finish().error().message, HasSubstr("longer than 1 MiB"));
}

TEST(BuildStream, ReadsTheImageIdOfAnImport) {
  EXPECT_EQ(read_whole("{\"status\":\"sha256:abc\"}\r\n").value(), "sha256:abc");
}

}  // namespace
}  // namespace dyno::docker

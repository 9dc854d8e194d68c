#include "model/dockerfile.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dyno::model {
namespace {

const std::map<std::string, std::string> kArgs{{"RUN_IMAGE", "stackdyno/base-node-26"}, {"SUFFIX", "slim"}};
const std::vector<std::string> kBases{"stackdyno/base-node-26", "tools:1"};

DockerfileReading read(const std::string& text) { return read_dockerfile(text, kArgs, kBases, "Dockerfile"); }

// "line code" of each problem.
std::vector<std::string> problems(const std::string& text) {
  std::vector<std::string> found;
  for (const Problem& problem : read(text).problems) found.push_back(fmt::format("{} {}", problem.line, problem.code));
  return found;
}

TEST(Dockerfile, Row28TellsTheImagesThatItTakes) {
  struct Row {
    std::string text;
    std::vector<std::string> images;
  };
  const Row rows[] = {
      {"FROM scratch\n", {}},
      {"from debian:trixie as Build\nFROM build\nFROM BUILD AS again\n", {"debian:trixie"}},
      {"FROM later\nFROM debian AS later\n", {"later", "debian"}},
      {"FROM 0\n", {"0"}},
      {"FROM --platform=linux/amd64 a:1 AS x\nFROM --platform=$BUILDPLATFORM b:2\n", {"a:1", "b:2"}},
      {"ARG RUN_IMAGE=node:26\nFROM ${RUN_IMAGE}\n", {"stackdyno/base-node-26"}},
      {"ARG X=node:26\nFROM $X\n", {"node:26"}},
      {"ARG X=\"node:26\" Y='a:1'\nFROM $X\nFROM \"${Y}\"\n", {"node:26", "a:1"}},
      {"ARG V=26\nARG X=node:${V}-${SUFFIX:-none}\nARG SUFFIX\nFROM $X\n", {}},
      {"ARG SUFFIX\nARG X=node:26-$SUFFIX\nFROM $X\n", {"node:26-slim"}},
      {"FROM ${NONE:-a:1}\nFROM ${NONE:+b:1}\n", {"a:1"}},
      {"ARG A=x\nFROM ${A:+${NONE:-c:1}}\n", {"c:1"}},
      {"FROM \\\n  # a comment\n\n  a:1 \\\n AS b\n", {"a:1"}},
      {"# escape=`\nFROM a:1\nRUN echo \\\nFROM b:1\nRUN echo `\nFROM c:1\n", {"a:1", "b:1"}},
      {"\xef\xbb\xbf\u00a0FROM a:1\r\n", {"a:1"}},
      {"RUN echo FROM x\n# FROM y\nFROM a:1\nFROM a:1\n", {"a:1"}},
  };
  for (const Row& row : rows) EXPECT_EQ(read(row.text).images, row.images) << row.text;
}

TEST(Dockerfile, Row28PassesWhatStaysInItsFolderAndItsBases) {
  const char* const rows[] = {
      "FROM a:1 AS build\nRUN x --from=other\nFROM scratch\nCOPY --from=build /x /y\nCOPY --from=0 /x /z\n",
      "FROM a:1 AS Build\nFROM scratch\nCOPY --from=BUILD --chown=1:1 /x /y\n",
      "FROM a:1\nCOPY --from=a:1 /x /y\nCOPY --from=tools:1 /x /y\n",
      "FROM a:1\nADD archive.tar.gz /x/\nADD [\"a b\", \"/c/\"]\nADD --chown=1:1 .git /x\n",
      "FROM a:1\nRUN curl http://example.org/x && git clone git@example.org:x/y.git\n",
      "FROM a:1\nRUN x=$((1<<3)); cat <<< word; echo a << b\nLABEL x=\"<<EOF\"\n",
      "# A comment\n# syntax of this file: none\nFROM a:1\n# syntax=docker/dockerfile:1\n",
      "FROM a:1\nARG \"odd\"=\\x\nENV A=http://x ADD=http://y\nCMD [\"add\", \"http://x\"]\n",
      "FROM a:1\nRUN echo \\\n  ADD http://x /y\n",
      "FROM a:1\nRUN --mount=type=cache,target=/x true\n",
      "",
  };
  for (const char* const row : rows) EXPECT_THAT(problems(row), testing::IsEmpty()) << row;
}

// Issue 14, row 25: variables that are made of each other, a remark about each of many lines.
TEST(Dockerfile, Row25ReadsNoMoreThanIsWorthIt) {
  std::string doubling = "ARG A0=0123456789\n";
  for (int i = 1; i < 60; ++i) doubling += fmt::format("ARG A{}=$A{}$A{}\n", i, i - 1, i - 1);
  EXPECT_THAT(problems(doubling + "FROM $A59\n"), testing::ElementsAre("61 unreadable_image"));
  std::string volumes;
  for (int i = 0; i < 50'000; ++i) volumes += "VOLUME /x\n";
  const auto found = problems("FROM scratch\n" + volumes);
  ASSERT_EQ(found.size(), 101U);
  EXPECT_EQ(found.back(), "0 more_problems");
  std::string syntax;
  for (int i = 0; i < 50'000; ++i) syntax += "# syntax=x\n";
  EXPECT_EQ(problems(syntax).size(), 101U);
}

TEST(Dockerfile, Row28RefusesWhatReachesBeyond) {
  struct Row {
    std::string text;
    std::vector<std::string> problems;
  };
  const Row rows[] = {
      {"FROM a:1\nADD http://127.0.0.1:8080/api/v1/runs /x\n", {"2 fetched_file"}},
      {"FROM a:1\nadd HTTPS://x/y /x\n", {"2 fetched_file"}},
      {"FROM a:1\n  Add --chown=1:1 a b ftp://x/y /x\n", {"2 fetched_file"}},
      {"FROM a:1\nADD [\"http://x/y\", \"/x\"]\n", {"2 fetched_file"}},
      {"FROM a:1\nADD [\"\\u0068ttp://x/y\", \"/x\"]\n", {"2 unreadable_source"}},
      {"FROM a:1\nADD ht\"tp:\"//x/y /x\n", {"2 fetched_file"}},
      {"FROM a:1\nADD ht\\tp://x/y /x\n", {"2 unreadable_source"}},
      {"FROM a:1\nARG U\nADD $U /x\n", {"3 unreadable_source"}},
      {"FROM a:1\nADD \\\n# comment\n\n  ht\\\ntp://x /x\n", {"2 fetched_file"}},
      {"# escape=`\nFROM a:1\nADD ht`\ntp://x /x\n", {"3 fetched_file"}},
      {"FROM a:1\nADD git@github.com:x/y.git /x\n", {"2 fetched_file"}},
      {"FROM a:1\nADD github.com/x/y /x\n", {"2 fetched_file"}},
      {"FROM a:1\nADD git://x/y#main /x\n", {"2 fetched_file"}},
      {"FROM a:1\n\u00a0ADD http://x/y /x\n", {"2 fetched_file"}},
      {"FROM a:1\r\nADD http://x/y /x\r\n", {"2 fetched_file"}},
      {"FROM a:1\nADD\u00a0http://x/y /x\n", {"2 unknown_instruction"}},
      {"FROM a:1\nRUN a \\\n# c\nb\nADD http://x/y /x\n", {"5 fetched_file"}},
      {"FROM a:1\nRUN a \\\\\nADD http://x/y /x\n", {"2 escaped_line_end"}},
      {"FROM a:1\nCOPY --from=nginx:1 /x /y\n", {"2 foreign_image"}},
      {"FROM a:1\nCOPY --fr\"om\"=nginx:1 /x /y\n", {"2 foreign_image"}},
      {"FROM a:1\nCOPY --chown=1 --from=$X /x /y\n", {"2 foreign_image"}},
      {"FROM a:1 AS x\nCOPY --from=x /x /y\nCOPY --from=0 /x /y\n", {"2 foreign_image", "3 foreign_image"}},
      {"FROM a:1\nCOPY --from=later /x /y\nFROM b:1 AS later\n", {"2 foreign_image"}},
      {"FROM a:1\nADD --from=nginx:1 /x /y\n", {"2 foreign_image"}},
      {"FROM a:1\nRUN --mount=type=bind,from=nginx:1,target=/x true\n", {"2 foreign_image"}},
      {"FROM a:1\nRUN --mount=FROM=nginx:1 true\n", {"2 foreign_image"}},
      {"FROM a:1\nRUN --network=host true\n", {"2 foreign_right"}},
      {"FROM a:1\nRUN --security=insecure true\n", {"2 foreign_right"}},
      {"FROM a:1\nONBUILD ADD http://x /y\n", {"2 on_build"}},
      {"FROM a:1\nRUN cat <<EOF > /x\nADD http://x /y\nEOF\n", {"2 here_document", "3 fetched_file"}},
      {"FROM a:1\nCOPY 3<<-\"E\" /x\n", {"2 here_document"}},
      {"# syntax=docker/dockerfile:1\nFROM a:1\n", {"1 syntax_directive"}},
      {"\n#SYNTAX = evil/frontend\nFROM a:1\n", {"2 syntax_directive"}},
      {"# x\n# escape=`\nFROM a:1\n", {"2 escape_directive"}},
      {" # escape=`\nFROM a:1\n", {"1 escape_directive"}},
      {"FROM $\n", {"1 unreadable_image"}},
      {"FROM ${A#b}\n", {"1 unreadable_image"}},
      {"FROM ${SUFFIX}\n", {"1 unreadable_image"}},
      {"ARG A=a:1\nARG A\nFROM ${A:-b:1}\n", {"3 unreadable_image"}},
      {"ARG \"A\"=b:1\nFROM ${A:-a:1}\n", {"1 unreadable_argument"}},
      {"ARG A=x\\ B=a:1\nFROM ${B:-b:1}\n", {"1 unreadable_argument"}},
      {"FROM a\\:1\n", {"1 unreadable_image"}},
      {"FROM a:1\nRUN a\rADD http://x /y\n", {"2 control_character"}},
  };
  for (const Row& row : rows) EXPECT_EQ(problems(row.text), row.problems) << row.text;
}

}  // namespace
}  // namespace dyno::model

#include "runners/load/arguments.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace dyno::loadgen {
namespace {

using namespace std::chrono_literals;

Arguments read(std::vector<const char*> words) { return Arguments(words); }

// The first problem of a command line with a good URL; empty: there is none.
std::string problem(std::vector<const char*> words) {
  words.push_back("http://h/");
  const Arguments arguments(words);
  return arguments.problems().empty() ? "" : arguments.problems().front();
}

TEST(Options, NamesAndLettersAreTakenOnce) {
  std::set<std::string_view> names;
  std::set<char> letters;
  std::set<std::string_view> others;
  for (const Option& one : options()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    if (one.letter != 0) {
      EXPECT_TRUE(letters.insert(one.letter).second) << one.letter;
    }
    for (const std::string_view other : one.elsewhere) {
      EXPECT_TRUE(other.empty() || others.insert(other).second) << other;
    }
    EXPECT_EQ(one.value.empty(), std::holds_alternative<takes::Nothing>(one.takes)) << one.name;
    EXPECT_FALSE(one.meaning.empty()) << one.name;
  }
  for (const std::string_view other : others) {
    EXPECT_FALSE(names.contains(other.substr(2))) << other << " is a name here";
    EXPECT_FALSE(other.size() == 2 && letters.contains(other[1])) << other << " is a letter here";
  }
}

TEST(Arguments, AreReadInEveryForm) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"-c", "8", "http://h/"},
                                             {"-c8", "http://h/"},
                                             {"--connections", "8", "http://h/"},
                                             {"--connections=8", "http://h/"},
                                             {"http://h/", "-c", "8"},
                                             {"-c", "8", "--", "http://h/"},
                                             {"-kc8", "http://h/"}}) {
    const Arguments arguments = read(words);
    EXPECT_TRUE(arguments.problems().empty()) << fmt::format("{}", fmt::join(arguments.problems(), "\n"));
    EXPECT_EQ(arguments.integer(Opt::connections), 8);
    EXPECT_EQ(arguments.url(), "http://h/");
  }
}

TEST(Arguments, WhatIsNotGivenHasItsFallback) {
  const Arguments arguments = read({"http://h/", "-H", "A: b", "-H", "C: d", "-b", "-5"});
  EXPECT_TRUE(arguments.problems().empty());
  EXPECT_EQ(arguments.integer(Opt::connections), 64);
  EXPECT_EQ(arguments.duration(Opt::duration), 10s);
  EXPECT_EQ(arguments.integer(Opt::count), 0);
  EXPECT_EQ(arguments.text(Opt::method), "GET");
  EXPECT_EQ(arguments.all(Opt::header), (std::vector<std::string>{"A: b", "C: d"}));
  EXPECT_EQ(arguments.text(Opt::body), "-5");
  EXPECT_FALSE(arguments.has(Opt::rate));
}

TEST(Arguments, ErrorsNameOptionValueAndWhatWouldBeRight) {
  EXPECT_EQ(problem({"-c", "-1"}), "--connections is \"-1\"; it must be a whole number from 1 to 65000");
  EXPECT_EQ(problem({"--conections", "1"}), "unknown option --conections; did you mean --connections?");
  EXPECT_EQ(problem({"-y"}), "unknown option -y");
  EXPECT_EQ(problem({"-z"}), "unknown option -z; here it is -d, --duration TIME");
  EXPECT_EQ(problem({"--threads=2"}), "unknown option --threads; here it is --cpus LIST");
  EXPECT_EQ(problem({"--json=yes"}), "--json takes no value");
  EXPECT_EQ(problem({"-c", "-d", "1s"}), "--connections needs a value: a whole number from 1 to 65000");
  EXPECT_EQ(problem({"-c", "1", "-c", "2"}), "--connections is given twice");
  EXPECT_EQ(problem({"http://other/"}), "one URL is loaded, but 2 are given");
  EXPECT_EQ(read({}).problems().front(), "no URL, such as http://localhost:8080/");
}

TEST(Arguments, WhatExcludesEachOtherIsRefused) {
  EXPECT_EQ(problem({"--poisson"}), "--poisson needs --rate or --curve");
  EXPECT_EQ(problem({"--poisson", "--curve", "0s:5"}), "");
  EXPECT_EQ(problem({"--curve", "0s:5", "-r", "5"}), "--curve and --rate exclude each other");
  EXPECT_EQ(problem({"-p", "4", "-r", "5"}), "--pipeline and --rate exclude each other");
  EXPECT_EQ(problem({"-p", "4", "-r", "5", "--http2"}), "");
  EXPECT_EQ(problem({"-p", "1", "-r", "5"}), "") << "that many are in flight anyway";
  EXPECT_EQ(problem({"-b", "x", "--body-bytes", "5"}), "--body and --body-bytes exclude each other");
}

}  // namespace
}  // namespace dyno::loadgen

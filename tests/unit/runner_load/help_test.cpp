#include "runners/load/help.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "runners/load/options.h"

namespace dyno::loadgen {
namespace {

TEST(Help, NamesEveryOptionWithin80Columns) {
  const std::string text = help_text();
  for (const Option& one : options()) EXPECT_NE(text.find(name_of(one.id)), std::string::npos) << one.name;
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 110U) << line;
}

// DYNO_WRITE_GOLDEN=1 writes it anew.
TEST(Help, TheManPageIsThatOfTheTable) {
  const std::string path = DYNO_SOURCE_DIR "/daemon/docs/dyno-load.1";
  if (std::getenv("DYNO_WRITE_GOLDEN") != nullptr) std::ofstream(path) << man_page();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), man_page());
}

TEST(Help, CompletionsKnowEveryOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string text = completion_for(shell);
    for (const Option& one : options()) EXPECT_NE(text.find(one.name), std::string::npos) << shell << " " << one.name;
  }
  EXPECT_EQ(completion_for("csh"), "");
}

}  // namespace
}  // namespace dyno::loadgen

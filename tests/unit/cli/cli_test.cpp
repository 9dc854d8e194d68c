#include "cli/cli.h"

#include <gtest/gtest.h>

namespace dyno::cli {
namespace {

const std::vector<CommandWords> kTree{{"", {"runs", "--server"}}, {"runs", {"show"}}, {"runs show", {"--help"}}};

TEST(Completion, EveryWordOfTheTreeIsInEveryShell) {
  for (const std::string& text : {bash_completion(kTree), zsh_completion(kTree), fish_completion(kTree)}) {
    for (const char* const word : {"runs", "server", "show", "help"})
      EXPECT_NE(text.find(word), std::string::npos) << word << "\n" << text;
  }
  EXPECT_NE(bash_completion(kTree).find("\"runs show\") words=\"--help\" ;;"), std::string::npos);
}

}  // namespace
}  // namespace dyno::cli

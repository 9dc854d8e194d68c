// The command line of dyno: commands, options, the function that each command calls, and completions for shells. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dyno::cli {

// One command with everything that can follow it.
struct CommandWords {
  std::string path;                // "", "runs", "runs show"
  std::vector<std::string> words;  // commands and options below it
  std::string names{};  // what its arguments are names of: stacks, profiles, schedules, runs; the daemon is asked
};

std::string bash_completion(const std::vector<CommandWords>& tree);
std::string zsh_completion(const std::vector<CommandWords>& tree);
std::string fish_completion(const std::vector<CommandWords>& tree);

// The exit code. Data on stdout, everything else on stderr.
int run_cli(int argc, char** argv);

}  // namespace dyno::cli

// Shell completions made from the tree of commands and options, so that they cannot fall behind it. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dyno::cli {

// One command with everything that can follow it.
struct CommandWords {
  std::string path;                // "", "runs", "runs show"
  std::vector<std::string> words;  // commands and options below it
};

std::string bash_completion(const std::vector<CommandWords>& tree);
std::string zsh_completion(const std::vector<CommandWords>& tree);
std::string fish_completion(const std::vector<CommandWords>& tree);

}  // namespace dyno::cli

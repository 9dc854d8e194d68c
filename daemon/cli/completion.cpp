#include "cli/completion.h"

#include <fmt/format.h>

namespace dyno::cli {
namespace {

std::string cases(const std::vector<CommandWords>& tree) {
  std::string text;
  for (const CommandWords& command : tree)
    text += fmt::format("    \"{}\") words=\"{}\" ;;\n", command.path, fmt::join(command.words, " "));
  return text;
}

}  // namespace

std::string bash_completion(const std::vector<CommandWords>& tree) {
  return fmt::format(
      "_dyno() {{\n  local path=\"\" words=\"\" word\n  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case \"$word\" in -*) ;; *) path=\"${{path:+$path }}$word\" ;; esac\n  done\n  case \"$path\" in\n{}"
      "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n}}\ncomplete -o default -F "
      "_dyno dyno\n",
      cases(tree));
}

std::string zsh_completion(const std::vector<CommandWords>& tree) {
  return "#compdef dyno\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(tree);
}

std::string fish_completion(const std::vector<CommandWords>& tree) {
  std::string text = "complete -c dyno -f\n";
  for (const CommandWords& command : tree) {
    const std::string condition =
        command.path.empty() ? "__fish_use_subcommand"
                             : "__fish_seen_subcommand_from " + command.path.substr(command.path.rfind(' ') + 1);
    for (const std::string& word : command.words) {
      text += word.starts_with("--") ? fmt::format("complete -c dyno -n '{}' -l {}\n", condition, word.substr(2))
                                     : fmt::format("complete -c dyno -n '{}' -a {}\n", condition, word);
    }
  }
  return text;
}

}  // namespace dyno::cli

// What dyno-load says about itself, made of the table of options: the help, the man page and completions for shells. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace dyno::loadgen {

std::string help_text();
// In the form of man(7); daemon/docs/dyno-load.1 is this text.
std::string man_page();
// bash, zsh or fish; empty for others.
std::string completion_for(std::string_view shell);

}  // namespace dyno::loadgen

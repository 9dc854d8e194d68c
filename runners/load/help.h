// What dyno-load says about itself, made of the table of options. Pure; thread-safe.
#pragma once

#include <string>

namespace dyno::loadgen {

std::string help_text();

}  // namespace dyno::loadgen

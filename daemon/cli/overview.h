// The result of a run on one screen: who is fastest at what, by how much, how sure that is, and what to do next. All figures are in
// result_table. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/screen.h"
#include "cli/shown.h"

namespace dyno::cli {

std::string overview_text(const ShownResult& result, std::string_view server, const Screen& screen);

}  // namespace dyno::cli

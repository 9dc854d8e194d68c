// A comparison for people who decide whether a change goes in: its outcome in one or two sentences, and the whole of it as Markdown. The
// dashboard writes the same words (tests/data/wording.json, tests/data/cli/pull_request.md). Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/shown.h"

namespace dyno::cli {

// "Slower: checkout · 32 connections, throughput by 9.8 % (7.9 to 11 %).", "The other 14 do not differ by more than 2.9 %."; never none.
std::vector<std::string> outcome_sentences(const ShownComparison& all);

// Those sentences, a row for each workload and figure (worse first), and folded: how it was measured, and what was another. `server`: where
// the dashboard has the runs; `link`: the page of this comparison, empty where there is none.
std::string pull_request_text(const ShownComparison& all, std::string_view server, std::string_view link);

}  // namespace dyno::cli

// The maintenance commands `dynod --rebuild-tables` and `--rewrite-summaries`: they take the data directory for themselves and have the store write
// its tables, or the summaries alone, again.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"

namespace dyno::app {

// A sentence that says what was done; conflict while a daemon holds the data directory.
Result<std::string> rebuild_tables(const Config& config);
Result<std::string> rewrite_summaries(const Config& config);

}  // namespace dyno::app

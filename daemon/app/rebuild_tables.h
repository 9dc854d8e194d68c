// The maintenance command `dynod --rebuild-tables`: takes the data directory for itself and has the store write its tables anew.
#pragma once

#include <string>

#include "app/config.h"
#include "base/result.h"

namespace dyno::app {

// A sentence that says what was done; conflict while a daemon holds the data directory.
Result<std::string> rebuild_tables(const Config& config);

}  // namespace dyno::app

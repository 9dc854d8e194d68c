// Rows of values for requests, read from CSV.
#pragma once

#include "base/csv.h"

namespace dyno::loadgen {

using Table = CsvTable;

}  // namespace dyno::loadgen

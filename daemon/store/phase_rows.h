// Rows of phases: phase, measurement, absent_measurement, phase_gate, histogram, phase_series. Statements only, no rules. May
// throw SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/measurement.h"
#include "store/series.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

Status insert_phase(SQLite::Database& connection, std::int64_t trial_key, const model::PhaseResult& result);

// By trial id, phases in order, without histograms and series; of one trial where `trial_id` is not empty.
std::map<std::string, std::vector<model::PhaseResult>> select_phases(SQLite::Database& connection, std::int64_t run_key,
                                                                     const std::string& trial_id);
// Of the phases in order, then of the moments whose samples belong to none (series named by the moment).
Result<std::vector<SampleSeries>> select_samples(SQLite::Database& connection, std::int64_t trial_key,
                                                 Nanos resolution);
Result<std::vector<SecondSeries>> select_seconds(SQLite::Database& connection, std::int64_t trial_key);
std::vector<model::EncodedHistogram> select_histograms(SQLite::Database& connection, std::int64_t trial_key,
                                                       const std::string& phase);

}  // namespace dyno::store

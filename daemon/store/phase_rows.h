// Rows of phases: phase, histogram, and their readings; their bulk parts are attachments of the event that told of them. Statements
// only, no rules. May throw SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/run_event.h"
#include "store/reader.h"
#include "store/series.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// The row's key is the event's id.
void insert_phase(SQLite::Database& connection, std::int64_t trial_key, std::int64_t event_id,
                  const model::PhaseResult& result);

// By trial id, phases in order, without histograms and series; of one trial where `trial_key` is not 0.
std::map<std::string, std::vector<model::PhaseResult>> select_phases(SQLite::Database& connection, std::int64_t run_key,
                                                                     std::int64_t trial_key,
                                                                     const PhaseSelection& selection = {});
std::vector<PhaseCount> count_phases(SQLite::Database& connection, std::int64_t run_key);
// Of the phases in order, then of the moments whose samples belong to none (series named by the moment).
Result<std::vector<SampleSeries>> select_samples(SQLite::Database& connection, std::int64_t trial_key,
                                                 Nanos resolution);
Result<std::vector<SecondSeries>> select_seconds(SQLite::Database& connection, std::int64_t trial_key);
std::vector<model::EncodedHistogram> select_histograms(SQLite::Database& connection, std::int64_t trial_key,
                                                       const std::string& phase);

}  // namespace dyno::store

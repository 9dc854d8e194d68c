// Rows of readings and of the gates that judge them: reading, reading_gate, gate_result, metric, absence. Statements only, no rules.
// May throw SQLite::Exception: called only inside the work given to Database. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/reading.h"

namespace SQLite {
class Database;
}

namespace dyno::store {

// In place of a phase's key: the readings of the trial itself.
inline constexpr std::int64_t kOfTrial = 0;

void insert_readings(SQLite::Database& connection, std::int64_t trial_key, std::int64_t phase_key,
                     const std::vector<model::Reading>& readings, const std::vector<model::GateResult>& gates);

struct StoredReadings {
  std::vector<model::Reading> readings;  // in the order of the metrics
  std::vector<model::GateResult> gates;
};

// By trial and phase.
using ReadingMap = std::map<std::pair<std::int64_t, std::int64_t>, StoredReadings>;

enum class ReadingScope { trial, phases };

struct ReadingSelection {
  std::int64_t run_key = 0;
  std::int64_t trial_key = 0;  // 0: all trials of the run
  ReadingScope scope = ReadingScope::trial;
  std::span<const std::string> phases{};   // their names, where the scope is phases; empty: all
  std::span<const std::string> metrics{};  // empty: all; gates are told whatever they judge
};

// A metric or gate that this program does not know is an error in words.
ReadingMap select_readings(SQLite::Database& connection, const ReadingSelection& selection);

}  // namespace dyno::store

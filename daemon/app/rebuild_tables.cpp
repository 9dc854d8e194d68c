#include "app/rebuild_tables.h"

#include <fmt/format.h>

#include "app/data_lock.h"
#include "results/summarise.h"
#include "store/database.h"
#include "store/rebuild.h"

namespace dyno::app {

Result<std::string> rebuild_tables(const Config& config) {
  const auto lock = DataLock::take(config.data_dir);
  if (!lock) return fail(lock.error());
  const auto database = store::Database::open(config.data_dir + "/stackdyno.db");
  if (!database) return fail(database.error());
  const auto rebuilt = store::rebuild(**database);
  if (!rebuilt) return fail(rebuilt.error());
  std::string text = fmt::format("rebuilt the tables of {} runs from their events", rebuilt->runs);
  if (rebuilt->left > 0)
    text += fmt::format("; left {} runs as they are: they were stored before events kept their payload", rebuilt->left);
  return text;
}

Result<std::string> rewrite_summaries(const Config& config) {
  const auto lock = DataLock::take(config.data_dir);
  if (!lock) return fail(lock.error());
  const auto database = store::Database::open(config.data_dir + "/stackdyno.db");
  if (!database) return fail(database.error());
  const auto runs = store::summarise_runs(**database, store::Summaries::all);
  if (!runs) return fail(runs.error());
  return fmt::format("made the summaries of {} runs again by rules {}", *runs, results::kSummaryRules);
}

}  // namespace dyno::app

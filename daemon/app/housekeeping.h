// Makes room: series of old runs, images of ours beyond the budget. And copies the database while it is in use. Nothing is removed while a run
// is under way, because that costs the disk and the CPU which it measures. Thread-safe.
#pragma once

#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/baseline.h"
#include "model/retention.h"
#include "ports/container_engine.h"
#include "store/baseline_repository.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/retention.h"

namespace dyno::app {

struct Keeping {
  Nanos series{};         // how long samples and seconds stay; zero: for ever
  Bytes images_budget{};  // zero: no limit
};

class Housekeeping {
 public:
  static constexpr int kRunsAtOnce = 200;
  static constexpr std::size_t kBackups = 7;  // older ones go

  // All must outlive this. `folder`: where backups are kept.
  Housekeeping(store::Database& database, const store::Reader& reader, ports::ContainerEngine& engine, Clock& clock,
               std::filesystem::path folder, Keeping keeping)
      : database_(database),
        reader_(reader),
        engine_(engine),
        clock_(clock),
        folder_(std::move(folder)),
        keeping_(keeping),
        retention_(database),
        baselines_(database) {}

  // What goes; with `dry_run` it stays. At most kRunsAtOnce runs a call.
  Result<model::Pruned> prune(bool dry_run);
  // Once a day, when nothing is under way; otherwise returns at once.
  void prune_daily();

  // A whole copy in the folder of backups, checked.
  Result<model::Backup> back_up();
  // not_found for a name that back_up has not given.
  Result<std::filesystem::path> backup_file(const std::string& name) const;

 private:
  Result<std::set<std::string>> images_of_rules() const;
  Status choose_images(model::Pruned& all) const;
  void forget_old_backups() const;

  // Set once in the constructor.
  store::Database& database_;
  const store::Reader& reader_;
  ports::ContainerEngine& engine_;
  Clock& clock_;
  const std::filesystem::path folder_;
  const Keeping keeping_;
  store::Retention retention_;
  store::BaselineRepository baselines_;

  // Held while something is removed or copied: one at a time.
  std::mutex mutex_;
  // Of the thread that prunes daily.
  MonotonicTime pruned_at_{};
  bool was_pruned_ = false;
};

}  // namespace dyno::app

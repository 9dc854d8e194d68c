// Runs as bundles (record/bundle): out of the database piece by piece, and into it from a file, wholly or not at all. Thread-safe; an Export
// belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "record/bundle.h"
#include "store/database.h"
#include "store/event_feed.h"

namespace dyno::store {

// What is left to be written of a run's bundle.
class Export {
 public:
  Export(const Database& database, record::BundleHead head, std::vector<std::int64_t> event_ids)
      : database_(database), head_(std::move(head)), event_ids_(std::move(event_ids)) {}

  // The next part, nothing after the last; an error leaves the bundle cut off, which whoever reads it finds.
  Result<std::optional<std::string>> next();

 private:
  const Database& database_;
  record::BundleHead head_;
  std::vector<std::int64_t> event_ids_;
  std::size_t written_ = 0;  // events
  enum class Place { head, events, end } place_ = Place::head;
  Sha256 hash_;
};

struct ImportedRun {
  std::string run_id;
  bool repeated = false;  // the same run was there already; nothing was changed
};

class Bundles {
 public:
  // Both must outlive this.
  Bundles(Database& database, EventFeed& feed) : database_(database), feed_(feed) {}

  // not_found: there is no such run. conflict: it goes on, or was stored before all was kept that a bundle has.
  Result<std::unique_ptr<Export>> open(const std::string& run_id, WallTime now) const;
  // Reads the file twice: all of it is checked before anything is stored. invalid_argument: what is wrong with it, in words. conflict:
  // another run of that id, or a trial of another run, is here.
  Result<ImportedRun> import(const std::filesystem::path& file, WallTime now);

 private:
  // Set once in the constructor.
  Database& database_;
  EventFeed& feed_;
};

}  // namespace dyno::store

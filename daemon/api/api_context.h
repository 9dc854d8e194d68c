// Everything the handlers may reach, put together once by app. What acts on the world is a function, so that handlers can be
// tried without queue or engine. Borrowed references outlive the server; every function may be called by several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/baseline.h"
#include "model/problem.h"
#include "model/profile.h"
#include "model/retention.h"
#include "model/run.h"
#include "model/schedule.h"
#include "model/stack.h"
#include "run/present_build.h"
#include "run/run_service.h"
#include "store/bundles.h"
#include "store/event_feed.h"
#include "store/reader.h"
#include "store/run_repository.h"

namespace dyno::api {

// A file that names a stack, a profile or a schedule, but cannot be used.
struct FaultyFile {
  std::string kind;  // stack, profile, schedule
  std::string name;
  std::vector<model::Problem> problems;
};

// What the folders of stacks, profiles and schedules hold, and the files that could not be used.
struct CatalogView {
  std::vector<model::Stack> stacks;
  std::vector<model::Profile> profiles;
  std::vector<model::Schedule> schedules;
  std::vector<model::Problem> problems;
  std::vector<FaultyFile> faulty{};

  const FaultyFile* find_faulty(std::string_view kind, std::string_view name) const {
    for (const FaultyFile& file : faulty) {
      if (file.kind == kind && file.name == name) return &file;
    }
    return nullptr;
  }
};

struct CatalogCalls {
  std::function<std::shared_ptr<const CatalogView>()> current;
  std::function<std::shared_ptr<const CatalogView>()> rescan;
  // JSON Schema of "stack", "profile" or "schedule" files; not_found for any other.
  std::function<Result<std::string>(std::string_view kind)> schema;
};

struct RunCalls {
  // The run that an earlier request with this key has made, if any: asked before anything else, for the queue may have filled and
  // the stacks may have gone since. `invalid_argument`: that request had another body.
  std::function<Result<std::optional<std::string>>(const store::RequestKey&)> earlier;
  // Checks, stores and queues a run; `repeated` when the key had made it before.
  std::function<tl::expected<store::Enqueued, run::Refusal>(const model::RunRequest&,
                                                            const std::optional<store::RequestKey>&)>
      start;
  std::function<Status(const std::string& run_id)> cancel;
  std::function<std::vector<run::QueueEntry>()> queue;
  std::function<std::optional<run::Hold>()> hold = [] { return std::nullopt; };  // why no run begins just now
  std::function<Status(const std::string& run_id, std::size_t position)> move{};
  // The new run that repeats one that has ended.
  std::function<tl::expected<std::string, run::Refusal>(const std::string& run_id)> retry{};
  // `before`: what the caller knows; `conflict` where that is no longer so.
  std::function<Status(const std::string& run_id, const model::MarkChange& change,
                       const std::optional<model::Marks>& before)>
      mark{};
};

// A schedule as it stands now, from a file or made over REST.
struct ScheduleEntry {
  model::Schedule schedule;
  std::string text{};  // of one that was made over REST, as a file would have it; empty: it is in a file
  std::optional<WallTime> paused_at{};
  std::string problem{};  // what is wrong with it just now

  bool fires() const { return schedule.enabled && !paused_at; }
};

// Why a schedule was not stored, changed or removed.
struct ScheduleRefusal {
  Error error{};
  std::vector<model::Problem> problems{};  // with its text; then there is no error
  bool changed = false;                    // by somebody else since
};

struct ScheduleCalls {
  std::function<std::vector<ScheduleEntry>()> list;
  // The text of a file; the name of the schedule.
  std::function<tl::expected<std::string, ScheduleRefusal>(const std::string& text)> add;
  // `before`: the text that the caller knows.
  std::function<tl::expected<void, ScheduleRefusal>(const std::string& name, const std::string& text,
                                                    const std::string& before)>
      change;
  std::function<tl::expected<void, ScheduleRefusal>(const std::string& name, const std::string& before)> remove;
  std::function<Status(const std::string& name, bool paused)> pause;
  // Starts a run of it now, whatever its cron line, a pause or quiet hours say; `forced`: beside an unfinished run, too.
  std::function<tl::expected<std::string, run::Refusal>(const model::Schedule&, bool forced)> run;
};

struct BaselineCalls {
  std::function<Result<std::vector<model::Baseline>>()> all{};
  std::function<Result<std::optional<model::Baseline>>(const std::string& name)> find{};
  // `before`: what the caller knows; `conflict` where that is no longer so.
  std::function<Status(const model::Baseline& baseline, const std::optional<model::Baseline>& before)> put{};
  std::function<Status(const model::Baseline& before)> remove{};
};

// A file that comes in pieces, until something is made of it, or drop().
struct UploadCalls {
  std::function<Result<std::string>()> begin{};
  std::function<Result<std::uint64_t>(const std::string& id)> size{};
  std::function<Result<std::uint64_t>(const std::string& id, std::uint64_t offset, std::string_view bytes)> append{};
  std::function<Status(const std::string& id)> drop{};
};

struct BundleCalls {
  std::function<Result<std::unique_ptr<store::Export>>(const std::string& run_id)> open{};
  UploadCalls pieces{};
  std::function<Result<store::ImportedRun>(const std::string& id)> finish{};
};

// A stack's folder that came as a tar archive.
struct UploadedStack {
  std::string name;
  bool was_there = false;                // with the same content
  std::vector<model::Problem> problems;  // with any of them it was not kept
};

struct FolderCalls {
  UploadCalls pieces{};
  // `name` empty: as its file says.
  std::function<Result<UploadedStack>(const std::string& id, const std::string& name)> finish{};
};

struct KeepingCalls {
  std::function<Result<model::Pruned>(bool dry_run)> prune{};
  std::function<Result<model::Backup>()> back_up{};
  std::function<Result<std::filesystem::path>(const std::string& name)> backup_file{};
};

struct HealthCheck {
  std::string name;
  bool ok = false;
  std::string text;
};

struct BuildFacts {
  std::string version;
  std::string git;  // empty: unknown
  int schema_version = 0;
};

struct ApiContext {
  const store::Reader& reader;
  store::EventFeed& feed;
  Clock& clock;
  CatalogCalls catalog;
  RunCalls runs;
  std::function<std::vector<HealthCheck>()> health;
  BuildFacts build;
  std::string web_dir;                               // the built dashboard; empty or missing: a plain page instead
  const run::PresentBuild* present_build = nullptr;  // null: nothing is ever built here
  ScheduleCalls schedules{};
  BaselineCalls baselines{};
  BundleCalls bundles{};
  FolderCalls folders{};
  KeepingCalls keeping{};
};

}  // namespace dyno::api

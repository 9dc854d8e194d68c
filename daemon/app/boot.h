// Everything that lives while the daemon serves, begun in the one order that is safe, and ended in the opposite one: the port is
// bound first, so that a daemon that may not serve executes and removes nothing; then the past is settled, and what waited is queued
// again; only then are schedules fired and runs executed, each once the engine is there and clean (run/run_service). Until then
// /healthz answers, /readyz says "starting", and all else is refused for now. On a disk that takes no writes the past is served before
// it is settled, which happens as soon as it does; until then no run is taken, moved or cancelled, and what comes due waits. Nothing of
// the start waits for the engine, and the end does for no longer than kEngineEnd and a few seconds. Used by main's thread; the parts
// have their own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/http_server.h"
#include "app/catalogue.h"
#include "app/config.h"
#include "app/data_lock.h"
#include "app/engine_watch.h"
#include "app/health.h"
#include "app/housekeeping.h"
#include "app/logging_journal.h"
#include "app/room.h"
#include "app/schedules.h"
#include "app/submission.h"
#include "app/uploaded_stacks.h"
#include "app/uploads.h"
#include "host/local_host.h"
#include "run/run_service.h"
#include "store/baseline_repository.h"
#include "store/bundles.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"
#include "store/schedule_repository.h"
#include "store/verification_memory.h"

namespace dyno::app {

class Boot {
 public:
  Boot(const Config& config, DataLock lock, std::unique_ptr<host::LocalHost> host,
       std::unique_ptr<store::Database> database);
  ~Boot();
  Boot(const Boot&) = delete;
  Boot& operator=(const Boot&) = delete;

  // Once. After an error nothing of an earlier life was touched, unless it was the settling itself that failed.
  Status begin();

 private:
  // How long a stop or a cancel waits for the engine, all calls together.
  static constexpr Nanos kEngineEnd = std::chrono::seconds(10);

  Status bind();
  Status summarise_past();
  Status take_up_past();
  void take_up(const store::Unfinished& left);
  void tell_problems() const;
  void replace_schedules();
  Status expect_settled() const;
  api::Response answer(const api::Request& request);
  void resume(const std::string& run_id, const Status& resumed, model::RunState end_where_impossible);
  std::optional<run::Trouble> tend();
  std::optional<run::Trouble> sweep();
  Result<model::Pruned> prune(bool dry_run);
  Result<store::ImportedRun> import(const std::string& upload_id);
  Result<api::UploadedStack> keep_stack(const std::string& upload_id, const std::string& name);
  std::shared_ptr<const api::CatalogView> rescan();
  run::Executed execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting);
  enum class Until { run_ends, daemon_ends };
  void hurry_engine(Until until);
  void let_engine_be();
  Status tell(const std::string& run_id, const model::RunEvent& event);
  run::ExecutorCalls executor_calls();
  api::ApiContext api_context();

  // Set once in the constructor, each built from those above it.
  const Config config_;
  DataLock lock_;
  std::unique_ptr<host::LocalHost> host_;
  Clock& clock_;
  std::unique_ptr<store::Database> database_;
  store::EventFeed feed_;
  store::Journal store_journal_;
  LoggingJournal journal_;
  store::RunRepository repository_;
  store::Reader reader_;
  store::ScheduleRepository definitions_;
  store::BaselineRepository baselines_;
  store::Bundles bundles_;
  Uploads uploads_;
  Uploads folder_uploads_;
  UploadedStacks uploaded_stacks_;
  Housekeeping housekeeping_;
  store::VerificationMemory verified_;
  Catalogue catalogue_;
  run::PresentBuild present_build_;
  run::Executor executor_;
  std::optional<run::RunService> service_;  // always there, but ended before the last sweep
  Submission submission_;
  std::optional<Schedules> schedules_;  // ended before the queue
  EngineWatch engine_watch_;
  Room room_;
  Health health_;
  api::ApiContext context_;
  api::Api api_;

  // Guarded by mutex_.
  std::mutex mutex_;
  bool ending_ = false;

  // Changed under past_mutex_, which is held while the past is settled: the end comes before or after that.
  std::mutex past_mutex_;
  std::atomic<bool> is_past_settled_ = false;  // the queue has what the last life left
  bool is_at_its_end_ = false;

  // Set once by begin(); ended first.
  std::unique_ptr<api::HttpServer> server_;
};

}  // namespace dyno::app

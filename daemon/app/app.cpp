#include "app/app.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include "api/api.h"
#include "api/http_server.h"
#include "app/check_file.h"
#include "app/data_lock.h"
#include "app/file_checks.h"
#include "app/logging_journal.h"
#include "app/submission.h"
#include "base/text.h"
#include "host/local_host.h"
#include "run/resolve.h"
#include "run/run_service.h"
#include "run/sweep.h"
#include "schedule/scheduler.h"
#include "stackfile/catalog.h"
#include "store/database.h"
#include "store/journal.h"
#include "store/reader.h"
#include "store/run_repository.h"
#include "store/verification_memory.h"

namespace dyno::app {
namespace {

constexpr std::int64_t kDiskFloorBytes = 1'073'741'824;

api::HealthCheck check_of(const char* name, const Status& status, const std::string& good) {
  return {name, status.has_value(), status ? good : status.error().message};
}

api::HealthCheck check_disk(const std::string& folder) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0)
    return {"disk", false, fmt::format("the free space of {} cannot be read", folder)};
  const auto free = Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
  return {"disk", free.value >= kDiskFloorBytes, fmt::format("{} free", format_bytes(free))};
}

}  // namespace

class App::Parts {
 public:
  Parts(const Config& config, DataLock lock, std::unique_ptr<host::LocalHost> host,
        std::unique_ptr<store::Database> database)
      : config_(config),
        lock_(std::move(lock)),
        host_(std::move(host)),
        clock_(host_->clock()),
        database_(std::move(database)),
        store_journal_(*database_, feed_),
        journal_(store_journal_),
        repository_(*database_, feed_),
        reader_(*database_),
        verified_(*database_),
        catalog_({config.stacks_dirs, config.profiles_dir, config.schedules_dir, config.services_dir}),
        executor_({.host = *host_, .journal = journal_, .instance = database_->instance_id()}, executor_calls()),
        context_{.reader = reader_,
                 .feed = feed_,
                 .clock = clock_,
                 .catalog = catalog_calls(),
                 .runs = run_calls(),
                 .health = [this] { return health(); },
                 .build = {.version = DYNO_VERSION, .git = "", .schema_version = database_->schema_version()},
                 .web_dir = config.web_dir},
        api_(context_) {}

  ~Parts() {
    feed_.close();
    server_.reset();
    scheduler_.reset();
    service_.reset();
    sweep();
    static_cast<void>(database_->truncate_log());
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // Boot: settle the past, sweep the engine, and only then take new work.
  Status begin() {
    auto unfinished = repository_.settle_unfinished(clock_.wall_now());
    if (!unfinished) return fail(std::move(unfinished.error()), "settling the runs of the last life");
    for (const auto& id : unfinished->interrupted)
      spdlog::warn("run={} was interrupted by the end of the last daemon", id);
    sweep();
    for (const auto& problem : catalog_.current()->all_problems()) {
      spdlog::warn("{}:{}:{}: {}: {}", problem.file, problem.line, problem.column, problem.pointer, problem.message);
    }
    service_ = std::make_unique<run::RunService>(service_calls());
    submission_.emplace(*service_, repository_, reader_, clock_);
    for (const auto& id : unfinished->queued) resume(id);
    start_schedules();
    api::HttpOptions options;
    options.address = config_.listen_host;
    options.port = config_.listen_port;
    auto server =
        api::HttpServer::start(options, clock_, [this](const api::Request& request) { return api_.handle(request); });
    if (!server)
      return fail(std::move(server.error()),
                  fmt::format("listening on {}:{}", config_.listen_host, config_.listen_port));
    server_ = std::move(*server);
    spdlog::info("serving http://{}:{}/", config_.listen_host, server_->port());
    return {};
  }

 private:
  // A memory that cannot be read or written costs a verification, nothing else.
  run::ExecutorCalls executor_calls() {
    return {.files = file_checks(),
            .was_verified = [this](const std::string& key) { return verified_.knows(key).value_or(false); },
            .remember_verified =
                [this](const std::string& key, const std::string& image_id) {
                  const Status kept = verified_.remember(key, image_id, clock_.wall_now());
                  if (!kept) spdlog::warn("{}", kept.error().message);
                }};
  }

  Result<model::Job> resolve(const model::RunRequest& request) const {
    const auto catalog = catalog_.current();
    const auto view = view_of(*catalog);
    std::vector<model::Service> services;
    for (const auto& entry : catalog->services)
      if (entry.value) services.push_back(*entry.value);
    return run::resolve(request, view->stacks, view->profiles, services);
  }

  run::RunServiceCalls service_calls() {
    return {.resolve = [this](const model::RunRequest& request) { return resolve(request); },
            .execute =
                [this](const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
                  const model::RunState state = executor_.execute(job, std::move(stop), interrupting);
                  sweep();
                  ::malloc_trim(0);  // what the run needed goes back: the daemon may be idle until tomorrow
                  return state;
                },
            .settle =
                [this](const std::string& run_id, model::RunState state, const std::string& reason) {
                  static_cast<void>(journal_.append(run_id, clock_.wall_now(), model::RunStateChanged{state, reason}));
                }};
  }

  void resume(const std::string& run_id) {
    const Status resumed = submission_->resume(run_id);
    if (resumed) return;
    const model::RunStateChanged failed{model::RunState::failed,
                                        "it cannot be run any more: " + resumed.error().message};
    static_cast<void>(journal_.append(run_id, clock_.wall_now(), failed));
  }

  // Nothing runs when this is called, so all that carries our label is left over.
  void sweep() {
    const auto removed = run::sweep_leftovers(host_->engine(), database_->instance_id());
    if (!removed) spdlog::warn("sweeping leftovers: {}", removed.error().message);
    else
      for (const auto& name : *removed) spdlog::warn("removed the leftover {}", name);
  }

  void start_schedules() {
    std::vector<model::Schedule> schedules = view_of(*catalog_.current())->schedules;
    scheduler_ = std::make_unique<schedule::Scheduler>(
        clock_, std::move(schedules),
        schedule::SchedulerActions{
            .fire = [this](const model::Schedule& s, WallTime nominal_at) { return submission_->fire(s, nominal_at); },
            .skip = [this](const model::Fire& fire) { return repository_.skip(fire); },
            .last_nominal = [this](const std::string& name) { return reader_.last_nominal(name); }});
  }

  static std::shared_ptr<const api::CatalogView> view_of(const stackfile::Catalog& catalog) {
    auto view = std::make_shared<api::CatalogView>();
    for (const auto& entry : catalog.stacks)
      if (entry.value) view->stacks.push_back(*entry.value);
    for (const auto& entry : catalog.profiles)
      if (entry.value) view->profiles.push_back(*entry.value);
    for (const auto& entry : catalog.schedules)
      if (entry.value) view->schedules.push_back(*entry.value);
    view->problems = catalog.all_problems();
    return view;
  }

  api::CatalogCalls catalog_calls() {
    return {.current = [this] { return view_of(*catalog_.current()); },
            .rescan =
                [this] {
                  catalog_.rescan();
                  const std::lock_guard lock(scheduler_mutex_);
                  start_schedules();
                  return view_of(*catalog_.current());
                },
            .schema = schema_text};
  }

  api::RunCalls run_calls() {
    return {.earlier = [this](const store::RequestKey& key) { return repository_.earlier(key, clock_.wall_now()); },
            .start = [this](const model::RunRequest& request,
                            const std::optional<store::RequestKey>& key) { return submission_->start(request, key); },
            .cancel = [this](const std::string& run_id) { return service_->cancel(run_id); },
            .queue = [this] { return service_->queue(); }};
  }

  std::vector<api::HealthCheck> health() {
    std::vector<api::HealthCheck> checks;
    checks.push_back(check_of("database", database_->check_writable(), "writable"));
    auto engine = host_->engine().describe();
    checks.push_back(check_of("engine", engine ? Status() : Status(tl::unexpect, engine.error()),
                              engine ? engine->engine : std::string()));
    checks.push_back(check_disk(config_.data_dir));
    const std::lock_guard lock(scheduler_mutex_);
    for (const auto& [name, problem] : scheduler_->problems()) checks.push_back({"schedule " + name, false, problem});
    return checks;
  }

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
  store::VerificationMemory verified_;
  stackfile::CatalogHolder catalog_;
  run::Executor executor_;
  api::ApiContext context_;
  api::Api api_;

  // Set once by begin(), before anybody else can call; ended in the destructor.
  std::unique_ptr<run::RunService> service_;
  std::optional<Submission> submission_;
  std::unique_ptr<api::HttpServer> server_;

  // Guarded by scheduler_mutex_ once the server runs: a rescan replaces it.
  std::mutex scheduler_mutex_;
  std::unique_ptr<schedule::Scheduler> scheduler_;
};

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::start(const Config& config) {
  auto lock = DataLock::take(config.data_dir);
  if (!lock) return fail(std::move(lock.error()));
  auto host = host::LocalHost::open(config.engine_socket, config.runner_dir);
  if (!host) return fail(std::move(host.error()));
  auto database = store::Database::open(config.data_dir + "/stackdyno.db");
  if (!database) return fail(std::move(database.error()));
  auto parts = std::make_unique<Parts>(config, std::move(*lock), std::move(*host), std::move(*database));
  if (auto begun = parts->begin(); !begun) return fail(std::move(begun.error()));
  return std::unique_ptr<App>(new App(std::move(parts)));
}

}  // namespace dyno::app

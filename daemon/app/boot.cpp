#include "app/boot.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "api/answers.h"
#include "app/check_file.h"
#include "app/file_checks.h"
#include "base/quantity.h"
#include "record/bundle.h"
#include "run/rig.h"
#include "store/rebuild.h"

namespace dyno::app {

namespace {

void tell_hold(const std::optional<run::Hold>& hold, Nanos held_for) {
  if (hold) spdlog::warn("the queue is held: {}", run::describe(*hold));
  else spdlog::info("the queue goes on; it was held for {}", format_span(held_for));
}

api::UploadCalls pieces_of(Uploads& uploads) {
  return {.begin = [&uploads] { return uploads.begin(); },
          .size = [&uploads](const std::string& id) { return uploads.size(id); },
          .append = [&uploads](const std::string& id, std::uint64_t offset,
                               std::string_view bytes) { return uploads.append(id, offset, bytes); },
          .drop = [&uploads](const std::string& id) { return uploads.drop(id); }};
}

}  // namespace

Boot::Boot(const Config& config, DataLock lock, std::unique_ptr<host::LocalHost> host,
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
      definitions_(*database_),
      baselines_(*database_),
      bundles_(*database_, feed_),
      uploads_(config.data_dir + "/imports", {"import", record::kMostBundleBytes}, clock_),
      folder_uploads_(config.data_dir + "/incoming", {"folder", UploadedStacks::kMostArchiveBytes}, clock_),
      uploaded_stacks_(config.data_dir + "/folders", clock_),
      housekeeping_(*database_, reader_, host_->engine(), clock_, config.data_dir + "/backups",
                    {.series = config.series_kept, .images_budget = config.images_budget}),
      verified_(*database_),
      catalogue_({config.stacks_dirs, config.profiles_dir, config.schedules_dir, config.services_dir,
                  config.data_dir + "/folders"}),
      executor_(run::Rig{.host = *host_, .journal = journal_, .instance = database_->instance_id()}, executor_calls()),
      service_(
          std::in_place,
          run::RunServiceCalls{
              .execute =
                  [this](const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
                    return execute(job, std::move(stop), interrupting);
                  },
              .tell = [this](const std::string& run_id, const model::RunEvent& event) { return tell(run_id, event); },
              .keep_cancel =
                  [this](const std::string& run_id) { return repository_.ask_cancel(run_id, clock_.wall_now()); },
              .keep_order = [this](const std::vector<std::string>& ids) { return repository_.keep_order(ids); },
              .tend = [this] { return tend(); },
              .room = [this]() -> std::optional<run::Trouble> {
                if (const Status settled = expect_settled(); !settled)
                  return run::Trouble{run::HoldKind::storage_full, settled.error().message};
                return room_.trouble();
              },
              .held = tell_hold},
          clock_,
          run::RunServiceOptions{
              .opened = false, .engine_wait = config.engine_wait, .room_wait = config.resume.within}),
      submission_([this](const model::RunRequest& request) { return catalogue_.resolve(request); }, *service_,
                  repository_, reader_, clock_),
      schedules_(std::in_place, clock_, submission_, repository_, definitions_, reader_),
      engine_watch_(host_->engine(), clock_),
      room_(config.data_dir, config.disk_floor),
      health_(*database_, engine_watch_, *schedules_, *service_, room_, clock_),
      context_(api_context()),
      api_(context_) {}

Boot::~Boot() {
  hurry_engine(Until::daemon_ends);
  feed_.close();
  server_.reset();
  {
    const std::lock_guard lock(past_mutex_);
    is_at_its_end_ = true;
  }
  schedules_.reset();
  service_.reset();
  if (health_.is_started()) {
    if (const auto trouble = sweep()) spdlog::warn("sweeping leftovers: {}", trouble->text);
  }
  static_cast<void>(database_->truncate_log());
}

Status Boot::begin() {
  if (auto bound = bind(); !bound) return bound;
  tell_problems();
  if (Status settled = take_up_past(); !settled) {
    if (settled.error().code != ErrorCode::storage) return settled;
    spdlog::warn("serving what is stored, until it can be written: {}", settled.error().message);
    replace_schedules();  // what comes due is not missed: its reason is kept until it can be stored
  }
  service_->open();
  health_.started();
  spdlog::info("ready");
  return {};
}

// Once, as soon as it can be stored what becomes of the runs of the last life; on the service's thread where that was not at once.
Status Boot::take_up_past() {
  const std::lock_guard lock(past_mutex_);
  if (is_past_settled_ || is_at_its_end_) return {};
  if (auto summarised = summarise_past(); !summarised) return summarised;
  auto unfinished =
      repository_.settle_unfinished(clock_.wall_now(), {.rule = config_.resume, .boot_id = host::LocalHost::boot_id()});
  if (!unfinished) return fail(std::move(unfinished.error()), "settling the runs of the last life");
  for (const auto& id : unfinished->interrupted)
    spdlog::warn("run={} was interrupted by the end of the last daemon", id);
  for (const auto& id : unfinished->cancelled) spdlog::warn("run={} was cancelled when the last daemon ended", id);
  for (const auto& id : unfinished->resumed)
    spdlog::warn("run={} was cut off by the end of the last daemon, and goes on", id);
  if (!database_->copied_from().empty())
    spdlog::warn("the state folder is a copy: what instance {} made is left alone", database_->copied_from());
  take_up(*unfinished);
  return {};
}

// Once after an upgrade: runs that an older program stored have no summaries yet.
Status Boot::summarise_past() {
  const auto runs = store::summarise_runs(*database_, store::Summaries::missing);
  if (!runs) return fail(runs.error(), "summarising the runs of an older version");
  if (*runs > 0) spdlog::info("summarised {} runs that an older version stored", *runs);
  return {};
}

void Boot::tell_problems() const {
  for (const auto& problem : catalogue_.problems()) {
    spdlog::warn("{}:{}:{}: {}: {}", problem.file, problem.line, problem.column, problem.pointer, problem.message);
  }
}

void Boot::replace_schedules() { schedules_->replace(catalogue_.view()->schedules, catalogue_.unusable_schedules()); }

void Boot::take_up(const store::Unfinished& left) {
  for (const auto& id : left.resumed)
    resume(id, submission_.resume(id, run::Arrival::begun), model::RunState::interrupted);
  for (const auto& id : left.placed) resume(id, submission_.resume(id, run::Arrival::behind), model::RunState::failed);
  for (const auto& id : left.queued) resume(id, submission_.resume(id), model::RunState::failed);
  is_past_settled_ = true;
  replace_schedules();
}

// Before that the queue does not know the runs of the last life, and would get twice what is stored meanwhile.
Status Boot::expect_settled() const {
  if (is_past_settled_) return {};
  if (Status writable = database_->check_writable(); !writable) return writable;
  return fail(ErrorCode::storage, "the runs of the daemon's last life are being settled");
}

Status Boot::bind() {
  api::HttpOptions options;
  options.address = config_.listen_host;
  options.port = config_.listen_port;
  auto server =
      api::HttpServer::start(options, clock_, [this](const api::Request& request) { return answer(request); });
  if (!server)
    return fail(std::move(server.error()), fmt::format("listening on {}:{}", config_.listen_host, config_.listen_port));
  server_ = std::move(*server);
  spdlog::info("serving http://{}:{}/", config_.listen_host, server_->port());
  return {};
}

api::Response Boot::answer(const api::Request& request) {
  if (health_.is_started() || request.path == "/healthz" || request.path == "/readyz") return api_.handle(request);
  return api::problem_answer(Error{ErrorCode::unavailable, "the daemon is starting"}, request);
}

void Boot::resume(const std::string& run_id, const Status& resumed, model::RunState end_where_impossible) {
  if (!resumed) service_->settle(run_id, end_where_impossible, "it cannot be run any more: " + resumed.error().message);
}

// First what can be seen without the engine: what is found there is to be told, too.
std::optional<run::Trouble> Boot::tend() {
  if (const Status written = database_->recover(); !written)
    return run::Trouble{run::HoldKind::storage_full, written.error().message};
  if (const Status settled = take_up_past(); !settled)
    return run::Trouble{run::HoldKind::storage_full, settled.error().message};
  if (auto low = room_.trouble()) return low;
  auto trouble = sweep();
  if (!trouble) housekeeping_.prune_daily();
  // A run that waits was resolved from its folder, and is built from it.
  if (!trouble && config_.uploads_kept > Nanos::zero() && service_->queue().empty()) {
    const int gone = uploaded_stacks_.forget(config_.uploads_kept);
    if (gone > 0)
      spdlog::info("removed {} folders that came more than {} ago", gone, format_span(config_.uploads_kept));
  }
  return trouble;
}

// What it costs the disk and the CPU would be measured.
Result<model::Pruned> Boot::prune(bool dry_run) {
  const auto queue = service_->queue();
  const bool is_measuring =
      std::any_of(queue.begin(), queue.end(), [](const run::QueueEntry& entry) { return entry.running; });
  if (!dry_run && is_measuring) return fail(ErrorCode::conflict, "a run is under way: nothing is removed meanwhile");
  return housekeeping_.prune(dry_run);
}

Result<store::ImportedRun> Boot::import(const std::string& upload_id) {
  Result<store::ImportedRun> imported = fail(ErrorCode::internal, "nothing was imported");
  const Status used = uploads_.finish(upload_id, [&](const std::filesystem::path& file) -> Status {
    imported = bundles_.import(file, clock_.wall_now());
    return imported ? Status() : fail(imported.error());
  });
  if (!used) return fail(used.error());
  if (!imported->repeated) spdlog::info("run={} was imported", imported->run_id);
  return imported;
}

std::shared_ptr<const api::CatalogView> Boot::rescan() {
  return catalogue_.rescan(
      [this](const api::CatalogView& view) { schedules_->replace(view.schedules, catalogue_.unusable_schedules()); });
}

Result<api::UploadedStack> Boot::keep_stack(const std::string& upload_id, const std::string& name) {
  Result<UploadedStacks::Kept> kept = fail(ErrorCode::internal, "nothing was kept");
  const Status used = folder_uploads_.finish(upload_id, [&](const std::filesystem::path& file) -> Status {
    kept = uploaded_stacks_.keep(file, name,
                                 [this](const std::string& wanted) { return catalogue_.is_in_folders(wanted); });
    return kept ? Status() : fail(kept.error());
  });
  if (!used) return fail(used.error());
  if (kept->problems.empty() && !kept->was_there) {
    rescan();
    spdlog::info("the stack {} came as a folder ({})", kept->name, kept->hash);
  }
  return api::UploadedStack{kept->name, kept->was_there, std::move(kept->problems)};
}

// Nothing runs when this is called, so all that carries our label is left over.
std::optional<run::Trouble> Boot::sweep() {
  const auto swept = run::sweep_leftovers(host_->engine(), database_->instance_id());
  if (swept) {
    for (const auto& name : swept->removed) spdlog::warn("removed the leftover {}", name);
  }
  return run::trouble_of(swept);
}

run::Executed Boot::execute(const model::Job& job, std::stop_token stop, const std::function<bool()>& interrupting) {
  run::Executed done;
  {
    const std::stop_callback hurry(stop, [this] { hurry_engine(Until::run_ends); });
    done = executor_.execute(job, stop, interrupting);
  }
  let_engine_be();
  ::malloc_trim(0);  // what the run needed goes back: the daemon may be idle until tomorrow
  return done;
}

// A stop while the run is cancelled has the time of a stop.
void Boot::hurry_engine(Until until) {
  const std::lock_guard lock(mutex_);
  if (ending_) return;
  ending_ = until == Until::daemon_ends;
  host_->engine().end_calls_by(clock_.now() + kEngineEnd);
}

void Boot::let_engine_be() {
  const std::lock_guard lock(mutex_);
  if (!ending_) host_->engine().end_calls_by(MonotonicTime::max());
}

Status Boot::tell(const std::string& run_id, const model::RunEvent& event) {
  const auto stored = journal_.append(run_id, clock_.wall_now(), event);
  return stored ? Status() : fail(stored.error());
}

// A memory that cannot be read or written costs a verification, nothing else.
run::ExecutorCalls Boot::executor_calls() {
  return {.files = file_checks(),
          .was_verified = [this](const std::string& key) { return verified_.knows(key).value_or(false); },
          .remember_verified =
              [this](const std::string& key, const std::string& image_id) {
                const Status kept = verified_.remember(key, image_id, clock_.wall_now());
                if (!kept) spdlog::warn("{}", kept.error().message);
              },
          .present_build = &present_build_,
          .builds_at_once = 2,
          .past = [this](const std::string& run_id) -> Result<run::RunPast> {
            auto run = reader_.run(run_id);
            if (!run) return fail(std::move(run.error()));
            auto trials = reader_.trials(run_id);
            if (!trials) return fail(std::move(trials.error()));
            return run::RunPast{std::move(*run), std::move(*trials)};
          },
          .measured = [this](const std::string& run_id) { return reader_.measured(run_id); },
          .why_no_room =
              [this] {
                auto low = room_.trouble();
                return low ? std::move(low->text) : std::string();
              },
          .resumes = config_.resume.policy != model::ResumePolicy::never};
}

api::ApiContext Boot::api_context() {
  return {
      .reader = reader_,
      .feed = feed_,
      .clock = clock_,
      .catalog = {.current = [this] { return catalogue_.view(); },
                  .rescan = [this] { return rescan(); },
                  .schema = schema_text},
      .runs = {
          .earlier = [this](const store::RequestKey& key) { return repository_.earlier(key, clock_.wall_now()); },
          .start = [this](const model::RunRequest& request,
                          const std::optional<store::RequestKey>& key) { return submission_.start(request, key); },
          .cancel =
              [this](const std::string& run_id) {
                const Status settled = expect_settled();
                return settled ? service_->cancel(run_id) : settled;
              },
          .queue = [this] { return service_->queue(); },
          .hold = [this] { return service_->hold(); },
          .move =
              [this](const std::string& run_id, std::size_t position) {
                const Status settled = expect_settled();
                return settled ? service_->move(run_id, position) : settled;
              },
          .retry = [this](const std::string& run_id) { return submission_.retry(run_id); },
          .mark = [this](
                      const std::string& run_id, const model::MarkChange& change,
                      const std::optional<model::Marks>& before) { return repository_.mark(run_id, change, before); }},
      .health = [this] { return health_.checks(); },
      .build = {.version = DYNO_VERSION, .git = "", .schema_version = database_->schema_version()},
      .web_dir = config_.web_dir,
      .present_build = &present_build_,
      .schedules = schedules_->calls(),
      .baselines = {.all = [this] { return baselines_.all(); },
                    .find = [this](const std::string& name) { return baselines_.find(name); },
                    .put =
                        [this](const model::Baseline& baseline, const std::optional<model::Baseline>& before) {
                          return baselines_.put(baseline, before, clock_.wall_now());
                        },
                    .remove = [this](const model::Baseline& before) { return baselines_.remove(before); }},
      .bundles = {.open = [this](const std::string& run_id) { return bundles_.open(run_id, clock_.wall_now()); },
                  .pieces = pieces_of(uploads_),
                  .finish = [this](const std::string& id) { return import(id); }},
      .folders = {.pieces = pieces_of(folder_uploads_),
                  .finish = [this](const std::string& id, const std::string& name) { return keep_stack(id, name); }},
      .keeping = {.prune = [this](bool dry_run) { return prune(dry_run); },
                  .back_up = [this] { return housekeeping_.back_up(); },
                  .backup_file = [this](const std::string& name) { return housekeeping_.backup_file(name); }}};
}

}  // namespace dyno::app

#include "app/housekeeping.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "api/reference.h"
#include "base/quantity.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::app {
namespace {

constexpr Nanos kDay = std::chrono::hours(24);
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

bool is_backup_name(std::string_view name) {
  return name.starts_with("stackdyno-") && name.ends_with(".db") && name.size() < 64 &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

Result<std::string> hash_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Sha256 hash;
  std::string piece(kPieceBytes, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.update(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  if (!in.eof()) return fail(ErrorCode::io, fmt::format("reading {}", file.string()));
  return hash.hex();
}

}  // namespace

// A rule means other runs tomorrow: those that it means now are compared with.
Result<std::set<std::string>> Housekeeping::images_of_rules() const {
  std::set<std::string> images;
  const auto baselines = baselines_.all();
  if (!baselines) return fail(baselines.error());
  for (const model::Baseline& baseline : *baselines) {
    const auto reference = api::parse_reference(baseline.ref);
    if (!reference || reference->kind == api::Reference::Kind::run) continue;
    store::PastFilter filter = api::narrowed({}, baseline);
    filter.limit = reference->count + 1;
    if (reference->kind == api::Reference::Kind::day) {
      filter.since = reference->day;
      filter.before = reference->day + kDay;
    }
    const auto runs = reader_.past_runs(filter);
    if (!runs) return fail(runs.error());
    for (const store::PastRun& past : *runs) {
      const auto run = reader_.run(past.id);
      if (!run) return fail(run.error());
      for (const model::RunStack& stack : run->stacks) images.insert(stack.image_id);
    }
  }
  return images;
}

// Those used longest ago go first, until the others fit. An image that no run of ours used is none of our business.
Status Housekeeping::choose_images(model::Pruned& all) const {
  all.images_budget = keeping_.images_budget;
  const auto listed = engine_.list_labelled("stackdyno.image", "stack");
  if (!listed) return fail(listed.error());
  std::set<std::string> present;
  for (const ports::OwnedObject& one : *listed) {
    if (one.kind == ports::ObjectKind::image) present.insert(one.id);
  }
  auto images = retention_.images();
  if (!images) return fail(images.error());
  const auto compared = images_of_rules();
  if (!compared) return fail(compared.error());
  std::erase_if(*images, [&](const model::UsedImage& one) { return !present.contains(one.image_id); });
  for (const model::UsedImage& one : *images) all.images_used.value += one.bytes.value;
  if (keeping_.images_budget.value <= 0) return {};
  std::int64_t left = all.images_used.value;
  for (const model::UsedImage& one : *images) {
    if (left <= keeping_.images_budget.value) break;
    if (one.kept || compared->contains(one.image_id)) continue;
    all.images.push_back(one);
    left -= one.bytes.value;
  }
  return {};
}

Result<model::Pruned> Housekeeping::prune(bool dry_run) {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.wall_now();
  model::Pruned all;
  all.dry_run = dry_run;
  if (keeping_.series > Nanos::zero()) {
    auto series = retention_.old_series(now - keeping_.series, kRunsAtOnce + 1);
    if (!series) return fail(series.error());
    all.more = series->size() > static_cast<std::size_t>(kRunsAtOnce);
    if (all.more) series->pop_back();
    all.series = std::move(*series);
  }
  // Without an engine the database is tidied all the same.
  if (const Status chosen = choose_images(all); !chosen) spdlog::warn("looking for images: {}", chosen.error().message);
  if (dry_run) return all;
  for (const model::OldSeries& one : all.series) {
    if (const auto dropped = retention_.drop_series(one.run_id, now); !dropped) return fail(dropped.error());
  }
  // What is in use, or was given another name, is refused by the engine and stays.
  std::erase_if(all.images, [&](const model::UsedImage& one) {
    const Status removed = engine_.remove_image(one.image_id);
    if (!removed) spdlog::warn("removing an image of {}: {}", one.stack, removed.error().message);
    return !removed;
  });
  return all;
}

void Housekeeping::prune_daily() {
  if (was_pruned_ && clock_.now() - pruned_at_ < kDay) return;
  const auto all = prune(false);
  if (!all) return spdlog::warn("making room: {}", all.error().message);
  if (!all->series.empty()) spdlog::info("removed the samples of {} old runs", all->series.size());
  for (const model::UsedImage& one : all->images) spdlog::info("removed an old image of {}", one.stack);
  if (all->more) return;  // the rest in a minute
  was_pruned_ = true;
  pruned_at_ = clock_.now();
}

Result<model::Backup> Housekeeping::back_up() {
  const std::lock_guard lock(mutex_);
  std::error_code fault;
  std::filesystem::create_directories(folder_, fault);
  if (fault) return fail(ErrorCode::storage, "the folder for backups cannot be made: " + fault.message());
  std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, fault);
  model::Backup backup;
  backup.created_at = clock_.wall_now();
  std::string stamp = lower(format_instant(backup.created_at));  // 2026-11-29t19:30:00.000z
  std::erase(stamp, ':');
  std::erase(stamp, '-');
  backup.name = fmt::format("stackdyno-{}.db", stamp);
  const std::filesystem::path part = folder_ / (backup.name + ".part");
  const Status copied = database_.copy_to(part);
  if (!copied) {
    std::filesystem::remove(part, fault);
    return fail(copied.error());
  }
  const auto hash = hash_of(part);
  if (!hash) return fail(hash.error());
  backup.sha256 = *hash;
  backup.bytes = Bytes{static_cast<std::int64_t>(std::filesystem::file_size(part, fault))};
  std::filesystem::rename(part, folder_ / backup.name, fault);
  if (fault) return fail(ErrorCode::io, "the backup cannot be given its name: " + fault.message());
  forget_old_backups();
  return backup;
}

void Housekeeping::forget_old_backups() const {
  std::vector<std::filesystem::path> files;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, fault)) {
    if (is_backup_name(entry.path().filename().string())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i + kBackups < files.size(); ++i) std::filesystem::remove(files[i], fault);
}

Result<std::filesystem::path> Housekeeping::backup_file(const std::string& name) const {
  std::error_code fault;
  const std::filesystem::path file = folder_ / name;
  if (!is_backup_name(name) || !std::filesystem::is_regular_file(file, fault))
    return fail(ErrorCode::not_found, "there is no such backup");
  return file;
}

}  // namespace dyno::app

#include "run/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/id.h"

namespace dyno::run {
namespace {

tl::unexpected<Unprepared> by_engine(Error error, const std::string& what) {
  return tl::unexpected<Unprepared>({Unprepared::Why::engine, with_context(std::move(error), what)});
}

tl::unexpected<Unprepared> by_journal(const Status& told) {
  return tl::unexpected<Unprepared>({Unprepared::Why::journal, told.error()});
}

tl::unexpected<Unprepared> by_change(const std::string& name) {
  return tl::unexpected<Unprepared>(
      {Unprepared::Why::changed,
       {ErrorCode::conflict,
        fmt::format("it cannot go on as it began: the image of {} is gone, and its folder or its base images have "
                    "changed since",
                    name)}});
}

}  // namespace

Preparation::Preparation(const Rig& rig, std::string run_id, const FileChecks& checks, PresentBuild& present,
                         const Resumption& past, Tell tell, std::stop_token stop)
    : rig_(rig),
      run_id_(std::move(run_id)),
      checks_(checks),
      present_(present),
      past_(past),
      tell_(std::move(tell)),
      stop_(std::move(stop)) {}

Prepared<StackImage> Preparation::stack(const model::Stack& stack) {
  const std::string what = "preparing " + stack.name;
  const model::RunStack* const before = past_.stack(stack.name);
  if (before != nullptr && !before->failure.empty()) return StackImage{{}, before->failure};
  if (before != nullptr) {
    auto there = is_there(before->image_id);
    if (!there) return by_engine(std::move(there.error()), what);
    if (*there) return StackImage{before->image_id, {}};
  }
  auto prepared = make(stack);
  if (!told_) return by_journal(told_);
  if (!prepared) return by_engine(std::move(prepared.error()), what);
  if (before != nullptr && (prepared->hash != before->hash || prepared->bases != before->bases))
    return by_change(stack.name);
  if (const Status told = tell_(model::StackPrepared{*prepared}); !told) return by_journal(told);
  return StackImage{prepared->failure.empty() ? prepared->image_id : "", prepared->failure};
}

Prepared<ServiceImage> Preparation::service(const model::Service& service) {
  const auto before = past_.service(service.name);
  auto image = take(service, before);
  if (!image) return image;
  if (before && (image->content != before->content || image->bases != before->bases)) return by_change(service.name);
  const model::ServicePrepared event{service.name, image->id, image->base_kind, image->build};
  if (const Status told = tell_(event); !told) return by_journal(told);
  return image;
}

Prepared<ServiceImage> Preparation::take(const model::Service& service, const std::optional<ServiceImage>& before) {
  const std::string what = "preparing the service " + service.name;
  if (before) {
    auto there = is_there(before->id);
    if (!there) return by_engine(std::move(there.error()), what);
    if (*there) return *before;
  }
  auto made = make(service);
  if (!told_) return by_journal(told_);
  if (!made) return by_engine(std::move(made.error()), what);
  return std::move(*made);
}

Result<bool> Preparation::is_there(const std::string& image_id) const {
  const auto image = rig_.host.engine().inspect_image(image_id);
  if (image) return true;
  if (ports::fault_of(image.error()) == ports::EngineFault::missing) return false;
  return fail(image.error());
}

Result<model::RunStack> Preparation::make(const model::Stack& stack) {
  const MonotonicTime begin = begin_build(model::ImageOwner::stack, stack.name);
  auto prepared = prepare_image(rig_.host.engine(), stack, checks_, stop_, log_);
  const bool failed = !prepared || !prepared->failure.empty();
  if (end_build(failed, begin) && prepared && failed)
    prepared->failure = with_place_of_log(prepared->failure, stack.name);
  return prepared;
}

Result<ServiceImage> Preparation::make(const model::Service& service) {
  const MonotonicTime begin = begin_build(model::ImageOwner::service, service.name);
  auto image = prepare_service_image(rig_.host.engine(), service, checks_, stop_, log_);
  if (end_build(!image, begin) && !image)
    image.error().message = with_place_of_log(image.error().message, service.name);
  return image;
}

MonotonicTime Preparation::begin_build(model::ImageOwner owner, const std::string& name) {
  present_.begin(run_id_, owner, name);
  return rig_.host.clock().now();
}

// Tells the log before the image, and so of a build that ends the run, too. Whether there was one.
bool Preparation::end_build(bool failed, MonotonicTime begin) {
  const auto state = failed ? model::BuildState::failed : model::BuildState::succeeded;
  const auto logged = present_.told(state, rig_.host.clock().now() - begin);
  told_ = logged ? tell_(*logged) : Status();
  present_.end();
  return logged.has_value();
}

// The first line is the reason, the build's last ones follow it.
std::string Preparation::with_place_of_log(const std::string& failure, const std::string& name) const {
  const std::size_t end = std::min(failure.find('\n'), failure.size());
  return fmt::format("{} (whole log: dyno runs log {} {}){}", failure.substr(0, end), short_id(run_id_), name,
                     failure.substr(end));
}

}  // namespace dyno::run

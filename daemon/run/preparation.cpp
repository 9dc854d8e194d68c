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

// A variant's image is its stack's wherever they are built alike, so they wait for each other.
std::string owner_of(const model::Stack& stack) {
  return "stack " + (stack.variant_of.empty() ? stack.name : stack.variant_of);
}

std::string owner_of(const model::Service& service) { return "service " + service.name; }

}  // namespace

Preparation::Preparation(const Rig& rig, Run run, PresentBuild& present, Tell tell, std::stop_token stop,
                         std::size_t at_once)
    : rig_(rig),
      run_(std::move(run)),
      present_(present),
      tell_(std::move(tell)),
      end_with_run_(std::move(stop), [this] { end_.request_stop(); }),
      at_once_(at_once) {
  plan(stacks_, run_.stacks);
  plan(services_, run_.services);
  for (std::size_t i = 0; at_once_ > 1 && i < std::min(at_once_, tasks_.size()); ++i)
    workers_.emplace_back([this] { work(); });
}

Preparation::~Preparation() {
  end_.request_stop();
  workers_.clear();
}

template <class Image, class Source>
void Preparation::plan(std::map<std::string, std::future<Made<Image>>>& making, const std::vector<Source>& sources) {
  for (const Source& source : sources) {
    owners_.try_emplace(owner_of(source));
    const auto make_it = [this, &source] {
      const std::lock_guard lock(owners_.at(owner_of(source)));
      return make(source);
    };
    if (at_once_ <= 1) {
      making[source.name] = std::async(std::launch::deferred, make_it);
      continue;
    }
    std::packaged_task<Made<Image>()> task(make_it);
    making[source.name] = task.get_future();
    tasks_.emplace_back(std::move(task));
  }
}

void Preparation::work() {
  while (true) {
    std::size_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      if (next_ == tasks_.size()) return;
      index = next_++;
    }
    tasks_[index]();
  }
}

Prepared<StackImage> Preparation::stack(const model::Stack& stack) {
  auto made = stacks_.extract(stack.name).mapped().get();
  if (const Status told = tell_build(made); !told) return by_journal(told);
  if (!made.image) return by_engine(std::move(made.image.error()), "preparing " + stack.name);
  const model::RunStack& prepared = *made.image;
  StackImage image{prepared.failure.empty() ? prepared.image_id : "", prepared.failure};
  if (made.is_kept) return image;
  const model::RunStack* const before = run_.past.stack(stack.name);
  if (before != nullptr && (prepared.hash != before->hash || prepared.bases != before->bases))
    return by_change(stack.name);
  if (const Status told = tell_(model::StackPrepared{prepared}); !told) return by_journal(told);
  return image;
}

Prepared<ServiceImage> Preparation::service(const model::Service& service) {
  auto made = services_.extract(service.name).mapped().get();
  if (const Status told = tell_build(made); !told) return by_journal(told);
  if (!made.image) return by_engine(std::move(made.image.error()), "preparing the service " + service.name);
  const auto before = run_.past.service(service.name);
  if (before && (made.image->content != before->content || made.image->bases != before->bases))
    return by_change(service.name);
  const model::ServicePrepared event{service.name, made.image->id, made.image->base_kind, made.image->build};
  if (const Status told = tell_(event); !told) return by_journal(told);
  return std::move(*made.image);
}

// Before the image, and so of a build that ends the run, too.
template <class Image>
Status Preparation::tell_build(Made<Image>& made) {
  Status told = made.log ? tell_(*made.log) : Status();
  made.entry.reset();
  return told;
}

Result<bool> Preparation::is_there(const std::string& image_id) const {
  const auto image = rig_.host.engine().inspect_image(image_id);
  if (image) return true;
  if (ports::fault_of(image.error()) == ports::EngineFault::missing) return false;
  return fail(image.error());
}

Preparation::Made<model::RunStack> Preparation::make(const model::Stack& stack) {
  const model::RunStack* const before = run_.past.stack(stack.name);
  if (before != nullptr && !before->failure.empty()) return {*before, true};
  if (before != nullptr) {
    auto there = is_there(before->image_id);
    if (!there) return {fail(std::move(there.error()))};
    if (*there) return {*before, true};
  }
  Made<model::RunStack> made;
  made.entry = {&present_.begin(run_.id, model::ImageOwner::stack, stack.name), {&present_}};
  const MonotonicTime begin = rig_.host.clock().now();
  const ports::BuildLog log = [&](const ports::BuildLine& line) { present_.add(*made.entry, line); };
  made.image = prepare_image(rig_.host.engine(), stack, run_.checks, end_.get_token(), log);
  const bool failed = !made.image || !made.image->failure.empty();
  end_build(made, failed, begin);
  if (made.log && made.image && failed) made.image->failure = with_place_of_log(made.image->failure, stack.name);
  return made;
}

Preparation::Made<ServiceImage> Preparation::make(const model::Service& service) {
  if (const auto before = run_.past.service(service.name)) {
    auto there = is_there(before->id);
    if (!there) return {fail(std::move(there.error()))};
    if (*there) return {*before, true};
  }
  Made<ServiceImage> made;
  made.entry = {&present_.begin(run_.id, model::ImageOwner::service, service.name), {&present_}};
  const MonotonicTime begin = rig_.host.clock().now();
  const ports::BuildLog log = [&](const ports::BuildLine& line) { present_.add(*made.entry, line); };
  made.image = prepare_service_image(rig_.host.engine(), service, run_.checks, end_.get_token(), log);
  end_build(made, !made.image, begin);
  if (made.log && !made.image) made.image.error().message = with_place_of_log(made.image.error().message, service.name);
  return made;
}

template <class Image>
void Preparation::end_build(Made<Image>& made, bool failed, MonotonicTime begin) const {
  const auto state = failed ? model::BuildState::failed : model::BuildState::succeeded;
  made.log = present_.told(*made.entry, state, rig_.host.clock().now() - begin);
}

// The first line is the reason, the build's last ones follow it.
std::string Preparation::with_place_of_log(const std::string& failure, const std::string& name) const {
  const std::size_t end = std::min(failure.find('\n'), failure.size());
  return fmt::format("{} (whole log: dyno runs log {} {}){}", failure.substr(0, end), short_id(run_.id), name,
                     failure.substr(end));
}

}  // namespace dyno::run

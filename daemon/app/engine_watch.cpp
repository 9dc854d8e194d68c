#include "app/engine_watch.h"

#include <fmt/format.h>

#include <utility>

#include "base/quantity.h"

namespace dyno::app {
namespace {

constexpr Nanos kFresh = std::chrono::seconds(1);
constexpr Nanos kPatience = std::chrono::seconds(5);

}  // namespace

EngineWatch::EngineWatch(ports::ContainerEngine& engine, Clock& clock)
    : engine_(engine), clock_(clock), thread_([this](std::stop_token stop) { work(stop); }) {}

api::HealthCheck EngineWatch::check() {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = clock_.now();
  if (!asked_ && (!last_ || now - last_->at > kFresh)) {
    asked_ = now;
    wanted_.notify_one();
  }
  const std::string seen = last_ ? fmt::format("{} ({} ago)", last_->text, format_span(now - last_->at)) : "";
  if (asked_ && now - *asked_ > kPatience) {
    const std::string silent = fmt::format("the Docker engine has not answered for {}", format_span(now - *asked_));
    return {"engine", false, seen.empty() ? silent : silent + "; before that: " + seen};
  }
  if (!last_) return {"engine", false, "asked, no answer yet"};
  return {"engine", last_->ok, seen};
}

void EngineWatch::work(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!wanted_.wait(lock, stop, [this] { return asked_.has_value(); })) return;
    }
    if (stop.stop_requested()) return;
    const auto described = engine_.describe();
    const std::lock_guard lock(mutex_);
    last_ = Answer{described.has_value(), described ? described->engine : described.error().message, clock_.now()};
    asked_.reset();
  }
}

}  // namespace dyno::app

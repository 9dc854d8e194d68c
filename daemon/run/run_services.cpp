#include "run/run_services.h"

#include <fmt/format.h>

#include <algorithm>

namespace dyno::run {
namespace {

// One that ends again and again would cost the night what is measured with it.
constexpr int kMostStarts = 3;

}  // namespace

RunServices::RunServices(const Rig& rig, const std::vector<model::Service>& services) : rig_(rig), services_(services) {
  held_.resize(services.size());
  for (std::size_t i = 0; i < services.size(); ++i) held_[i].service = &services[i];
}

ServiceResult<void> RunServices::start(const ServicePlace& place, const std::stop_token& stop) {
  place_ = place;
  for (Held& held : held_) {
    if (!held.lost.empty()) continue;
    if (auto started = start_one(held, stop); !started) return started;
  }
  return {};
}

ServiceResult<void> RunServices::start_one(Held& held, const std::stop_token& stop) {
  place_.image_id = held.image_id;
  place_.alias = alias_of(*held.service);
  ++held.starts;
  auto started = ServiceContainer::start(rig_, place_, *held.service, stop);
  if (started) {
    held.container.emplace(std::move(*started));
    return {};
  }
  held.lost = fmt::format("the service {}: {}", held.service->name, started.error().message);
  if (started.error().fault != ServiceFault::engine_gone) return {};
  return tl::unexpected<ServiceFailure>({ServiceFault::engine_gone, held.lost});
}

ServiceResult<void> RunServices::start_ended(const std::stop_token& stop) {
  for (Held& held : held_) {
    if (!held.container) continue;
    const auto running = held.container->running();
    if (running) continue;
    const std::string why = fmt::format("the service {}: {}", held.service->name, running.error().message);
    if (running.error().fault == ServiceFault::engine_gone)
      return tl::unexpected<ServiceFailure>({ServiceFault::engine_gone, why});
    if (running.error().fault != ServiceFault::ended) continue;
    held.container.reset();
    if (held.starts >= kMostStarts) {
      held.lost = fmt::format("{}; it was started {} times", why, held.starts);
    } else if (auto started = start_one(held, stop); !started) {
      return started;
    }
  }
  return {};
}

void RunServices::remove() {
  for (Held& held : held_) held.container.reset();
}

std::vector<std::string> RunServices::container_ids() const {
  std::vector<std::string> ids;
  for (const Held& held : held_) {
    if (held.container) ids.push_back(held.container->container_id());
  }
  return ids;
}

std::vector<ServiceContainer*> RunServices::of(const model::Stack& stack) {
  std::vector<ServiceContainer*> asked;
  for (Held& held : held_) {
    if (held.container && stack.services.contains(held.service->name)) asked.push_back(&*held.container);
  }
  return asked;
}

std::vector<std::string> RunServices::contents_of(const model::Stack& stack) const {
  std::vector<std::string> contents;
  for (const Held& held : held_) {
    if (stack.services.contains(held.service->name)) contents.push_back(held.image_id + " " + held.service->hash);
  }
  return contents;
}

std::string RunServices::why_without(const model::Stack& stack) const {
  for (const Held& held : held_) {
    if (!held.lost.empty() && stack.services.contains(held.service->name)) return held.lost;
  }
  return "";
}

// By which other services find it: none where two of the run have the same, since either might answer. Apps are told by the sandbox.
std::string RunServices::alias_of(const model::Service& service) const {
  const std::string name = host_name(service);
  const auto same = std::count_if(services_.begin(), services_.end(),
                                  [&](const model::Service& other) { return host_name(other) == name; });
  return same == 1 ? name : "";
}

}  // namespace dyno::run

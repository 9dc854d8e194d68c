#include "run/sweep.h"

#include <algorithm>

namespace dyno::run {
namespace {

int removal_rank(const ports::OwnedObject& object) {
  if (object.kind == ports::ObjectKind::network) return 2;
  const auto role = object.labels.find("stackdyno.role");
  return role != object.labels.end() && role->second == "sandbox" ? 1 : 0;
}

}  // namespace

Result<std::vector<std::string>> sweep_leftovers(ports::ContainerEngine& engine, const std::string& instance) {
  auto objects = engine.list_labelled("stackdyno.instance", instance);
  if (!objects) return fail(std::move(objects.error()), "listing leftovers");
  std::erase_if(*objects, [](const ports::OwnedObject& object) { return object.kind == ports::ObjectKind::image; });
  std::stable_sort(objects->begin(), objects->end(),
                   [](const auto& a, const auto& b) { return removal_rank(a) < removal_rank(b); });
  std::vector<std::string> removed;
  for (const auto& object : *objects) {
    const Status done = object.kind == ports::ObjectKind::network ? engine.remove_network(object.id)
                                                                  : engine.remove_container(object.id);
    if (!done) return fail(done.error(), "removing the leftover " + object.name);
    removed.push_back(object.name);
  }
  return removed;
}

}  // namespace dyno::run

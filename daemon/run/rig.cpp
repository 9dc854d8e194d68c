#include "run/rig.h"

#include <fmt/format.h>

#include <algorithm>

namespace dyno::run {
namespace {

int removal_rank(const ports::OwnedObject& object) {
  if (object.kind == ports::ObjectKind::network) return 2;
  const auto role = object.labels.find("stackdyno.role");
  return role != object.labels.end() && role->second == "sandbox" ? 1 : 0;
}

}  // namespace

std::map<std::string, std::string> run_labels(const Rig& rig, const std::string& run_id, const std::string& role) {
  return {{"stackdyno.instance", rig.instance}, {"stackdyno.run", run_id}, {"stackdyno.role", role}};
}

std::string object_name(const Rig& rig, const std::string& run_id, const std::string& what) {
  // The last characters of a UUIDv7 are its random ones; the first are the time and nearly alike.
  const auto tail = [](const std::string& id) { return id.size() > 8 ? id.substr(id.size() - 8) : id; };
  // Names of containers have neither @ nor +, names of cases no _, so that no two become one.
  std::string allowed;
  for (const char c : what) {
    if (c == '@') allowed += '_';
    else if (c == '+') allowed += "__";
    else allowed += c;
  }
  return fmt::format("dyno-{}-{}-{}", tail(rig.instance), tail(run_id), allowed);
}

Result<Swept> sweep_leftovers(ports::ContainerEngine& engine, const std::string& instance,
                              const std::set<std::string>& keep) {
  auto objects = engine.list_labelled("stackdyno.instance", instance);
  if (!objects) return fail(std::move(objects.error()), "listing leftovers");
  std::erase_if(*objects, [&](const ports::OwnedObject& object) {
    return object.kind == ports::ObjectKind::image || keep.contains(object.id);
  });
  std::stable_sort(objects->begin(), objects->end(),
                   [](const auto& a, const auto& b) { return removal_rank(a) < removal_rank(b); });
  Swept swept;
  for (const auto& object : *objects) {
    const Status done = object.kind == ports::ObjectKind::network ? engine.remove_network(object.id)
                                                                  : engine.remove_container(object.id);
    if (done) swept.removed.push_back(object.name);
    else swept.stuck.push_back({object.name, done.error()});
  }
  return swept;
}

}  // namespace dyno::run

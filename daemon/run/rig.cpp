#include "run/rig.h"

#include <fmt/format.h>

namespace dyno::run {

std::map<std::string, std::string> run_labels(const Rig& rig, const std::string& run_id, const std::string& role) {
  return {{"stackdyno.instance", rig.instance}, {"stackdyno.run", run_id}, {"stackdyno.role", role}};
}

std::string object_name(const Rig& rig, const std::string& run_id, const std::string& what) {
  // The last characters of a UUIDv7 are its random ones; the first are the time and nearly alike.
  const auto tail = [](const std::string& id) { return id.size() > 8 ? id.substr(id.size() - 8) : id; };
  return fmt::format("dyno-{}-{}-{}", tail(rig.instance), tail(run_id), what);
}

}  // namespace dyno::run

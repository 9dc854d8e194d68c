#include "host/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"

namespace dyno::host {
namespace {

namespace fs = std::filesystem;

// More than any kernel is built for; a list that says more is none.
constexpr std::int64_t kMostCpus = 65536;
constexpr int kDeepestCache = 9;
constexpr std::size_t kMostLineBytes = std::size_t{64} << 10U;

std::optional<std::string> read_line(const std::string& path) {
  const auto text = read_file(path, kMostLineBytes);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

// The lowest CPU of the list in the file, else `otherwise`.
int lowest_of(const std::string& path, int otherwise) {
  const auto line = read_line(path);
  const auto cpus = line ? parse_cpu_list(*line) : std::vector<int>();
  return cpus.empty() ? otherwise : cpus.front();
}

int number_of(const std::string& path, int otherwise) {
  const auto line = read_line(path);
  const auto number = line ? parse_int(*line) : std::nullopt;
  return number && *number >= 0 && *number < kMostCpus ? static_cast<int>(*number) : otherwise;
}

// The cache of the highest level: what is shared by most.
int cache_of(const std::string& cpu_folder, int core) {
  int level = 0;
  int cache = core;
  for (int index = 0; index < kDeepestCache; ++index) {
    const std::string folder = fmt::format("{}/cache/index{}", cpu_folder, index);
    const int found = number_of(folder + "/level", 0);
    if (found <= level) continue;
    level = found;
    cache = lowest_of(folder + "/shared_cpu_list", core);
  }
  return cache;
}

std::map<int, int> nodes_by_cpu(const std::string& root) {
  std::map<int, int> nodes;
  std::error_code error;
  for (fs::directory_iterator entry(root + "/sys/devices/system/node", error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with("node")) continue;
    const auto number = parse_int(std::string_view(name).substr(4));
    const auto line = read_line(entry->path().string() + "/cpulist");
    if (!number || !line) continue;
    for (const int cpu : parse_cpu_list(*line)) nodes[cpu] = static_cast<int>(*number);
  }
  return nodes;
}

}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string_view part : split(trim(text), ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_int(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_int(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last >= kMostCpus) return {};
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

model::Topology read_topology(const std::vector<int>& allowed, const std::string& root) {
  const std::string folder = root + "/sys/devices/system/cpu";
  const auto online = read_line(folder + "/online");
  const std::vector<int> there = online ? parse_cpu_list(*online) : allowed;
  const std::map<int, int> nodes = nodes_by_cpu(root);
  model::Topology topology;
  for (const int id : allowed) {
    if (!std::binary_search(there.begin(), there.end(), id)) continue;
    const std::string cpu = fmt::format("{}/cpu{}", folder, id);
    const int core = lowest_of(cpu + "/topology/thread_siblings_list", id);
    topology.cpus.push_back(
        {.id = id, .core = core, .cache = cache_of(cpu, core), .node = nodes.contains(id) ? nodes.at(id) : 0});
  }
  std::sort(topology.cpus.begin(), topology.cpus.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return topology;
}

}  // namespace dyno::host

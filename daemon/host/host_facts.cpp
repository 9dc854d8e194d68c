#include "host/host_facts.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/text.h"

namespace dyno::host {
namespace {

constexpr std::size_t kMostFactBytes = std::size_t{16} << 20U;  // cpuinfo of a machine with hundreds of CPUs

std::optional<std::string> fact_in(const std::string& path) {
  const auto text = read_file(path, kMostFactBytes);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

// "key : value" lines; the first value of each key, and how many different values some keys have.
struct CpuTable {
  std::map<std::string, std::string> first;
  std::set<std::string> packages;
  std::set<std::string> cores;
  int processors = 0;
};

CpuTable read_cpuinfo(const std::string& text) {
  CpuTable table;
  std::string package;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string key(trim(line.substr(0, colon)));
    const std::string value(trim(line.substr(colon + 1)));
    table.first.try_emplace(key, value);
    if (key == "processor") ++table.processors;
    if (key == "physical id") table.packages.insert(package = value);
    if (key == "core id") table.cores.insert(package + "/" + value);
  }
  return table;
}

std::optional<std::int64_t> meminfo_kib(const std::string& text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    const auto words = split(trim(line.substr(key.size() + 1)), ' ');
    return parse_int(words.front());
  }
  return std::nullopt;
}

class Facts {
 public:
  void add(const char* name, std::optional<std::string> value, bool in_key) {
    if (value && !value->empty()) facts_.push_back({name, std::move(*value), in_key});
  }
  std::vector<model::Fact> take() && { return std::move(facts_); }

 private:
  std::vector<model::Fact> facts_;
};

void add_cpu(Facts& facts, const std::string& root) {
  const auto text = fact_in(root + "/proc/cpuinfo");
  if (!text) return;
  const CpuTable cpu = read_cpuinfo(*text);
  const auto value = [&](const char* key) {
    return cpu.first.contains(key) ? std::optional(cpu.first.at(key)) : std::nullopt;
  };
  facts.add("cpu_model", value("model name"), true);
  facts.add("cpus", fmt::format("{}", cpu.processors), true);
  if (!cpu.cores.empty())
    facts.add("cpu_topology",
              fmt::format("{} sockets, {} cores, {} threads", cpu.packages.size(), cpu.cores.size(), cpu.processors),
              true);
  facts.add("microcode", value("microcode"), false);
  const auto flags = value("flags");
  if (flags) facts.add("virtual_machine", flags->find(" hypervisor") != std::string::npos ? "yes" : "no", true);
}

void add_memory(Facts& facts, const std::string& root) {
  const auto text = fact_in(root + "/proc/meminfo");
  if (!text) return;
  if (const auto total = meminfo_kib(*text, "MemTotal"))
    facts.add("memory", fmt::format("{} GiB", (*total + 524288) / 1048576), true);
  const auto swap = meminfo_kib(*text, "SwapTotal");
  const auto free = meminfo_kib(*text, "SwapFree");
  if (swap && free) facts.add("swap_used", *swap - *free > 0 ? "yes" : "no", false);
}

void add_frequency(Facts& facts, const std::string& root) {
  const std::string cpu = root + "/sys/devices/system/cpu/";
  facts.add("governor", fact_in(cpu + "cpu0/cpufreq/scaling_governor"), true);
  if (const auto no_turbo = fact_in(cpu + "intel_pstate/no_turbo"))
    facts.add("turbo", *no_turbo == "0" ? "on" : "off", true);
  else if (const auto boost = fact_in(cpu + "cpufreq/boost")) facts.add("turbo", *boost == "1" ? "on" : "off", true);
  facts.add("smt", fact_in(cpu + "smt/control"), true);
}

}  // namespace

std::vector<model::Fact> read_host_facts(const std::string& root) {
  Facts facts;
  add_cpu(facts, root);
  add_memory(facts, root);
  add_frequency(facts, root);
  facts.add("boot_id", fact_in(root + "/proc/sys/kernel/random/boot_id"), false);
  facts.add("kernel_command_line", fact_in(root + "/proc/cmdline"), false);
  facts.add("clock_source", fact_in(root + "/sys/devices/system/clocksource/clocksource0/current_clocksource"), true);
  if (const auto load = fact_in(root + "/proc/loadavg"))
    facts.add("load_average_1min", std::string(split(*load, ' ').front()), false);
  return std::move(facts).take();
}

}  // namespace dyno::host

#include "docker/cgroup_files.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace dyno::tests {

std::string cgroup_folder(std::int64_t pid, const std::string& controller) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cgroup");
  std::string unified;
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    if (path == "/") continue;  // the kernel's answer for a process that has ended, not for one in a container
    if (controllers.find("," + controller + ",") != std::string::npos) return "/sys/fs/cgroup/" + controller + path;
    if (controllers == ",,") unified = "/sys/fs/cgroup" + path;
  }
  return unified;
}

std::map<std::string, std::int64_t> numbers_in(const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, std::int64_t> numbers;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::int64_t value = 0;
    if (line.find(' ') != std::string::npos) words >> key;
    if (words >> value) numbers[key] = value;
  }
  return numbers;
}

CgroupFigures cgroup_figures(std::int64_t pid) {
  const std::string folder = cgroup_folder(pid, "memory");
  if (folder.empty()) return {};
  const auto value = [&](const char* file) { return numbers_in(folder + file)[""]; };
  auto stat = numbers_in(folder + "/memory.stat");
  CgroupFigures f;
  f.is_v1 = access((folder + "/memory.usage_in_bytes").c_str(), F_OK) == 0;
  if (f.is_v1) {
    f.private_bytes = stat["total_rss"] + stat["total_shmem"] + value("/memory.kmem.usage_in_bytes");
    f.docker_equivalent = value("/memory.usage_in_bytes") - stat["total_inactive_file"];
    f.peak = value("/memory.max_usage_in_bytes");
    f.cpu_ns = numbers_in(cgroup_folder(pid, "cpuacct") + "/cpuacct.usage")[""];
    return f;
  }
  f.private_bytes = stat["anon"] + stat["shmem"] + stat["kernel"];
  f.docker_equivalent = value("/memory.current") - stat["inactive_file"];
  f.peak = value("/memory.peak");
  f.cpu_ns = numbers_in(cgroup_folder(pid, "cpu") + "/cpu.stat")["usage_usec"] * 1000;
  return f;
}

}  // namespace dyno::tests

#include "cgroup/process_files.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "cgroup/counter_file.h"

namespace dyno::cgroup {
namespace {

std::string rollup_path(const std::string& proc, std::int64_t pid) {
  return fmt::format("{}/{}/smaps_rollup", proc, pid);
}

// One group of eight digits is 32 bits in the byte order of the machine.
std::optional<std::array<unsigned char, 16>> address_bytes(std::string_view hex) {
  if (hex.size() != 8 && hex.size() != 32) return std::nullopt;
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < hex.size(); i += 8) {
    std::uint32_t word = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 8, word, 16);
    if (error != std::errc() || end != hex.data() + i + 8) return std::nullopt;
    std::memcpy(bytes.data() + i / 2, &word, sizeof word);
  }
  return bytes;
}

// "  0: 0100007F:1F90 00000000:0000 0A …": number, local address and port, remote ones, state.
std::optional<ports::Listener> listener_in(std::string_view line) {
  constexpr std::string_view kListening = "0A";
  std::vector<std::string_view> fields;
  for (const std::string_view field : split(line, ' ')) {
    if (!field.empty()) fields.push_back(field);
  }
  if (fields.size() < 4 || fields[3] != kListening) return std::nullopt;
  const std::size_t colon = fields[1].find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port_text = fields[1].substr(colon + 1);
  ports::Listener listener;
  const auto bytes = address_bytes(fields[1].substr(0, colon));
  const auto port = std::from_chars(port_text.data(), port_text.data() + port_text.size(), listener.port, 16);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!bytes || port.ec != std::errc()) return std::nullopt;
  inet_ntop(colon == 8 ? AF_INET : AF_INET6, bytes->data(), text.data(), text.size());
  listener.address = text.data();
  return listener;
}

}  // namespace

Result<std::vector<std::int64_t>> pids_in(const std::string& cgroup_folder) {
  const auto text = read_file(cgroup_folder + "/cgroup.procs", kLongestText);
  if (!text) return fail(text.error().error());
  std::vector<std::int64_t> pids;
  for (const std::string_view line : split(*text, '\n')) {
    if (line.empty()) continue;
    const auto pid = single_value(line);
    if (!pid || *pid == 0) return fail(ErrorCode::unsupported, "a process of the cgroup is outside this PID namespace");
    pids.push_back(*pid);
  }
  return pids;
}

Result<Bytes> pss_sum(const std::string& proc, const std::vector<std::int64_t>& pids) {
  Bytes total;
  CounterBuffer buffer;
  for (const std::int64_t pid : pids) {
    const auto file = CounterFile::open(rollup_path(proc, pid));
    if (!file && file.error().code == ErrorCode::not_found) continue;  // it ended
    if (!file) return fail(ErrorCode::unsupported, "PSS unavailable: no right to trace the container's processes");
    const auto text = file->read(buffer);
    if (!text && text.error().code == ErrorCode::not_found) continue;
    if (!text) return fail(text.error());
    if (text->empty()) continue;  // a zombie has no memory
    const auto pss = pss_of(*text);
    if (!pss) return fail(ErrorCode::unsupported, "PSS unavailable: smaps_rollup does not have it");
    total.value += pss->value;
  }
  return total;
}

bool may_read_pss(const std::string& proc, std::int64_t pid) {
  return CounterFile::open(rollup_path(proc, pid)).has_value();
}

Result<std::vector<std::pair<std::int64_t, Nanos>>> thread_cpu(const std::string& proc,
                                                               const std::vector<std::int64_t>& pids) {
  std::vector<std::pair<std::int64_t, Nanos>> threads;
  CounterBuffer buffer;
  for (const std::int64_t pid : pids) {
    std::error_code error;
    std::filesystem::directory_iterator tasks(fmt::format("{}/{}/task", proc, pid), error);
    for (; !error && tasks != std::filesystem::directory_iterator(); tasks.increment(error)) {
      const auto thread = parse_int(tasks->path().filename().string());
      const auto file = CounterFile::open(tasks->path().string() + "/schedstat");
      if (!thread || (!file && file.error().code == ErrorCode::not_found)) continue;
      if (!file) return fail(file.error());
      const auto text = file->read(buffer);
      if (!text && text.error().code == ErrorCode::not_found) continue;
      if (!text) return fail(text.error());
      const auto cpu = cpu_time_of(*text);
      if (!cpu) return fail(ErrorCode::unsupported, "this kernel keeps no schedstat");
      threads.emplace_back(*thread, *cpu);
    }
  }
  if (threads.empty()) return fail(ErrorCode::not_found, "the container has no threads left");
  return threads;
}

Result<std::vector<ports::Listener>> listeners_of(const std::string& proc, std::int64_t pid) {
  std::vector<ports::Listener> found;
  for (const char* const table : {"tcp", "tcp6"}) {
    const auto text = read_file(fmt::format("{}/{}/net/{}", proc, pid, table), kLongestText);
    if (!text && table == std::string_view("tcp6")) continue;  // a kernel without IPv6
    if (!text) return fail(text.error().error());
    for (const std::string_view line : split(*text, '\n')) {
      const auto listener = listener_in(line);
      if (listener && std::find(found.begin(), found.end(), *listener) == found.end()) found.push_back(*listener);
    }
  }
  return found;
}

}  // namespace dyno::cgroup

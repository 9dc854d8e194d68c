#include "cgroup/counter_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <limits>

#include "base/text.h"

namespace dyno::cgroup {
namespace {

Error read_error(const std::string& path, int errno_value) {
  // ENODEV: the cgroup was removed; ESRCH: the process ended.
  if (errno_value == ENODEV || errno_value == ESRCH || errno_value == ENOENT)
    return {ErrorCode::not_found, fmt::format("{} is gone", path)};
  return error_from_errno(fmt::format("reading {}", path), errno_value);
}

}  // namespace

Result<CounterFile> CounterFile::open(const std::string& path, bool writable) {
  Descriptor file(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
  if (!file.is_open()) return fail(error_from_errno(fmt::format("opening {}", path), errno));
  return CounterFile(std::move(file), path);
}

Result<std::string_view> CounterFile::read(CounterBuffer& buffer) const {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::pread(file_.get(), buffer.data() + size, buffer.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(read_error(path_, errno));
    size += static_cast<std::size_t>(got);
    // The kernel writes these files whole for one read: a text that ends with a line end is complete, and a second read would cost as much.
    if (got == 0 || buffer.at(size - 1) == '\n') return std::string_view(buffer.data(), size);
  }
  return fail(ErrorCode::exhausted, fmt::format("{} is longer than {} bytes", path_, buffer.size()));
}

Result<std::string_view> CounterFile::read_begin(std::span<char> buffer) const {
  const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return fail(read_error(path_, errno));
  return std::string_view(buffer.data(), static_cast<std::size_t>(got));
}

Status CounterFile::write(std::string_view text) const {
  const ssize_t written = ::pwrite(file_.get(), text.data(), text.size(), 0);
  if (written < 0) return fail(read_error(path_, errno));
  return {};
}

namespace {

struct Number {
  std::int64_t value = 0;
  std::string_view rest;
};

std::optional<Number> leading_number(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  Number number;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number.value);
  if (parsed.ec != std::errc() || number.value < 0) return std::nullopt;
  if (parsed.ptr != end && *parsed.ptr != ' ' && *parsed.ptr != '\t' && *parsed.ptr != '\n') return std::nullopt;
  number.rest = {parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)};
  return number;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

template <std::size_t N>
std::optional<std::int64_t> sum(const std::array<std::optional<std::int64_t>, N>& parts) {
  std::int64_t total = 0;
  for (const auto& part : parts) {
    if (!part || *part > std::numeric_limits<std::int64_t>::max() - total) return std::nullopt;
    total += *part;
  }
  return total;
}

std::optional<Bytes> as_bytes(std::optional<std::int64_t> value) {
  return value ? std::optional<Bytes>(Bytes{*value}) : std::nullopt;
}

std::optional<std::int64_t> kernel_v2(std::string_view memory_stat) {
  if (const auto kernel = keyed_value(memory_stat, "kernel")) return kernel;
  // percpu came with 5.9, pagetables with 5.11, vmalloc with 5.15: before, the kernel did not account for them.
  return sum(std::array{keyed_value(memory_stat, "kernel_stack"), keyed_value(memory_stat, "slab"),
                        std::optional(keyed_value(memory_stat, "pagetables").value_or(0)),
                        std::optional(keyed_value(memory_stat, "percpu").value_or(0)),
                        std::optional(keyed_value(memory_stat, "vmalloc").value_or(0))});
}

}  // namespace

std::optional<std::int64_t> single_value(std::string_view text) {
  const auto number = leading_number(text);
  if (!number || !trim(number->rest).empty()) return std::nullopt;
  return number->value;
}

std::optional<std::int64_t> keyed_value(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ')
      return single_value(line.substr(key.size()));
  }
  return std::nullopt;
}

std::optional<Bytes> pss_of(std::string_view smaps_rollup) {
  constexpr std::string_view kKey = "Pss:";
  while (!smaps_rollup.empty()) {
    const std::string_view line = next_line(smaps_rollup);
    if (!line.starts_with(kKey)) continue;
    const auto kilobytes = leading_number(line.substr(kKey.size()));
    if (!kilobytes || trim(kilobytes->rest) != "kB" ||
        kilobytes->value > std::numeric_limits<std::int64_t>::max() / 1024)
      return std::nullopt;
    return kib(kilobytes->value);
  }
  return std::nullopt;
}

std::optional<Nanos> cpu_time_of(std::string_view schedstat) {
  const auto number = leading_number(schedstat);
  return number ? std::optional<Nanos>(number->value) : std::nullopt;
}

namespace {

enum CpuField { user, nice, system, idle, iowait, irq, softirq, steal, field_count };
using CpuTicks = std::array<std::int64_t, field_count>;

// A line of /proc/stat that begins with `name` and a blank.
std::optional<CpuTicks> cpu_ticks(std::string_view line, std::string_view name) {
  if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ') return std::nullopt;
  line.remove_prefix(name.size() + 1);
  CpuTicks ticks{};
  for (std::int64_t& value : ticks) {
    const auto number = leading_number(line);
    if (!number) return std::nullopt;
    value = number->value;
    line = number->rest;
  }
  return ticks;
}

}  // namespace

std::optional<HostCpu> host_cpu_of(std::string_view proc_stat, std::int64_t ticks_per_s, const std::vector<int>& cpus) {
  const auto all = cpu_ticks(next_line(proc_stat), "cpu");
  if (!all || ticks_per_s <= 0) return std::nullopt;
  const auto time = [&](std::int64_t count) {
    return std::chrono::seconds(count / ticks_per_s) + Nanos(count % ticks_per_s * 1'000'000'000 / ticks_per_s);
  };
  HostCpu host;
  for (const CpuField field : {user, nice, system, irq, softirq}) host.busy += time((*all)[field]);
  if (cpus.empty()) host.steal = time((*all)[steal]);
  std::size_t found = 0;
  while (found < cpus.size() && proc_stat.starts_with("cpu")) {
    const std::string_view line = next_line(proc_stat);
    for (const int cpu : cpus) {
      const auto ticks = cpu_ticks(line, fmt::format("cpu{}", cpu));
      if (!ticks) continue;
      host.steal += time((*ticks)[steal]);
      ++found;
    }
  }
  return found == cpus.size() ? std::optional(host) : std::nullopt;
}

std::optional<Bytes> private_bytes_v2(std::string_view memory_stat) {
  return as_bytes(
      sum(std::array{keyed_value(memory_stat, "anon"), keyed_value(memory_stat, "shmem"), kernel_v2(memory_stat)}));
}

std::optional<Bytes> private_bytes_v1(std::string_view memory_stat, std::optional<std::int64_t> kernel) {
  return as_bytes(
      sum(std::array{keyed_value(memory_stat, "total_rss"), keyed_value(memory_stat, "total_shmem"), kernel}));
}

std::optional<Bytes> docker_equivalent(std::optional<std::int64_t> usage, std::optional<std::int64_t> inactive_file) {
  if (!usage || !inactive_file) return std::nullopt;
  return Bytes{std::max<std::int64_t>(0, *usage - *inactive_file)};
}

}  // namespace dyno::cgroup

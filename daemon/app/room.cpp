#include "app/room.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "base/quantity.h"

namespace dyno::app {
namespace {

Bytes bytes_of(fsblkcnt_t blocks, unsigned long size) { return Bytes{static_cast<std::int64_t>(blocks * size)}; }

}  // namespace

Bytes floor_of(std::optional<Bytes> configured, Bytes disk) {
  return configured.value_or(Bytes{std::max(mib(1024).value, disk.value / 20)});
}

std::optional<Bytes> Room::free() const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
  return bytes_of(disk.f_bavail, disk.f_frsize);
}

// What cannot be read is told by /readyz, and holds nothing up.
std::optional<run::Trouble> Room::trouble() const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
  const Bytes room = bytes_of(disk.f_bavail, disk.f_frsize);
  const Bytes floor = floor_of(floor_, bytes_of(disk.f_blocks, disk.f_frsize));
  if (room.value >= floor.value) return std::nullopt;
  return run::Trouble{run::HoldKind::disk_low, fmt::format("{} free for {}, runs need {} (disk_floor)",
                                                           format_bytes(room), folder_, format_bytes(floor))};
}

}  // namespace dyno::app

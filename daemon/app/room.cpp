#include "app/room.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "base/quantity.h"

namespace dyno::app {

std::optional<Bytes> Room::free() const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
  return Bytes{static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize)};
}

// What cannot be read is told by /readyz, and holds nothing up.
std::optional<run::Trouble> Room::trouble() const {
  const auto room = free();
  if (!room || room->value >= floor_.value) return std::nullopt;
  return run::Trouble{run::HoldKind::disk_low, fmt::format("{} free for {}, runs need {} (disk_floor)",
                                                           format_bytes(*room), folder_, format_bytes(floor_))};
}

}  // namespace dyno::app

// How much room the disk of the state folder has, and whether that is enough for a run. Below the floor no run begins or goes on:
// what is left is for the words about that, and for whoever makes room. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/units.h"
#include "run/run_service.h"

namespace dyno::app {

// Below which no run begins: what the configuration says, otherwise 1 GiB, or 5 % of the disk where that is more.
Bytes floor_of(std::optional<Bytes> configured, Bytes disk);

class Room {
 public:
  Room(std::string folder, std::optional<Bytes> floor) : folder_(std::move(folder)), floor_(floor) {}

  std::optional<Bytes> free() const;  // nothing: it cannot be read
  std::optional<run::Trouble> trouble() const;

 private:
  // Set once in the constructor.
  const std::string folder_;
  const std::optional<Bytes> floor_;
};

}  // namespace dyno::app

// What goes, or went, to make room. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"

namespace dyno::model {

// Samples and seconds of a run.
struct OldSeries {
  std::string run_id;
  WallTime created_at{};
  Bytes bytes{};
};

// An image that a run used.
struct UsedImage {
  std::string image_id;
  std::string stack;
  Bytes bytes{};
  WallTime used_at{};  // by its newest run
  bool kept = false;   // of a run that is pinned, a baseline or not over, or the newest of its stack
};

struct Pruned {
  bool dry_run = false;
  std::vector<OldSeries> series;
  std::vector<UsedImage> images;
  Bytes images_used{};  // by those of our runs that the engine has
  Bytes images_budget{};
  bool more = false;  // there are more runs: ask again
};

struct Backup {
  std::string name;
  Bytes bytes{};
  std::string sha256{};
  WallTime created_at{};
};

}  // namespace dyno::model

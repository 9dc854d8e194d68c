// Removes what earlier runs of this instance left in the engine: containers first (apps before sandboxes), then networks. Images
// stay. The only code that removes what it did not just create; it goes by our own instance label alone.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/container_engine.h"

namespace dyno::run {

// The names of what was removed. To be called only while no run of the instance is under way.
Result<std::vector<std::string>> sweep_leftovers(ports::ContainerEngine& engine, const std::string& instance);

}  // namespace dyno::run

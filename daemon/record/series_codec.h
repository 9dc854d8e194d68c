// Samples and seconds of a phase packed into a few bytes, and back. The format is described in daemon/docs/storage.md: one
// version byte, a count, then column after column of differences as zigzag varints. Every value survives unchanged. Unpacking
// takes any bytes: it answers with an error, never with more memory than the bytes account for. Pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/measurement.h"

namespace dyno::record {

std::string pack_samples(std::span<const model::Sample> samples);
Result<std::vector<model::Sample>> unpack_samples(std::string_view bytes);

std::string pack_seconds(std::span<const model::SecondPoint> seconds);
Result<std::vector<model::SecondPoint>> unpack_seconds(std::string_view bytes);

}  // namespace dyno::record

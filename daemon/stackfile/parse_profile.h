// The text of a profile → a Profile, or every problem in it: levels become phases, `60% of X` is resolved to an earlier
// phase, each phase gets a unique name. Fills Profile::hash from the text. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "model/profile.h"
#include "stackfile/parsed.h"

namespace dyno::stackfile {

// `file` names the text in problems; the profile's name must equal it ("profiles/quick.yaml": quick), unless it is empty.
Parsed<model::Profile> parse_profile(std::string_view text, const std::string& file);

}  // namespace dyno::stackfile

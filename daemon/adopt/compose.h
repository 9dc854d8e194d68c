// A Compose file → a draft: one of its services is the app, those that it depends on are its services. Every key that is not taken over
// has a remark. Pure, thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adopt/draft.h"
#include "base/result.h"

namespace dyno::adopt {

// The text of a file beside the Compose file, for env_file, .env and bind mounts; nothing: it is not there, no regular file, or too large.
using ReadBeside = std::function<std::optional<std::string>(const std::string& path)>;

// `app` empty: the only service that is built, or the only one there is. not_found with the names to choose from; invalid_argument: it is no
// Compose file.
Result<Draft> draft_from_compose(std::string_view text, const std::string& file, const std::string& app,
                                 const ReadBeside& read);

}  // namespace dyno::adopt

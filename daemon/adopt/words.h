// Small texts that several readers take apart. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adopt/draft.h"
#include "base/result.h"

namespace dyno::adopt {

// A command line as a shell splits it, without expansions: quotes and backslashes. invalid_argument for a quote that does not end.
Result<Words> shell_words(std::string_view line);

// "http://localhost:3000/health?x=1" somewhere in it.
struct LocalUrl {
  int port = 0;  // 0: it names none
  std::string path;
};
std::optional<LocalUrl> local_url_in(std::string_view text);

// "512m", "1.5gb", "64MiB", "1048576" as a size of our files: "512MiB". Nothing where it is none.
std::optional<std::string> size_from(std::string_view text);

}  // namespace dyno::adopt

// A draft as the files that `dyno init` writes. Pure, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "adopt/draft.h"

namespace dyno::adopt {

struct DraftedFile {
  std::string path;       // relative to the folder
  std::string text{};     // its content, unless …
  std::string copy_of{};  // … it is a copy of this file of the folder
};

// stackdyno.yaml with its remarks as comments at the end, then services/<name>/service.yaml and what is copied into them.
std::vector<DraftedFile> files_of(const Draft& draft);

}  // namespace dyno::adopt

// What lies in a folder → a draft of its stack: a Dockerfile, a Compose file, package.json, go.mod, pyproject.toml, an OpenAPI document.
// Pure but for what `read` reads; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "adopt/compose.h"
#include "adopt/draft.h"
#include "base/result.h"

namespace dyno::adopt {

struct InitSources {
  std::string folder_name;  // the last part of its path
  // Compose, OpenAPI and HAR files, told apart by what is in them. Where none of a kind is named: compose.yaml or .yml,
  // docker-compose.yaml or .yml; openapi.yaml, .yml or .json, also in docs/ or api/.
  std::vector<std::string> from{};
  std::string app{};   // the service of the Compose file; empty: the only one that can be
  std::string curl{};  // a line; empty: none
  std::string name{};  // of the stack; empty: what the files say, or the folder's
};

// not_found: a file that was named is not there; invalid_argument: what is wrong with one; both name it.
Result<Draft> draft_of_folder(const InitSources& sources, const ReadBeside& read);

}  // namespace dyno::adopt

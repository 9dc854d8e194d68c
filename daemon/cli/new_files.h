// Files that a command writes into a folder of the user's, all or none. Reads and writes files; thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/outcome.h"
#include "cli/session.h"

namespace dyno::cli {

struct NewFile {
  std::string path;  // inside the folder
  std::string text;
};

// Prints the path of each. `replace`: those that are there are written anew; otherwise nothing is written where one of them is there.
Outcome<Exit> write_new_files(const std::filesystem::path& folder, const std::vector<NewFile>& files,
                              bool replace = false);

}  // namespace dyno::cli

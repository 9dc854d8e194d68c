// A folder as a tar archive, and back. What is packed and unpacked never leads out of its folder. Reads and writes files; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "archive/ignore_rules.h"
#include "archive/tar_writer.h"
#include "base/result.h"

namespace dyno::archive {

inline constexpr std::size_t kLongestName = 1000;
inline constexpr std::size_t kMostEntries = 100'000;
inline constexpr std::uintmax_t kMostBytes = std::uintmax_t{512} << 20U;
inline constexpr std::size_t kMostRuleBytes = std::size_t{1} << 20U;
inline constexpr std::string_view kIgnoreFile = ".dockerignore";

// The rules of its .dockerignore; none where there is no such file.
Result<IgnoreRules> ignore_rules_of(const std::string& folder);

// What the rules leave, sorted by name. `kept` whatever they say: names, or folders with a / at the end. Refuses devices and sockets,
// names over kLongestName, more than kMostEntries, and more than kMostBytes before a byte of them is read.
Result<std::vector<Entry>> list_folder(const std::filesystem::path& folder, const IgnoreRules& rules,
                                       const std::vector<std::string>& kept);

// Adds one of them. `copy`, where it is asked for, gets the bytes of a file. invalid_argument: a link that leaves the folder; conflict: the
// file changed while it was read.
Status pack_entry(TarWriter& tar, const std::filesystem::path& folder, const Entry& entry, std::string* copy,
                  const std::stop_token& stop);

// All of a folder but .git and what its .dockerignore leaves out.
Status pack_folder(const std::string& folder, const std::vector<std::string>& kept, const Sink& sink);

// A tar archive into a folder, which is empty: files, folders and links, with modes 0644 or 0755. invalid_argument names the entry that is
// absolute, leads out by "..", stands there twice or below a link, is anything else, or too much; whoever asked removes the folder then.
// Whether a link leads out through another one is left to who reads the folder (stackfile::hash_folder).
Status unpack_folder(const std::string& file, const std::filesystem::path& folder);

}  // namespace dyno::archive

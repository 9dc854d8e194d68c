// YAML text → our tree, by rules stricter than YAML: one document, no anchors, aliases, tags, merge keys or duplicate keys,
// valid UTF-8 without control characters, 256 KiB, kMaxDepth levels, 1000 keys per map and entries per list, 256 bytes per key, and
// no more than model::kMostProblems problems. So the time it takes grows with the length of the text. Scalars stay text; the readers type
// them.
// Needs at most 256 KiB of stack, because the event handler ends the parse at kMaxDepth. Pure, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {

inline constexpr std::size_t kMaxFileBytes = 256 * 1024;
inline constexpr std::size_t kMaxKeys = 1000;   // of a map
inline constexpr std::size_t kMaxItems = 1000;  // of a list
inline constexpr std::size_t kMaxKeyBytes = 256;

struct YamlDocument {
  std::optional<Node> root;  // absent when the text could not be read to its end; always a map
  std::vector<model::Problem> problems;
};

YamlDocument read_yaml(std::string_view text, const std::string& file);

// Where the value at a JSON pointer stands, for problems found after the parse; the start of the file when it is not there.
Mark locate(std::string_view text, std::string_view pointer);

}  // namespace dyno::stackfile

// Our own small tree of a YAML document, with the place of every key and value: what the readers of stackfile consume.
// No YAML library type appears here. Plain values; at most kMaxDepth deep, so recursion over it is bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dyno::stackfile {

inline constexpr int kMaxDepth = 32;

struct Mark {
  int line = 0;    // 1 first
  int column = 0;  // 1 first, in characters
};

enum class NodeKind {
  nothing,  // key without a value, ~, null
  scalar,
  list,
  map,
  refused,  // a problem has been reported for it already: readers pass over it in silence
};

struct NodeKey {
  std::string text;
  Mark mark;
};

struct Node {
  NodeKind kind = NodeKind::nothing;
  Mark mark;
  std::string text;           // scalar
  bool quoted = false;        // scalar: in quotes or a block, so it is text and never a number
  std::vector<NodeKey> keys;  // map: one for each item, none twice
  std::vector<Node> items;    // list, map
};

// The value of a key, or nullptr.
const Node* find(const Node& map, std::string_view key);

}  // namespace dyno::stackfile

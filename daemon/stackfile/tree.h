// Our own small tree of a YAML document, with the place of every key and value; the problems that are found in it; and the
// values that are taken out of it. No YAML library type appears here. Pure; a ProblemList is used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "model/enum_text.h"
#include "model/problem.h"

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

// Collects the problems of one file while it is read, and puts them in the order of the file. Used by one thread.
// A file that is wrong in more places than model::kMostProblems is not a stack file: collecting ends, and the last problem says so.
class ProblemList {
 public:
  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void add(Mark mark, std::string_view pointer, std::string_view code, std::string message);
  void add_all(std::vector<model::Problem> problems);
  bool empty() const { return problems_.empty(); }
  // Nothing more is taken: whoever looks for problems stops.
  bool is_full() const { return problems_.size() >= model::kMostProblems; }
  // True when something is wrong at the pointer or below it: no second complaint is due there.
  bool has_below(std::string_view pointer) const;
  // Sorted by line and column; of a full list the last one, without a line, says that there may be more.
  std::vector<model::Problem> take();

 private:
  std::string file_;
  std::vector<model::Problem> problems_;
};

// JSON pointers: "/build" + "base" → "/build/base", with ~ and / escaped.
std::string child(std::string_view pointer, std::string_view key);
std::string child(std::string_view pointer, std::size_t index);
// One step of a pointer as the key it stands for.
std::string unescaped(std::string_view step);

// Values out of a tree that check_shape has looked at. Where the tree is wrong they give the fallback: the problem has been
// reported, and the value is thrown away with the rest.

// The value of a key when it is of that kind, else nullptr.
const Node* find(const Node& map, std::string_view key, NodeKind kind);
// The map of a key; an empty one when it is absent.
const Node& map_at(const Node& map, std::string_view key);

std::string text_at(const Node& map, std::string_view key, std::string_view fallback = "");
std::int64_t integer_at(const Node& map, std::string_view key, std::int64_t fallback);
bool boolean_at(const Node& map, std::string_view key, bool fallback);
Nanos duration_at(const Node& map, std::string_view key, Nanos fallback);
Bytes bytes_at(const Node& map, std::string_view key, Bytes fallback);
double share_at(const Node& map, std::string_view key, double fallback);
std::vector<std::string> texts_at(const Node& map, std::string_view key);
std::map<std::string, std::string> dictionary_at(const Node& map, std::string_view key);

template <class E>
E choice_at(const Node& map, std::string_view key, E fallback) {
  return model::parse_enum<E>(text_at(map, key)).value_or(fallback);
}

template <class E>
std::vector<E> choices_at(const Node& map, std::string_view key) {
  std::vector<E> values;
  for (const std::string& word : texts_at(map, key)) {
    if (const auto value = model::parse_enum<E>(word)) values.push_back(*value);
  }
  return values;
}

}  // namespace dyno::stackfile

#include "stackfile/read_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/text.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

// Thrown by the event handler to leave the library's parser; never leaves this file.
struct LimitReached {};

// True for what may not stand in a file: C0 except tab and line ends, DEL, C1 (in UTF-8: C2 80 … C2 9F).
bool is_control(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20) return byte != '\t' && byte != '\n' && !(byte == '\r' && text.substr(at + 1).starts_with('\n'));
  if (byte == 0x7F) return true;
  return byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text, i)) return true;
  }
  return false;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Mark mark_at(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {static_cast<int>(lines) + 1, static_cast<int>(count_characters(before.substr(line_begin))) + 1};
}

// Characters before a place in the text, without counting from its beginning each time: a file may be one long line.
class CharacterCount {
 public:
  explicit CharacterCount(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text.size(); at += kBlock)
      before_.push_back(before_.back() + count_characters(text.substr(at, kBlock)));
  }
  std::size_t before(std::size_t at) const {
    const std::size_t block = at / kBlock;
    return before_[block] + count_characters(text_.substr(block * kBlock, at % kBlock));
  }

 private:
  static constexpr std::size_t kBlock = 64;
  std::string_view text_;
  std::vector<std::size_t> before_{0};  // before each block
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, ProblemList& problems) : text_(text), characters_(text), problems_(problems) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') line_begins_.push_back(i + 1);
    }
  }

  std::optional<Node> take_root() { return std::move(root_); }

  Mark mark_of(const YAML::Mark& mark) const {
    if (mark.is_null()) return {};
    // The library counts bytes; people count characters.
    const auto line = std::min(static_cast<std::size_t>(mark.line), line_begins_.size() - 1);
    const auto column = std::min(static_cast<std::size_t>(mark.column), text_.size() - line_begins_[line]);
    return {
        static_cast<int>(line) + 1,
        static_cast<int>(characters_.before(line_begins_[line] + column) - characters_.before(line_begins_[line])) + 1};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    problems_.add(mark_of(mark), "", "second_document", "a file holds one document; a second one begins here");
    throw LimitReached();
  }
  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    problems_.add(mark_of(mark), here(), "anchor",
                  fmt::format("anchors are not allowed (&{}); write the value out", visible(name, 40)));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    problems_.add(mark_of(mark), here(), "alias", "aliases are not allowed; write the value out");
    add_refused(mark);
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Node node;
    node.mark = mark_of(mark);
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    if (refuse_tag(mark, tag)) return add_refused(mark);
    if (has_control(value)) {
      problems_.add(mark_of(mark), here(), "control_character", "text may not contain control characters");
      return add_refused(mark);
    }
    Node node;
    node.kind = NodeKind::scalar;
    node.mark = mark_of(mark);
    node.text = value;
    node.quoted = std::string_view("\"'|>").find(source_at(mark)) != std::string_view::npos;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, NodeKind::list);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, NodeKind::map);
  }
  void OnMapEnd() override { end(); }

 private:
  // A collection that has begun and not ended.
  struct Open {
    Node node;
    bool has_key = false;     // map: the next event is the value of `key`
    bool drop_value = false;  // the key was refused
    NodeKey key;
    std::map<std::string, int> lines;  // map: of each key
  };

  char source_at(const YAML::Mark& mark) const {
    const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
    return at < text_.size() ? text_[at] : '\0';
  }

  std::string here() const {
    std::string pointer;
    for (const Open& open : open_) {
      if (open.node.kind == NodeKind::list) pointer = child(pointer, open.node.items.size());
      else if (open.has_key) pointer = child(pointer, open.key.text);
    }
    return pointer;
  }

  bool refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // Without a tag the library says "?" or, for quoted text, "!"; a written "!" only shows in the source.
    const bool written = (!tag.empty() && tag != "?" && tag != "!") || source_at(mark) == '!';
    if (written) problems_.add(mark_of(mark), here(), "tag", "tags (!) are not allowed");
    return written;
  }

  void begin(const YAML::Mark& mark, const std::string& tag, NodeKind kind) {
    refuse_tag(mark, tag);
    if (static_cast<int>(open_.size()) >= kMaxDepth) {
      problems_.add(mark_of(mark), here(), "too_deep", fmt::format("nested deeper than {} levels", kMaxDepth));
      throw LimitReached();
    }
    Open open;
    open.node.kind = kind;
    open.node.mark = mark_of(mark);
    open_.push_back(std::move(open));
  }

  void end() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add_refused(const YAML::Mark& mark) {
    Node node;
    node.kind = NodeKind::refused;
    node.mark = mark_of(mark);
    add(std::move(node));
  }

  void add(Node node) {
    if (problems_.is_full()) throw LimitReached();
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& open = open_.back();
    if (open.node.kind == NodeKind::list) {
      if (open.node.items.size() >= kMaxItems) {
        problems_.add(node.mark, here(), "too_many_items", fmt::format("more than {} entries in one list", kMaxItems));
        throw LimitReached();
      }
      open.node.items.push_back(std::move(node));
    } else if (open.has_key) {
      open.has_key = false;
      if (open.drop_value) return;
      // The library places an absent value at whatever comes next; the key is what a reader looks for.
      if (node.kind == NodeKind::nothing) node.mark = open.key.mark;
      open.node.keys.push_back(std::move(open.key));
      open.node.items.push_back(std::move(node));
    } else {
      add_key(std::move(node));
    }
  }

  void add_key(Node node) {
    Open& open = open_.back();
    open.drop_value = true;
    if (node.kind != NodeKind::scalar) {
      if (node.kind != NodeKind::refused) problems_.add(node.mark, here(), "bad_key", "a key must be plain text");
    } else if (node.text.size() > kMaxKeyBytes) {
      problems_.add(node.mark, here(), "bad_key",
                    fmt::format("a key has {} bytes; at most {} are allowed", node.text.size(), kMaxKeyBytes));
    } else if (node.text == "<<") {
      problems_.add(node.mark, child(here(), node.text), "merge_key",
                    "merge keys (<<) are not allowed; write the keys out");
    } else if (const auto [first, is_new] = open.lines.emplace(node.text, node.mark.line); !is_new) {
      problems_.add(node.mark, child(here(), node.text), "duplicate_key",
                    fmt::format("duplicate key {}; the first is on line {}", visible(node.text, 60), first->second));
    } else if (open.node.keys.size() >= kMaxKeys) {
      problems_.add(node.mark, here(), "too_many_keys", fmt::format("more than {} keys in one map", kMaxKeys));
      throw LimitReached();
    } else {
      open.drop_value = false;
    }
    open.has_key = true;
    open.key = {std::move(node.text), node.mark};
  }

  std::string_view text_;
  CharacterCount characters_;
  ProblemList& problems_;
  std::vector<std::size_t> line_begins_{0};
  int documents_ = 0;
  std::vector<Open> open_;
  std::optional<Node> root_;
};

// What can be seen without parsing. False: not worth parsing.
bool check_bytes(std::string_view text, ProblemList& problems) {
  if (text.size() > kMaxFileBytes) {
    problems.add({}, "", "too_large",
                 fmt::format("the file has {} bytes; at most {} are read", text.size(), kMaxFileBytes));
    return false;
  }
  if (!is_valid_utf8(text)) {
    problems.add({}, "", "not_utf8", "the file is not valid UTF-8");
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_control(text, i)) continue;
    problems.add(mark_at(text, i), "", "control_character", "the file contains a control character");
    return false;
  }
  return true;
}

// True when the text was read to its end.
bool parse_events(std::string_view text, TreeBuilder& builder, ProblemList& problems) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const LimitReached&) {
    return false;
  } catch (const YAML::Exception& error) {
    problems.add(builder.mark_of(error.mark), "", "syntax", fmt::format("not YAML: {}", visible(error.msg, 200)));
    return false;
  } catch (const std::exception& error) {
    problems.add({}, "", "syntax", fmt::format("not YAML: {}", visible(error.what(), 200)));
    return false;
  }
}

}  // namespace

const Node* find(const Node& map, std::string_view key) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (map.keys[i].text == key) return &map.items[i];
  }
  return nullptr;
}

YamlDocument read_yaml(std::string_view text, const std::string& file) {
  ProblemList problems(file);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark, as some editors write it
  if (!check_bytes(text, problems)) return {std::nullopt, problems.take()};
  TreeBuilder builder(text, problems);
  if (!parse_events(text, builder, problems)) return {std::nullopt, problems.take()};
  std::optional<Node> root = builder.take_root();
  if (!root || root->kind == NodeKind::nothing) {
    problems.add({1, 1}, "", "empty", "the file is empty");
    return {std::nullopt, problems.take()};
  }
  if (root->kind != NodeKind::map) {
    if (root->kind != NodeKind::refused) problems.add(root->mark, "", "wrong_type", "the file must be a map of keys");
    return {std::nullopt, problems.take()};
  }
  return {std::move(root), problems.take()};
}

Mark locate(std::string_view text, std::string_view pointer) {
  const YamlDocument document = read_yaml(text, "");
  if (!document.root || !pointer.starts_with('/')) return {1, 1};
  const Node* node = &*document.root;
  for (const std::string_view step : split(pointer.substr(1), '/')) {
    const Node* next = find(*node, unescaped(step));
    if (next == nullptr && node->kind == NodeKind::list) {
      const auto index = parse_int(step);
      if (index && *index >= 0 && *index < static_cast<std::int64_t>(node->items.size()))
        next = &node->items[static_cast<std::size_t>(*index)];
    }
    if (next == nullptr) break;
    node = next;
  }
  return node->mark;
}

}  // namespace dyno::stackfile

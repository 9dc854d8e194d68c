#include "profile_bounds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "contract/workloads/registry.h"
#include "stackfile/files.h"
#include "stackfile/shape.h"

namespace dyno::seams {
namespace {

using stackfile::Key;
using stackfile::Shape;
using stackfile::ShapeKind;

// A document as a tree, written as flow YAML. A map's keys stand beside its items.
struct Tree {
  enum class Kind { scalar, list, map };
  Kind kind = Kind::scalar;
  std::string text{};
  std::vector<std::string> keys{};
  std::vector<Tree> items{};

  Tree* find(std::string_view key) {
    const auto found = std::find(keys.begin(), keys.end(), key);
    return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
  }
  void set(std::string_view key, Tree to) {
    if (Tree* const old = find(key)) {
      *old = std::move(to);
      return;
    }
    keys.emplace_back(key);
    items.push_back(std::move(to));
  }
};

Tree scalar(std::string text) { return {.text = std::move(text)}; }
Tree list(std::vector<Tree> items) { return {.kind = Tree::Kind::list, .items = std::move(items)}; }
Tree map(std::vector<std::pair<std::string, Tree>> entries) {
  Tree tree{.kind = Tree::Kind::map};
  for (auto& [key, value] : entries) tree.set(key, std::move(value));
  return tree;
}

std::string yaml(const Tree& tree) {
  if (tree.kind == Tree::Kind::scalar) return tree.text;
  const bool is_map = tree.kind == Tree::Kind::map;
  std::string out;
  for (std::size_t i = 0; i < tree.items.size(); ++i)
    out += (i == 0 ? "" : ", ") + (is_map ? tree.keys[i] + ": " : "") + yaml(tree.items[i]);
  return is_map ? "{" + out + "}" : "[" + out + "]";
}

// Texts have a rule, not a range. A rule without a row here fails the test: say what its extremes are.
std::vector<std::string> texts_of(const Shape& shape) {
  using namespace stackfile;
  const auto longest = static_cast<std::size_t>(shape.max);
  if (shape.rule == &kOneLine) return {"x", std::string(longest, 'x')};
  if (shape.rule == &kName) return {"extreme"};  // equals the file
  if (shape.rule == &kIdentifier) return {"a", "a" + std::string(longest - 1, 'z')};
  if (shape.rule == &kPhaseRate) return {"0.001/s", "10000000/s", "0.1% of cap", "200% of cap", "objectives"};
  ADD_FAILURE() << "profile_bounds.cpp knows no extremes of the text rule " << shape.rule->pattern;
  return {};
}

std::string share_text(std::int64_t ppm) { return fmt::format("{}.{:04}%", ppm / 10'000, ppm % 10'000); }

// Of a shape with a range: one value of it as it is written.
std::optional<std::string> written(const Shape& shape, std::int64_t value) {
  switch (shape.kind) {
    case ShapeKind::integer: return std::to_string(value);
    case ShapeKind::duration: return fmt::format("{}ns", value);
    case ShapeKind::bytes: return fmt::format("{}B", value);
    case ShapeKind::share: return share_text(value);
    case ShapeKind::text:
    case ShapeKind::boolean:
    case ShapeKind::choice:
    case ShapeKind::list:
    case ShapeKind::map:
    case ShapeKind::dictionary:
    case ShapeKind::choice_or_map:
    case ShapeKind::text_or_map:
    case ShapeKind::one_or_list:
    case ShapeKind::anything: break;
  }
  return std::nullopt;
}

Tree least_of(const Shape& shape);

// All required keys, each at its least.
Tree least_map(const stackfile::Table& table) {
  Tree least = map({});
  for (const Key& key : table.keys)
    if (key.required) least.set(key.name, least_of(key.shape));
  return least;
}

// `count` elements that differ where they have to.
Tree list_with(const Shape& shape, const Tree* present, std::int64_t count) {
  std::vector<Tree> items;
  for (std::int64_t i = 0; i < count; ++i) {
    if (const auto number = written(*shape.element, shape.element->min + i); shape.unique && number) {
      items.push_back(scalar(*number));
    } else {
      const bool has_one = present != nullptr && !present->items.empty();
      items.push_back(has_one ? present->items.back() : least_of(*shape.element));
    }
  }
  return list(std::move(items));
}

Tree least_of(const Shape& shape) {
  if (const auto number = written(shape, shape.min)) return scalar(*number);
  switch (shape.kind) {
    case ShapeKind::text: return scalar(texts_of(shape).front());
    case ShapeKind::boolean: return scalar("false");
    case ShapeKind::choice: return scalar(std::string(words_of(shape).front()));
    case ShapeKind::list: return list_with(shape, nullptr, std::max<std::int64_t>(shape.min, 1));
    case ShapeKind::map: return least_map(*shape.table);
    case ShapeKind::choice_or_map: return scalar(std::string(words_of(shape).front()));
    case ShapeKind::dictionary: return map({});
    case ShapeKind::text_or_map:  // no profile has one
    case ShapeKind::one_or_list:
    case ShapeKind::anything:
    case ShapeKind::integer:
    case ShapeKind::duration:
    case ShapeKind::bytes:
    case ShapeKind::share: break;
  }
  return scalar("");
}

// Everything extreme that the shape allows at this place.
std::vector<Tree> extremes_of(const Shape& shape, const Tree* present) {
  std::vector<Tree> all;
  if (written(shape, shape.min)) return {scalar(*written(shape, shape.min)), scalar(*written(shape, shape.max))};
  switch (shape.kind) {
    case ShapeKind::text:
      for (std::string& text : texts_of(shape)) all.push_back(scalar(std::move(text)));
      break;
    case ShapeKind::boolean: return {scalar("false"), scalar("true")};
    case ShapeKind::choice:
    case ShapeKind::choice_or_map:
      for (const std::string_view word : words_of(shape)) all.push_back(scalar(std::string(word)));
      break;
    case ShapeKind::list:
      return {list_with(shape, present, std::max<std::int64_t>(shape.min, 1)), list_with(shape, present, shape.max)};
    case ShapeKind::map: break;  // its keys are tried one by one, in the bases that have it
    case ShapeKind::dictionary:
      return {map({})};  // what it may hold is not the table's to say: see the params of workloads
    case ShapeKind::text_or_map:
    case ShapeKind::one_or_list:
    case ShapeKind::anything:
    case ShapeKind::integer:
    case ShapeKind::duration:
    case ShapeKind::bytes:
    case ShapeKind::share: break;
  }
  return all;
}

using Edit = std::function<void(const std::string& path, const Shape& shape, Tree* present,
                                const std::function<std::string(const Tree&)>& with)>;

// Calls `edit` for every key of every map of the document, those that it does not have included. `with` gives the whole text with
// the key's value replaced.
class Walk {
 public:
  Walk(const Tree& root, const Edit& edit) : root_(root), edit_(edit) {}

  void map_at(Tree& node, const stackfile::Table& table, const std::string& path) {
    for (const Key& key : table.keys) {
      const std::string child = path + "/" + std::string(key.name);
      Tree* const present = node.find(key.name);
      edit_(child, key.shape, present, [&](const Tree& value) {
        const Tree before = node;
        node.set(key.name, value);
        std::string text = yaml(root_);
        node = before;
        return text;
      });
      if (Tree* const found = node.find(key.name)) below(*found, key.shape, child);
    }
  }

 private:
  void below(Tree& node, const Shape& shape, const std::string& path) {
    if (shape.table != nullptr && node.kind == Tree::Kind::map) map_at(node, *shape.table, path);
    if (shape.kind != ShapeKind::list) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) element(node.items[i], *shape.element, path);
  }

  void element(Tree& item, const Shape& shape, const std::string& path) {
    edit_(path, shape, &item, [&](const Tree& value) {
      const Tree before = item;
      item = value;
      std::string text = yaml(root_);
      item = before;
      return text;
    });
    below(item, shape, path);
  }

  const Tree& root_;
  const Edit& edit_;
};

Tree document(Tree warm_up, std::vector<Tree> phases, bool everything) {
  Tree root = map({{"schema", scalar("profile/1")},
                   {"name", scalar("extreme")},
                   {"purpose", scalar("x")},
                   {"blocks", scalar("1")},
                   {"warm_up", std::move(warm_up)}});
  if (everything) {
    root.set("order", map({{"kind", scalar("listed")}}));
    root.set("placement", map({{"stack_cpus", scalar("1")}, {"load_cpus", scalar("1")}}));
    root.set("database", map({{"connections", scalar("20")}, {"users", scalar("10000")}}));
    root.set("startup", map({{"warm", scalar("0")}, {"cache_cold", scalar("0")}}));
    root.set("memory", map({{"idle", scalar("1s")}, {"after", scalar("1s")}}));
    root.set("gates", map({}));
  }
  root.set("phases", list(std::move(phases)));
  return root;
}

Tree phase(const std::string& workload, const std::string& loop, std::vector<std::pair<std::string, Tree>> more) {
  Tree one = map({{"workload", scalar(workload)}, {"loop", scalar(loop)}, {"measure", scalar("1s")}});
  for (auto& [key, value] : more) one.set(key, std::move(value));
  return one;
}

// Documents between which every optional map and both sides of every "either … or" occur.
std::vector<Tree> bases() {
  const Tree fixed = map({{"kind", scalar("fixed")}, {"each", scalar("1s")}});
  const Tree steady = map({{"kind", scalar("until_steady")}, {"min", scalar("0s")}, {"max", scalar("20s")}});
  const Tree slow = map({{"kind", scalar("until_steady")}, {"min", scalar("1s")}, {"max", scalar("30min")}});
  const Tree closed = phase("users", "closed", {{"connections", scalar("8")}});
  const Tree named = phase("json", "closed", {{"connections", scalar("8")}, {"as", scalar("cap")}});
  const Tree open = phase("json", "open", {{"connections", scalar("8")}, {"rate", scalar("100/s")}});
  const Tree levels = phase("json", "closed", {{"levels", list({scalar("1"), scalar("8")})}});
  const Tree other = map({{"workload", scalar("cpu")}, {"connections", scalar("1")}});
  const Tree beside = phase("json", "closed", {{"connections", scalar("8")}, {"beside", other}});
  const Tree sse = phase("sse", "open", {{"connections", scalar("2")}, {"rate", scalar("20/s")}});
  const Tree own = phase("own/list-orders", "open",
                         {{"connections", scalar("8")}, {"rate", scalar("100/s")}, {"measure", scalar("100ms")}});
  return {document(fixed, {closed}, true), document(steady, {levels, named, open}, true),
          document(slow, {beside}, false), document(fixed, {sse}, false), document(fixed, {own}, false)};
}

std::string short_of(const std::string& text) { return text.size() <= 60 ? text : text.substr(0, 60) + "…"; }

}  // namespace

std::vector<BoundProfile> profiles_at_their_bounds() {
  std::vector<BoundProfile> all;
  const Edit edit = [&all](const std::string& path, const Shape& shape, Tree* present, const auto& with) {
    for (const Tree& value : extremes_of(shape, present))
      all.push_back({fmt::format("{} = {}", path, short_of(yaml(value))), with(value)});
  };
  std::vector<Tree> documents = bases();
  for (Tree& base : documents) Walk(base, edit).map_at(base, *stackfile::kProfileShape.table, "");
  for (const contract::Workload& workload : contract::workloads()) {
    for (const contract::Param& param : workload.params) {
      for (const std::int64_t value : {param.least, param.most}) {
        const Tree params = map({{param.name, scalar(std::to_string(value))}});
        const Tree one = workload.why_open_loop.empty()
                             ? phase(workload.name, "closed", {{"connections", scalar("2")}, {"params", params}})
                             : phase(workload.name, "open",
                                     {{"connections", scalar("2")}, {"rate", scalar("20/s")}, {"params", params}});
        const Tree warm_up = map({{"kind", scalar("fixed")}, {"each", scalar("1s")}});
        all.push_back(
            {fmt::format("{} of {} = {}", param.name, workload.name, value), yaml(document(warm_up, {one}, false))});
      }
    }
  }
  return all;
}

}  // namespace dyno::seams

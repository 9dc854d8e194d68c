#include "stackfile/parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {
namespace {

using model::names_of;
using model::Stack;
using model::StackVariant;

constexpr std::array kVariantKeys{
    required("name", text(kVariantName, 80), "the stack's name, then @ for a version or + for an option"),
    required("title", text_like_number(kOneLine, 100), "as shown"),
    optional("runtime_version", text_like_number(kVersion, 40), "what the image must report"),
    optional("version", text_like_number(kVersion, 40), "of the framework"),
    optional("class", choice(names_of<model::StackClass>()), "tuned: shown separately from production"),
    optional("base", list_of(kBaseEntry, 1, 10), "base images, each in place of the stack's of the same arg"),
    optional("args", dictionary(kArgName, kArgument, 50), "build arguments added to the stack's or replacing them"),
    optional("env", dictionary(kEnvName, kEnvValue, 100), "environment added to the stack's or replacing it"),
    optional("driver", text_like_number(kOneLine, 200), "database driver and version"),
    optional("notes", text(kOneLine, 1000), "what readers of the results should know"),
};
constexpr Table kVariantTable{kVariantKeys};

}  // namespace

constinit const Shape kVariantEntry = map_of(kVariantTable);

namespace {

void check_name(const Node& variant, const std::string& stack, const std::string& pointer, std::set<std::string>& names,
                ProblemList& problems) {
  const Node* const name = find(variant, "name", NodeKind::scalar);
  const std::string path = child(pointer, "name");
  if (name == nullptr || problems.has_below(path)) return;
  if (name->text.substr(0, name->text.find_first_of("@+")) != stack) {
    problems.add(name->mark, path, "wrong_name",
                 fmt::format("name is {}; it must begin with the stack's, {}", name->text, stack));
  } else if (!names.insert(name->text).second) {
    problems.add(name->mark, path, "repeated", fmt::format("there are two variants {}", name->text));
  }
}

// The build arguments that base images of the stack stand for.
std::vector<std::string_view> base_args(const Node& stack) {
  std::vector<std::string_view> args;
  if (const Node* const base = find(map_at(stack, "build"), "base", NodeKind::list)) {
    for (const Node& entry : base->items) {
      if (const Node* const arg = find(entry, "arg", NodeKind::scalar)) args.push_back(arg->text);
    }
  }
  return args;
}

void check_bases(const Node& variant, const std::vector<std::string_view>& known, const std::string& pointer,
                 ProblemList& problems) {
  const Node* const base = find(variant, "base", NodeKind::list);
  if (base == nullptr) return;
  for (std::size_t i = 0; i < base->items.size() && !problems.is_full(); ++i) {
    const Node* const arg = find(base->items[i], "arg", NodeKind::scalar);
    const std::string path = child(child(child(pointer, "base"), i), "arg");
    if (arg == nullptr || problems.has_below(path)) continue;
    if (std::find(known.begin(), known.end(), arg->text) != known.end()) continue;
    problems.add(arg->mark, path, "unknown_reference",
                 fmt::format("build.base of the stack has no {}{}", arg->text, did_you_mean(arg->text, known)));
  }
}

// An argument that sets a base image beside the stack's own would win or lose by chance.
void check_args(const Node& variant, const std::vector<std::string_view>& bases, const std::string& pointer,
                ProblemList& problems) {
  for (const NodeKey& key : map_at(variant, "args").keys) {
    if (std::find(bases.begin(), bases.end(), key.text) == bases.end()) continue;
    problems.add(key.mark, child(child(pointer, "args"), key.text), "repeated",
                 fmt::format("{} is a base image; set it with base", key.text));
  }
}

void check_differs(const Node& variant, const std::string& pointer, ProblemList& problems) {
  static constexpr std::array<std::string_view, 3> kSeen{"base", "args", "env"};
  if (std::any_of(kSeen.begin(), kSeen.end(), [&](std::string_view key) { return find(variant, key) != nullptr; }))
    return;
  problems.add(variant.mark, pointer, "no_difference",
               "a variant needs base, args or env; otherwise it is the stack itself");
}

}  // namespace

std::vector<StackVariant> read_variants(const Node& stack) {
  std::vector<StackVariant> all;
  const Node* const list = find(stack, "variants", NodeKind::list);
  if (list == nullptr) return all;
  for (const Node& node : list->items) {
    StackVariant variant;
    variant.name = text_at(node, "name");
    variant.title = text_at(node, "title");
    variant.runtime_version = text_at(node, "runtime_version");
    variant.version = text_at(node, "version");
    variant.stack_class = model::parse_enum<model::StackClass>(text_at(node, "class"));
    variant.base = read_bases(node);
    variant.args = dictionary_at(node, "args");
    variant.env = dictionary_at(node, "env");
    variant.driver = text_at(node, "driver");
    variant.notes = text_at(node, "notes");
    all.push_back(std::move(variant));
  }
  return all;
}

void check_variants(const Node& stack, ProblemList& problems) {
  const Node* const list = find(stack, "variants", NodeKind::list);
  if (list == nullptr) return;
  const auto bases = base_args(stack);
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->items.size() && !problems.is_full(); ++i) {
    const Node& variant = list->items[i];
    const std::string pointer = child("/variants", i);
    check_name(variant, text_at(stack, "name"), pointer, names, problems);
    check_bases(variant, bases, pointer, problems);
    check_args(variant, bases, pointer, problems);
    check_differs(variant, pointer, problems);
  }
}

std::vector<Stack> variants(const Stack& stack) {
  std::vector<Stack> all;
  for (const StackVariant& variant : stack.variants) {
    Stack one = stack;
    one.variants.clear();
    one.variant_of = stack.name;
    one.name = variant.name;
    one.title = variant.title;
    if (!variant.runtime_version.empty()) one.runtime_version = variant.runtime_version;
    if (!variant.version.empty()) one.version = variant.version;
    if (variant.stack_class) one.stack_class = *variant.stack_class;
    for (const auto& base : variant.base) {
      for (auto& own : one.build.base) {
        if (own.arg == base.arg) own = base;
      }
    }
    for (const auto& [name, value] : variant.args) one.build.args[name] = value;
    for (const auto& [name, value] : variant.env) one.run.env[name] = value;
    if (!variant.driver.empty()) one.metadata.driver = variant.driver;
    if (!variant.notes.empty()) one.metadata.notes = variant.notes;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace dyno::stackfile

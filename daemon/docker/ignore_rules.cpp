#include "docker/ignore_rules.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace dyno::docker {
namespace {

// True if the rule matches the whole path or the first folders of it.
bool matches(std::span<const std::string> rule, std::span<const std::string_view> path) {
  if (rule.empty()) return true;
  if (rule.front() == "**") {
    for (std::size_t skip = 0; skip <= path.size(); ++skip) {
      if (skip < path.size() || rule.size() > 1) {
        if (matches(rule.subspan(1), path.subspan(skip))) return true;
      }
    }
    return false;
  }
  return !path.empty() && glob_match(rule.front(), path.front()) && matches(rule.subspan(1), path.subspan(1));
}

}  // namespace

IgnoreRules::IgnoreRules(std::string_view file_text) {
  for (std::string_view line : split(file_text, '\n')) {
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    Rule rule;
    rule.exception = line.front() == '!';
    if (rule.exception) line.remove_prefix(1);
    for (const std::string_view segment : split(line, '/')) {
      if (!segment.empty() && segment != ".") rule.segments.emplace_back(segment);
    }
    if (rule.segments.empty()) continue;
    has_exceptions_ = has_exceptions_ || rule.exception;
    rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::is_ignored(std::string_view relative_path) const {
  const auto path = split(relative_path, '/');
  bool ignored = false;
  for (const Rule& rule : rules_) {
    if (rule.exception == ignored && matches(rule.segments, path)) ignored = !rule.exception;
  }
  return ignored;
}

}  // namespace dyno::docker

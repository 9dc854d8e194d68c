#include "model/stack_pattern.h"

#include "base/text.h"

namespace dyno::model {
namespace {

bool speaks_of_variants(std::string_view text) { return text.find_first_of("@+") != std::string_view::npos; }

}  // namespace

bool means_stack(std::string_view pattern, std::string_view name) {
  return speaks_of_variants(pattern) == speaks_of_variants(name) && glob_match(pattern, name);
}

}  // namespace dyno::model

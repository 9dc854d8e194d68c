// Any bytes as a stack, a profile and a schedule: no crash, a value exactly when there is no problem, every problem with a
// code and words, and a stack that was read prints and reads back as itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "stackfile/files.h"
#include "unit/stackfile/print_stack.h"

namespace {

template <class T>
void check(const dyno::stackfile::Parsed<T>& parsed) {
  CHECK(parsed.value.has_value() == parsed.problems.empty(), "a value exactly when there is no problem");
  for (const auto& problem : parsed.problems) {
    CHECK(!problem.code.empty() && !problem.message.empty() && problem.line >= 0 && problem.column >= 0,
          "a problem says what and where");
    CHECK(problem.message.size() < 2000 && dyno::is_valid_utf8(problem.message), "a message can be shown");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto stack = dyno::stackfile::parse_stack(text, "x/stack.yaml");
  check(stack);
  check(dyno::stackfile::parse_profile(text, ""));
  check(dyno::stackfile::parse_schedule(text, ""));
  const auto nameless = dyno::stackfile::parse_stack(text, "");
  check(nameless);
  if (!nameless.value) return 0;
  const std::string printed = dyno::stackfile::print_stack(*nameless.value);
  const auto again = dyno::stackfile::parse_stack(printed, "");
  CHECK(again.value && dyno::stackfile::print_stack(*again.value) == printed, "print and parse are inverse");
  return 0;
}

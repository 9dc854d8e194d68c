// Properties that hold for any stack: what is printed reads back as the same stack.
#include "print_stack.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "contract/workloads/registry.h"
#include "problem_cases.h"
#include "stackfile/files.h"

namespace dyno::stackfile {
namespace {

// Any stack that obeys the rules of stack.yaml, texts with quotes, backslashes and other alphabets included.
class AnyStack {
 public:
  explicit AnyStack(unsigned seed) : random_(seed) {}

  model::Stack make() {
    model::Stack stack;
    stack.name = "stack-" + std::to_string(number(0, 999));
    stack.title = any_text();
    stack.runtime = static_cast<model::Runtime>(number(0, 4));
    stack.runtime_version = fmt::format("{}.{}", number(0, 99), number(0, 99));
    stack.language = any_text();
    stack.framework = any_text();
    stack.version = "v" + std::to_string(number(0, 99));
    stack.stack_class = static_cast<model::StackClass>(number(0, 1));
    stack.offered_modes = {model::Mode::scaled, model::Mode::single};
    stack.default_mode = static_cast<model::Mode>(number(0, 1));
    stack.build.base = {{"A", "node:26", "stackdyno/a"}, {"B_2", "go@sha256:00000000000000000000000000000000", "b"}};
    stack.build.args = {{"X", any_text()}};
    stack.build.network = static_cast<model::BuildNetwork>(number(0, 1));
    stack.build.timeout = std::chrono::milliseconds(number(1000, 7200000));
    stack.run.command = {any_text(), any_text()};
    stack.run.command_scaled = {any_text()};
    stack.run.port = number(1024, 65535);
    stack.run.user = number(1, 2147483647);
    stack.run.env = {{"a", any_text()}, {"_B", any_text()}};
    stack.run.stop_grace = Nanos(number(100'000'000, 2'000'000'000));
    stack.readiness.path = "/health";
    stack.readiness.deep_path = number(0, 1) == 1 ? "/ready?x" : "";
    stack.limits = {mib(number(16, 4096)), number(4, 32768), number(64, 1048576), mib(number(1, 64))};
    if (number(0, 1) == 1) stack.services["postgres"] = {number(0, 1) == 1};
    const auto known = contract::workload_names();
    const int last = number(0, static_cast<int>(known.size()) - 1);
    for (int i = 0; i <= last; ++i) stack.workloads.emplace_back(known[static_cast<std::size_t>(i)]);
    stack.metadata = {"goroutines", any_text(), any_text(),           any_text(), any_text(),
                      any_text(),   any_text(), "https://x.example/", any_text(), any_text()};
    return stack;
  }

 private:
  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  std::string any_text() {
    static const std::vector<std::string> kParts{"a",    "\"",   "\\",  "'",  ": ", "# ", "日", "é", "{", "]", "~",
                                                 "null", "true", "010", "&x", "*x", "!",  "<<", " ", "%", "|", ">"};
    std::string all = "x";
    for (int i = 0; i < number(0, 6); ++i)
      all += kParts[static_cast<std::size_t>(number(0, static_cast<int>(kParts.size()) - 1))];
    return all;
  }

  std::mt19937 random_;
};

TEST(PrintStack, ReadsBackAsTheSameStack) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const std::string printed = print_stack(AnyStack(seed).make());
    const auto parsed = parse_stack(printed, "");
    ASSERT_THAT(as_lines(parsed.problems), testing::IsEmpty()) << printed;
    EXPECT_EQ(print_stack(*parsed.value), printed);
  }
}

TEST(PrintStack, KeepsTheGoodFile) {
  const auto first = parse_stack(data_file("good_stack.yaml"), "");
  const auto second = parse_stack(print_stack(*first.value), "");
  ASSERT_THAT(as_lines(second.problems), testing::IsEmpty());
  EXPECT_EQ(print_stack(*second.value), print_stack(*first.value));
}

}  // namespace
}  // namespace dyno::stackfile

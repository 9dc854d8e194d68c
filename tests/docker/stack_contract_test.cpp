// Every stack of stacks/, in every mode that it offers, keeps the contract in every workload that it offers: built, started
// and verified in full on a real engine beside a real database. A further stack is a further case by its folder alone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/new_stack.h"
#include "docker/stack_world.h"
#include "run/plan.h"

namespace dyno::tests {
namespace {

namespace fs = std::filesystem;
using model::Mode;

struct Row {
  std::string name;
  Mode mode = Mode::single;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name << "/" << to_string(row.mode); }

const stackfile::Catalog& catalog() {
  static const stackfile::Catalog kCatalog = read_catalog("stacks");
  return kCatalog;
}

// Where both modes are one command there is one case. Variants take minutes to build: `make test` has no time for them, and
// DYNO_TEST_VARIANTS=1 in the environment of this program adds them.
std::vector<Row> rows() {
  const bool with_variants = std::getenv("DYNO_TEST_VARIANTS") != nullptr;
  std::vector<Row> all;
  for (const auto& entry : catalog().stacks) {
    if (!entry.value || (!entry.value->variant_of.empty() && !with_variants)) continue;
    for (const Mode mode : entry.value->offered_modes) {
      const auto& run = entry.value->run;
      if (mode == Mode::scaled && run.command_scaled == run.command) continue;
      all.push_back({entry.name, mode});
    }
  }
  return all;
}

std::vector<model::Service> services() {
  std::vector<model::Service> all;
  for (const auto& entry : catalog().services) {
    if (entry.value) all.push_back(*entry.value);
  }
  return all;
}

TEST(Stacks, HaveFilesWithoutProblems) {
  for (const auto& problem : catalog().all_problems())
    ADD_FAILURE() << problem.file << ":" << problem.line << ": " << problem.pointer << ": " << problem.message;
  EXPECT_GE(catalog().stacks.size(), 9U);
}

class StackContract : public ::testing::TestWithParam<Row> {};

TEST_P(StackContract, IsKept) {
  const model::Stack* const stack = catalog().find_stack(GetParam().name);
  ASSERT_NE(stack, nullptr);
  StackWorld world(services());
  if (const std::string why = world.why_not(*stack); !why.empty()) GTEST_SKIP() << why;
  const auto image = world.build(*stack);
  ASSERT_TRUE(image);
  ASSERT_EQ(world.start(*stack, GetParam().mode, *image), "");
  std::vector<std::string> workloads;
  std::copy_if(
      stack->workloads.begin(), stack->workloads.end(), std::back_inserter(workloads),
      [&](const std::string& workload) { return run::why_not_asked(*stack, GetParam().mode, workload).empty(); });
  // All at once is quick; one failure hides those behind it, so then each workload is asked by itself.
  if (world.verify(workloads).empty()) {
    EXPECT_EQ(world.stop(), "");
    return;
  }
  for (const std::string& workload : workloads)
    EXPECT_EQ(world.verify({workload}), "") << workload << "; the stack said: " << world.last_output();
  EXPECT_EQ(world.verify(workloads), "");
}

INSTANTIATE_TEST_SUITE_P(All, StackContract, ::testing::ValuesIn(rows()), [](const auto& row) {
  std::string name = fmt::format("{}_{}", row.param.name, to_string(row.param.mode));
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !is_plain(c); }, '_');
  return name;
});

// What `dyno new stack` writes is a stack at once.
TEST(NewStack, KeepsTheContract) {
  std::string pattern = (fs::temp_directory_path() / "dyno-new-XXXXXX").string();
  const fs::path folder = mkdtemp(pattern.data());
  for (const std::string_view runtime : cli::template_runtimes()) {
    const auto files = cli::files_of_new_stack(fmt::format("new-{}", runtime), runtime);
    ASSERT_TRUE(files) << files.error().message;
    const fs::path own = folder / fmt::format("new-{}", runtime);
    fs::create_directories(own);
    for (const auto& file : *files) std::ofstream(own / file.path, std::ios::binary) << file.text;
  }
  const auto written = stackfile::load_catalog({{folder}, std::string(DYNO_SOURCE_DIR) + "/stacks/profiles", {}});
  StackWorld world({});
  for (const auto& entry : written.stacks) {
    for (const auto& problem : entry.problems) ADD_FAILURE() << problem.file << ": " << problem.message;
    if (!entry.value) continue;
    if (const std::string why = world.why_not(*entry.value); !why.empty()) GTEST_SKIP() << why;
    const auto image = world.build(*entry.value);
    if (!image) continue;
    EXPECT_EQ(world.start(*entry.value, Mode::single, *image), "") << entry.name;
    EXPECT_EQ(world.verify(entry.value->workloads), "") << entry.name << ": " << world.last_output();
    EXPECT_EQ(world.stop(), "") << entry.name;
    world.forget(*image);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace dyno::tests

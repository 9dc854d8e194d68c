// Parts of files that have a source of their own: what stacks and services share, a stack's workloads and variants, a profile's phases.
// Pure, thread-safe.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"
#include "model/stack.h"
#include "stackfile/files.h"
#include "stackfile/shape.h"
#include "stackfile/tree.h"

namespace dyno::stackfile {

// What the files of stacks and services share: `build` with its table, its value and the rule between its keys, the limits that
// every container has, and folders in memory. The own tables are those of files in which everything has a default.
inline constexpr Shape kArgument = argument(kOneLine, 1000);  // of a command or a build
inline constexpr Shape kEnvValue = argument(kOneLine, 4000);
inline constexpr std::array<std::string_view, 3> kStopSignals{"SIGTERM", "SIGINT", "SIGQUIT"};
extern const Table kBuildTable;
extern const Table kOwnBuildTable;
extern const Table kOwnLimitTable;
extern const Shape kBaseEntry;    // one of build.base
extern const Shape kFolderEntry;  // one of folders, tmpfs

model::StackBuild read_build(const Node& build);
model::StackBuild read_own_build(const Node& build);        // its network is that of packages, where it does not say
std::vector<model::BaseImage> read_bases(const Node& map);  // those at its key base
model::Limits read_limits(const Node& limits);
model::Limits read_own_limits(const Node& limits);
std::vector<model::TmpFolder> read_folders(const Node& map, std::string_view key);

// No build argument is set twice.
void check_build_args(const Node& root, ProblemList& problems);

// Not both of them: one is built, or taken as it is.
void check_build_or_image(const Node& root, ProblemList& problems);

// What the engine mounts in every container at this path or above it; empty: nothing.
std::string_view mount_over(std::string_view path);

// Folders in memory may stand nowhere over what the container needs, and each once. `pointer` is that of the map with the key.
void check_folders(const Node& map, std::string_view key, const std::string& pointer, ProblemList& problems);

// A stack.yaml of `contract: own`. Reports what the shape cannot say; reads a tree without problems.
extern const Shape kOwnStackShape;
void check_own_stack(const Node& root, ProblemList& problems);
model::Stack read_own_stack(const Node& root);

// Of a request of a workload: what a good answer is, and what its step takes from it. They report what the shapes cannot say.
inline constexpr std::int64_t kMostBodyBytes = 256 * 1024;  // in the file itself
extern const Table kExpectTable;
extern const Shape kTakeEntry;
model::AnswerRules read_expect(const Node& expect, const std::string& pointer, ProblemList& problems);
std::vector<model::Capture> read_takes(const Node& request, const std::string& pointer, ProblemList& problems);

// A value as JSON: what is plain and reads as a number or a word of JSON is one.
std::string json_of(const Node& node);

// The regular expression at a key, if there is one; `with_group`: of one group, which is taken.
void check_pattern(const Node& map, std::string_view key, const std::string& pointer, ProblemList& problems,
                   bool with_group = false);

// The workloads of a stack of contract own, in this order: those under `workloads`, of the files of its folder that `workload_files`
// names, and of those that several stacks share, named by `shared_workloads`. Reports what is wrong in the stack's own text in
// `problems`.
inline constexpr std::int64_t kMostOwnWorkloads = 100;
extern const Shape kOwnWorkload;
struct OwnWorkloads {
  std::vector<model::OwnWorkload> workloads;
  std::vector<model::Objective> objectives;  // of the stack's own file, then of the others
  std::vector<model::Problem> problems;      // of the other files
};
OwnWorkloads read_own_workloads(const Node& stack, const std::string& file, const StackFiles& files,
                                ProblemList& problems);

// The sentences at the key `objectives` of a stack or a file of workloads, about workloads of these names. Reports what none can mean, at its
// column.
inline constexpr Shape kObjective = text(kOneLine, 200);
inline constexpr std::int64_t kMostObjectives = 100;  // of a file
std::vector<model::Objective> read_objectives(const Node& map, const std::string& file,
                                              std::span<const std::string_view> workloads, ProblemList& problems);

// The variants that a stack.yaml lists: another version of runtime or framework, another driver, other settings, each a case of
// its own from the same folder.
extern const Shape kVariantEntry;

// Those at the key `variants` of a stack; none where it is absent.
std::vector<model::StackVariant> read_variants(const Node& stack);

// What the shape cannot say: names begin with the stack's and differ, each differs in something that the image or the server
// sees, and replaces only base images that the stack has.
void check_variants(const Node& stack, ProblemList& problems);

// The variants as stacks: the stack itself with what differs put in. They list no variants of their own.
std::vector<model::Stack> variants(const model::Stack& stack);

// The phases of a profile: the rules between their keys, references from one to an earlier one, levels, and names.

// Reports what the shape cannot say. `phases` is the list under /phases.
void check_phases(const Node& phases, ProblemList& problems);

// Of a list without problems.
std::vector<model::ProfilePhase> read_phases(const Node& phases);

}  // namespace dyno::stackfile

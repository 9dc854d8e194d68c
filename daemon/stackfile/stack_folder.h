// A stack's folder on disk: its content hash, and the promise that nothing in it leads out of it. Reads files; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/stack.h"
#include "stackfile/files.h"

namespace dyno::stackfile {

// "sha256:…" over the sorted relative paths, executable bits and bytes of all regular files, and the targets of links.
// An error for a link that leaves the folder, anything that is neither file, folder nor link, or more than 512 MiB, which is what a build takes.
// Files are read in blocks: their size costs no memory.
Result<std::string> hash_folder(const std::string& folder);

// The files that a stack's workloads may name: those of its folder, and those of workloads/ beside it; at most 1 MiB each.
StackFiles stack_files(const std::string& folder);

// Success when `relative`, links resolved, is a regular file inside `folder`.
Status check_inner_file(const std::string& folder, const std::string& relative);

// What the stack's file is called in a folder of somebody's own, whose name says nothing.
inline constexpr std::string_view kSentStackFile = "stackdyno.yaml";

// The file that describes the stack: stack.yaml, or stackdyno.yaml in the folder of a project that is more than a stack.
std::string stack_file_in(const std::string& folder);

// A folder that came over REST is kept under a name that says what it is: "orders@main~1764460800000~0123456789ab".
struct UploadName {
  std::string stack;
  std::int64_t at_ms = 0;  // since 1970
  std::string hash;        // the first 12 hex digits of what is in it
};
std::string upload_folder_name(const UploadName& name);
std::optional<UploadName> parse_upload_folder_name(std::string_view folder);
// Gives a stack that came over REST the name that it was sent under, and takes its variants, which are named otherwise.
void name_uploaded(model::Stack& stack, const std::string& name);

// A stack may bring services of its own, each a folder in this one. Their whole names begin with the stack's, "orders.redis": two
// stacks of a run may both have a redis.
inline constexpr std::string_view kInnerServices = "services";
std::string inner_name(const model::Stack& stack, const std::string& service);
// Gives those of its services that its folder has their whole names; returns their short ones.
std::vector<std::string> adopt_inner_services(model::Stack& stack);

}  // namespace dyno::stackfile

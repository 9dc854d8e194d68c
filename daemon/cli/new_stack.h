// What `dyno new stack` writes: for each runtime a small stack that fulfils the contract for plaintext and json, to extend.
// Pure, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/new_files.h"

namespace dyno::cli {

// A file of daemon/cli/templates, embedded at build time. @NAME@ in its text stands for the stack's name.
struct TemplateFile {
  std::string_view runtime;
  std::string_view path;  // inside the stack's folder
  std::string_view text;
};
std::span<const TemplateFile> template_files();

// The runtimes that have a template, in alphabetical order.
std::vector<std::string_view> template_runtimes();

// invalid_argument for a name that no stack may have, not_found for a runtime without a template. Both say what is allowed.
Result<std::vector<NewFile>> files_of_new_stack(std::string_view name, std::string_view runtime);

}  // namespace dyno::cli

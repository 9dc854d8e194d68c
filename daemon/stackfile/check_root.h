// Rules that all our files share about their first keys. Pure, thread-safe.
#pragma once

#include <string>

#include "stackfile/node.h"
#include "stackfile/problem_list.h"

namespace dyno::stackfile {

void check_schema_first(const Node& root, ProblemList& problems);

// "stacks/go-nethttp/stack.yaml": the name must be go-nethttp. A file without a folder passes.
void check_name_is_folder(const Node& root, const std::string& file, ProblemList& problems);
// "profiles/quick.yaml": the name must be quick. An empty file name passes.
void check_name_is_stem(const Node& root, const std::string& file, ProblemList& problems);

}  // namespace dyno::stackfile

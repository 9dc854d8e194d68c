// The text of a stack.yaml → a Stack, or every problem in it. Looks at the text alone: whether the Dockerfile is there and
// no link leaves the folder is the catalog's question. Fills neither Stack::folder nor Stack::hash. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "model/stack.h"
#include "stackfile/parsed.h"

namespace dyno::stackfile {

// `file` names the text in problems; when it has a folder ("stacks/go-nethttp/stack.yaml"), the stack's name must equal it.
Parsed<model::Stack> parse_stack(std::string_view text, const std::string& file);

}  // namespace dyno::stackfile

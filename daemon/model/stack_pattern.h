// Which stacks a word of a request means. Pure, thread-safe.
#pragma once

#include <string_view>

namespace dyno::model {

// True when `pattern`, with * for any text, means the stack `name`. A variant (node-fastify@node-24, go-nethttp+pq) is a
// case beside its stack, so it is meant only by a pattern that says so with @ or +: node-* are the stacks, node-*@* and
// *+* their variants.
bool means_stack(std::string_view pattern, std::string_view name);

}  // namespace dyno::model

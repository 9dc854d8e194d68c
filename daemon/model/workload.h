// The request types of the contract (stacks/CONTRACT.md). What a right answer is stands in module `contract`.
#pragma once

#include "model/enum_text.h"

namespace dyno::model {

enum class Workload {
  plaintext,
  json,
  items,
  users,
  db,
  queries,
  fortunes,
  updates,
  validate,
  cpu,
  cpu_offload,
  sse,
  ws,
  upload,
  predict
};

template <>
struct EnumNames<Workload> {
  static constexpr std::array<std::string_view, 15> names{"plaintext",   "json",     "items",   "users",    "db",
                                                          "queries",     "fortunes", "updates", "validate", "cpu",
                                                          "cpu_offload", "sse",      "ws",      "upload",   "predict"};
};

}  // namespace dyno::model

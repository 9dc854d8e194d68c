#include "contract/stack_workloads.h"

#include "base/check.h"
#include "contract/own_workload.h"
#include "contract/workloads/registry.h"

namespace dyno::contract {

std::optional<Workload> find_workload(const model::Stack& stack, std::string_view name) {
  if (stack.contract == model::ContractKind::own) {
    for (const model::OwnWorkload& own : stack.own_workloads) {
      if (own.name == name) return own_workload(own);
    }
    return std::nullopt;
  }
  const Workload* const found = find_workload(name);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

Workload workload_of(const model::Stack& stack, std::string_view name) {
  std::optional<Workload> found = find_workload(stack, name);
  CHECK(found.has_value(), "a workload is looked up before it is asked for");
  return std::move(*found);
}

}  // namespace dyno::contract

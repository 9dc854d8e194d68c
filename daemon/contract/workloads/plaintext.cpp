// plaintext: the least a server can answer.
#include "contract/workloads/registry.h"

namespace dyno::contract {
namespace {

constexpr const char* kBody = "Hello, World!";

std::vector<Check> checks_for(Asking& asking) {
  ExpectedAnswer expected;
  expected.request = "GET /plaintext";
  expected.media_type = "text/plain";
  expected.canonical_bytes = std::string_view(kBody).size();
  expected.body = exactly(kBody);
  std::vector<Check> checks;
  checks.push_back(ask(asking, "plaintext: the answer", get("/plaintext"), expected));
  if (asking.depth == Depth::full) append(checks, transport_checks(asking, "plaintext", "/plaintext", expected));
  return checks;
}

std::vector<ports::RequestTemplate> load_of(const Setting&, const RightBodies&) {
  ports::RequestTemplate request = load_get("/plaintext");
  request.accepted_bodies = {kBody};
  return {request};
}

}  // namespace

Workload plaintext_workload() { return {.name = "plaintext", .checks = checks_for, .requests = load_of}; }

}  // namespace dyno::contract

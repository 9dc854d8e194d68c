#include "contract/load_requests.h"

namespace dyno::contract {
namespace {

using model::Workload;
using ports::RequestTemplate;

RequestTemplate get_of(std::string target) {
  RequestTemplate request;
  request.target = std::move(target);
  return request;
}

}  // namespace

std::vector<RequestTemplate> load_requests(Workload workload, const std::map<std::string, std::int64_t>& /*params*/,
                                           const std::vector<std::string>& right_bodies) {
  RequestTemplate request;
  switch (workload) {
    case Workload::plaintext:
      request = get_of("/plaintext");
      request.accepted_bodies = {"Hello, World!"};
      return {request};
    case Workload::json:
      request = get_of("/json");
      request.accepted_bodies = right_bodies;
      return {request};
    case Workload::items:
    case Workload::users:
    case Workload::db:
    case Workload::queries:
    case Workload::fortunes:
    case Workload::updates:
    case Workload::validate:
    case Workload::cpu:
    case Workload::cpu_offload:
    case Workload::sse:
    case Workload::ws:
    case Workload::upload:
    case Workload::predict: break;
  }
  return {};
}

}  // namespace dyno::contract

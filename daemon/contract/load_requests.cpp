#include "contract/load_requests.h"

#include <fmt/format.h>

#include "contract/draw.h"
#include "contract/formulas.h"
#include "contract/order.h"

namespace dyno::contract {
namespace {

using model::Workload;
using ports::RequestTemplate;

RequestTemplate get_of(std::string target) {
  RequestTemplate request;
  request.target = std::move(target);
  return request;
}

std::int64_t param(const std::map<std::string, std::int64_t>& params, const std::string& name, std::int64_t fallback) {
  const auto found = params.find(name);
  return found == params.end() ? fallback : found->second;
}

// One topic for all: every message goes to every subscriber.
constexpr const char* kLoadTopic = "/sse?topic=load";

std::string fortunes_target(std::int64_t set) { return set == 0 ? "/fortunes" : fmt::format("/fortunes?set={}", set); }

// `hash: 10000` or `sieve: 1000000`.
std::string cpu_target(const std::map<std::string, std::int64_t>& params, std::string_view suffix) {
  const bool sieve = params.contains("sieve");
  return fmt::format("/cpu?kind={}&n={}{}", sieve ? "sieve" : "hash",
                     sieve ? params.at("sieve") : param(params, "hash", 10000), suffix);
}

RequestTemplate post_of(std::string target, std::string type, std::string body) {
  RequestTemplate request;
  request.method = "POST";
  request.target = std::move(target);
  if (!type.empty()) request.headers = {{"Content-Type", std::move(type)}};
  request.body = std::move(body);
  return request;
}

// 9 right orders to 1 wrong one. Verification draws its own, so these are never those of a check.
std::vector<RequestTemplate> validate_requests() {
  constexpr std::uint64_t kSeed = 0x10AD;
  Draw draw(kSeed);
  std::vector<RequestTemplate> requests;
  requests.reserve(10);
  for (int i = 0; i < 9; ++i) requests.push_back(post_of("/validate", "application/json", random_order(draw).json));
  requests.push_back(post_of("/validate", "application/json", bad_orders(draw).front().json));
  requests.back().expected_status = 422;
  return requests;
}

}  // namespace

std::vector<RequestTemplate> load_requests(Workload workload, const std::map<std::string, std::int64_t>& params,
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
    case Workload::fortunes:
      request = get_of(fortunes_target(param(params, "set", 0)));
      request.accepted_bodies = right_bodies;
      return {request};
    case Workload::items: return {get_of(fmt::format("/items/{}?m={{1..9}}", param(params, "count", 25)))};
    case Workload::users: return {get_of(fmt::format("/users/{{1..{}}}", kUserRows))};
    case Workload::db: return {get_of("/db")};
    case Workload::queries: return {get_of(fmt::format("/queries?n={}", param(params, "n", 1)))};
    case Workload::updates: return {post_of(fmt::format("/updates?n={}", param(params, "n", 1)), "", "")};
    case Workload::validate: return validate_requests();
    case Workload::cpu: return {get_of(cpu_target(params, ""))};
    case Workload::cpu_offload: return {get_of(cpu_target(params, "&offload=1"))};
    case Workload::upload:
      return {post_of("/upload", "application/octet-stream",
                      std::string(static_cast<std::size_t>(param(params, "bytes", 1024 * 1024)), 'u'))};
    case Workload::sse:
      request = post_of(kLoadTopic, "text/plain", "");
      request.body_bytes = param(params, "bytes", 64);
      request.expected_status = 202;
      return {request};
    case Workload::ws: request.body_bytes = param(params, "bytes", 64); return {request};
    case Workload::predict: break;
  }
  return {};
}

LoadStream load_stream(Workload workload, const std::map<std::string, std::int64_t>& params) {
  if (workload == Workload::ws) return {ports::LoadProtocol::websocket, get_of("/ws"), 0};
  if (workload == Workload::sse) {
    return {ports::LoadProtocol::sse, get_of(kLoadTopic), static_cast<int>(param(params, "subscribers", 500))};
  }
  return {};
}

}  // namespace dyno::contract

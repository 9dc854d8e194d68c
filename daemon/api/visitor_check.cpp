#include "api/visitor_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dyno::api {
namespace {

bool is_own(std::string_view host, std::span<const std::string> own) {
  return std::any_of(own.begin(), own.end(), [&](const std::string& name) { return same_ignoring_case(name, host); });
}

// A browser says where the page came from that sent this; programs that are no browser say nothing.
bool comes_from_elsewhere(const Request& request, std::span<const std::string> own) {
  const auto site = request.header("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return true;
  auto origin = request.header("origin");
  if (!origin) return false;
  constexpr std::string_view kPlain = "http://";
  if (!origin->starts_with(kPlain)) return true;
  origin->remove_prefix(kPlain.size());
  return !is_own(*origin, own) || !same_ignoring_case(*origin, request.header("host").value_or(""));
}

}  // namespace

std::vector<std::string> own_hosts(int port, std::span<const std::string> more) {
  constexpr std::array<std::string_view, 3> kLoopback{"localhost", "127.0.0.1", "[::1]"};
  std::vector<std::string> hosts;
  const auto add = [&](std::string_view name) {
    hosts.push_back(fmt::format("{}:{}", name, port));
    if (port == 80) hosts.emplace_back(name);
  };
  for (const std::string_view name : kLoopback) add(name);
  for (const std::string& name : more) add(name);
  return hosts;
}

std::optional<Refusal> check_visitor(const Request& request, std::span<const std::string> own) {
  const auto host = request.header("host");
  if (!host || host->empty()) return Refusal{400, "bad-request", "the Host header is missing"};
  if (!is_own(*host, own)) return Refusal{421, "foreign-host", "this server does not accept that name"};
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  if (comes_from_elsewhere(request, own))
    return Refusal{403, "foreign-origin", "changes are not accepted from pages of another origin"};
  return std::nullopt;
}

}  // namespace dyno::api

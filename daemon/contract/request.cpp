#include "contract/request.h"

#include <fmt/format.h>

#include <chrono>
#include <set>

namespace dyno::contract {
namespace {

constexpr Nanos kFragmentPause = std::chrono::milliseconds(30);
constexpr Nanos kNextRequestPause = std::chrono::milliseconds(50);

bool has_body(const Request& request) { return !request.body.empty() || request.method == "POST"; }

bool expects_body(const Request& request) { return request.method != "HEAD"; }

}  // namespace

std::string request_bytes(const Request& request, const std::string& host) {
  std::string bytes =
      fmt::format("{} {} HTTP/{}\r\nHost: {}\r\n", request.method, request.target, request.version, host);
  bool sized = false;
  for (const auto& [name, value] : request.headers) {
    bytes += fmt::format("{}: {}\r\n", name, value);
    sized = sized || name == "Transfer-Encoding" || name == "Content-Length";
  }
  if (has_body(request) && !sized) bytes += fmt::format("Content-Length: {}\r\n", request.body.size());
  return bytes + "\r\n" + request.body;
}

ports::Exchange exchange_of(const Request& request, const std::string& host) {
  ports::Exchange exchange;
  exchange.pieces.push_back(request_bytes(request, host));
  exchange.expect_body = expects_body(request);
  return exchange;
}

ports::Exchange pipelined(const std::vector<Request>& requests, const std::string& host) {
  ports::Exchange exchange;
  exchange.pieces.emplace_back();
  for (const Request& request : requests) exchange.pieces.front() += request_bytes(request, host);
  exchange.answers = static_cast<int>(requests.size());
  return exchange;
}

ports::Exchange kept_alive(const std::vector<Request>& requests, const std::string& host) {
  ports::Exchange exchange;
  for (const Request& request : requests) exchange.pieces.push_back(request_bytes(request, host));
  exchange.pause_between = kNextRequestPause;
  exchange.answers = static_cast<int>(requests.size());
  return exchange;
}

ports::Exchange fragmented(const Request& request, const std::string& host, Draw& draw) {
  const std::string bytes = request_bytes(request, host);
  const std::size_t line_end = bytes.find("\r\n");
  const std::size_t head_end = bytes.find("\r\n\r\n");
  std::set<std::size_t> cuts;
  const auto cut_within = [&](std::size_t from, std::size_t to) {
    if (to > from)
      cuts.insert(
          static_cast<std::size_t>(draw.between(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to))));
  };
  cut_within(1, line_end - 1);
  cut_within(line_end + 1, head_end);  // + 1: between CR and LF, too
  cut_within(head_end + 1, head_end + 3);
  if (!request.body.empty()) cut_within(head_end + 5, bytes.size() - 1);
  ports::Exchange exchange;
  std::size_t begin = 0;
  for (const std::size_t cut : cuts) {
    exchange.pieces.push_back(bytes.substr(begin, cut - begin));
    begin = cut;
  }
  exchange.pieces.push_back(bytes.substr(begin));
  exchange.pause_between = kFragmentPause;
  exchange.expect_body = expects_body(request);
  return exchange;
}

}  // namespace dyno::contract

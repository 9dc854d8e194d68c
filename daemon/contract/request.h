// Requests as the bytes on the wire, whole or cut in pieces, and the exchanges that send them. Pure, thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "contract/check.h"
#include "contract/draw.h"

namespace dyno::contract {

struct Request {
  std::string method = "GET";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string version = "1.1";
};

// With Host, and with Content-Length where there is a body or the method has one.
std::string request_bytes(const Request& request, const std::string& host);

// One request on a new connection, in one piece.
ports::Exchange exchange_of(const Request& request, const std::string& host);
// Several in one segment.
ports::Exchange pipelined(const std::vector<Request>& requests, const std::string& host);
// One after the other on the same connection, each after the answer to the one before had time to come.
ports::Exchange kept_alive(const std::vector<Request>& requests, const std::string& host);
// One request cut at random points of request line, header block and body, with 30 ms between the pieces.
ports::Exchange fragmented(const Request& request, const std::string& host, Draw& draw);

}  // namespace dyno::contract

// The URL that is loaded: http, https, ws or wss. Reads what people paste (RFC 3986 and what a browser's address bar takes): scheme and
// host in any case, user and password, IPv6, a port or none, a query without a path, a fragment, characters that must be encoded. Pure;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dyno::loadgen {

enum class Scheme : std::uint8_t { http, https, ws, wss };
std::string_view to_string(Scheme scheme);

struct Url {
  Scheme scheme = Scheme::http;
  std::string host;         // lower case; an IPv6 address without its brackets
  int port = 0;             // the scheme's where none is given
  std::string target;       // path and query as they are sent; {…} stays as it is
  std::string credentials;  // user:password; empty: none. Belongs in no message

  bool is_websocket() const { return scheme == Scheme::ws || scheme == Scheme::wss; }
  bool is_tls() const { return scheme == Scheme::https || scheme == Scheme::wss; }
  // As the Host header has it: [::1]:8080, example.org.
  std::string authority() const;
  // Without credentials.
  std::string text() const;
};

// Errors never hold credentials.
Result<Url> parse_url(std::string_view text);

// A path and query as they are sent: what cannot stand there is encoded, what is encoded and {…} stay.
std::string encoded_target(std::string_view text);

// localhost:8080, [::1]:8080. Nothing is assumed: both must be there.
struct Endpoint {
  std::string host;
  int port = 0;
};
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace dyno::loadgen

// A request as the handlers see it: already complete, checked and decoded. Knows nothing of sockets or of the HTTP library.
// Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dyno::api {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string id;                     // "req-<uuid>", the `instance` of a problem
  std::string method;                 // upper case
  int minor_version = 1;              // HTTP/1.x
  std::string path;                   // as sent, without the query
  std::vector<std::string> segments;  // of the path, percent-decoded; none contains a slash, a NUL or is a dot segment
  Headers query;                      // decoded, in order
  Headers headers;                    // names in lower case, each name once
  std::string body;
  std::string peer;  // address of the other end, from the socket

  std::optional<std::string_view> header(std::string_view name) const;     // `name` in lower case
  std::optional<std::string_view> parameter(std::string_view name) const;  // the first of that name
  std::vector<std::string> parameters(std::string_view name) const;
};

}  // namespace dyno::api

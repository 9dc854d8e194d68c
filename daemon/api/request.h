// A request as the handlers see it: already complete, checked and decoded; how its target is taken apart; and why one is turned
// away before. Knows nothing of sockets or of the HTTP library. Values and pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

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

// Why a request is turned away before any handler sees it.
struct Refusal {
  int status = 400;
  std::string slug;    // of the problem type: /problems/<slug>
  std::string detail;  // a sentence; never echoes what was sent

  bool operator==(const Refusal&) const = default;
};

// A request target taken apart: the path is split first and decoded afterwards, so that an encoded slash cannot become one.
struct Target {
  std::string path;
  std::vector<std::string> segments;
  Headers query;

  bool operator==(const Target&) const = default;
};

// 404 for segments that could leave a folder (dots, an encoded slash or NUL), 400 for broken encoding.
tl::expected<Target, Refusal> parse_target(std::string_view target);

}  // namespace dyno::api

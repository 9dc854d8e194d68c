// Whether a request may come in at all: the Host it names must be ours (against DNS rebinding), and whatever changes
// something must not come from a foreign page (against request forgery). Decided before routing. Pure, thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"

namespace dyno::api {

// Host values that are ours on this port: localhost, 127.0.0.1, [::1] and `more` (names without a port).
std::vector<std::string> own_hosts(int port, std::span<const std::string> more);

// 400 for no Host, 421 for a foreign one, 403 for a change asked for by a foreign page.
std::optional<Refusal> check_visitor(const Request& request, std::span<const std::string> own_hosts);

}  // namespace dyno::api

// The files of the built dashboard. Hashed files under assets/ may be kept for ever, with the compressed neighbour where the
// client takes it; the addresses of its views get index.html; without a build there is a plain page that says so.
// Reads the disk, keeps nothing. Thread-safe.
#pragma once

#include <string>

#include "api/request.h"
#include "api/response.h"

namespace dyno::api {

Response serve_dashboard(const std::string& web_dir, const Request& request);

}  // namespace dyno::api

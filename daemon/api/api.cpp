#include "api/api.h"

#include "api/static_files.h"

namespace dyno::api {

Response Api::handle(const Request& request) const {
  // /api, /problems and what routes know never fall through to the page: a typo there must not look like success.
  const bool is_ours =
      !request.segments.empty() && (request.segments.front() == "api" || request.segments.front() == "problems");
  if (is_ours || router_.knows(request)) return router_.route(context_, request);
  return serve_dashboard(context_.web_dir, request);
}

}  // namespace dyno::api

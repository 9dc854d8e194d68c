#include "docker/call_errors.h"

#include "docker/engine_api.h"

namespace dyno::docker {

Error answer_error(const HttpResponse& response) {
  ErrorCode code = ErrorCode::io;  // 500: the engine met an error of the system below it
  switch (response.status) {
    case 400: code = ErrorCode::invalid_argument; break;
    case 403:  // a network in use
    case 409: code = ErrorCode::conflict; break;
    case 404: code = ErrorCode::not_found; break;
    case 503: code = ErrorCode::unavailable; break;
    default: break;
  }
  return {code, error_text(response.body)};
}

Result<std::string> good_body(const CallResult& result) {
  if (!result) return fail(result.error().error);
  if (result->status < 200 || result->status > 299) return fail(answer_error(*result));
  return result->body;
}

}  // namespace dyno::docker

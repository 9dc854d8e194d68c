#include "answer.h"

namespace {

Response answer(http::status status, const char* type, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type, type);
  response.body() = std::move(body);
  return response;
}

}  // namespace

Response text_answer(std::string text) { return answer(http::status::ok, "text/plain", std::move(text)); }

Response html_answer(std::string page) { return answer(http::status::ok, "text/html; charset=utf-8", std::move(page)); }

Response json_answer(http::status status, const nlohmann::json& body) { return answer(status, "application/json", body.dump()); }

Response error_answer(http::status status, const char* text) { return json_answer(status, {{"error", text}}); }

Response bad_request() { return error_answer(http::status::bad_request, "Bad request"); }

Response too_large() { return error_answer(http::status::payload_too_large, "Payload too large"); }

#include "api/answers.h"

#include "api/wire.h"
#include "base/sha256.h"

namespace dyno::api {
Response json_answer(std::string body, int status) {
  Response answer;
  answer.status = status;
  answer.content_type = "application/json";
  answer.body = std::move(body);
  return answer;
}

Response text_answer(std::string body, std::string content_type, int status) {
  Response answer;
  answer.status = status;
  answer.content_type = std::move(content_type);
  answer.body = std::move(body);
  return answer;
}

Response problem_answer(const Problem& problem, std::string_view request_id) {
  Response answer;
  answer.status = problem.status;
  answer.content_type = "application/problem+json";
  answer.body = wire::problem(problem, request_id);
  if (problem.status == 503) answer.headers.emplace_back("Retry-After", "5");
  return answer;
}

Response problem_answer(const Error& error, const Request& request) {
  return problem_answer(problem_of(error), request.id);
}

Response tagged_answer(Response answer) {
  const std::string tag = "\"" + sha256_hex(answer.body).substr(0, 32) + "\"";
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  return answer;
}

}  // namespace dyno::api

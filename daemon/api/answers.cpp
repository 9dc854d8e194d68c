#include "api/answers.h"

#include <algorithm>

#include "api/wire.h"
#include "base/sha256.h"
#include "base/text.h"

namespace dyno::api {
namespace {

bool client_has(const Request& request, std::string_view tag) {
  const auto known = request.header("if-none-match");
  if (!known) return false;
  const auto tags = split(*known, ',');
  return std::any_of(tags.begin(), tags.end(), [&](std::string_view one) {
    one = trim(one);
    if (one.starts_with("W/")) one.remove_prefix(2);
    return one == tag || one == "*";
  });
}

}  // namespace

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

Response tagged_answer(Response answer, const Request& request) {
  const std::string tag = "\"" + sha256_hex(answer.body).substr(0, 32) + "\"";
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Cache-Control", "private, no-cache");
  if (client_has(request, tag)) {
    answer.status = 304;
    answer.body.clear();
    answer.content_type.clear();
  }
  return answer;
}

}  // namespace dyno::api

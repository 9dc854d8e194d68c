// Answers in the forms that handlers need again and again. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "api/problem.h"
#include "api/request.h"
#include "api/response.h"

namespace dyno::api {

Response json_answer(std::string body, int status = 200);
Response text_answer(std::string body, std::string content_type = "text/plain; charset=utf-8", int status = 200);
// application/problem+json; `request_id` becomes its instance.
Response problem_answer(const Problem& problem, std::string_view request_id);
Response problem_answer(const Error& error, const Request& request);

// Adds a strong ETag over the content and has it validated on every use (finish_answer makes the 304). Not `immutable` even
// for what has ended: a corrected figure must not hide behind a browser's copy.
Response tagged_answer(Response answer);

}  // namespace dyno::api

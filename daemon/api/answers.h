// Answers in the forms that handlers need again and again. Pure functions, thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/problem.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table.h"
#include "base/result.h"
#include "model/run.h"

namespace dyno::api {

Response json_answer(std::string body, int status = 200);
Response text_answer(std::string body, std::string content_type = "text/plain; charset=utf-8", int status = 200);
// application/problem+json; `request_id` becomes its instance.
Response problem_answer(const Problem& problem, std::string_view request_id);
Response problem_answer(const Error& error, const Request& request);

// Adds a strong ETag over the content and has it validated on every use (finish_answer makes the 304). Not `immutable` even
// for what has ended: a corrected figure must not hide behind a browser's copy.
Response tagged_answer(Response answer);
// Tagged once the run or the trial has ended; what may change with the next event is not kept by anybody.
Response part_of(const model::Run& run, Response answer);
Response part_of(const model::Trial& trial, Response answer);

// The forms of rows. `format=` names one; without it Accept chooses, and JSON goes where anything is taken.
enum class Form { json, csv, ndjson };
// 400 for a format that is not known, 406 where Accept takes none.
tl::expected<Form, Problem> form_of(const Request& request);

// Rows in the form that was asked for; only that one is made. A long table leaves row by row and is never whole in memory.
Response rows_answer(const Request& request, const std::function<std::string()>& json,
                     const std::function<Table()>& table);

// RFC 8288: where the next page is. The request's own address with `parameter` set to `value`.
void add_next_link(Response& answer, const Request& request, std::string_view parameter, const std::string& value);

}  // namespace dyno::api

#pragma once

// Answers: a status, a type and a body. The session adds what every answer has.

#include <nlohmann/json.hpp>
#include <string>

#include "net.h"

Response text_answer(std::string text);
Response html_answer(std::string page);
Response json_answer(http::status status, const nlohmann::json& body);
Response error_answer(http::status status, const char* text);
Response bad_request();
Response too_large();

// What a report says in words: shared by the text for a person, by JSON and by the message of a run that failed. Pure.
#pragma once

#include <string>

#include "runners/load/run_load.h"

namespace dyno::loadgen {

// "2xx 609 112   5xx 24 (500: 20, 503: 4)"; empty: no answer had a status.
std::string statuses_words(const StatusCounts& statuses);
// "timeout 3, bad_status 24"; empty: none.
std::string errors_words(const ErrorCounts& errors);
// "GET /json: status 500: upstream is down": what became of the request, for one kind of error.
std::string example_words(const LoadSpec& spec, ErrorKind kind, const ErrorExample& example);
// "GET /json: /id: expected an integer, got none: "{}"".
std::string bad_body_words(const LoadSpec& spec, const BadBody& bad);
// "no good answer: 120 of status 500": for a run that had none.
std::string what_came(const LoadSpec& spec, const LoadReport& report);
// Empty, or that nothing was answered for so long at the window's end.
std::string silence_words(const LoadReport& report);

}  // namespace dyno::loadgen
